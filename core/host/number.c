/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Items that are one varint: numbers, addresses, and pointers that come out. */
#include "core/host/walk.h"

#include <malloc.h>
#include <string.h>

static int is_signed(const struct cc_item *item)
{
	return item->kind == CC_ITEM_INT || item->kind == CC_ITEM_LONG;
}

static int is_address(const struct cc_item *item)
{
	return item->kind == CC_ITEM_ADDR || item->kind == CC_ITEM_FILE;
}

static int encode(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	value = cc_item_number(item, value);
	if (is_signed(item))
		cc_put_s(walk->out, (int64_t)value);
	else
		cc_put_u(walk->out, value);
	return 0;
}

static uint64_t logged(struct cc_walk *walk, const struct cc_item *item)
{
	return is_signed(item) ? (uint64_t)cc_get_s(walk->cursor) : cc_get_u(walk->cursor);
}

static int compare(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	uint64_t then = logged(walk, item);

	if (is_address(item)) /* a signal handler: 0 and 1 are not addresses */
		return item->decode && then != value && (then < 2 || value < 2) ? CC_DIFFERS : 0;
	return then == cc_item_number(item, value) ? 0 : CC_DIFFERS;
}

static int show(struct cc_walk *walk, const struct cc_item *item)
{
	uint64_t value = logged(walk, item);

	if (walk->cursor->bad)
		return CC_MALFORMED;
	walk->selector = (int64_t)value;
	if (item >= walk->call->arg && item < walk->call->arg + CC_MAXARGS)
		walk->numbers[item - walk->call->arg] = (int64_t)value;
	if (is_address(item) && !item->decode)
		walk->emit->address(walk->emit, item->name, value);
	else
		walk->emit->number(walk->emit, item->name,
				   item->decode ? cc_names_at(item->decode - 1u) : NULL,
				   (int64_t)value, is_signed(item));
	return 0;
}

const struct cc_shape cc_shape_number = {.encode = encode, .compare = compare, .show = show};

/*
 * A pointer that the call stores through an argument: 0: the argument is NULL, 1: it stored NULL,
 * 2 + n: it stored argument n, which in a replay is somewhere else, OTHER: the address follows.
 */
#define STORED_NULL 1
#define STORED_ARG 2
#define STORED_OTHER (STORED_ARG + CC_MAXARGS)

/* Of memory that the call got from malloc, or that an earlier one did: getdelim's line. */
static int has_content(const struct cc_item *item)
{
	return item->scale != 0;
}

static int encode_pointer(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	uint64_t pointer, what = STORED_OTHER;
	size_t length;
	int exact;

	if (!value) {
		cc_put_u(walk->out, 0);
		return 0;
	}
	if (cc_walk_read_u64(walk, value, &pointer))
		return -1;
	if (!pointer)
		what = STORED_NULL;
	for (unsigned i = 0; pointer && i < walk->call->nargs; i++)
		if (pointer == walk->args[i])
			what = STORED_ARG + i;
	cc_put_u(walk->out, what);
	if (what == STORED_OTHER)
		cc_put_u(walk->out, pointer);
	if (!has_content(item) || !pointer)
		return 0;
	return cc_item_length(walk, item, &length, &exact)
		       ? -1
		       : cc_walk_put_memory(walk, pointer, length);
}

/*
 * How much the block that a log names holds, in place of the one that stood there `before`: none,
 * where it may be anything else.
 */
static size_t room_of(uint64_t block, uint64_t before)
{
	if (block != before && !(cc_storage_block && cc_storage_block(block)))
		return 0;
	return malloc_usable_size((void *)(uintptr_t)block);
}

static int serve_pointer(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	uint64_t what = cc_get_u(walk->cursor);
	uint64_t pointer = 0, before;
	const uint8_t *data;
	size_t length;

	if (walk->cursor->bad || what > STORED_OTHER || !what != !value)
		return CC_MALFORMED;
	if (!value)
		return 0;
	if (what == STORED_OTHER)
		pointer = cc_get_u(walk->cursor);
	else if (what - STORED_ARG < walk->call->nargs)
		pointer = walk->args[what - STORED_ARG];
	else if (what != STORED_NULL)
		return CC_MALFORMED;
	memcpy(&before, (void *)(uintptr_t)value, sizeof(before));
	memcpy((void *)(uintptr_t)value, &pointer, sizeof(pointer));
	if (!has_content(item) || !pointer)
		return 0;
	if (cc_walk_get_blob(walk, &data, &length) <= 0 || length > room_of(pointer, before))
		return CC_MALFORMED;
	memcpy((void *)(uintptr_t)pointer, data, length);
	return 0;
}

static int show_pointer(struct cc_walk *walk, const struct cc_item *item)
{
	uint64_t what = cc_get_u(walk->cursor);
	const uint8_t *data;
	size_t length;

	if (walk->cursor->bad || what > STORED_OTHER)
		return CC_MALFORMED;
	if (what == STORED_OTHER)
		walk->emit->address(walk->emit, item->name, cc_get_u(walk->cursor));
	else if (what == STORED_NULL)
		walk->emit->address(walk->emit, item->name, 0);
	else if (!what)
		walk->emit->null(walk->emit, item->name);
	else if (what - STORED_ARG < walk->call->nargs)
		walk->emit->argument(walk->emit, item->name,
				     walk->call->arg[what - STORED_ARG].name);
	if (!has_content(item) || what <= STORED_NULL)
		return 0;
	if (cc_walk_get_blob(walk, &data, &length) <= 0)
		return CC_MALFORMED;
	walk->emit->bytes(walk->emit, "content", data, length);
	return 0;
}

const struct cc_shape cc_shape_pointer = {
	.encode = encode_pointer,
	.serve = serve_pointer,
	.show = show_pointer,
};
