/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Growing byte buffers and bounded cursors: how every record is put together and taken apart.
 * Integers are LEB128 varints; signed ones are zigzag coded first. Strings and blobs are a varint
 * length and the bytes.
 */
#ifndef CC_BUFFER_H
#define CC_BUFFER_H

#include <stddef.h>
#include <stdint.h>

struct cc_buffer {
	uint8_t *data; /* malloc'ed, owned */
	size_t length;
	size_t capacity;
};

/* Make room for `more` bytes; the address to write them to. Aborts when memory is out. */
uint8_t *cc_buffer_reserve(struct cc_buffer *buffer, size_t more);
void cc_buffer_free(struct cc_buffer *buffer);

void cc_put_bytes(struct cc_buffer *buffer, const void *data, size_t length); /* no length prefix */
/* A varint. */
void cc_put_u(struct cc_buffer *buffer, uint64_t value);
/* A signed varint, zigzag coded. */
void cc_put_s(struct cc_buffer *buffer, int64_t value);
/* A varint length, and the bytes. */
void cc_put_blob(struct cc_buffer *buffer, const void *data, size_t length);
/* The same of a text without its NUL. */
void cc_put_string(struct cc_buffer *buffer, const char *text);

/* Reading. Past the end, or on a malformed varint, `bad` is set and zero / empty comes back. */
struct cc_cursor {
	const uint8_t *at;
	const uint8_t *end;
	int bad;
};

/* A varint. */
uint64_t cc_get_u(struct cc_cursor *cursor);
/* A signed varint, zigzag coded. */
int64_t cc_get_s(struct cc_cursor *cursor);
/* `length` bytes without a prefix, or NULL. The memory is the cursor's. */
const uint8_t *cc_get_bytes(struct cc_cursor *cursor, size_t length);
/* A blob: its address in the cursor's memory and its length; NULL and 0 when bad. */
const uint8_t *cc_get_blob(struct cc_cursor *cursor, size_t *length);

#endif
