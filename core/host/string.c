/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strings, of bytes or of wide characters: in, out, changed in place, and as results. */
#include "core/host/walk.h"

#include <string.h>

/* `data` may hold anything: not a byte behind the live string's end is looked at. */
int cc_string_equals(uint64_t live, const uint8_t *data, size_t length, unsigned unit)
{
	const uint8_t *text = (const uint8_t *)(uintptr_t)live;

	return cc_string_length(text, length + unit, unit) == length && !memcmp(text, data, length);
}

/* What a string that comes out may use of its buffer. */
static size_t capacity_of(const struct cc_walk *walk, const struct cc_item *item)
{
	return item->kind == CC_ITEM_STROUT ? cc_item_capacity(walk, item) : CC_RECORD_MAX;
}

static int encode(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	/* A result that is one of the arguments is logged there. */
	int elsewhere = item == &walk->call->ret && item->length_arg != CC_NOARG &&
			walk->args[item->length_arg];

	if (!value || elsewhere) {
		cc_put_u(walk->out, 0);
		return 0;
	}
	return cc_walk_put_string(walk, value, item->unit, capacity_of(walk, item));
}

static int compare(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	const uint8_t *then;
	size_t length;
	int got = cc_walk_get_blob(walk, &then, &length);

	if (got < 0)
		return got;
	if (!got || !value)
		return !got == !value ? 0 : CC_DIFFERS;
	return cc_string_equals(value, then, length, item->unit) ? 0 : CC_DIFFERS;
}

static void store(uint8_t *to, const uint8_t *data, size_t length, size_t capacity, unsigned unit)
{
	memcpy(to, data, length);
	if (capacity - length >= unit)
		memset(to + length, 0, unit);
}

static int serve(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	const uint8_t *data;
	size_t length, capacity;
	int got = cc_walk_get_blob(walk, &data, &length);

	if (got < 0 || length % item->unit)
		return CC_MALFORMED;
	if (item == &walk->call->ret) { /* absent: it stands in an argument */
		value = (uintptr_t)cc_storage(walk->call, (uint64_t)walk->ret, length + item->unit);
		capacity = value ? length : 0;
	} else if (!got != !value) {
		return CC_MALFORMED;
	} else if (item->kind == CC_ITEM_STRINOUT) {
		capacity = value ? strlen((const char *)(uintptr_t)value) : 0;
	} else {
		capacity = cc_item_capacity(walk, item);
	}
	if (length > capacity)
		return CC_MALFORMED;
	if (got)
		store((uint8_t *)(uintptr_t)value, data, length,
		      item == &walk->call->ret ? length + item->unit : capacity, item->unit);
	return 0;
}

static int show(struct cc_walk *walk, const struct cc_item *item)
{
	const uint8_t *data;
	size_t length;
	int got = cc_walk_get_blob(walk, &data, &length);

	if (got < 0)
		return got;
	if (!got && item == &walk->call->ret && item->length_arg != CC_NOARG)
		walk->emit->argument(walk->emit, item->name,
				     walk->call->arg[item->length_arg].name);
	else if (!got)
		walk->emit->null(walk->emit, item->name);
	else if (item->unit == 4)
		cc_view_wide(walk->emit, item->name, data, length);
	else
		walk->emit->bytes(walk->emit, item->name, data, length);
	return 0;
}

const struct cc_shape cc_shape_string = {
	.encode = encode,
	.compare = compare,
	.serve = serve,
	.show = show,
};
