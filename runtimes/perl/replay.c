/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The patches on the perl that replays: its run loop, so that ops are counted and hooks see each
 * statement, and the valued ops in PL_ppaddr. Both are perl's own variables, set from outside.
 */
#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>

#include "core/preload/preload.h"
#include "core/session/hooks.h"
#include "runtimes/perl/valued.h"

/* As runtime.c has the symbols. */
enum { AT_CURINTERP, AT_PPADDR, AT_RUNOPS };

static struct {
	PerlInterpreter **current;
	Perl_ppaddr_t *ppaddr;
	Perl_ppaddr_t original[MAXO];
	runops_proc_t standard;
} perl;

/* Perl_runops_standard, counting; what follows the loop is its PERL_ASYNC_CHECK and TAINT_NOT. */
static int finish_run(pTHX)
{
	if (UNLIKELY(PL_sig_pending))
		PL_signalhook(aTHX);
	PL_tainted = FALSE;
	return 0;
}

static int run_counting(pTHX)
{
	OP *op = PL_op;

	do {
		op = op->op_ppaddr(aTHX);
		if (UNLIKELY(!--cc_ops_left))
			cc_ops_zero((uint64_t)(uintptr_t)PL_op);
		PL_op = op;
	} while (op);
	return finish_run(aTHX);
}

static int run_hooked(pTHX)
{
	OP *op = PL_op;

	do {
		if (op->op_type == OP_NEXTSTATE || op->op_type == OP_DBSTATE)
			cc_hooks_statement(CopFILE((COP *)op), CopLINE((COP *)op));
		op = op->op_ppaddr(aTHX);
		if (UNLIKELY(!--cc_ops_left))
			cc_ops_zero((uint64_t)(uintptr_t)PL_op);
		PL_op = op;
	} while (op);
	return finish_run(aTHX);
}

/*
 * A valued op's result is in the log when the op was the first to complete after a host call of its
 * own; so says the stage, which sees ops only where they complete.
 */
static OP *pp_valued(pTHX)
{
	OP *op = PL_op;
	uint64_t calls = cc_calls;
	OP *next = perl.original[op->op_type](aTHX);

	if (cc_calls != calls && cc_last_op == (uint64_t)(uintptr_t)op &&
	    !cc_ops_since_call())
		cc_ops_want_value((uint64_t)(uintptr_t)op);
	return next;
}

static void patch_valued(void)
{
	memcpy(perl.original, perl.ppaddr, sizeof(perl.original));
#define X(op) perl.ppaddr[op] = pp_valued;
	CC_PERL_VALUED(X)
#undef X
}

static void begin(const struct cc_interpreter *interpreter)
{
	perl.current = (PerlInterpreter **)(uintptr_t)interpreter->at[AT_CURINTERP];
	perl.ppaddr = (Perl_ppaddr_t *)(uintptr_t)interpreter->at[AT_PPADDR];
	perl.standard = (runops_proc_t)(uintptr_t)interpreter->at[AT_RUNOPS];
	patch_valued();
}

/* perl makes host calls between perl_construct and its first op: the run loop is set in time. */
static void call(void)
{
	PerlInterpreter *my_perl = *perl.current;

	if (my_perl && PL_runops == perl.standard)
		PL_runops = cc_hooks_count ? run_hooked : run_counting;
}

const struct cc_replayer cc_replayer = {
	.begin = begin,
	.call = call,
};
