/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/replay/heap.h"

/* The product; where it is too large for a number, there is no such memory. */
static size_t product(size_t count, size_t size)
{
	size_t length;

	return __builtin_mul_overflow(count, size, &length) ? SIZE_MAX : length;
}

void *cc_heap_zeros(size_t count, size_t size)
{
	size_t length = product(count, size);

	return memset(cc_heap_malloc(length), 0, length);
}

char *cc_heap_copy(const char *text)
{
	return cc_heap_copy_bytes(text, strlen(text));
}

char *cc_heap_copy_bytes(const void *bytes, size_t length)
{
	char *copy = cc_heap_malloc(length + 1);

	if (length)
		memcpy(copy, bytes, length);
	copy[length] = '\0';
	return copy;
}

/* Not vasprintf: what that allocates is the program's in the program's context. */
char *cc_heap_format(const char *format, ...)
{
	va_list list;
	char *text;
	int length;

	va_start(list, format);
	length = vsnprintf(NULL, 0, format, list);
	va_end(list);
	text = cc_heap_malloc((size_t)length + 1);
	va_start(list, format);
	vsnprintf(text, (size_t)length + 1, format, list);
	va_end(list);
	return text;
}

void *cc_heap_grown(void *array, size_t count, size_t size)
{
	if (count & (count - 1))
		return array;
	return cc_heap_realloc(array, product(count ? product(count, 2) : 1, size));
}

void *cc_heap_reached(void *array, size_t *room, size_t index, size_t size)
{
	size_t before = *room;

	if (index < before)
		return array;
	*room = index < SIZE_MAX / 4 ? index * 2 + 64 : SIZE_MAX;
	array = cc_heap_realloc(array, product(*room, size));
	memset((char *)array + before * size, 0, (*room - before) * size);
	return array;
}
