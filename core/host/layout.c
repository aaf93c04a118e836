/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walking structs by their layout. A struct without pointers, or an array of them, lies in the
 * program's memory. A graph is a struct with pointers: its strings go where the C library would
 * have put them, into a buffer of the program's or, for a result, into memory of ours.
 */
#include "core/host/layout.h"

#include <signal.h>
#include <string.h>

#include "core/host/layout-walk.h"

/* memcpy, without a call for the sizes that numbers have. */
static void copy_number(void *to, const void *from, size_t width)
{
	switch (width) {
	case 8:
		memcpy(to, from, 8);
		break;
	case 4:
		memcpy(to, from, 4);
		break;
	default:
		memcpy(to, from, width);
	}
}

static uint64_t load(const uint8_t *raw, const struct cc_field *field)
{
	uint64_t value = 0;

	copy_number(&value, raw + field->offset, field->width);
	if (field->type == CC_FIELD_S && field->width < 8) {
		unsigned shift = 64 - 8 * field->width;

		value = (uint64_t)((int64_t)(value << shift) >> shift);
	}
	return value;
}

static void put_number(struct cc_walk *walk, const struct cc_field *field, uint64_t value,
		       const uint64_t *values)
{
	if (field->type == CC_FIELD_DELTA)
		cc_put_s(walk->out, (int64_t)(value - values[field->base]));
	else if (field->type == CC_FIELD_S)
		cc_put_s(walk->out, (int64_t)value);
	else
		cc_put_u(walk->out, value);
}

/* ---- encoding ---- */

static int put_string_at(struct cc_walk *walk, uint64_t pointer)
{
	if (pointer)
		return cc_walk_put_string(walk, pointer, 1, SIZE_MAX);
	cc_put_u(walk->out, 0);
	return 0;
}

/* A NULL-terminated vector: of strings (width 0), or of addresses of `width` bytes. */
static int put_vector(struct cc_walk *walk, uint64_t vector, uint64_t width)
{
	uint64_t count = 0, pointer;

	if (!vector) {
		cc_put_u(walk->out, 0);
		return 0;
	}
	for (;; count++) {
		if (count == CC_VECTOR_MAX || cc_walk_read_u64(walk, vector + count * 8, &pointer))
			return -1;
		if (!pointer)
			break;
	}
	cc_put_u(walk->out, count + 1);
	for (uint64_t i = 0; i < count; i++) {
		if (cc_walk_read_u64(walk, vector + i * 8, &pointer))
			return -1;
		if (width ? cc_walk_put_memory(walk, pointer, width) : put_string_at(walk, pointer))
			return -1;
	}
	return 0;
}

static int put_buffer(struct cc_walk *walk, uint64_t pointer, uint64_t length)
{
	if (length > CC_RECORD_MAX)
		return -1;
	if (pointer)
		return cc_walk_put_memory(walk, pointer, length);
	cc_put_u(walk->out, 0);
	return 0;
}

static int put_field(struct cc_walk *walk, const struct cc_layout *layout,
		     const struct cc_field *field, uint64_t address, const uint8_t *raw,
		     uint64_t *values)
{
	uint64_t *value = &values[field - layout->fields];
	const uint8_t *at = raw + field->offset;

	switch ((enum cc_field_type)field->type) {
	case CC_FIELD_BYTES:
		cc_put_bytes(walk->out, at, field->width);
		return 0;
	case CC_FIELD_CHARS:
		if (layout->open && field->offset >= layout->size)
			return cc_walk_put_string(walk, address + field->offset, 1, field->width);
		cc_walk_put_blob(walk, at, strnlen((const char *)at, field->width));
		return 0;
	case CC_FIELD_STRING:
	case CC_FIELD_ZONE:
		return put_string_at(walk, load(raw, field));
	case CC_FIELD_STRINGS:
		return put_vector(walk, load(raw, field), 0);
	case CC_FIELD_ADDRS:
		if (values[field->base] == 0 || values[field->base] > CC_INLINE_MAX)
			return -1;
		return put_vector(walk, load(raw, field), values[field->base]);
	case CC_FIELD_BUFFER:
		return put_buffer(walk, load(raw, field), load(raw, &layout->fields[field->base]));
	case CC_FIELD_COMMAND:
		if (walk->direction == CC_IN)
			return put_buffer(walk, load(raw, field), sizeof(uint32_t));
		return put_buffer(walk, load(raw, field),
				  cc_ethtool_size(walk->memory, load(raw, field)));
	default:
		*value = load(raw, field);
		put_number(walk, field, *value, values);
	}
	return 0;
}

static int put_struct(struct cc_walk *walk, const struct cc_layout *layout, uint64_t address)
{
	uint64_t values[CC_FIELDS_MAX];
	uint8_t raw[CC_LAYOUT_MAX];

	if (cc_walk_read(walk, address, raw, layout->size))
		return -1;
	for (unsigned i = 0; i < layout->count; i++)
		if ((layout->fields[i].directions & walk->direction) &&
		    put_field(walk, layout, &layout->fields[i], address, raw, values))
			return -1;
	return 0;
}

static int encode(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	const struct cc_layout *layout = cc_layout_of(item);
	size_t start = walk->out->length, length, count;
	int exact, status = 0;

	if (!value) {
		cc_put_u(walk->out, 0);
		return 0;
	}
	if (cc_item_length(walk, item, &length, &exact))
		return -1;
	count = length / layout->size;
	cc_put_u(walk->out, count + 1);
	for (size_t i = 0; i < count && !status; i++)
		status = put_struct(walk, layout, value + i * layout->size);
	if (status && item->optional) { /* a page that nobody has touched: it was left as it is */
		walk->out->length = start;
		cc_put_u(walk->out, 0);
		return 0;
	}
	return status;
}

/* ---- comparing ---- */

static int same_handler(uint64_t then, uint64_t now)
{
	uint64_t ignore = (uintptr_t)SIG_IGN;

	return then == now || (then > ignore && now > ignore);
}

/* What stands behind a name's end means nothing. */
static int compare_chars(struct cc_walk *walk, const struct cc_field *field, const uint8_t *live)
{
	const uint8_t *then;
	size_t length;

	if (cc_walk_get_blob(walk, &then, &length) <= 0)
		return CC_MALFORMED;
	return length == strnlen((const char *)live, field->width) && !memcmp(live, then, length)
		       ? 0
		       : CC_DIFFERS;
}

/* 1: there is one on both sides, to be compared; else what is to be said. */
static int both_there(struct cc_walk *walk, uint64_t live, const uint8_t **then, size_t *length)
{
	int got = cc_walk_get_blob(walk, then, length);

	if (got <= 0 || !live)
		return got < 0 ? got : !got == !live ? 0 : CC_DIFFERS;
	return 1;
}

static int compare_command(struct cc_walk *walk, uint64_t live)
{
	const uint8_t *then;
	size_t length;
	int there = both_there(walk, live, &then, &length);

	if (there <= 0)
		return there;
	if (length != sizeof(uint32_t))
		return CC_MALFORMED;
	return memcmp((const void *)(uintptr_t)live, then, length) ? CC_DIFFERS : 0;
}

static int compare_string(struct cc_walk *walk, uint64_t live)
{
	const uint8_t *then;
	size_t length;
	int there = both_there(walk, live, &then, &length);

	if (there <= 0)
		return there;
	return cc_string_equals(live, then, length, 1) ? 0 : CC_DIFFERS;
}

static int compare_field(struct cc_walk *walk, const struct cc_layout *layout,
			 const struct cc_field *field, const uint8_t *live, uint64_t *values)
{
	uint64_t *then = &values[field - layout->fields];
	const uint8_t *bytes;

	if (field->type == CC_FIELD_BYTES) {
		bytes = cc_get_bytes(walk->cursor, field->width);
		if (!bytes)
			return CC_MALFORMED;
		return memcmp(bytes, live + field->offset, field->width) ? CC_DIFFERS : 0;
	}
	if (field->type == CC_FIELD_CHARS)
		return compare_chars(walk, field, live + field->offset);
	if (field->type == CC_FIELD_COMMAND)
		return compare_command(walk, load(live, field));
	if (field->type == CC_FIELD_STRING)
		return compare_string(walk, load(live, field));
	if (field->type > CC_FIELD_CHARS)
		return CC_MALFORMED; /* nothing that goes in has vectors behind pointers */
	*then = cc_layout_number(walk, field, values);
	if (field->type == CC_FIELD_ADDR)
		return 0;
	if (field->type == CC_FIELD_HANDLER)
		return same_handler(*then, load(live, field)) ? 0 : CC_DIFFERS;
	return *then == load(live, field) ? 0 : CC_DIFFERS;
}

static int compare_struct(struct cc_walk *walk, const struct cc_layout *layout, const uint8_t *live)
{
	uint64_t values[CC_FIELDS_MAX];

	for (unsigned i = 0; i < layout->count; i++) {
		int status;

		if (!(layout->fields[i].directions & CC_IN))
			continue;
		status = compare_field(walk, layout, &layout->fields[i], live, values);
		if (status)
			return status;
	}
	return 0;
}

static int compare(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	const struct cc_layout *layout = cc_layout_of(item);
	uint64_t count;
	size_t length;
	int exact, got = cc_walk_get_count(walk, &count);

	if (got < 0)
		return got;
	if (!got || !value)
		return !got == !value ? 0 : CC_DIFFERS;
	if (cc_item_length(walk, item, &length, &exact) || count != length / layout->size)
		return CC_DIFFERS;
	for (uint64_t i = 0; i < count; i++) {
		int status = compare_struct(walk, layout,
					    (const uint8_t *)(uintptr_t)value + i * layout->size);

		if (status)
			return status;
	}
	return 0;
}

/* ---- serving ---- */

/* A copy in the graph's memory: 0, and NULL where NULL was logged. `width` 0: any length. */
static int serve_copy(struct cc_walk *walk, uint64_t width, uint8_t **copy)
{
	const uint8_t *data;
	size_t length;
	int got = cc_walk_get_blob(walk, &data, &length);

	*copy = NULL;
	if (got < 0 || (width && length != width))
		return CC_MALFORMED;
	if (!got)
		return 0;
	*copy = cc_walk_allocate(walk, width ? width : length + 1, width ? 8 : 1);
	if (!*copy)
		return CC_MALFORMED;
	memcpy(*copy, data, length);
	if (!width)
		(*copy)[length] = 0;
	return 0;
}

static int serve_vector(struct cc_walk *walk, uint64_t width, uint8_t **vector)
{
	uint64_t count;
	uint8_t **element;
	int got = cc_walk_get_count(walk, &count);

	*vector = NULL;
	if (got < 0)
		return got;
	if (!got)
		return 0;
	*vector = cc_walk_allocate(walk, (count + 1) * sizeof(*element), sizeof(*element));
	if (!*vector)
		return CC_MALFORMED;
	element = (uint8_t **)*vector;
	for (uint64_t i = 0; i < count; i++)
		if (serve_copy(walk, width, &element[i]) || !element[i])
			return CC_MALFORMED;
	element[count] = NULL;
	return 0;
}

/* Strings in the struct itself: struct dirent, struct utsname. */
static int serve_chars(struct cc_walk *walk, const struct cc_field *field, uint8_t *to)
{
	const uint8_t *data;
	size_t length;

	if (cc_walk_get_blob(walk, &data, &length) <= 0 || length > field->width ||
	    (to < walk->arena_end && length >= (size_t)(walk->arena_end - to)))
		return CC_MALFORMED;
	memcpy(to, data, length);
	if (length < field->width)
		to[length] = 0;
	return 0;
}

static int serve_zone(struct cc_walk *walk, const char **zone)
{
	const uint8_t *data;
	size_t length;
	int got = cc_walk_get_blob(walk, &data, &length);

	*zone = got > 0 ? cc_zone_name(data, length) : NULL;
	return got < 0 || (got && !*zone) ? CC_MALFORMED : 0;
}

/* Into the program's own buffer, of `room` bytes. */
static int serve_buffer(struct cc_walk *walk, uint8_t *to, uint64_t room)
{
	const uint8_t *data;
	size_t length;
	int got = cc_walk_get_blob(walk, &data, &length);

	if (got < 0 || !got != !to || (got && length > room))
		return CC_MALFORMED;
	if (got)
		memcpy(to, data, length);
	return 0;
}

static int serve_field(struct cc_walk *walk, const struct cc_layout *layout,
		       const struct cc_field *field, uint8_t *live, uint64_t *values)
{
	uint64_t *value = &values[field - layout->fields];
	uint8_t *to = live + field->offset;
	const void *from = value;
	uint8_t *copy;
	int status = 0;

	switch ((enum cc_field_type)field->type) {
	case CC_FIELD_BYTES:
		from = cc_get_bytes(walk->cursor, field->width);
		status = from ? 0 : CC_MALFORMED;
		break;
	case CC_FIELD_CHARS:
		return serve_chars(walk, field, to);
	case CC_FIELD_STRING:
		status = serve_copy(walk, 0, &copy);
		from = &copy;
		break;
	case CC_FIELD_STRINGS:
		status = serve_vector(walk, 0, &copy);
		from = &copy;
		break;
	case CC_FIELD_ADDRS:
		if (!values[field->base])
			return CC_MALFORMED;
		status = serve_vector(walk, values[field->base], &copy);
		from = &copy;
		break;
	case CC_FIELD_ZONE:
		status = serve_zone(walk, (const char **)&copy);
		from = &copy;
		break;
	case CC_FIELD_COMMAND:
		copy = (uint8_t *)(uintptr_t)load(live, field);
		return serve_buffer(walk, copy,
				    copy ? cc_ethtool_size(&cc_own_memory, (uintptr_t)copy) : 0);
	case CC_FIELD_BUFFER:
		return serve_buffer(walk, (uint8_t *)(uintptr_t)load(live, field),
				    load(live, &layout->fields[field->base]));
	default:
		*value = cc_layout_number(walk, field, values);
	}
	if (!status)
		copy_number(to, from, field->width);
	return status;
}

static int serve_struct(struct cc_walk *walk, const struct cc_layout *layout, uint8_t *live)
{
	uint64_t values[CC_FIELDS_MAX];

	if (layout->whole)
		memset(live, 0, layout->size);
	for (unsigned i = 0; i < layout->count; i++)
		if ((layout->fields[i].directions & CC_OUT) &&
		    serve_field(walk, layout, &layout->fields[i], live, values))
			return CC_MALFORMED;
	return 0;
}

static int serve(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	const struct cc_layout *layout = cc_layout_of(item);
	uint64_t count;
	size_t length;
	int exact, got = cc_walk_get_count(walk, &count);

	if (got < 0 || (got && !value) || (!got && value && !item->optional))
		return CC_MALFORMED;
	if (!got)
		return 0;
	if (cc_item_length(walk, item, &length, &exact) || count > length / layout->size ||
	    (exact && count != length / layout->size))
		return CC_MALFORMED;
	for (uint64_t i = 0; i < count; i++)
		if (serve_struct(walk, layout, (uint8_t *)(uintptr_t)value + i * layout->size))
			return CC_MALFORMED;
	return 0;
}

const struct cc_shape cc_shape_layout = {
	.encode = encode,
	.compare = compare,
	.serve = serve,
	.show = cc_layout_show,
};

/* ---- graphs ---- */

/* The *_r functions fill in their struct only when they store its address as their result. */
static int not_found(struct cc_walk *walk)
{
	for (unsigned i = 0; i < walk->call->nargs; i++) {
		uint64_t result = 1;

		if (walk->call->arg[i].kind == CC_ITEM_PTROUT && walk->args[i])
			return cc_walk_read_u64(walk, walk->args[i], &result) || !result;
	}
	return 0;
}

static int encode_graph(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	int there = value && (item == &walk->call->ret || !not_found(walk));

	cc_put_u(walk->out, (uint64_t)there);
	return there ? put_struct(walk, cc_layout_of(item), value) : 0;
}

uint8_t *cc_graph_storage(struct cc_walk *walk, const struct cc_item *item)
{
	const struct cc_layout *layout = cc_layout_of(item);
	const struct cc_field *last = &layout->fields[layout->count - 1];
	size_t size = layout->open ? (size_t)last->offset + last->width : layout->size;
	uint8_t *slot = cc_storage_slot(walk->call);

	cc_walk_arena(walk, (uintptr_t)slot, CC_STORAGE_SIZE);
	cc_walk_allocate(walk, size, 8);
	return cc_storage(walk->call, (uint64_t)walk->ret, size);
}

static int serve_graph(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	const struct cc_layout *layout = cc_layout_of(item);
	uint64_t there = cc_get_u(walk->cursor);

	if (walk->cursor->bad || (there && !value))
		return CC_MALFORMED;
	if (!there)
		return 0;
	if (item == &walk->call->ret) {
		/* The last entry of an object's memory is shorter than its field. */
		if (item->length_arg != CC_NOARG && !cc_walk_allocate(walk, layout->size, 1))
			return CC_MALFORMED;
	} else {
		const struct cc_item *size = &walk->call->arg[item->length_arg + 1];

		cc_walk_arena(walk, walk->args[item->length_arg],
			      cc_item_number(size, walk->args[item->length_arg + 1]));
	}
	return serve_struct(walk, layout, (uint8_t *)(uintptr_t)value);
}

const struct cc_shape cc_shape_graph = {
	.encode = encode_graph,
	.serve = serve_graph,
	.show = cc_graph_show,
};
