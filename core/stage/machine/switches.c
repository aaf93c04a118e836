/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the guest went from one thread of a process to another. The log's records stand in the
 * order of the run, and in a replay a thread stops right behind its last one when the next is
 * another's. What it had done beyond that in the run, in memory that both share, is done before the
 * other goes on if a SWITCH record says how far it had come: it is in a host call, or waits for a
 * lock, or so many calls of locks and the like are over. It is told when the other thread has a
 * record of its own, or is left as well: one that merely wakes up to see that it has to wait
 * changes nothing.
 */
#include <linux/futex.h>
#include <sys/syscall.h>

#include "core/stage/machine/stage.h"

#define KERNEL_STACK (16ul << 10) /* Linux on x86-64: THREAD_SIZE */

/* What a thread that does not run was about when it entered the kernel. */
struct outside {
	uint64_t instruction; /* the thread's next one */
	int64_t number;	      /* the system call that the thread is in, or negative */
	uint64_t operation;   /* that call's second argument: of futex, what it does */
};

static struct outside look_outside(const struct cc_thread *thread)
{
	struct outside outside = {.number = -1};
	uint64_t stack = 0, registers;

	if (guest_read(thread->task + stage.kernel.task_stack, &stack, sizeof(stack)))
		return outside;
	registers = stack + KERNEL_STACK - stage.kernel.registers_size;
	guest_read(registers + stage.kernel.registers_number, &outside.number,
		   sizeof(outside.number));
	guest_read(registers + stage.kernel.registers_ip, &outside.instruction,
		   sizeof(outside.instruction));
	guest_read(registers + stage.kernel.registers_si, &outside.operation,
		   sizeof(outside.operation));
	return outside;
}

static int is_wait(uint64_t operation)
{
	operation &= FUTEX_CMD_MASK;
	return operation == FUTEX_WAIT || operation == FUTEX_WAIT_BITSET;
}

static int waits(const struct outside *outside)
{
	return outside->number == SYS_futex && is_wait(outside->operation);
}

void switches_futex(struct cc_image *image, uint64_t word, uint64_t operation)
{
	struct cc_thread *thread = image->thread;

	if (is_wait(operation))
		return;
	if (thread->depth && thread->pending[thread->depth - 1].lock == CC_EFFECT_MEET)
		thread->pending[thread->depth - 1].done = 1;
	unwind_wakes(image, word);
}

/*
 * The thread is in a call of a lock or the like, of this effect. Amidst the code of a call that
 * gives something up the call counts as over; so does one of a barrier whose last thread wakes the
 * others.
 */
static void place_in_lock(struct cc_thread *thread, const struct cc_pending *lock,
			  const struct outside *outside)
{
	struct cc_stand *stand = &thread->stand;

	switch (lock->lock) {
	case CC_EFFECT_ONCE:
		stand->at.calls += lock->done;
		stand->at.place = !lock->done && waits(outside) ? CC_PLACE_AT : CC_PLACE_BEHIND;
		break;
	case CC_EFFECT_MEET:
		stand->at.calls += lock->done;
		/* fall through */
	case CC_EFFECT_LOCK:
	case CC_EFFECT_JOIN_THREAD:
		stand->at.place = waits(outside) ? CC_PLACE_AT : CC_PLACE_BEHIND;
		break;
	case CC_EFFECT_UNLOCK:
	case CC_EFFECT_POST:
	case CC_EFFECT_WAKE:
		stand->at.calls++;
		break;
	default:
		break;
	}
}

/* Where the thread stands, into stand.at; 0: its last record says so already. */
static int find_place(const struct cc_image *image, struct cc_thread *thread)
{
	const struct cc_pending *top = thread->depth ? &thread->pending[thread->depth - 1] : NULL;
	struct cc_stand *stand = &thread->stand;
	struct outside outside;

	stand->at = (struct cc_switch){.place = CC_PLACE_IN};
	if ((thread->left && !thread->leaves) || thread->handlers || (thread->id && !thread->begun))
		return 0;
	if (thread->exits == EXITS_REFUSED) /* a replay finds that itself */
		return 0;
	if (thread->lock == LOCK_TAKING)
		return !stand->dropped || blocks_count(thread);
	if (top && top->call)
		return 1;
	outside = look_outside(thread);
	stand->at = (struct cc_switch){.place = CC_PLACE_BEHIND, .calls = stand->calls};
	if (top && top->lock)
		place_in_lock(thread, top, &outside);
	/*
	 * Code of the program's that ran since the last call, up to one that is not over, too, is
	 * behind it.
	 */
	if (stand->at.place == CC_PLACE_BEHIND && stand->at.calls == stand->calls &&
	    blocks_place(image, thread, outside.instruction, &stand->at.address, &stand->at.times))
		stand->at.place = CC_PLACE_AMIDST;
	if (thread->lock == LOCK_HELD)
		stand->at.ops = thread->ops;
	return stand->at.place != CC_PLACE_BEHIND || stand->at.calls != stand->recorded_calls ||
	       stand->at.ops != (thread->lock == LOCK_HELD ? stand->recorded_ops : 0);
}

static void set_away(struct cc_image *image, struct cc_thread *thread, unsigned away)
{
	image->away += (away != 0) - (thread->stand.away != 0);
	thread->stand.away = away;
}

/*
 * A replay takes two signals, some 20 us, to pass by a breakpoint once. A thread that spins is
 * found where it began to, no worse; for the sake of one that does not, places may have been passed
 * often. But a program whose threads compute for long is left at many of them: then what they all
 * take is bounded, by so much and so much for each.
 */
#define TIMES_MAX 2000
#define TIMES_MIN 20
#define PASSES 200000
#define PASSES_EACH 20

int64_t switches_times_max(const struct cc_image *image)
{
	uint64_t may = PASSES + PASSES_EACH * image->amidst;
	uint64_t left = may > image->passes ? (may - image->passes) / (PASSES / TIMES_MAX) : 0;

	return left < TIMES_MIN ? TIMES_MIN : left > TIMES_MAX ? TIMES_MAX : (int64_t)left;
}

static void tell(struct cc_image *image, struct cc_thread *thread)
{
	struct cc_stand *stand = &thread->stand;
	struct cc_switch at = stand->at;

	set_away(image, thread, 0);
	if (image->spoke != thread->id) {
		image->spoke = thread->id;
		cc_trace_thread(image->trace, thread->id);
	}
	if (at.place != CC_PLACE_IN) {
		at.calls -= stand->told;
		stand->told = stand->recorded_calls = stand->at.calls;
		stand->recorded_ops = at.place == CC_PLACE_AT ? stand->recorded_ops : at.ops;
	}
	cc_trace_switch(image->trace, &at);
	if (at.place == CC_PLACE_AMIDST) {
		image->amidst++;
		image->passes += at.times;
	}
	stand->times_max = switches_times_max(image);
	if (at.place == CC_PLACE_AMIDST)
		blocks_place_emitted(thread);
	else
		blocks_begin(thread);
}

void switches_emit_all(struct cc_image *image)
{
	while (image->away) {
		struct cc_thread *first = NULL;

		for (struct cc_thread *thread = image->threads; thread; thread = thread->next)
			if (thread->stand.away &&
			    (!first || thread->stand.away < first->stand.away))
				first = thread;
		tell(image, first);
	}
}

void switches_emit(struct cc_image *image)
{
	struct cc_thread *thread = image->thread;

	set_away(image, thread, 0);
	switches_emit_all(image);
	thread->stand.steps++;
	thread->stand.recorded_calls = thread->stand.calls;
	thread->stand.recorded_ops = thread->ops;
	blocks_begin(thread);
}

void switches_left(struct cc_image *image)
{
	struct cc_thread *thread = image->thread;
	struct cc_switch before = thread->stand.at;
	int found;

	if (!image->trace || !image->started || image->error.status)
		return;
	found = find_place(image, thread);
	if (thread->stand.steps == thread->stand.came &&
	    (thread->stand.at.place == CC_PLACE_IN || thread->stand.at.place == CC_PLACE_AT)) {
		thread->stand.at = before; /* it waits as it did */
		return;
	}
	set_away(image, thread, 0);
	if (!found)
		return;
	switches_emit_all(image);
	set_away(image, thread, ++image->last_away);
}
