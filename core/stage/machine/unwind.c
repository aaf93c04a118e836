/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What unwinds a thread's stack. For pthread_exit that is the C library, which has it loaded for
 * the first one; cleanup handlers and destructors are the program again. What pthread_once has
 * called is left behind.
 */
#include "core/stage/machine/boundary.h"

int unwind_loads(const struct cc_image *image)
{
	const struct cc_object *caller;

	if (!thread_unwinds(image->thread) || image_busy(image))
		return 0;
	caller = boundary_caller(image, guest_register(R_RSP));
	return caller && caller->is_loader;
}

void unwind_loaded(struct cc_image *image)
{
	struct cc_thread *thread = image->thread;
	size_t first = thread->depth ? thread->pending[thread->depth - 1].first_alloc : 0;

	if (!thread_unwinds(thread) || image_busy(image) || thread->alloc_count == first)
		return;
	cc_trace_inside(image_trace(image), thread->allocs + first, thread->alloc_count - first);
	thread->alloc_count = first;
}

static int is_once(const struct cc_pending *pending, uint64_t control)
{
	return pending->lock == CC_EFFECT_ONCE && !pending->done && pending->args[0] == control;
}

/*
 * The function of pthread_once has been left, by pthread_exit or an exception of C++'s: the C
 * library takes back that it has begun, and wakes whoever waits for it, who calls the function
 * anew. A replay counts that as a call.
 */
void unwind_wakes(struct cc_image *image, uint64_t word)
{
	struct cc_thread *thread = image->thread;
	unsigned depth = thread->depth;

	while (depth && !is_once(&thread->pending[depth - 1], word))
		depth--;
	if (!depth)
		return;
	unwind_loaded(image);
	boundary_abandon_above(image, depth - 1);
	thread->stand.calls++;
	thread->stand.steps++;
	blocks_begin(thread);
}
