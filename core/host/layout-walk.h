/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files that walk structs by their layout share (layout.c, layout-show.c). */
#ifndef CC_HOST_LAYOUT_WALK_H
#define CC_HOST_LAYOUT_WALK_H

#include "core/host/layout.h"
#include "core/host/walk.h"

/* A varint. Most numbers of a struct are small: a byte is tried first. */
static inline uint64_t cc_layout_unsigned(struct cc_cursor *cursor)
{
	if (cursor->at < cursor->end && *cursor->at < 0x80)
		return *cursor->at++;
	return cc_get_u(cursor);
}

static inline int64_t cc_layout_signed(struct cc_cursor *cursor)
{
	uint64_t value = cc_layout_unsigned(cursor);

	return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

/* A number of a record: `values` are those of the fields before it. */
static inline uint64_t cc_layout_number(struct cc_walk *walk, const struct cc_field *field,
					const uint64_t *values)
{
	if (field->type == CC_FIELD_DELTA)
		return values[field->base] + (uint64_t)cc_layout_signed(walk->cursor);
	if (field->type == CC_FIELD_S)
		return (uint64_t)cc_layout_signed(walk->cursor);
	return cc_layout_unsigned(walk->cursor);
}

static inline const struct cc_layout *cc_layout_of(const struct cc_item *item)
{
	return cc_layout_at(item->decode - 1u);
}

/* Printing of what a record holds: struct cc_shape's `show`. 0, or CC_MALFORMED. */
int cc_layout_show(struct cc_walk *walk, const struct cc_item *item);
int cc_graph_show(struct cc_walk *walk, const struct cc_item *item);

#endif
