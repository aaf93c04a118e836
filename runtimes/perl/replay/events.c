/* SPDX-License-Identifier: GPL-2.0-or-later */
#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>

#include "core/replay/agent.h"
#include "core/replay/preload.h"
#include "core/replay/print.h"
#include "runtimes/perl/debug/debuggee.h"
#include "runtimes/perl/debug/print.h"
#include "runtimes/perl/debug/rule.h"
#include "runtimes/perl/replay/aside.h"
#include "runtimes/perl/replay/events.h"
#include "runtimes/perl/replay/hooks.h"
#include "runtimes/perl/replay/sources.h"
#include "runtimes/perl/replay/tree.h"

unsigned cc_perl_listeners;
struct cc_perl_event cc_perl_event;

static struct {
	const Perl_ppaddr_t *original;
	peep_t peep;
	thrhook_proc_t thread_hook;
	int on;
	int over; /* this is a throwaway copy */
} statements;

/* ---- events ---- */

/* `frame`: of the function that the run loop called. */
static void __attribute__((noinline))
tell(pTHX_ const COP *at, const COP *in, int end, const char *frame)
{
	struct cc_perl_event was = cc_perl_event; /* of the statement that this one runs inside */
	int error = errno;

	if (cc_perl_listeners & CC_LISTEN_DIALOGUE) {
		if (!end)
			cc_perl_debuggee_steps(aTHX_ at, in);
		return;
	}
	cc_leave_program();
	cc_perl_event = (struct cc_perl_event){at, in, end};
	if (cc_perl_listeners & CC_LISTEN_HOOKS && !end)
		cc_perl_calls_statement(aTHX_ at, in, frame);
	if (cc_perl_listeners & CC_LISTEN_PRINT && !end)
		cc_perl_print_event(aTHX_ CopFILE(in), CopLINE(at));
	if (cc_perl_listeners & CC_LISTEN_RULE || end)
		cc_perl_rule_event(aTHX);
	if (cc_agent.now.events >= cc_agent.due)
		cc_agent_due();
	cc_perl_event = was;
	errno = error;
	cc_enter_program();
}

static inline void event(pTHX_ const COP *at, const COP *in, const char *frame)
{
	if (UNLIKELY(++cc_agent.now.events >= cc_agent.due) || UNLIKELY(cc_perl_listeners))
		tell(aTHX_ at, in, 0, frame);
}

/* As Perl_pp_nextstate. */
static OP *pp_statement(pTHX)
{
	COP *cop = (COP *)PL_op;

	PL_curcop = cop;
	TAINT_NOT;
	PL_stack_sp = PL_stack_base + CX_CUR()->blk_oldsp;
	FREETMPS;
	PERL_ASYNC_CHECK();
	event(aTHX_ cop, cop, __builtin_frame_address(0));
	return NORMAL;
}

/* The program was run with -d, or has set $^P. */
static OP *pp_debugged_statement(pTHX)
{
	COP *cop = (COP *)PL_op;
	OP *next = statements.original[OP_DBSTATE](aTHX);

	event(aTHX_ cop, cop, __builtin_frame_address(0));
	return next;
}

/* An ex-nextstate, of which only the place is left. The op behind it runs in the same step. */
static OP *pp_former_statement(pTHX)
{
	OP *former = PL_op, *next = former->op_next;

	event(aTHX_(const COP *) former, PL_curcop, __builtin_frame_address(0));
	PL_op = next;
	return next->op_ppaddr(aTHX);
}

/* ---- subs that end, and string evals ---- */

static OP *leave_sub(pTHX)
{
	const OP *op = PL_op;
	struct cc_perl_leave leave;
	OP *next;

	if (!(cc_perl_listeners & CC_LISTEN_RULE) || cc_context != CC_PROGRAM)
		return statements.original[op->op_type](aTHX);
	cc_perl_rule_leaves(aTHX_ & leave);
	next = cc_perl_call_op(aTHX_ statements.original[op->op_type], __builtin_frame_address(0));
	if (UNLIKELY(leave.told)) {
		cc_leave_program();
		cc_perl_rule_left(aTHX_ & leave);
		cc_enter_program();
	}
	return next;
}

static OP *eval_text(pTHX)
{
	const SV *text = *PL_stack_sp;

	if (cc_context == CC_PROGRAM && SvPOK(text))
		cc_perl_sources_eval(PL_evalseq + 1, SvPVX_const(text), SvCUR(text),
				     CopFILE(PL_curcop), CopLINE(PL_curcop));
	return statements.original[OP_ENTEREVAL](aTHX);
}

/* Under `perl -d` the program talks to its debugger so: `$DB::single = 1`. */
static OP *debugger_variable(pTHX)
{
	const GV *gv = cGVOPx_gv(PL_op);

	if (cc_context == CC_PROGRAM && !statements.over)
		cc_perl_rule_asked(GvNAME(gv));
	return statements.original[OP_GVSV](aTHX);
}

/* ---- the end ---- */

/* perl_destruct calls this when END blocks are over. */
static int end_reached(pTHX)
{
	if (cc_context == CC_PROGRAM) {
		cc_agent.now.events++;
		tell(aTHX_ PL_curcop ? PL_curcop : &PL_compiling,
		     PL_curcop ? PL_curcop : &PL_compiling, 1, __builtin_frame_address(0));
	}
	return statements.thread_hook(aTHX);
}

/* ---- beginning ---- */

static void peep(pTHX_ OP *start)
{
	statements.peep(aTHX_ start);
	if (cc_context != CC_PROGRAM)
		return;
	cc_perl_rule_compiled(
		cc_perl_tree_compiled(aTHX_ start, pp_former_statement, debugger_variable)
			? CopFILE(PL_curcop)
			: NULL);
}

void cc_perl_statements_begin(Perl_ppaddr_t *ppaddr, const Perl_ppaddr_t *original)
{
	if (statements.on)
		return;
	statements.on = 1;
	statements.original = original;
	if (cc_prints.on)
		cc_perl_listeners |= CC_LISTEN_PRINT;
	if (!cc_agent.on)
		cc_agent.due = UINT64_MAX;
	ppaddr[OP_NEXTSTATE] = pp_statement;
	ppaddr[OP_DBSTATE] = pp_debugged_statement;
	ppaddr[OP_LEAVESUB] = leave_sub;
	ppaddr[OP_LEAVESUBLV] = leave_sub;
	ppaddr[OP_RETURN] = leave_sub;
	ppaddr[OP_ENTEREVAL] = eval_text;
}

void cc_perl_statements_interpreter(PerlInterpreter *my_perl)
{
	if (!statements.on || PL_peepp == peep)
		return;
	statements.peep = PL_peepp;
	statements.thread_hook = PL_threadhook;
	PL_peepp = peep;
	PL_threadhook = end_reached;
}

void cc_perl_statements_stop(void)
{
	statements.over = 1;
	cc_perl_listeners = 0;
	cc_agent.due = UINT64_MAX;
}
