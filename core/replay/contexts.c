/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A replay's threads as contexts on one kernel thread: which of them runs. The log's records stand
 * in the order of the run. So a thread stops right behind its last record when the next is another
 * thread's; what it did beyond that in the run, before the other went on, has a record (SWITCH).
 */
#include <asm/prctl.h>
#include <errno.h>
#include <sys/auxv.h>
#include <sys/syscall.h>

#include "core/replay/breakpoint.h"
#include "core/replay/contexts.h"
#include "core/replay/raw.h"
#include "core/replay/replay.h"
#include "core/replay/replayer.h"
#include "core/replay/state.h"
#include "core/replay/threads.h"
#include "logs/event.h"

/* context-switch.S */
void cc_context_switch(void **from, void *to);

unsigned cc_thread CC_STATE;
uint8_t cc_thread_heapless CC_STATE;
uint64_t cc_thread_self CC_STATE, cc_thread_fs CC_STATE;
struct cc_thread_context cc_first_thread CC_STATE = {.begun = 1};
struct cc_thread_context *cc_threads CC_STATE = &cc_first_thread;
struct cc_thread_context *cc_running CC_STATE = &cc_first_thread;
unsigned cc_thread_count CC_STATE = 1;

uint64_t cc_context_storage(void)
{
	uint64_t fs;

	cc_raw(SYS_arch_prctl, ARCH_GET_FS, (long)&fs, 0, 0, 0, 0);
	return fs;
}

void cc_context_set_storage(uint64_t fs)
{
	static int can = -1;

	if (can < 0)
		can = (getauxval(AT_HWCAP2) & 2) != 0; /* HWCAP2_FSGSBASE */
	if (can)
		__asm__ volatile("wrfsbase %0" : : "r"(fs) : "memory");
	else
		cc_raw(SYS_arch_prctl, ARCH_SET_FS, (long)fs, 0, 0, 0, 0);
}

struct cc_thread_context *cc_context_find(unsigned id)
{
	struct cc_thread_context *context = cc_threads;

	while (context && context->id != id)
		context = context->next;
	return context && !context->over ? context : NULL;
}

/* Goes on with another thread: from our own context, and back in it when this one has its turn. */
static void cc_context_switch_to(struct cc_thread_context *to)
{
	struct cc_thread_context *from = cc_running;

	if (to == from)
		return;
	from->depth = cc_replay_depth(to->depth);
	from->ops = cc_ops_swap(to->ops);
	if (cc_language.replayer->leave)
		from->runtime = cc_language.replayer->leave();
	if (!from->fs)
		from->fs = cc_context_storage();
	cc_running = to;
	cc_thread_heapless = to->heapless;
	cc_thread = to->id;
	cc_thread_self = to->pointer;
	cc_thread_fs = to->fs;
	cc_context_set_storage(to->fs);
	if (cc_language.replayer->enter)
		cc_language.replayer->enter(to->runtime);
	cc_replay_arm();
	cc_context_switch(&from->stack, to->stack);
}

static void switch_to_next(void)
{
	struct cc_thread_context *next = cc_context_find(cc_replay_thread());

	if (!next)
		cc_replay_diverges("a thread's end, which the run did not reach there");
	cc_context_switch_to(next);
}

const struct cc_frame_text *cc_thread_frame(void)
{
	return cc_running->lock == LOCK_DROPPED ? &cc_running->frame : NULL;
}

int cc_thread_many(void)
{
	return cc_thread_count > 1;
}

/* ---- the program's code, and ours ---- */

int64_t cc_context_run(unsigned symbol, const uint64_t *args)
{
	int64_t ret;

	cc_enter_program();
	ret = cc_call_real(symbol, args);
	cc_leave_program();
	return ret;
}

void cc_context_ours(void (*step)(void))
{
	int errno_now = errno;

	cc_leave_program();
	step();
	errno = errno_now;
	cc_enter_program();
}

/* ---- the run's turns ---- */

/* Has the running thread made as many calls since its last SWITCH as this one counts? */
static int calls_over(const struct cc_switch *at)
{
	return cc_running->calls >= cc_running->told + at->calls;
}

/* Has this thread come to where the run went on with another one? */
static int passes_switch(void)
{
	struct cc_switch at;

	if (!cc_replay_switch(&at) || at.place < CC_PLACE_BEHIND || !calls_over(&at))
		return 0;
	cc_replay_arm();
	if (at.ops && cc_ops_left() > 0 && cc_ops_left() != CC_NEVER)
		return 0;
	if (at.place == CC_PLACE_AMIDST &&
	    cc_breakpoint_set(cc_replay_position(), at.address, at.times))
		return 0; /* the thread will be there: cc_thread_arrives */
	cc_running->told += at.calls;
	cc_replay_pass();
	return 1;
}

void cc_thread_turn(void)
{
	do
		while (cc_replay_thread() != cc_thread)
			switch_to_next();
	while (passes_switch());
}

void cc_context_yield(void)
{
	cc_thread_turn();
	cc_replay_dispatch_now();
}

void cc_thread_arrives(void)
{
	struct cc_switch at;

	if (!cc_replay_switch(&at))
		cc_replay_diverges("a switch of threads");
	cc_running->told += at.calls;
	cc_replay_pass();
	cc_thread_turn();
	cc_replay_dispatch_now(); /* the thread may have to drop the lock in this very op */
}

int64_t cc_thread_ops(void)
{
	struct cc_switch at;

	if (!cc_replay_switch(&at) || at.place < CC_PLACE_BEHIND || !calls_over(&at) ||
	    cc_breakpoint_is_set(cc_replay_position()))
		return -1;
	return (int64_t)at.ops;
}

/*
 * The call's own allocations are made when it is over, but other threads may make heaps before
 * that.
 */
static void take_heap_inside(void)
{
	cc_replay_take_heap();
	cc_thread_heapless = cc_running->heapless = 0;
	cc_tripwire_on();
	cc_redo_heap();
	cc_tripwire_off();
	cc_arenas_taken();
}

/*
 * The running thread is in a host call, or asks for the interpreter's lock: it may wait there, or
 * take its heap.
 */
void cc_thread_waits(void)
{
	struct cc_switch at;

	for (cc_thread_turn();; cc_thread_turn()) {
		int heap = cc_replay_is(CC_REC_HEAP);

		if (!heap && (!cc_replay_switch(&at) || at.place != CC_PLACE_IN))
			return;
		if (heap)
			take_heap_inside();
		else
			cc_replay_pass();
		cc_replay_dispatch_now();
	}
}

void cc_context_takes_heap(void)
{
	for (cc_thread_turn(); cc_replay_is(CC_REC_HEAP); cc_thread_turn())
		take_heap_inside();
}

/*
 * The same of a lock of the program's: the running thread takes it when the others have come to
 * where they were. 0: no SWITCH record tells of this call.
 */
int cc_context_wait_at(void)
{
	struct cc_switch at;
	int told = 0;

	for (cc_thread_turn(); cc_replay_switch(&at) && at.place == CC_PLACE_AT; cc_thread_turn()) {
		if (cc_running->calls != cc_running->told + at.calls)
			return told; /* the thread waits in a later call */
		cc_running->told += at.calls;
		cc_replay_pass();
		told = 1;
	}
	return told;
}

/* Waits that nobody ends go round in circles. */
#define ROUNDS_MAX 1000000

static void count_rounds(void)
{
	static uint64_t position CC_STATE, rounds CC_STATE;

	if (position != cc_replay_position())
		rounds = 0;
	position = cc_replay_position();
	if (rounds++ > ROUNDS_MAX)
		cc_replay_diverges("what no other thread gives it");
}

/*
 * The running thread waits for what another one does: the one whose record is next runs, or all the
 * others in turn.
 */
void cc_context_pause(void)
{
	struct cc_thread_context *next =
		cc_replay_thread() == cc_thread ? NULL : cc_context_find(cc_replay_thread());

	count_rounds();
	for (next = next ? next : cc_running->next; next != cc_running; next = next->next) {
		if (!next)
			next = cc_threads;
		if (next->begun ? !next->over : next->id == cc_replay_thread())
			break;
	}
	cc_context_switch_to(next);
}
