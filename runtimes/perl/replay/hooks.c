/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Subs that are entered and left are told from perl's own context stack: ours of what was told
 * stands beside it, and is brought into line at each statement and around the ops that call and
 * return. So what left a sub unseen (die, exit, last) is found, and what was entered unseen (a
 * sort's sub, those that List::Util calls).
 */
#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>
#include <dlfcn.h>
#include <sys/mman.h>

#include "core/replay/heap.h"
#include "core/replay/preload.h"
#include "runtimes/perl/replay/aside.h"
#include "runtimes/perl/replay/die.h"
#include "runtimes/perl/replay/hooks.h"

#define UNSEEN_MAX 64

struct entry {
	struct cc_perl_place place; /* of its context */
	const CV *cv;
	const char *frame; /* of a sub in C: the C frame that called it, or NULL */
	struct cc_hook_call call;
};

/*
 * Coroutines (Coro) have a context stack and a chain of calls each, and are switched between in an
 * op. A chain is told from others by its outermost stack, of which another one may come into the
 * place.
 */
struct chain {
	const PERL_SI *outermost;
	uint64_t number;
	struct entry *entries; /* of the chain while it does not run */
	size_t depth;
};

static struct {
	PerlInterpreter **current;
	Perl_ppaddr_t original[MAXO];
	const char *const *op_names;
	const Perl_ppaddr_t *ppaddr;
	struct here {
		const COP *at, *in; /* as struct cc_perl_event has them */
	} here;			    /* frame 0, where that is not PL_curcop */
	struct entry *entries;	    /* of the chain that runs */
	size_t depth;
	struct chain **chains, *running;
	size_t chain_count;
} perl;

/* `$!` is the program's too. */
static int ours(void)
{
	int error = errno;

	cc_leave_program();
	return error;
}

static void back(int error)
{
	errno = error;
	cc_enter_program();
}

/* ---- chains ---- */

static const PERL_SI *outermost(const PERL_SI *stack)
{
	while (stack->si_prev)
		stack = stack->si_prev;
	return stack;
}

static struct chain *chain_at(const PERL_SI *stack)
{
	struct chain *chain;

	for (size_t i = 0; i < perl.chain_count; i++)
		if (perl.chains[i]->outermost == stack)
			return perl.chains[i];
	cc_heap_room(perl.chains, perl.chain_count);
	chain = perl.chains[perl.chain_count++] = cc_heap_zeros(1, sizeof(*chain));
	chain->outermost = stack;
	chain->number = perl.chain_count;
	return chain;
}

static void run_chain(struct chain *next)
{
	if (perl.running) {
		perl.running->entries = perl.entries;
		perl.running->depth = perl.depth;
	}
	perl.entries = next->entries;
	perl.depth = next->depth;
	perl.running = next;
	cc_hooks_chain(next->number);
}

static void follow_chain(pTHX)
{
	const PERL_SI *stack = outermost(PL_curstackinfo);

	if (!perl.running || perl.running->outermost != stack)
		run_chain(chain_at(stack));
}

/* ---- entering and leaving ---- */

static const COP *first_statement(const CV *cv)
{
	const OP *op = CvISXSUB(cv) ? NULL : CvSTART(cv);

	for (int i = 0; op && i < 4; i++, op = op->op_next)
		if (op->op_type == OP_NEXTSTATE || op->op_type == OP_DBSTATE)
			return (const COP *)op;
	return NULL;
}

/* A sub is entered; `caller`: the statement that calls, in the sub at `outside` or around it. */
static void push(const CV *cv, struct cc_perl_place place, struct cc_perl_place outside,
		 const COP *caller, const char *frame)
{
	const COP *first = first_statement(cv);
	struct here here = perl.here;
	const PERL_CONTEXT *context = cc_perl_sub_at(&outside);
	struct entry *entry;

	cc_heap_room(perl.entries, perl.depth);
	entry = &perl.entries[perl.depth++];
	*entry = (struct entry){place,
				cv,
				frame,
				{
					.sub = cc_perl_sub_name(cv),
					.file = first ? cc_perl_file(first) : cc_hooks_text(""),
					.line = first ? cc_perl_line(first) : 0,
					.caller = {cc_perl_file(caller), cc_perl_line(caller),
						   context ? cc_perl_sub_name(context->blk_sub.cv)
							   : cc_hooks_text("")},
				}};
	if (first)
		perl.here = (struct here){first, first};
	cc_hooks_enter(&entry->call);
	perl.here = here;
}

static void pop(int unwound)
{
	struct cc_hook_call call = perl.entries[--perl.depth].call;

	cc_hooks_leave(&call, unwound);
}

/* An unwound sub in C has left its frame: what runs now was not called from it. */
static int stands(pTHX_ const struct entry *entry, const char *frame)
{
	const PERL_SI *stack = PL_curstackinfo;

	if (entry->frame)
		return frame < entry->frame;
	while (stack && stack != entry->place.stack)
		stack = stack->si_prev;
	return stack && entry->place.index <= stack->si_cxix &&
	       CxTYPE(&stack->si_cxstack[entry->place.index]) == CXt_SUB &&
	       stack->si_cxstack[entry->place.index].blk_sub.cv == entry->cv;
}

static void leave_gone(pTHX_ const char *frame, int unwound)
{
	follow_chain(aTHX);
	while (perl.depth && !stands(aTHX_ & perl.entries[perl.depth - 1], frame))
		pop(unwound);
}

static void enter_unseen(pTHX)
{
	struct cc_perl_place unseen[UNSEEN_MAX], place = {PL_curstackinfo, cxstack_ix};
	const PERL_CONTEXT *context;
	size_t known, count = 0;

	follow_chain(aTHX);
	known = perl.depth;
	while (known && perl.entries[known - 1].frame)
		known--;
	while (count < UNSEEN_MAX && (context = cc_perl_sub_at(&place))) {
		if (known && perl.entries[known - 1].place.stack == place.stack &&
		    perl.entries[known - 1].place.index == place.index)
			break;
		unseen[count++] = place;
		place.index--;
	}
	while (count--) {
		struct cc_perl_place outside = unseen[count];

		context = &outside.stack->si_cxstack[outside.index--];
		push(context->blk_sub.cv, unseen[count], outside, context->blk_oldcop, NULL);
	}
}

static void settle(pTHX_ const char *frame)
{
	leave_gone(aTHX_ frame, 1);
	enter_unseen(aTHX);
}

/* ---- ops that call and return ---- */

/* What entersub is about to call; NULL: only it will know. */
static const CV *called(const SV *sv)
{
	if (SvROK(sv) && !SvOBJECT(SvRV(sv)))
		sv = SvRV(sv);
	if (isGV_with_GP(sv))
		return GvCVu((GV *)sv);
	return SvTYPE(sv) == SVt_PVCV ? (const CV *)sv : NULL;
}

/* A sub in C runs within the op. */
static OP *call_c(pTHX_ const CV *cv, const char *frame, unsigned type, int error)
{
	struct cc_perl_place place = {PL_curstackinfo, cxstack_ix};
	size_t depth = perl.depth;
	OP *next;

	push(cv, place, place, PL_curcop, frame);
	back(error);
	next = cc_perl_call_op(aTHX_ perl.original[type], frame);
	error = ours();
	follow_chain(aTHX);
	while (perl.depth > depth + 1)
		pop(1);
	if (perl.depth > depth)
		pop(0);
	back(error);
	return next;
}

static OP *pp_entersub(pTHX)
{
	const char *frame = __builtin_frame_address(0);
	const CV *cv = called(*PL_stack_sp);
	int error = ours();
	OP *next;

	settle(aTHX_ frame);
	if (cv && CvISXSUB(cv))
		return call_c(aTHX_ cv, frame, OP_ENTERSUB, error);
	back(error);
	next = cv ? perl.original[OP_ENTERSUB](aTHX)
		  : cc_perl_call_op(aTHX_ perl.original[OP_ENTERSUB], frame);
	error = ours();
	enter_unseen(aTHX);
	back(error);
	return next;
}

/* Calls that share one context (MULTICALL in cop.h, sort) come here and leave it where it is. */
static OP *pp_leave(pTHX)
{
	const char *frame = __builtin_frame_address(0);
	unsigned type = PL_op->op_type;
	const PERL_CONTEXT *context = cxstack_ix >= 0 ? &cxstack[cxstack_ix] : NULL;
	int shared =
		type != OP_RETURN && context && CxTYPE(context) == CXt_SUB && CxMULTICALL(context);
	int error = ours();
	OP *next;

	settle(aTHX_ frame);
	back(error);
	next = cc_perl_call_op(aTHX_ perl.original[type], frame); /* destructors run in it */
	error = ours();
	follow_chain(aTHX);
	if (shared && perl.depth)
		pop(0);
	else
		leave_gone(aTHX_ frame, 0);
	back(error);
	return next;
}

/* goto &sub: the caller's next one takes its place. */
static OP *pp_goto(pTHX)
{
	const char *frame = __builtin_frame_address(0);
	const SV *to = PL_op->op_flags & OPf_STACKED ? *PL_stack_sp : NULL;
	const CV *cv =
		to && SvROK(to) && SvTYPE(SvRV(to)) == SVt_PVCV ? (const CV *)SvRV(to) : NULL;
	int error;
	OP *next;

	if (!cv)
		return perl.original[OP_GOTO](aTHX);
	error = ours();
	settle(aTHX_ frame);
	if (CvISXSUB(cv) && perl.depth) {
		pop(0);
		return call_c(aTHX_ cv, frame, OP_GOTO, error);
	}
	back(error);
	next = perl.original[OP_GOTO](aTHX);
	error = ours();
	follow_chain(aTHX);
	if (perl.depth)
		pop(0);
	enter_unseen(aTHX);
	back(error);
	return next;
}

static void patch(Perl_ppaddr_t *ppaddr, unsigned op, Perl_ppaddr_t function)
{
	perl.original[op] = ppaddr[op];
	ppaddr[op] = function;
}

/* ---- exceptions ---- */

static void died(pTHX_ const SV *sv)
{
	const SV *object = SvROK(sv) ? SvRV(sv) : NULL;
	const char *class = object && SvOBJECT(object) ? HvNAME_get(SvSTASH(object)) : NULL;
	struct cc_hook_value value = {0};
	char text[64];

	if (object)
		snprintf(text, sizeof(text), "%s(0x%lx)",
			 SvTYPE(object) == SVt_PVHV   ? "HASH"
			 : SvTYPE(object) == SVt_PVAV ? "ARRAY"
						      : "SCALAR",
			 (unsigned long)(uintptr_t)object);
	else if (SvPOK(sv))
		cc_hooks_set_bytes(&value, SvPVX_const(sv), SvCUR(sv));
	else
		snprintf(text, sizeof(text), "%s", "");
	cc_hooks_exception(class ? class : "", value.text ? value.text : text);
}

/* ---- statements and ops ---- */

int cc_perl_is_former(const OP *op)
{
	return op->op_type == OP_NULL &&
	       (op->op_targ == OP_NEXTSTATE || op->op_targ == OP_DBSTATE) &&
	       op->op_ppaddr != perl.ppaddr[OP_NULL];
}

void cc_perl_calls_statement(pTHX_ const COP *at, const COP *in, const char *frame)
{
	struct here here = perl.here;
	int error = errno;

	follow_chain(aTHX);
	if (cc_hooks_wanted & CC_WANT_CALLS)
		settle(aTHX_ frame);
	if (cc_hooks_wanted & CC_WANT_CODE)
		cc_perl_code(aTHX_ in);
	if (cc_hooks_wanted & CC_WANT_STATEMENTS) {
		struct cc_perl_place place = {PL_curstackinfo, cxstack_ix};
		const PERL_CONTEXT *context = cc_perl_sub_at(&place);

		perl.here = (struct here){at, in};
		cc_hooks_statement(cc_perl_file(in), cc_perl_line(at),
				   context ? cc_perl_sub_name(context->blk_sub.cv) : "");
		perl.here = here;
	}
	errno = error;
}

void cc_perl_calls_op(pTHX_ const OP *op)
{
	int error = ours();

	cc_hooks_op(op->op_type < MAXO ? perl.op_names[op->op_type] : "");
	back(error);
}

/* ---- what hooks ask ---- */

/* The place at which that frame begins, and its statement; `at` NULL: there is none. */
static struct here frame_at(pTHX_ unsigned depth, struct cc_perl_place *place)
{
	struct here here = perl.here.at ? perl.here : (struct here){PL_curcop, PL_curcop};
	const PERL_CONTEXT *context;

	*place = (struct cc_perl_place){PL_curstackinfo, cxstack_ix};
	while (depth--) {
		context = cc_perl_sub_at(place);
		if (!context)
			return (struct here){NULL, NULL};
		here.at = here.in = context->blk_oldcop;
		place->index--;
	}
	return here;
}

/* Before, host calls come from an interpreter that is not whole yet. */
static int is_whole(const PerlInterpreter *my_perl)
{
	return my_perl && PL_curstackinfo && PL_defstash && PL_main_cv;
}

/* Has the main program left all its contexts? Then the log knows which statement ended it. */
static int is_over(pTHX_ const COP *at)
{
	return at == &PL_compiling && !cc_perl_line(at) && PL_phase >= PERL_PHASE_RUN &&
	       !PL_curstackinfo->si_prev && cxstack_ix < 0;
}

static int frame(unsigned depth, struct cc_hook_frame *frame)
{
	PerlInterpreter *my_perl = *perl.current;
	const struct cc_frame *in_log;
	const PERL_CONTEXT *context;
	struct cc_perl_place place;
	struct here here;

	if (!is_whole(my_perl))
		return -1;
	here = frame_at(aTHX_ depth, &place);
	if (!here.at)
		return -1;
	context = cc_perl_sub_at(&place);
	*frame = (struct cc_hook_frame){cc_perl_file(here.in), cc_perl_line(here.at),
					context ? cc_perl_sub_name(context->blk_sub.cv)
						: cc_hooks_text("")};
	in_log = is_over(aTHX_ here.at) ? cc_frame_in_log() : NULL;
	if (in_log && in_log->line) {
		frame->file = cc_hooks_text(in_log->file);
		frame->line = in_log->line;
	}
	return 0;
}

static int variable(unsigned depth, const char *name, struct cc_hook_value *value)
{
	PerlInterpreter *my_perl = *perl.current;
	struct cc_perl_place place;
	struct here here;

	if (!is_whole(my_perl))
		return -1;
	here = frame_at(aTHX_ depth, &place);
	return here.at ? cc_perl_variable(aTHX_ & place, here.at, here.in, name, value) : -1;
}

static void end(void)
{
	while (perl.depth)
		pop(1);
	for (size_t i = 0; i < perl.chain_count; i++) {
		if (!perl.chains[i]->depth || perl.chains[i] == perl.running)
			continue;
		run_chain(perl.chains[i]);
		while (perl.depth)
			pop(1);
	}
}

const struct cc_hooked cc_perl_hooked = {
	.frame = frame,
	.variable = variable,
	.element = cc_perl_element,
	.end = end,
};

void cc_perl_calls_begin(PerlInterpreter **current, Perl_ppaddr_t *ppaddr)
{
	perl.current = current;
	perl.ppaddr = ppaddr;
	perl.op_names = dlsym(RTLD_DEFAULT, "PL_op_name");
	if (cc_hooks_wanted & CC_WANT_CALLS) {
		patch(ppaddr, OP_ENTERSUB, pp_entersub);
		patch(ppaddr, OP_LEAVESUB, pp_leave);
		patch(ppaddr, OP_LEAVESUBLV, pp_leave);
		patch(ppaddr, OP_RETURN, pp_leave);
		patch(ppaddr, OP_GOTO, pp_goto);
	}
	if (cc_hooks_wanted & CC_WANT_EXCEPTIONS)
		cc_perl_watch_die(died);
}
