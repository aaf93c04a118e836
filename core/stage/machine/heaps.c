/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which of the C library's heaps (arenas, glibc's malloc/arena.c) a thread takes memory from is
 * decided at its first allocation: that of a thread that is over, or a new one. So a replay has to
 * know which came first, a thread's first allocation (HEAP) or another one's end (LEAVE). Both take
 * a few hundred instructions, in which the kernel may switch threads: the end puts the heap onto a
 * list before the system call by which it is seen, the allocation looks at that list before it
 * comes back. Where both overlap, the heap that was taken tells; where somebody has to know before
 * that, as a thread that joins the one that is over goes on, what a thread keeps of its heap does.
 */
#include "core/host/arena.h"
#include "core/stage/machine/stage.h"

#define CHUNK_MAPPED 2ul /* glibc: IS_MMAPPED, in the size before the memory */
#define CHUNK_OTHER 4ul	 /* glibc: NON_MAIN_ARENA */
#define STORAGE_MAX 4096 /* of thread-local storage is searched */

/* The size before the memory, with its flags; 0: there is none. */
static uint64_t chunk_of(uint64_t memory)
{
	uint64_t size = 0;

	return memory && !guest_read(memory - 8, &size, sizeof(size)) ? size : 0;
}

/* The address of its arena, with which a heap begins; 0: there is none. */
static uint64_t arena_at(uint64_t heap)
{
	uint64_t arena = 0;

	return heap && !guest_read(heap, &arena, sizeof(arena)) ? arena : 0;
}

static uint64_t heap_of(uint64_t memory)
{
	uint64_t size = chunk_of(memory);

	if (!size || size & CHUNK_MAPPED)
		return 0;
	return size & CHUNK_OTHER ? arena_at(memory & -CC_HEAP_SPAN) : 1; /* the first thread's */
}

/*
 * The arena of a thread that is between heap_wanted and heap_taken stands in thread-local storage
 * (glibc: thread_arena), as soon as it has one. Where, is found in the first thread whose arena is
 * known.
 */
static void learn_slot(struct cc_image *image, const struct cc_thread *thread, uint64_t arena)
{
	uint64_t value;

	if (!arena || image->arena_slot)
		return;
	for (uint64_t slot = 8; slot <= STORAGE_MAX; slot += 8)
		if (!guest_read(thread->pointer - slot, &value, sizeof(value)) && value == arena) {
			image->arena_slot = slot;
			return;
		}
}

/* The arena that a thread has; 0: none, or that is not known. */
static uint64_t arena_of(const struct cc_image *image, const struct cc_thread *thread)
{
	uint64_t arena = 0;

	return image->arena_slot && !guest_read(thread->pointer - image->arena_slot, &arena,
						sizeof(arena))
		       ? arena
		       : 0;
}

static void write_leave(struct cc_image *image, struct cc_thread *thread)
{
	cc_trace_leave(image_trace(image));
	thread->leaves = 0;
}

static void write_heap(struct cc_image *image, struct cc_thread *thread)
{
	uint64_t arena = arena_of(image, thread);

	thread->takes = 0;
	cc_trace_heap(image_trace(image), thread->makes		     ? CC_HEAP_NEW
					  : cc_arena_is_first(arena) ? 0
								     : arena);
}

/* A record of a thread that does not run, perhaps: then where it was left is told first. */
static void write_of(struct cc_image *image, struct cc_thread *thread,
		     void (*write)(struct cc_image *image, struct cc_thread *thread))
{
	struct cc_thread *running = image->thread;

	if (thread != running)
		switches_emit_all(image);
	image->thread = thread;
	write(image, thread);
	image->thread = running;
}

void heaps_settle(struct cc_image *image)
{
	int left = 0;

	for (const struct cc_thread *thread = image->threads; thread; thread = thread->next)
		left |= thread->leaves;
	if (!left)
		return;
	for (struct cc_thread *thread = image->threads; thread; thread = thread->next)
		if (thread->takes && arena_of(image, thread))
			write_of(image, thread, write_heap);
	for (struct cc_thread *thread = image->threads; thread; thread = thread->next)
		if (thread->leaves)
			write_of(image, thread, write_leave);
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

/*
 * Where others map something depends on it, and who ends from now on does not leave it this heap.
 */
void heap_mapped(struct cc_image *image, const uint64_t *args, uint64_t address)
{
	if (!image->thread->takes || !cc_arena_is_made(args[1], args[2]))
		return;
	image->thread->makes = cc_arena_heap(address);
	write_heap(image, image->thread);
}

void heap_taken(struct cc_image *image, uint64_t memory)
{
	struct cc_thread *taker = image->thread;

	taker->heap = heap_of(memory);
	learn_slot(image, taker, taker->heap > 1 ? taker->heap : arena_at(taker->makes));
	if (!taker->heap)
		taker->heap = arena_of(image, taker);
	image->taking--;
	for (struct cc_thread *thread = image->threads; thread && taker->takes && taker->heap;
	     thread = thread->next)
		if (thread->leaves && thread->heap == taker->heap)
			write_of(image, thread, write_leave);
	if (taker->takes)
		write_heap(image, taker);
	if (!image->taking)
		heaps_settle(image);
}

void heap_left(struct cc_image *image)
{
	struct cc_thread *thread = image->thread;

	if (thread->left)
		return;
	unwind_loaded(image);
	thread->left = thread->leaves = 1;
	image->natives -= thread->id && !thread->took;
	if (!image->taking)
		heaps_settle(image);
}
