/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is due between host calls: a signal, memory that another process has changed, a switch of
 * threads, the end. The log says after how many ops.
 */
#include <signal.h>
#include <string.h>
#include <ucontext.h>

#include "core/replay/faults.h"
#include "core/replay/replay.h"
#include "core/replay/replayer.h"
#include "core/replay/threads.h"

static int64_t due_signal(void)
{
	struct cc_cursor cursor = cc_replay.log.next.cursor;
	struct cc_signal signal = {0};
	/* Else the signal came inside the next call, or in a system call of the C library's own. */
	int counts = !cc_read_signal(&cursor, &signal, NULL) && !signal.depth &&
		     signal.in_op != CC_SIGNAL_IN_SYSCALL;

	cc_replay.due.in_op = signal.in_op == CC_SIGNAL_IN_OP;
	cc_replay.due.loops = signal.loops;
	return counts ? (int64_t)signal.ops : -1;
}

/*
 * After how many ops the process was killed, or the recording ended; -1: the program ends by
 * itself.
 */
static int64_t due_end(void)
{
	struct cc_end end = cc_replay_read_end();

	return end.status < 0 || end.running ? end.ops : -1;
}

/* After how many ops the next event is due; negative: that event is not counted in ops. */
static int64_t due_next(void)
{
	struct cc_cursor cursor = cc_replay.log.next.cursor;

	if (cc_replay.log.thread != cc_thread || !cc_replay.log.have_next)
		return -1;
	switch (cc_replay.log.next.type) {
	case CC_REC_DROP:
	case CC_REC_CHANGED:
		return (int64_t)cc_get_u(&cursor);
	case CC_REC_SIGNAL:
		return due_signal();
	case CC_REC_SWITCH:
		return cc_thread_ops();
	case CC_REC_END:
		return due_end();
	}
	return -1;
}

void cc_replay_arm(void)
{
	int64_t ops;

	cc_replay.due.in_op = 0;
	cc_replay.due.loops = 0;
	ops = due_next();
	cc_replay.due.ops = ops < 0 ? CC_NEVER : ops;
	cc_ops_until(cc_replay.due.ops == CC_NEVER && cc_thread_many() ? CC_SOME_TIME
								       : cc_replay.due.ops);
}

/* ---- signals ---- */

void cc_replay_note_handler(const struct cc_hostcall *call, const uint64_t *args)
{
	unsigned signal = cc_call_effect_arg(call, CC_EFFECT_HANDLER, 0);
	unsigned handler = cc_call_effect_arg(call, CC_EFFECT_HANDLER, 1);
	struct sigaction action = {0};

	if (signal == CC_NOARG || args[signal] > 64)
		return;
	if (call->arg[handler].kind != CC_ITEM_IN)
		action.sa_handler = (void (*)(int))(uintptr_t)args[handler];
	else if (args[handler])
		action = *(const struct sigaction *)(uintptr_t)args[handler];
	else
		return;
	cc_replay.due.handlers[args[signal]] = (void *)action.sa_handler;
	cc_faults_handle((unsigned)args[signal], (uintptr_t)action.sa_handler, action.sa_flags);
}

/*
 * Enter the program's C handler, as the kernel did. What the handler changes in its context would
 * take effect at its return: it may change only the mask of signals, which come from the log here.
 */
static void deliver(unsigned signal, const struct cc_signal_details *details)
{
	void (*handler)(int, siginfo_t *, void *);
	siginfo_t info = {.si_signo = (int)signal};
	ucontext_t context = {0};
	mcontext_t registers;

	_Static_assert(offsetof(ucontext_t, uc_sigmask) + 8 == sizeof(details->context),
		       "as the kernel's");
	if (details->info[0])
		memcpy(&info, details->info, sizeof(info));
	memcpy(&context, details->context, sizeof(details->context));
	context.uc_mcontext.fpregs = &context.__fpregs_mem;
	registers = context.uc_mcontext;
	if (signal > 64 || (uintptr_t)cc_replay.due.handlers[signal] < 2)
		cc_die("diverged: signal %u was handled in the run; the replay has no handler for "
		       "it",
		       signal);
	handler = (void (*)(int, siginfo_t *, void *))cc_replay.due.handlers[signal];
	cc_enter_program();
	handler((int)signal, &info, &context);
	cc_leave_program();
	if (memcmp(&registers, &context.uc_mcontext, sizeof(registers)))
		cc_die("the handler of signal %u changes the registers that it returns to: that is "
		       "not modelled",
		       signal);
}

void cc_replay_deliver(int between)
{
	struct cc_signal_details details;
	struct cc_signal signal;
	int was = cc_replay.due.between;

	if (cc_read_signal(&cc_replay.log.next.cursor, &signal, &details))
		cc_replay_malformed("signal record");
	cc_replay_advance();
	cc_replay.due.between = between;
	deliver(signal.signal, &details);
	cc_replay.due.between = was;
}

/* Delivers the next record's signal within an op, between two host calls. */
static void deliver_between(void)
{
	cc_replay.depth++;
	cc_replay_deliver(1);
	cc_replay.depth--;
	cc_thread_turn();
	cc_replay_arm();
}

void cc_replay_raised(void)
{
	struct cc_cursor cursor = cc_replay.log.next.cursor;
	struct cc_signal signal;

	if (!cc_replay_is(CC_REC_SIGNAL) || cc_replay.log.thread != cc_thread ||
	    cc_read_signal(&cursor, &signal, NULL) || signal.in_op != CC_SIGNAL_IN_SYSCALL)
		return;
	deliver_between();
}

/* ---- what is due ---- */

/*
 * Is a signal next while a handler is at work? It did not interrupt the handler, so it comes
 * behind.
 */
static int follows_handler(void)
{
	return cc_replay.due.between && cc_replay_is(CC_REC_SIGNAL);
}

/* Is the event amidst an op that has not come that far yet? */
static int is_late(int loop_ends)
{
	return (cc_replay.due.in_op && loop_ends) || cc_ops_loops() < cc_replay.due.loops;
}

/* What stands next in the log happens here, after so many ops since the last call. */
void cc_replay_dispatch(int64_t ops, int loop_ends)
{
	while (cc_replay.due.ops == ops && !is_late(loop_ends) && !follows_handler()) {
		unsigned was = cc_replay.log.next.type;

		if (was == CC_REC_END)
			cc_replay_finish();
		if (was == CC_REC_DROP) {
			/* The thread is told to drop the lock, which consumes the record. */
			cc_replay.due.ops = CC_NEVER;
			cc_language.replayer->drop();
			return;
		}
		if (was == CC_REC_CHANGED) {
			cc_get_u(&cc_replay.log.next.cursor);
			cc_replay_fill(&cc_replay.log.next);
			cc_replay_advance();
		}
		if (was == CC_REC_CHANGED || was == CC_REC_SWITCH) {
			cc_thread_turn();
			cc_replay_arm();
			continue;
		}
		deliver_between();
		if (cc_ops_left())
			return;
		ops = cc_replay.due.ops; /* the handler's calls have begun to count anew */
	}
}

/* Called from the run loop, between two ops, in the program's context. */
void cc_replay_due(int loop_ends)
{
	cc_leave_program();
	cc_replay_dispatch(cc_replay.due.ops, loop_ends);
	cc_enter_program();
}

unsigned cc_replay_depth(unsigned depth)
{
	unsigned was = cc_replay.depth * 2 + (cc_replay.due.between != 0);

	cc_replay.depth = depth / 2;
	cc_replay.due.between = depth & 1;
	return was;
}

/* ---- records that threads consume ---- */

void cc_replay_pass(void)
{
	cc_replay_advance();
	cc_replay_arm();
}

void cc_replay_take_heap(void)
{
	struct cc_cursor cursor = cc_replay.log.next.cursor;

	cc_arenas_take(cursor.at < cursor.end ? cc_get_u(&cursor) : 0);
	cc_replay_pass();
}

void cc_replay_take(void)
{
	cc_ops_call();
	cc_replay_advance();
	cc_replay_arm();
	cc_replay_dispatch(0, 0);
}

void cc_replay_dispatch_now(void)
{
	cc_replay_arm();
	if (cc_replay.due.ops != CC_NEVER && !cc_ops_left())
		cc_replay_dispatch(cc_replay.due.ops, 0);
}
