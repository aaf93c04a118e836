/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In a process with threads: calls of locks and the like, which a replay counts (switches.c), and
 * who holds the interpreter.
 */
#include "core/stage/machine/boundary.h"

int locks_are_interpreters(const struct cc_image *image, const struct cc_hostcall *call,
			   uint64_t object)
{
	const struct cc_lock *lock = image->runtime->lock;
	uint64_t at;

	if (!lock || !call->threads)
		return 0;
	at = object - image->at[lock->symbol];
	return at >= lock->begin && at < lock->end;
}

/*
 * pthread_once runs the program's function for this thread, whose next steps are its own ones. That
 * it has come here, and no other thread, is counted as a lock that it has got is.
 */
void boundary_block(struct cc_image *image, uint64_t address)
{
	struct cc_thread *thread = image->thread;
	const struct cc_pending *top = thread->depth ? &thread->pending[thread->depth - 1] : NULL;
	struct cc_pending *pending;

	if (!top || top->lock != CC_EFFECT_ONCE || top->done || top->args[1] != address)
		return;
	pending = boundary_push(image, guest_register(R_RSP));
	if (!pending)
		return;
	pending->outside = 1;
	thread->stand.calls++;
	thread->stand.steps++;
	blocks_begin(thread);
	image_arm(image);
}

/*
 * In a process with threads: who holds the interpreter. Its lock is dropped and taken under one
 * mutex; a thread that has taken it locks another one next (runtime.h, struct cc_lock).
 */
static void interpreters_lock(struct cc_image *image, const struct cc_hostcall *call,
			      uint64_t mutex)
{
	const struct cc_lock *lock = image->runtime->lock;
	struct cc_thread *thread = image->thread;

	mutex -= image->at[lock->symbol];
	if (mutex == lock->mutex && call->threads == CC_EFFECT_INIT_LOCK) {
		image_keep_frame(image);
		thread->lock = LOCK_DROPPED; /* made anew after a fork */
	} else if (call->threads != CC_EFFECT_LOCK) {
		return;
	} else if (mutex == lock->taken && thread->lock == LOCK_TAKING) {
		thread->lock = LOCK_HELD;
		image->natives -= thread->id && !thread->took;
		thread->took = 1;
		cc_trace_take(image_trace(image));
		image_take_ops(image);
		thread->ops = thread->stand.recorded_ops = 0;
		thread->stand.dropped = 0;
		image_arm(image);
	} else if (mutex == lock->mutex && thread->lock == LOCK_HELD) {
		image_keep_frame(image);
		thread->lock = LOCK_DROPPED;
		image_take_ops(image);
		cc_trace_drop(image_trace(image), thread->ops);
		thread->stand.dropped = 1;
		image_arm(image);
	} else if (mutex == lock->mutex) {
		thread->lock = LOCK_TAKING;
		thread->stand.steps++;
		image_arm(image);
	}
}

/* Locks and the like, in a process with threads: calls that a replay counts (switches.c). */
static void thread_call(struct cc_image *image, const struct cc_place *place)
{
	uint64_t object = guest_register(R_RDI), rsp = guest_register(R_RSP);

	if (locks_are_interpreters(image, place->call, object)) {
		interpreters_lock(image, place->call, object);
	} else if (place->call->threads == CC_EFFECT_EXIT_THREAD) {
		image->thread->exits =
			boundary_caller(image, rsp) == image->object ? EXITS_REFUSED : EXITS_ITSELF;
		image_arm(image);
	} else if (boundary_running(rsp)) {
		boundary_enter(image, rsp, place);
	}
}

void boundary_thread(unsigned vcpu, void *data)
{
	struct cc_image *image = image_current();
	const struct cc_place *place;

	if (!image || !image->runtime->lock || !image->trace)
		return;
	place = boundary_place(image, guest_register(R_RIP), PLACE_THREAD);
	if (!place)
		return;
	image->thread->stub_rsp = guest_register(R_RSP);
	thread_call(image, place);
}

/*
 * Without a stub, which compilers leave out on request (-fno-plt, Rust), or by the function's
 * address.
 */
void boundary_thread_entry(unsigned vcpu, void *data)
{
	struct cc_image *image = image_current();
	uint64_t rsp = guest_register(R_RSP), caller;
	const struct cc_place *place;

	if (!image || !image->runtime->lock || !image->trace)
		return;
	if (image->thread->stub_rsp == rsp) {
		image->thread->stub_rsp = 0;
		return;
	}
	place = boundary_place(image, guest_register(R_RIP), PLACE_THREAD_ENTRY);
	if (place && !guest_read(rsp, &caller, sizeof(caller)) &&
	    !boundary_is_entered(rsp, caller) && boundary_is_from_outside(image, caller))
		thread_call(image, place);
}
