/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The patches on the perl that replays: its run loop, so that ops can be counted (PL_runops), the valued
 * ops, and where somebody wants to know of them the statements (PL_ppaddr). All are perl's own
 * variables, set from outside.
 */
#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>
#include <sys/mman.h>

#include "core/preload/apart.h"
#include "core/preload/preload.h"
#include "runtimes/perl/attach.h"
#include "runtimes/perl/calls.h"
#include "runtimes/perl/debuggee.h"
#include "runtimes/perl/plain.h"
#include "runtimes/perl/sources.h"
#include "runtimes/perl/statements.h"
#include "runtimes/perl/valued.h"

/* As runtime.c has the symbols. */
enum { AT_CURINTERP, AT_PPADDR, AT_RUNOPS };

static struct {
	const struct cc_interpreter *interpreter;
	PerlInterpreter **current;
	Perl_ppaddr_t *ppaddr;
	Perl_ppaddr_t original[MAXO];
	runops_proc_t standard;
	int hooked;
	int wants_sources; /* text that is compiled is kept */
} perl;


/* run-loop.S */
int cc_perl_run_plain(pTHX), cc_perl_run_told(pTHX);
extern uint64_t cc_run_site[];
extern const int32_t cc_run_jump; /* the displacement of the jump that may stand there */
extern int cc_run_watched;        /* it does */
_Static_assert(offsetof(PerlInterpreter, Iop) == 8 && offsetof(OP, op_ppaddr) == 16, "as run-loop.S has them");

int cc_perl_run_over(pTHX);
OP *cc_perl_tell_op(pTHX_ OP *op);

/* What follows the loop of Perl_runops_standard is its PERL_ASYNC_CHECK and TAINT_NOT. */
int cc_perl_run_over(pTHX)
{
	if (UNLIKELY(PL_sig_pending))
		PL_signalhook(aTHX);
	PL_tainted = FALSE;
	if (UNLIKELY(cc_op_late))
		cc_ops_loop_ended();
	return 0;
}

/* What was a statement once runs the op behind it in the same step. */
OP *cc_perl_tell_op(pTHX_ OP *op)
{
	cc_perl_calls_op(aTHX_ cc_perl_is_former(op) ? op->op_next : op);
	return op;
}

static void watch(int on)
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

/* The site's page becomes writable, once. */
static void prepare_watch(void)
{
	uintptr_t page = (uintptr_t)cc_run_site & ~4095ul;

	if (mprotect((void *)page, 4096, PROT_READ | PROT_WRITE | PROT_EXEC))
		cc_die("the run loop cannot be patched: mprotect: %s", strerror(errno));
}

/* IO::Handle makes a readline of its own, on the C stack, and no run loop completes it. */
static int stands_on_the_stack(const OP *op)
{
	return (const char *)op > (const char *)__builtin_frame_address(0);
}

/*
 * A valued op's result is in the log when the op was the next to complete after a host call of its
 * own; so says the stage, which sees ops only where they complete.
 */
static OP *pp_valued(pTHX)
{
	OP *op = PL_op;
	uint64_t calls = cc_calls;
	OP *next = perl.original[op->op_type](aTHX);

	if (cc_calls != calls && cc_last_op == (uint64_t)(uintptr_t)op &&
	    cc_run_loops == cc_run_loops_at_call && !stands_on_the_stack(op))
		cc_op_value();
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
	if (cc_hooks_wanted & (CC_WANT_STATEMENTS | CC_WANT_CALLS | CC_WANT_CODE)) {
		cc_perl_listeners |= CC_LISTEN_HOOKS;
		cc_perl_replay_statements();
	}
	cc_perl_calls_begin(perl.current, perl.ppaddr);
}

/* perl makes host calls between perl_construct and its first op: the run loop is set in time. */
static void call(void)
{
	PerlInterpreter *my_perl = *perl.current;

	if (cc_hooks_wanted && !perl.hooked) /* loaded since */
		begin_hooks();
	if (my_perl && PL_runops == perl.standard) {
		PL_runops = cc_hooks_wanted & CC_WANT_OPS ? cc_perl_run_told : cc_perl_run_plain;
		cc_perl_statements_interpreter(my_perl);
	}
}

/* What is read while it is compiled is a source. */
static void served(const struct cc_hostcall *call, const uint64_t *args, int64_t ret)
{
	PerlInterpreter *my_perl = *perl.current;
	unsigned fd, buf;

	if (ret <= 0 || !perl.wants_sources || !cc_call_does(call, CC_EFFECT_INPUT) || !my_perl || !PL_parser ||
	    !PL_parser->rsfp || PL_curcop != &PL_compiling)
		return;
	fd = cc_call_effect_arg(call, CC_EFFECT_INPUT, 0);
	buf = cc_call_effect_arg(call, CC_EFFECT_INPUT, 1);
	if (buf == CC_NOARG || call->arg[buf].kind != CC_ITEM_OUT ||
	    PerlIO_fileno(PL_parser->rsfp) != (int)args[fd])
		return;
	cc_perl_sources_read(CopFILE(&PL_compiling), PL_parser, PL_parser->rsfp, (const void *)(uintptr_t)args[buf],
			     (size_t)ret);
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
	cc_perl_statements_begin(perl.ppaddr, perl.original);
}

const struct cc_replayer cc_replayer = {
	.begin = begin,
	.call = call,
	.watch = watch,
	.analyse = cc_perl_analyse,
	.end = cc_perl_detach,
	.hidden_tls = cc_apart_tls,
	.hooked = &cc_perl_hooked,
	.served = served,
	.plain = &cc_perl_plain,
	.debuggee = &cc_perl_debuggee,
};
