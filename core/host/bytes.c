/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Buffers of bytes, in and out. */
#include "core/host/walk.h"

#include <string.h>

static int encode(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	size_t length;
	int exact;

	if (!value) {
		cc_put_u(walk->out, 0);
		return 0;
	}
	if (cc_item_length(walk, item, &length, &exact) ||
	    (!exact && item->length_source == CC_LEN_SEMS))
		return -1;
	return cc_walk_put_large(walk, value, length);
}

static int same_bytes(const struct cc_item *item, const uint8_t *now, const uint8_t *then,
		      size_t length)
{
	const struct cc_view *view = item->decode ? cc_view_at(item->decode - 1u) : NULL;

	return view && view->same ? view->same(now, then, length) : !memcmp(now, then, length);
}

static int compare(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	const uint8_t *now = (const uint8_t *)(uintptr_t)value, *then;
	struct cc_pieces pieces;
	size_t length;
	int exact, got = cc_walk_get_pieces(walk, &pieces);

	if (got < 0)
		return got;
	if (!got || !value)
		return !got == !value ? 0 : CC_DIFFERS;
	if (cc_item_length(walk, item, &length, &exact) ||
	    (exact ? length != pieces.length : length < pieces.length))
		return CC_DIFFERS;
	while ((got = cc_walk_next_piece(walk, &pieces, &then, &length)) > 0) {
		if (!same_bytes(item, now, then, length))
			return CC_DIFFERS;
		now += length;
	}
	return got;
}

/*
 * The log gives what the call's result says it gives, and never more than the buffer holds.
 */
static int serve(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	uint8_t *to = (uint8_t *)(uintptr_t)value;
	struct cc_pieces pieces;
	const uint8_t *data;
	size_t length;
	int exact, got = cc_walk_get_pieces(walk, &pieces);

	if (got < 0 || !got != !value)
		return CC_MALFORMED;
	if (!got)
		return 0;
	if (cc_item_length(walk, item, &length, &exact) || pieces.length > length ||
	    (exact && pieces.length != length))
		return CC_MALFORMED;
	while ((got = cc_walk_next_piece(walk, &pieces, &data, &length)) > 0) {
		memcpy(to, data, length);
		to += length;
	}
	return got;
}

/* Of what stands in pieces, the first is shown. */
static int show(struct cc_walk *walk, const struct cc_item *item)
{
	struct cc_pieces pieces;
	const uint8_t *data;
	size_t length = 0;
	int got = cc_walk_get_pieces(walk, &pieces), next;

	if (got < 0)
		return got;
	data = pieces.data;
	next = got ? cc_walk_next_piece(walk, &pieces, &data, &length) : 0;
	if (next < 0)
		return next;
	if (!got)
		walk->emit->null(walk->emit, item->name);
	else if (item->decode)
		cc_view_at(item->decode - 1u)->show(walk->emit, item->name, data, length);
	else
		walk->emit->bytes(walk->emit, item->name, data, length);
	while (next > 0)
		next = cc_walk_next_piece(walk, &pieces, &data, &length);
	return next;
}

const struct cc_shape cc_shape_bytes = {
	.encode = encode,
	.compare = compare,
	.serve = serve,
	.show = show,
};
