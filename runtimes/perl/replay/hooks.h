/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What hooks are told of a perl (core/replay/hooked.h): statements, ops, subs that are entered and
 * left, exceptions. Include perl.h first.
 */
#ifndef CC_PERL_HOOKS_H
#define CC_PERL_HOOKS_H

#include "core/replay/hooked.h"

/* Before the program's first op is made, when some hook is loaded. */
void cc_perl_calls_begin(PerlInterpreter **current, Perl_ppaddr_t *ppaddr);

/*
 * A statement begins, in our own context: `at` and `in` are those of events.h.
 * `frame` is the C frame of the function that the run loop called.
 */
void cc_perl_calls_statement(pTHX_ const COP *at, const COP *in, const char *frame);
/* An op begins, in the program's context. */
void cc_perl_calls_op(pTHX_ const OP *op);
/* Is it an ex-nextstate that is told of as a statement? */
int cc_perl_is_former(const OP *op);

extern const struct cc_hooked cc_perl_hooked;

/* ---- context.c: contexts and names, only read ---- */

struct cc_perl_place {
	const PERL_SI *stack;
	I32 index;
};

/*
 * The innermost context of a sub at this place or outside of it, which becomes the place; or NULL.
 */
const PERL_CONTEXT *cc_perl_sub_at(struct cc_perl_place *place);
const char *cc_perl_sub_name(const CV *cv); /* a text that stays */
const char *cc_perl_file(const COP *cop);   /* likewise */
unsigned cc_perl_line(const COP *cop);

/* ---- code.c ---- */
/* At each statement: the first of a file that is outside of subs reports the file's code. */
void cc_perl_code(pTHX_ const COP *in);

/* ---- variables.c ---- */

/* The code that runs at a place; *depth: the code's CvDEPTH there. */
const CV *cc_perl_code_at(pTHX_ struct cc_perl_place place, I32 *depth);
/*
 * `place`: where a frame begins; `at`: its statement, `in`: one that has the same file and package.
 */
int cc_perl_variable(pTHX_ const struct cc_perl_place *place, const COP *at, const COP *in,
		     const char *name, struct cc_hook_value *value);
int cc_perl_element(const struct cc_hook_value *container, size_t index, struct cc_hook_value *key,
		    struct cc_hook_value *element);

#endif
