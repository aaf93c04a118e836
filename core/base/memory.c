/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/memory.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Streams, and what is done at an exit, may want memory, too. */
void cc_no_memory(size_t length)
{
	char line[160], bytes[40] = "";
	int used;

	if (length)
		snprintf(bytes, sizeof(bytes), " for %zu bytes", length);
	used = snprintf(line, sizeof(line),
			"%.60s: no memory%s: end other programs, or raise the limit (ulimit -v)\n",
			program_invocation_short_name, bytes);
	used = (int)write(2, line, (size_t)used);
	_exit(125);
}

/* The product; where it is too large for a number, there is no such memory. */
static size_t product(size_t count, size_t size)
{
	size_t length;

	if (__builtin_mul_overflow(count, size, &length))
		cc_no_memory(SIZE_MAX);
	return length;
}

static void *checked(void *memory, size_t length)
{
	if (!memory)
		cc_no_memory(length);
	return memory;
}

void *cc_allocate(size_t length)
{
	return checked(malloc(length ? length : 1), length);
}

void *cc_allocate_zeros(size_t count, size_t size)
{
	size_t length = product(count, size);

	return checked(calloc(1, length ? length : 1), length);
}

void *cc_reallocate(void *memory, size_t count, size_t size)
{
	size_t length = product(count, size);

	return checked(realloc(memory, length ? length : 1), length);
}

char *cc_copy(const char *text)
{
	return cc_copy_bytes(text, strlen(text));
}

void *cc_copy_bytes(const void *bytes, size_t length)
{
	char *copy = cc_allocate(length + 1);

	if (length)
		memcpy(copy, bytes, length);
	copy[length] = 0;
	return copy;
}

char *cc_format(const char *format, ...)
{
	va_list list;
	char *text;

	va_start(list, format);
	if (vasprintf(&text, format, list) < 0)
		cc_no_memory(0);
	va_end(list);
	return text;
}

void *cc_array_grown(void *array, size_t count, size_t size)
{
	if (count & (count - 1))
		return array;
	return cc_reallocate(array, count ? product(count, 2) : 1, size);
}

void *cc_array_copy(const void *array, size_t count, size_t size)
{
	size_t room = 1;
	void *copy;

	if (!count)
		return NULL;
	while (room < count)
		room *= 2;
	copy = cc_reallocate(NULL, room, size);
	memcpy(copy, array, count * size);
	return copy;
}
