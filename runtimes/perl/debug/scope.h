/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which variable a name means at a statement, found in perl's memory (core/print/plain.h). Include
 * perl.h first.
 */
#ifndef CC_PERL_SCOPE_H
#define CC_PERL_SCOPE_H

#include "core/print/plain.h"

#pragma GCC visibility push(hidden)

struct cc_perl_scope {
	PerlInterpreter *perl;
	const COP *cop;
	const CV *cv;
	I32 depth;
	U32 seq; /* of the statement: what is in scope */
};

/*
 * The scope of a frame: frame 0 is the innermost sub, string eval or file that runs, where it is;
 * the others are where they have called the frame before. 0 or CC_PLAIN_NOT.
 */
int cc_perl_scope_enter(struct cc_perl_scope *scope, unsigned frame);

/*
 * The variable that the node names there, by its sigil a scalar, array or hash. *found is NULL for
 * a scalar that nothing has named so far. 0 or CC_PLAIN_NOT.
 */
int cc_perl_scope_variable(const struct cc_perl_scope *scope, const struct cc_plain_node *node,
			   const SV **found);

/*
 * A variable that is the same one wherever the program is: a package's, of that full name, or a
 * lexical of a file, a string eval, or outside of the sub, by its place in a pad.
 */
struct cc_perl_place {
	const CV *cv; /* NULL: it is a package's */
	const PADLIST *padlist;
	uint64_t offset;
	char global[256];
};

/*
 * Where the variable is that the node names there. 0; 1: it is the sub's own, of this call; or
 * CC_PLAIN_NOT.
 */
int cc_perl_scope_place(const struct cc_perl_scope *scope, const struct cc_plain_node *node,
			struct cc_perl_place *place);
/*
 * The variable of that place, anywhere in the run, at whatever `scope` is. 0; 1: it is not there
 * (yet); or CC_PLAIN_NOT.
 */
int cc_perl_place_variable(const struct cc_perl_place *place, const struct cc_perl_scope *scope,
			   const struct cc_plain_node *node, const SV **found);

/*
 * Tells each lexical that is in scope in that frame, nearer ones first: a name with its sigil. A
 * name comes more than once if one variable hides another.
 */
void cc_perl_scope_lexicals(unsigned frame,
			    void (*tell)(void *context, const char *name, const SV *variable),
			    void *context);

/* The value of a key in ASCII; *found is NULL when there is none. 0 or CC_PLAIN_NOT. */
int cc_perl_hash_find(const HV *hv, const char *key, size_t length, const SV **found);
/*
 * May objects of this class have operators of their own? perl notes that they have none when it
 * first looks for one; before that we look. 1 or 0.
 */
int cc_perl_may_overload(const HV *stash);
/* The glob of that name in a package. 0 or CC_PLAIN_NOT: there is none, or no more than a stub. */
int cc_perl_glob_find(const HV *stash, const char *name, size_t length, const GV **glob);

#pragma GCC visibility pop

#endif
