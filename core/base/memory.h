/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory for programs that cannot go on without: no caller asks whether there is some. Where there
 * is none, one line on stderr says so, and the program ends at once with status 125; what it was
 * writing stays under a temporary name, which its next run removes. So whatever a file claims to
 * need is bounded first. All that comes from here is the caller's, who gives it to free().
 */
#ifndef CC_MEMORY_H
#define CC_MEMORY_H

#include <stddef.h>

/* Says that there is no memory for so many bytes (0: for a number not known), and ends. */
void cc_no_memory(size_t length) __attribute__((noreturn));

/* `length` bytes, which may be 0, with anything in them. Never NULL. */
void *cc_allocate(size_t length) __attribute__((malloc, warn_unused_result));

/* `count` elements of `size` bytes, all zeros. Never NULL. */
void *cc_allocate_zeros(size_t count, size_t size) __attribute__((malloc, warn_unused_result));

/*
 * As realloc: `count` elements of `size` bytes, which begin with what `memory` held (NULL:
 * nothing), and take its place. Never NULL.
 */
void *cc_reallocate(void *memory, size_t count, size_t size) __attribute__((warn_unused_result));

/* A copy of the text. Never NULL. */
char *cc_copy(const char *text) __attribute__((malloc));

/* A copy of `length` bytes, which may be 0, and a NUL behind them. Never NULL. */
void *cc_copy_bytes(const void *bytes, size_t length) __attribute__((malloc));

/* printf into fresh memory. Never NULL. */
char *cc_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- growing arrays ---- */

/*
 * An array of `count` elements keeps no capacity: it has room for the power of two that is not less
 * than its count. So an element is added in two steps:
 *
 *     cc_array_room(array, count);
 *     array[count++] = element;
 *
 * `array` is a variable, NULL as long as count is 0. An array that was allocated otherwise has no
 * such room; cc_array_copy makes one that does.
 */
#define cc_array_room(array, count)                                                                \
	((void)((array) = cc_array_grown((array), (count), sizeof(*(array)))))

/* The same array, or a larger one in its place, with room for an element of `size` bytes more. */
void *cc_array_grown(void *array, size_t count, size_t size) __attribute__((warn_unused_result));

/* A copy of `count` elements of `size` bytes to which others can be added; NULL where count is 0.
 */
void *cc_array_copy(const void *array, size_t count, size_t size) __attribute__((malloc));

#endif
