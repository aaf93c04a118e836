/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stops the program. Forward it is perl5db's own logic, of which DB::sub's part is done here:
 * `single` says whether the next statement stops, each sub that is entered keeps `single` and
 * clears it but for stepping, each sub that returns brings back what it kept. A sub that dies does
 * not.
 *
 *   {"single": 0 | 1 | 2, "stack": [kept, of the outermost sub first], "doret": depth, "lines":
 *       [[file, line, condition, action?]…], "watch": [[expression, value]…], "always": bool,
 *       "loads": {"files": […], "subs": […]}, "compiling": bool, "state": …}
 *
 * A line with an action alone has the condition null. Where more stops than perl5db would stop at,
 * nothing is lost: the dialogue finds nothing to do, and the run goes on. Backward:
 *
 * {"back": "in" | "over" | "out" | "breaks" | "change" | "died" | "end", "frames": […], "lines": …,
 * "watch": …, "compiling": bool, "expression": TEXT, "anywhere": bool, "lasting": […]}
 *
 * "watch" is read with "breaks", its values are not. "in" is any statement; "over" the last
 * statement of this sub or of one that called it; "out" of a sub that called this one; "change" is
 * the last statement that gave the expression another value: one of this sub, or the one that
 * called it; with "anywhere" or "lasting" (lasting.h), of any sub; "died" is the statement with
 * whose exception the program ended; "end" the program's end. Then
 * there are the rules of general use (core/replay/agent.h), and {"step": "start"}: the first
 * statement that is not run to compile the program.
 */
#ifndef CC_PERL_RULE_H
#define CC_PERL_RULE_H

#include <jansson.h>

#include "core/base/error.h"
#include "runtimes/perl/replay/frames.h"

#pragma GCC visibility push(hidden)

/* The rule (doc/session.md) that holds from now on. 0, or a CC_E… with *error: it is malformed. */
int cc_perl_rule(const json_t *rule, struct cc_error *error);

/* In our own context, at an event. */
void cc_perl_rule_event(pTHX);

/*
 * A sub may end with the op that comes: filled in before the op, in the program's context, and used
 * behind the op, in ours.
 */
struct cc_perl_leave {
	int told; /* something depends on the end: cc_perl_rule_left is to be called */
	unsigned depth;
	CV *code;
	I32 gimme;
	SSize_t below; /* the stack's height under what the sub returns */
};
/* Before the op, in the program's context: fills in *leave. */
void cc_perl_rule_leaves(pTHX_ struct cc_perl_leave *leave);
/* Behind the op, in our context, when leave->told. */
void cc_perl_rule_left(pTHX_ const struct cc_perl_leave *leave);

/* In our own context: an exception is about to unwind the program's subs. */
void cc_perl_rule_died(pTHX);
/* Has an exception ended the program, which no eval was around? 1 or 0. */
int cc_perl_rule_uncaught(void);

/* Something was compiled: all of this file; NULL: no file. */
void cc_perl_rule_compiled(const char *file);
/*
 * The program may be about to set $DB::`name`: "single", "signal" or "trace". In its own context.
 */
void cc_perl_rule_asked(const char *name);

/*
 * The rule's state for the dialogue: {"single", "stack", "doret", "travelled", "loaded", "trace"?,
 * "signal"?}, as they are now. A new reference.
 */
json_t *cc_perl_rule_now(void);
/*
 * Of "breaks", backward: the values before of the watches that have changed there; or NULL. Of
 * "change": {"left": N}: the statement is that of the N-th caller of the sub where it is, which had
 * returned by then.
 */
json_t *cc_perl_rule_found(void);

#pragma GCC visibility pop

#endif
