/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all shapes share: a process's memory, blobs and counts. */
#include "core/host/walk.h"
#include "logs/event.h"

#include <stdlib.h>
#include <string.h>

#define PAGE 4096

static int own_read(void *context, uint64_t address, void *data, size_t length)
{
	memcpy(data, (const void *)(uintptr_t)address, length);
	return 0;
}

uint64_t (*cc_own_register)(unsigned number);

static uint64_t own_register(void *context, unsigned number)
{
	return cc_own_register ? cc_own_register(number) : 0;
}

int (*cc_own_variadic)(const uint64_t *args, struct cc_variadic *more);

static int own_variadic(void *context, const uint64_t *args, struct cc_variadic *more)
{
	return cc_own_variadic ? cc_own_variadic(args, more) : 0;
}

int (*cc_own_mapped)(uint64_t address);

static int own_mapped(void *context, uint64_t address)
{
	return cc_own_mapped && cc_own_mapped(address);
}

const struct cc_memory cc_own_memory = {
	.read = own_read,
	.reg = own_register,
	.variadic = own_variadic,
	.mapped = own_mapped,
};

int cc_walk_read(struct cc_walk *walk, uint64_t address, void *data, size_t length)
{
	return walk->memory->read(walk->memory->context, address, data, length) ? -1 : 0;
}

int cc_walk_read_u64(struct cc_walk *walk, uint64_t address, uint64_t *value)
{
	return cc_walk_read(walk, address, value, sizeof(*value));
}

void cc_walk_put_blob(struct cc_walk *walk, const void *data, size_t length)
{
	if (walk->writer && length > CC_INLINE_MAX) {
		cc_put_u(walk->out, 1);
		cc_log_put_blob(walk->writer, walk->out, data, length);
		return;
	}
	cc_put_u(walk->out, length + 2);
	cc_put_bytes(walk->out, data, length);
}

/* Never more than a piece of it in our memory. */
static int put_pieces(struct cc_walk *walk, uint64_t address, size_t length)
{
	uint8_t *data = malloc(CC_PIECE);
	int status = data ? 0 : -1;

	cc_put_u(walk->out, CC_IN_PIECES);
	cc_put_u(walk->out, length);
	for (size_t done = 0, piece; !status && done < length; done += piece) {
		piece = length - done < CC_PIECE ? length - done : CC_PIECE;
		status = cc_walk_read(walk, address + done, data, piece);
		if (!status)
			status = cc_log_put_part(walk->parts, CC_REC_PART, walk->out, data, piece)
					 ? -1
					 : 0;
	}
	free(data);
	return status;
}

int cc_walk_put_memory(struct cc_walk *walk, uint64_t address, size_t length)
{
	uint8_t small[CC_INLINE_MAX];
	uint8_t *data;
	int status;

	if (length > CC_RECORD_MAX)
		return -1;
	if (walk->memory == &cc_own_memory) {
		cc_walk_put_blob(walk, (const void *)(uintptr_t)address, length);
		return 0;
	}
	data = length > sizeof(small) ? malloc(length) : small;
	if (!data)
		return -1;
	status = length ? cc_walk_read(walk, address, data, length) : 0;
	if (!status)
		cc_walk_put_blob(walk, data, length);
	if (data != small)
		free(data);
	return status;
}

int cc_walk_put_large(struct cc_walk *walk, uint64_t address, size_t length)
{
	return walk->parts && length > CC_PIECES_FROM ? put_pieces(walk, address, length)
						      : cc_walk_put_memory(walk, address, length);
}

size_t cc_string_length(const uint8_t *data, size_t length, unsigned unit)
{
	static const uint8_t zero[4];
	size_t at = 0;

	if (unit == 1)
		return strnlen((const char *)data, length);
	while (at + unit <= length && memcmp(data + at, zero, unit))
		at += unit;
	return at;
}

/* A page at a time: what follows the string need not be there. */
int cc_walk_put_string(struct cc_walk *walk, uint64_t address, unsigned unit, size_t capacity)
{
	struct cc_buffer text = {0};
	int status = 0;

	if (capacity > CC_RECORD_MAX)
		capacity = CC_RECORD_MAX;
	if (walk->memory == &cc_own_memory) {
		const uint8_t *own = (const uint8_t *)(uintptr_t)address;

		cc_walk_put_blob(walk, own, cc_string_length(own, capacity, unit));
		return 0;
	}
	while (text.length < capacity) {
		size_t chunk = PAGE - ((address + text.length) & (PAGE - 1));
		size_t found;

		if (chunk > capacity - text.length)
			chunk = capacity - text.length;
		status = cc_walk_read(walk, address + text.length, cc_buffer_reserve(&text, chunk),
				      chunk);
		if (status)
			break;
		found = cc_string_length(text.data + text.length, chunk, unit);
		text.length += found;
		if (found < chunk)
			break;
	}
	if (!status)
		cc_walk_put_blob(walk, text.data, text.length);
	cc_buffer_free(&text);
	return status;
}

/* ---- what is logged ---- */

int cc_walk_get_blob(struct cc_walk *walk, const uint8_t **data, size_t *length)
{
	uint64_t lead = cc_get_u(walk->cursor);

	*data = NULL;
	*length = 0;
	if (walk->cursor->bad)
		return CC_MALFORMED;
	if (!lead)
		return 0;
	if (lead == 1)
		*data = walk->reader ? cc_log_get_blob(walk->reader, walk->cursor, length) : NULL;
	else if ((*data = cc_get_bytes(walk->cursor, lead - 2)))
		*length = lead - 2;
	return *data ? 1 : CC_MALFORMED;
}

int cc_walk_get_pieces(struct cc_walk *walk, struct cc_pieces *pieces)
{
	struct cc_cursor ahead = *walk->cursor;
	int got;

	*pieces = (struct cc_pieces){0};
	if (cc_get_u(&ahead) != CC_IN_PIECES) {
		got = cc_walk_get_blob(walk, &pieces->data, &pieces->length);
	} else {
		pieces->length = cc_get_u(&ahead);
		*walk->cursor = ahead;
		got = ahead.bad || !walk->reader || pieces->length > CC_DATA_MAX ? CC_MALFORMED : 1;
	}
	pieces->left = pieces->length;
	return got;
}

int cc_walk_next_piece(struct cc_walk *walk, struct cc_pieces *pieces, const uint8_t **data,
		       size_t *length)
{
	if (!pieces->left)
		return 0;
	*data = pieces->data;
	*length = pieces->length;
	if (!*data)
		*data = cc_log_get_blob(walk->reader, walk->cursor, length);
	if (!*data || !*length || *length > pieces->left)
		return CC_MALFORMED;
	pieces->left -= *length;
	return 1;
}

int cc_walk_get_count(struct cc_walk *walk, uint64_t *count)
{
	uint64_t lead = cc_get_u(walk->cursor);

	*count = lead ? lead - 1 : 0;
	/* Each element takes a byte at least: a record has no more of them than that. */
	if (walk->cursor->bad || *count > CC_VECTOR_MAX ||
	    *count > (size_t)(walk->cursor->end - walk->cursor->at))
		return CC_MALFORMED;
	return lead != 0;
}
