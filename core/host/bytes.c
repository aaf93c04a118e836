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
	if (cc_item_length(walk, item, &length, &exact))
		return -1;
	return cc_walk_put_memory(walk, value, length);
}

static int same_bytes(const struct cc_item *item, const uint8_t *now, const uint8_t *then, size_t length)
{
	const struct cc_view *view = item->decode ? cc_view_at(item->decode - 1u) : NULL;

	return view && view->same ? view->same(now, then, length) : !memcmp(now, then, length);
}

static int compare(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	const uint8_t *then;
	size_t logged, length;
	int exact, got = cc_walk_get_blob(walk, &then, &logged);

	if (got < 0)
		return got;
	if (!got || !value)
		return !got == !value ? 0 : CC_DIFFERS;
	if (cc_item_length(walk, item, &length, &exact) || length != logged)
		return CC_DIFFERS;
	return same_bytes(item, (const uint8_t *)(uintptr_t)value, then, length) ? 0 : CC_DIFFERS;
}

/*
 * The log gives what the call's result says it gives, and never more than the buffer holds.
 */
static int serve(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	const uint8_t *data;
	size_t logged, length;
	int exact, got = cc_walk_get_blob(walk, &data, &logged);

	if (got < 0 || !got != !value)
		return CC_MALFORMED;
	if (!got)
		return 0;
	if (cc_item_length(walk, item, &length, &exact) || logged > length ||
	    (exact && logged != length))
		return CC_MALFORMED;
	memcpy((void *)(uintptr_t)value, data, logged);
	return 0;
}

static int show(struct cc_walk *walk, const struct cc_item *item)
{
	const uint8_t *data;
	size_t length;
	int got = cc_walk_get_blob(walk, &data, &length);

	if (got < 0)
		return got;
	if (!got)
		walk->emit->null(walk->emit, item->name);
	else if (item->decode)
		cc_view_at(item->decode - 1u)->show(walk->emit, item->name, data, length);
	else
		walk->emit->bytes(walk->emit, item->name, data, length);
	return 0;
}

const struct cc_shape cc_shape_bytes = {
	.encode = encode,
	.compare = compare,
	.serve = serve,
	.show = show,
};
