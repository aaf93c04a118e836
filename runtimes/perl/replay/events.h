/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Statements as events. perl's own ops say where a statement begins: each nextstate is run by a
 * function of ours that does the same and tells of the statement. A nextstate that perl optimises
 * away in a block of one statement (`if ($x) { print }`: op_scope makes an ex-nextstate of it) is
 * told of all the same: see add_events.
 *
 * A listener sees an event after the statement's nextstate, where `perl -d` would call DB::DB. Ops
 * are never added, left out or counted twice: host calls stand where they stood.
 */
#ifndef CC_PERL_EVENTS_H
#define CC_PERL_EVENTS_H

#include <stdint.h>

#pragma GCC visibility push(hidden)

/*
 * Who wants to know of each event; 0: events are only counted. DIALOGUE: in a throwaway copy the
 * debugger, of events in code that it runs for the user.
 */
enum { CC_LISTEN_HOOKS = 1, CC_LISTEN_RULE = 2, CC_LISTEN_DIALOGUE = 4, CC_LISTEN_PRINT = 8 };
extern unsigned cc_perl_listeners;

/*
 * The event that is being told of: at which statement, and in which one's file (perl frees the file
 * of an ex-nextstate).
 */
struct cc_perl_event {
	const COP *at;
	const COP *in;
	int end; /* no statement: END blocks are over, and what is left is to destroy everything */
};
extern struct cc_perl_event cc_perl_event;
#define cc_perl_event_file() CopFILE(cc_perl_event.in)

/* Before main(). `original` are perl's own functions. */
void cc_perl_statements_begin(Perl_ppaddr_t *ppaddr, const Perl_ppaddr_t *original);
/* There is an interpreter, which has compiled nothing yet. */
void cc_perl_statements_interpreter(PerlInterpreter *my_perl);
/* In a throwaway copy: nothing is an event any more. */
void cc_perl_statements_stop(void);

#pragma GCC visibility pop

#endif
