/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The patches on the perl that replays: its run loop, so that ops can be counted (PL_runops), the
 * valued ops, and where somebody wants to know of them the statements (PL_ppaddr). All are perl's
 * own variables, set from outside.
 */
#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>
#include <sys/mman.h>

#include "core/replay/namespace.h"
#include "core/replay/preload.h"
#include "core/replay/replayer.h"
#include "runtimes/perl/debug/debuggee.h"
#include "runtimes/perl/debug/plain.h"
#include "runtimes/perl/replay/attach.h"
#include "runtimes/perl/replay/events.h"
#include "runtimes/perl/replay/hooks.h"
#include "runtimes/perl/replay/sources.h"
#include "runtimes/perl/replay/valued.h"
#include "runtimes/perl/state/runtime.h"

/* As runtime.c has the symbols. */
enum { AT_CURINTERP, AT_PPADDR, AT_RUNOPS };

static struct {
	const struct cc_interpreter *interpreter;
	PerlInterpreter **current;
	Perl_ppaddr_t *ppaddr;
	runops_proc_t standard;
	uint64_t value_op;		      /* its result is due when it is over; 0: none */
	uint64_t loops_at_call;		      /* cc_run_loops at the last host call */
	int waits_for_value, waits_for_event; /* why cc_perl_completed is called */
	int hooked;
	int wants_sources; /* text that is compiled is kept */
} perl;

/* run-loop.S */
int cc_perl_run_plain(pTHX), cc_perl_run_reporting(pTHX);
extern uint64_t cc_run_loops; /* entered so far */
extern const uint64_t cc_run_back[2], cc_run_value[2];
extern uint64_t cc_run_site[];
extern const int32_t cc_run_jump; /* the displacement of the jump that may stand there */
extern int cc_run_watched;	  /* it does */
_Static_assert(offsetof(PerlInterpreter, Iop) == 8 && offsetof(OP, op_ppaddr) == 16,
	       "as run-loop.S has them");

/* valued-entries.S */
extern const Perl_ppaddr_t cc_valued_entries[512];
extern Perl_ppaddr_t cc_valued_originals[512];
extern struct {
	/* The place of the return address; NULL: the loop that called it is over */
	uint64_t *returns;
	uint64_t op, loops, at_env;
	JMPENV *env;
} cc_valued_entered; /* the last op that began with one of the entries */
_Static_assert(MAXO <= 512, "as valued-entries.S has them");

void cc_perl_completed(int loop_ends);
void cc_perl_valued_completed(void);

int cc_perl_run_over(pTHX);
OP *cc_perl_report_op(pTHX_ OP *op);

/* What follows the loop of Perl_runops_standard is its PERL_ASYNC_CHECK and TAINT_NOT. */
int cc_perl_run_over(pTHX)
{
	if (UNLIKELY(PL_sig_pending))
		PL_signalhook(aTHX);
	PL_tainted = FALSE;
	cc_valued_entered.returns = NULL;
	if (UNLIKELY(cc_op_late))
		cc_ops_loop_ended();
	return 0;
}

/* What was a statement once runs the op behind it in the same step. */
OP *cc_perl_report_op(pTHX_ OP *op)
{
	cc_perl_calls_op(aTHX_ cc_perl_is_former(op) ? op->op_next : op);
	return op;
}

static void patch_loop(int on)
{
	static const uint8_t nop[] = {0x0f, 0x1f, 0x44, 0x00, 0x00};
	uint64_t code = cc_run_site[0];
	uint8_t *bytes = (uint8_t *)&code;

	if (on == cc_run_watched)
		return;
	memcpy(bytes, nop, sizeof(nop));
	if (on) {
		bytes[0] = 0xe9;
		memcpy(bytes + 1, &cc_run_jump, 4);
	}
	*(volatile uint64_t *)cc_run_site = code;
	cc_run_watched = on;
}

static void watch_if_needed(void)
{
	patch_loop(perl.waits_for_value || perl.waits_for_event);
}

static void watch(int on)
{
	perl.waits_for_event = on;
	watch_if_needed();
}

/* The site's page becomes writable, once. */
static void prepare_watch(void)
{
	uintptr_t page = (uintptr_t)cc_run_site & ~4095ul;

	if (mprotect((void *)page, 4096, PROT_READ | PROT_WRITE | PROT_EXEC))
		cc_die("the run loop cannot be patched: mprotect: %s", strerror(errno));
}

/* ---- valued ops ---- */

/*
 * One rule, the stage's: the first op that a run loop completes after a host call is asked for its
 * result, if it is the valued op that made the call. So an op that something else than the loop has
 * called is asked for none (IO::Handle's readline, on the C stack), and whatever has wrapped an op
 * is a part of it.
 */
static void take_value(const OP *op)
{
	uint64_t of = perl.value_op;

	perl.value_op = 0;
	if (of && of == (uint64_t)(uintptr_t)op)
		cc_op_value();
}

/* On the way to an event, or to a value: an op is over. */
void cc_perl_completed(int loop_ends)
{
	if (perl.waits_for_value) {
		perl.waits_for_value = 0;
		take_value((*perl.current)->Iop);
		watch_if_needed();
	}
	if (perl.waits_for_event)
		cc_ops_completed(loop_ends);
}

/* The op that was to return here. In a loop that it has called, others were completed before. */
void cc_perl_valued_completed(void)
{
	if (cc_run_loops == perl.loops_at_call)
		take_value((*perl.current)->Iop);
}

/*
 * Has a run loop called perl's function for the op, by our entry and nothing else? Then the op
 * returns to where its value is taken: that costs the other ops nothing.
 */
static int return_to_value(uint64_t op)
{
	const PerlInterpreter *my_perl = *perl.current;

	if (cc_valued_entered.op != op || cc_valued_entered.loops != cc_run_loops ||
	    cc_valued_entered.env != PL_top_env || !cc_valued_entered.returns)
		return 0;
	for (int i = 0; i < 2; i++) {
		if (*cc_valued_entered.returns == cc_run_back[i])
			*cc_valued_entered.returns = cc_run_value[i];
		if (*cc_valued_entered.returns == cc_run_value[i])
			return 1;
	}
	return 0;
}

static void called(const struct cc_frame_text *frame)
{
	perl.value_op = frame->valued ? frame->op_address : 0;
	perl.loops_at_call = cc_run_loops;
	if (!perl.value_op || return_to_value(perl.value_op))
		return;
	perl.waits_for_value = 1;
	watch_if_needed();
}

static void patch_valued(void)
{
	memcpy(cc_valued_originals, perl.ppaddr, MAXO * sizeof(*perl.ppaddr));
	cc_valued_entered.at_env = offsetof(PerlInterpreter, Itop_env);
#define X(op) perl.ppaddr[op] = cc_valued_entries[op];
	CC_PERL_VALUED(X)
#undef X
}

static void begin(const struct cc_interpreter *interpreter)
{
	perl.interpreter = interpreter;
	perl.current = (PerlInterpreter **)(uintptr_t)interpreter->at[AT_CURINTERP];
	perl.ppaddr = (Perl_ppaddr_t *)(uintptr_t)interpreter->at[AT_PPADDR];
	patch_valued();
	prepare_watch();
	perl.standard = (runops_proc_t)(uintptr_t)interpreter->at[AT_RUNOPS];
}

/* Those that call and return are told over those that a debugger looks at. */
static void begin_hooks(void)
{
	perl.hooked = 1;
	if (cc_hooks_wanted & (CC_WANT_STATEMENTS | CC_WANT_CALLS | CC_WANT_CODE))
		cc_perl_listeners |= CC_LISTEN_HOOKS;
	if (cc_perl_listeners & CC_LISTEN_HOOKS || cc_hooks_wanted & CC_WANT_MOMENTS)
		cc_perl_replay_statements();
	cc_perl_calls_begin(perl.current, perl.ppaddr);
}

/* perl makes host calls between perl_construct and its first op: the run loop is set in time. */
static void call(void)
{
	PerlInterpreter *my_perl = *perl.current;

	if (cc_hooks_wanted && !perl.hooked) /* loaded since */
		begin_hooks();
	if (my_perl && PL_runops == perl.standard) {
		PL_runops =
			cc_hooks_wanted & CC_WANT_OPS ? cc_perl_run_reporting : cc_perl_run_plain;
		cc_perl_statements_interpreter(my_perl);
	}
}

/* What is read while it is compiled is a source. */
static void served(const struct cc_hostcall *call, const uint64_t *args, int64_t ret)
{
	PerlInterpreter *my_perl = *perl.current;
	unsigned fd, buf;

	if (ret <= 0 || !perl.wants_sources || !cc_call_does(call, CC_EFFECT_INPUT) || !my_perl ||
	    !PL_parser || !PL_parser->rsfp || PL_curcop != &PL_compiling)
		return;
	fd = cc_call_effect_arg(call, CC_EFFECT_INPUT, 0);
	buf = cc_call_effect_arg(call, CC_EFFECT_INPUT, 1);
	if (buf == CC_NOARG || call->arg[buf].kind != CC_ITEM_OUT ||
	    PerlIO_fileno(PL_parser->rsfp) != (int)args[fd])
		return;
	cc_perl_sources_read(CopFILE(&PL_compiling), PL_parser, PL_parser->rsfp,
			     (const void *)(uintptr_t)args[buf], (size_t)ret);
}

PerlInterpreter *cc_perl_interpreter(void)
{
	return *perl.current;
}

void cc_perl_replay_frame(struct cc_frame_text *text)
{
	*text = (struct cc_frame_text){.op_address = 0};
	perl.interpreter->runtime->frame(&cc_own_memory, perl.interpreter->at, text);
}

void cc_perl_replay_statements(void)
{
	perl.wants_sources = 1;
	cc_perl_statements_begin(perl.ppaddr, cc_valued_originals);
}

static const struct cc_replayer replayer = {
	.begin = begin,
	.call = call,
	.called = called,
	.watch = watch,
	.analyse = cc_perl_analyse,
	.end = cc_perl_detach,
	.hidden_tls = cc_namespace_tls,
	.served = served,
};

const struct cc_language cc_language = {
	.name = "perl",
	.runtime = &cc_perl_runtime,
	.replayer = &replayer,
	.plain = &cc_perl_plain,
	.debuggee = &cc_perl_debuggee,
	.hooked = &cc_perl_hooked,
};
