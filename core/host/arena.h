/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The C library's heaps, as far as they are looked into: glibc's arenas (malloc/arena.c, struct
 * malloc_state of malloc/malloc.c), whose layout is that of glibc 2.27 to 2.41 on x86-64. All
 * arenas are a circle; arenas that no thread has are a list, from which the next thread that needs
 * an arena takes the first.
 */
#ifndef CC_ARENA_H
#define CC_ARENA_H

#define CC_ARENA_NEXT 2160	/* the next arena of the circle */
#define CC_ARENA_NEXT_FREE 2168 /* the next arena of that list */
#define CC_ARENA_THREADS 2176	/* how many threads have the arena */
#define CC_ARENA_SIZE 2200

/*
 * HEAP_MAX_SIZE, to which heaps but the first one are aligned. Such a heap begins with the address
 * of its arena.
 */
#define CC_HEAP_SPAN (64ul << 20)

/*
 * Is it the first thread's arena? That is in the C library's data; others stand at the beginning of
 * heaps, behind the heap's header.
 */
static inline int cc_arena_is_first(unsigned long arena)
{
	return arena % CC_HEAP_SPAN > 4096;
}

/*
 * Does malloc make a new arena, where it maps so much without access? It asks for twice the span to
 * cut an aligned one out.
 */
static inline int cc_arena_is_made(unsigned long length, unsigned long protection)
{
	return !protection && (length == CC_HEAP_SPAN || length == 2 * CC_HEAP_SPAN);
}

/* Where the heap of that new arena begins, in the memory that malloc has mapped. */
static inline unsigned long cc_arena_heap(unsigned long mapped)
{
	return (mapped + CC_HEAP_SPAN - 1) & -CC_HEAP_SPAN;
}

#endif
