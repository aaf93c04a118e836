/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Vectors of strings: argv and envp, and the variadic strings of execl. In only. */
#include "core/host/walk.h"

#include <string.h>

static int first_variadic(const struct cc_walk *walk, const struct cc_item *item)
{
	return (int)(item - walk->call->arg);
}

/* Element `index` as an address, 0 behind the last. */
static int element(struct cc_walk *walk, const struct cc_item *item, uint64_t value, uint64_t index,
		   uint64_t *address)
{
	if (item->kind == CC_ITEM_STRV)
		return cc_walk_read_u64(walk, value + index * sizeof(uint64_t), address);
	index += (uint64_t)first_variadic(walk, item);
	*address = index < CC_MAXARGS ? walk->args[index] : 0;
	return 0;
}

static int count(struct cc_walk *walk, const struct cc_item *item, uint64_t value, uint64_t *found)
{
	uint64_t address;

	for (*found = 0; *found < CC_VECTOR_MAX; ++*found) {
		if (element(walk, item, value, *found, &address))
			return -1;
		if (!address)
			return 0;
	}
	return -1;
}

static int encode(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	uint64_t total, address;

	if (!value && item->kind == CC_ITEM_STRV) {
		cc_put_u(walk->out, 0);
		return 0;
	}
	if (count(walk, item, value, &total))
		return -1;
	cc_put_u(walk->out, total + 1);
	for (uint64_t i = 0; i < total; i++)
		if (element(walk, item, value, i, &address) ||
		    cc_walk_put_string(walk, address, 1, SIZE_MAX))
			return -1;
	return 0;
}

static int compare_one(struct cc_walk *walk, uint64_t address)
{
	const uint8_t *then;
	size_t length;
	int got = cc_walk_get_blob(walk, &then, &length);

	if (got <= 0)
		return CC_MALFORMED;
	return address && cc_string_equals(address, then, length, 1) ? 0 : CC_DIFFERS;
}

static int compare(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	uint64_t total, address;
	int got = cc_walk_get_count(walk, &total);

	if (got < 0)
		return got;
	if (item->kind == CC_ITEM_STRV && (!got || !value))
		return !got == !value ? 0 : CC_DIFFERS;
	for (uint64_t i = 0; i < total; i++) {
		int status;

		if (element(walk, item, value, i, &address))
			return CC_DIFFERS;
		status = compare_one(walk, address);
		if (status)
			return status;
	}
	return element(walk, item, value, total, &address) || address ? CC_DIFFERS : 0;
}

static int show(struct cc_walk *walk, const struct cc_item *item)
{
	uint64_t total;
	int got = cc_walk_get_count(walk, &total);

	if (got < 0)
		return got;
	if (!got) {
		walk->emit->null(walk->emit, item->name);
		return 0;
	}
	walk->emit->open(walk->emit, item->name, '[');
	for (uint64_t i = 0; i < total; i++) {
		const uint8_t *data;
		size_t length;

		if (cc_walk_get_blob(walk, &data, &length) <= 0)
			return CC_MALFORMED;
		walk->emit->bytes(walk->emit, "", data, length);
	}
	walk->emit->close(walk->emit, ']');
	return 0;
}

const struct cc_shape cc_shape_strings = {.encode = encode, .compare = compare, .show = show};
