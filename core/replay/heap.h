/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory of our own in a replayed process: a heap that the program never sees. The program's is the
 * C library's, driven by exactly the calls that the recorded run made, so that memory comes at the
 * same addresses.
 *
 * None of these functions returns NULL, and no caller asks. Our heap is bounded, by a quarter of
 * RLIMIT_AS where there is such a limit; where it cannot meet a request, one line on stderr says so
 * and the process ends with status 125: a debugger's session goes on from an earlier moment.
 *
 * malloc, calloc, realloc and memalign lead to the same heap while our code runs (CC_OURS), and
 * with them strdup, asprintf, open_memstream, and whatever a library or a hook calls. They end the
 * replay in the same way. Only in a throwaway copy they return NULL: there, the program's own code
 * runs in our context, and says itself that it has no memory. (The program's context has the C
 * library's heap, which gives and refuses what it did in the run.) So for itself our code calls the
 * functions below, and malloc for what it hands to the program.
 *
 *   heap.c       the two heaps
 *   allocate.c   copies, texts and arrays
 */
#ifndef CC_REPLAY_HEAP_H
#define CC_REPLAY_HEAP_H

#include <stddef.h>

#pragma GCC visibility push(hidden)

/* `size` bytes, which may be 0, with anything in them. */
void *cc_heap_malloc(size_t size) __attribute__((malloc, returns_nonnull, warn_unused_result));

/* As realloc. A block never gets smaller, and stays where it is as long as it has room. */
void *cc_heap_realloc(void *memory, size_t size)
	__attribute__((returns_nonnull, warn_unused_result));

/* Takes back what came from here; so does free(), in each context. */
void cc_heap_free(void *memory);

/* Is this pointer one of our heap's? */
int cc_heap_owns(const void *memory);

/* An address of the C library's code. */
const void *cc_heap_libc(void);

/* Our heap grows by so many bytes at most from now on. */
void cc_heap_bound(size_t more);

/* This process is a throwaway copy: from now on malloc may return NULL. */
void cc_heap_in_copy(void);

/* ---- allocate.c ---- */

/* `count` elements of `size` bytes, all zeros. */
void *cc_heap_zeros(size_t count, size_t size)
	__attribute__((malloc, returns_nonnull, warn_unused_result));

/* A copy of the text. */
char *cc_heap_copy(const char *text) __attribute__((malloc, returns_nonnull));

/* A copy of `length` bytes, which may be 0, and a NUL behind them. */
char *cc_heap_copy_bytes(const void *bytes, size_t length) __attribute__((malloc, returns_nonnull));

/* printf into fresh memory. */
char *cc_heap_format(const char *format, ...)
	__attribute__((malloc, returns_nonnull, format(printf, 1, 2)));

/*
 * One more element for an array that grows at its end, as cc_array_room (core/base/memory.h):
 *
 *     cc_heap_room(array, count);
 *     array[count++] = element;
 *
 * `array` is NULL to begin with, and has room for the power of two that is not less than its count.
 * An array that is emptied keeps its memory.
 */
#define cc_heap_room(array, count)                                                                 \
	((void)((array) = cc_heap_grown((array), (count), sizeof(*(array)))))

/*
 * An element with this index in an array that is asked for any: `room`, a size_t, is for how many
 * it has memory. Elements that it had no memory for before are zeros.
 */
#define cc_heap_reach(array, room, index)                                                          \
	((void)((array) = cc_heap_reached((array), &(room), (index), sizeof(*(array)))))

/* For cc_heap_room: the array, or a larger one in its place. */
void *cc_heap_grown(void *array, size_t count, size_t size) __attribute__((warn_unused_result));

/* For cc_heap_reach: the same, with *room as it is then. */
void *cc_heap_reached(void *array, size_t *room, size_t index, size_t size)
	__attribute__((warn_unused_result));

#pragma GCC visibility pop

#endif
