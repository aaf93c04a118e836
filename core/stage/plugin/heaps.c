/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which of the C library's heaps (arenas, glibc's malloc/arena.c) a thread takes memory from is decided at its first
 * allocation: that of a thread that is over, or a new one. So a replay has to know which came first, a thread's
 * first allocation (HEAP) or another one's end (LEAVE). Both take a few hundred instructions, in which the kernel
 * may switch threads: the end puts the heap onto a list before the system call by which it is seen, the allocation
 * looks at that list before it comes back. Where both overlap, the heap that was taken tells.
 */
#include <sys/mman.h>

#include "core/stage/plugin/stage.h"

#define HEAP_SPAN (64ul << 20) /* glibc: HEAP_MAX_SIZE, to which heaps are aligned; the heap's arena stands at its beginning */
#define CHUNK_MAPPED 2ul   /* glibc: IS_MMAPPED, in the size before the memory */
#define CHUNK_OTHER 4ul	   /* glibc: NON_MAIN_ARENA */

/* The size before the memory, with its flags; 0: there is none. */
static uint64_t chunk_of(uint64_t memory)
{
	uint64_t size = 0;

	return memory && !guest_read(memory - 8, &size, sizeof(size)) ? size : 0;
}

static uint64_t heap_of(uint64_t memory)
{
	uint64_t size = chunk_of(memory), heap = 0;

	if (!size || size & CHUNK_MAPPED)
		return 0;
	if (size & CHUNK_OTHER && guest_read(memory & ~(HEAP_SPAN - 1), &heap, sizeof(heap)))
		return 0;
	return size & CHUNK_OTHER ? heap : 1; /* the first thread's */
}

/* The record of a thread that does not run. */
static void write_leave(struct cc_image *image, struct cc_thread *thread)
{
	struct cc_thread *running = image->thread;

	image->thread = thread;
	cc_trace_leave(image_speak(image));
	image->thread = running;
	thread->leaves = 0;
}

void heaps_settle(struct cc_image *image)
{
	for (struct cc_thread *thread = image->threads; thread; thread = thread->next)
		if (thread->leaves)
			write_leave(image, thread);
}

int heap_wanted(struct cc_image *image, uint64_t old)
{
	struct cc_thread *thread = image->thread;

	/* What was mapped alone is given back to the kernel: no heap has to do with it. */
	if (!thread->heapless || !thread->begun || chunk_of(old) & CHUNK_MAPPED)
		return 0;
	thread->heapless = 0;
	thread->takes = 1;
	image->taking++;
	image_arm(image);
	return 1;
}

static void tell(struct cc_image *image)
{
	image->thread->takes = 0;
	cc_trace_heap(image_speak(image));
}

/* Where others map something depends on it, and who ends from now on does not leave it this heap. */
void heap_mapped(struct cc_image *image, const uint64_t *args)
{
	if (image->thread->takes && args[2] == PROT_NONE && (args[1] == HEAP_SPAN || args[1] == 2 * HEAP_SPAN))
		tell(image);
}

void heap_taken(struct cc_image *image, uint64_t memory)
{
	struct cc_thread *taker = image->thread;

	taker->heap = heap_of(memory);
	image->taking--;
	for (struct cc_thread *thread = image->threads; thread && taker->takes && taker->heap; thread = thread->next)
		if (thread->leaves && thread->heap == taker->heap)
			write_leave(image, thread);
	if (taker->takes)
		tell(image);
	if (!image->taking)
		heaps_settle(image);
}

void heap_left(struct cc_image *image)
{
	struct cc_thread *thread = image->thread;

	if (thread->left)
		return;
	thread->left = thread->leaves = 1;
	image->natives -= thread->id && !thread->took;
	if (!image->taking)
		heaps_settle(image);
}
