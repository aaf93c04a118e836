/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "logs/buffer.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"

uint8_t *cc_buffer_reserve(struct cc_buffer *buffer, size_t more)
{
	size_t need = buffer->length + more;

	if (need > buffer->capacity) {
		size_t capacity = buffer->capacity ? buffer->capacity : 256;

		while (capacity < need)
			capacity *= 2;
		buffer->data = cc_reallocate(buffer->data, capacity, 1);
		buffer->capacity = capacity;
	}
	return buffer->data + buffer->length;
}

void cc_buffer_free(struct cc_buffer *buffer)
{
	free(buffer->data);
	memset(buffer, 0, sizeof(*buffer));
}

void cc_put_bytes(struct cc_buffer *buffer, const void *data, size_t length)
{
	if (!length)
		return;
	memcpy(cc_buffer_reserve(buffer, length), data, length);
	buffer->length += length;
}

void cc_put_u(struct cc_buffer *buffer, uint64_t value)
{
	uint8_t *at = cc_buffer_reserve(buffer, 10);
	uint8_t *start = at;

	for (; value >= 0x80; value >>= 7)
		*at++ = (uint8_t)value | 0x80;
	*at++ = (uint8_t)value;
	buffer->length += (size_t)(at - start);
}

void cc_put_s(struct cc_buffer *buffer, int64_t value)
{
	cc_put_u(buffer, ((uint64_t)value << 1) ^ (uint64_t)(value >> 63));
}

void cc_put_blob(struct cc_buffer *buffer, const void *data, size_t length)
{
	cc_put_u(buffer, length);
	cc_put_bytes(buffer, data, length);
}

void cc_put_string(struct cc_buffer *buffer, const char *text)
{
	cc_put_blob(buffer, text, strlen(text));
}

uint64_t cc_get_u(struct cc_cursor *cursor)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint8_t byte;

		if (cursor->at >= cursor->end)
			break;
		byte = *cursor->at++;
		if (shift == 63 && byte > 1)
			break;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return value;
	}
	cursor->bad = 1;
	return 0;
}

int64_t cc_get_s(struct cc_cursor *cursor)
{
	uint64_t value = cc_get_u(cursor);

	return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

const uint8_t *cc_get_bytes(struct cc_cursor *cursor, size_t length)
{
	const uint8_t *at = cursor->at;

	if (cursor->bad || (size_t)(cursor->end - cursor->at) < length) {
		cursor->bad = 1;
		return NULL;
	}
	cursor->at += length;
	return at;
}

const uint8_t *cc_get_blob(struct cc_cursor *cursor, size_t *length)
{
	uint64_t count = cc_get_u(cursor);
	const uint8_t *at = count <= SIZE_MAX ? cc_get_bytes(cursor, (size_t)count) : NULL;

	*length = at ? (size_t)count : 0;
	return at;
}
