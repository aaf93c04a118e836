/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Structs as a record holds them, field by field, for whoever prints a log. */
#include "core/host/layout-walk.h"

static int show_blob(struct cc_walk *walk, const char *name)
{
	const uint8_t *data;
	size_t length;
	int got = cc_walk_get_blob(walk, &data, &length);

	if (got < 0)
		return got;
	if (got)
		walk->emit->bytes(walk->emit, name, data, length);
	else
		walk->emit->null(walk->emit, name);
	return 0;
}

static int show_vector(struct cc_walk *walk, const char *name)
{
	uint64_t count;
	int got = cc_walk_get_count(walk, &count);

	if (got < 0)
		return got;
	walk->emit->open(walk->emit, name, '[');
	for (uint64_t i = 0; i < count; i++)
		if (show_blob(walk, ""))
			return CC_MALFORMED;
	walk->emit->close(walk->emit, ']');
	return 0;
}

static int show_field(struct cc_walk *walk, const struct cc_layout *layout,
		      const struct cc_field *field, const char *name, uint64_t *values)
{
	uint64_t *value = &values[field - layout->fields];
	const uint8_t *bytes;

	switch ((enum cc_field_type)field->type) {
	case CC_FIELD_BYTES:
		bytes = cc_get_bytes(walk->cursor, field->width);
		if (!bytes)
			return CC_MALFORMED;
		walk->emit->bytes(walk->emit, name, bytes, field->width);
		return 0;
	case CC_FIELD_CHARS:
	case CC_FIELD_STRING:
	case CC_FIELD_ZONE:
	case CC_FIELD_BUFFER:
	case CC_FIELD_COMMAND:
		return show_blob(walk, name);
	case CC_FIELD_STRINGS:
	case CC_FIELD_ADDRS:
		return show_vector(walk, name);
	default:
		*value = cc_layout_number(walk, field, values);
	}
	if (field->type == CC_FIELD_ADDR || (field->type == CC_FIELD_HANDLER && *value > 1))
		walk->emit->address(walk->emit, name, *value);
	else
		walk->emit->number(walk->emit, name,
				   field->names ? cc_names_find(field->names) : NULL,
				   (int64_t)*value, field->type != CC_FIELD_U);
	return walk->cursor->bad ? CC_MALFORMED : 0;
}

static int show_struct(struct cc_walk *walk, const struct cc_layout *layout, const char *name)
{
	struct cc_emit *emit = walk->emit;
	uint64_t values[CC_FIELDS_MAX];
	int single = layout->count == 1;

	if (!single)
		emit->open(emit, name, '{');
	for (unsigned i = 0; i < layout->count; i++) {
		const struct cc_field *field = &layout->fields[i];

		if (!(field->directions & walk->direction))
			continue;
		emit->quiet += emit->brief && !field->brief;
		if (show_field(walk, layout, field, single ? name : field->name, values))
			return CC_MALFORMED;
		emit->quiet -= emit->brief && !field->brief;
	}
	if (!single)
		emit->close(emit, '}');
	return 0;
}

int cc_layout_show(struct cc_walk *walk, const struct cc_item *item)
{
	const struct cc_layout *layout = cc_layout_of(item);
	uint64_t count;
	int got = cc_walk_get_count(walk, &count);
	int list = item->length_source != CC_LEN_CONST || item->scale != layout->size;

	if (got < 0 || (!list && count != (uint64_t)got))
		return CC_MALFORMED;
	if (!got) {
		walk->emit->null(walk->emit, item->name);
		return 0;
	}
	if (list)
		walk->emit->open(walk->emit, item->name, '[');
	for (uint64_t i = 0; i < count; i++)
		if (show_struct(walk, layout, item->name))
			return CC_MALFORMED;
	if (list)
		walk->emit->close(walk->emit, ']');
	return 0;
}

int cc_graph_show(struct cc_walk *walk, const struct cc_item *item)
{
	uint64_t there = cc_get_u(walk->cursor);

	if (walk->cursor->bad)
		return CC_MALFORMED;
	if (there)
		return show_struct(walk, cc_layout_of(item), item->name);
	walk->emit->null(walk->emit, item->name);
	return 0;
}
