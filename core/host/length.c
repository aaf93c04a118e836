/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long a buffer is: what the row says, applied to a call's arguments and result. */
#include "core/host/walk.h"

uint64_t cc_item_number(const struct cc_item *item, uint64_t value)
{
	switch (item->kind) {
	case CC_ITEM_INT:
		return (uint64_t)(int64_t)(int32_t)value;
	case CC_ITEM_UINT:
		return (uint32_t)value;
	default:
		return value;
	}
}

/* A count that an argument gives; one below zero holds nothing. */
static uint64_t count_of(const struct cc_walk *walk, unsigned arg)
{
	uint64_t value = cc_item_number(&walk->call->arg[arg], walk->args[arg]);

	return (int64_t)value < 0 && walk->call->arg[arg].kind == CC_ITEM_INT ? 0 : value;
}

#define SEMAPHORES_MAX 32000 /* SEMMSL: of a set */

static uint64_t semaphores_of(const struct cc_walk *walk, unsigned arg, int *exact)
{
	const struct cc_memory *memory = walk->memory;
	int64_t count = memory && memory->semaphores
				? memory->semaphores(memory->context, (uint32_t)walk->args[arg])
				: -1;

	*exact = count >= 0 && count <= SEMAPHORES_MAX;
	return *exact ? (uint64_t)count : SEMAPHORES_MAX;
}

/* count elements in bytes; more than the address space is SIZE_MAX. */
static size_t bytes_of(const struct cc_walk *walk, const struct cc_item *item, uint64_t count)
{
	size_t bytes;

	if (item->length_source == CC_LEN_FDSET)
		count = (count + 63) / 64 * 8;
	if (__builtin_mul_overflow(count, item->scale, &bytes))
		return SIZE_MAX;
	if (item->length_times != CC_NOARG &&
	    __builtin_mul_overflow(bytes, count_of(walk, item->length_times), &bytes))
		return SIZE_MAX;
	if (__builtin_add_overflow(bytes, item->length_plus, &bytes))
		return SIZE_MAX;
	return bytes;
}

size_t cc_item_capacity(const struct cc_walk *walk, const struct cc_item *item)
{
	switch (item->length_source) {
	case CC_LEN_CONST:
		return item->scale;
	case CC_LEN_AT_ARG:
		return bytes_of(walk, item, walk->before ? walk->before[item->length_arg] : 0);
	default:
		return bytes_of(walk, item, count_of(walk, item->length_arg));
	}
}

static int length_of_result(const struct cc_walk *walk, const struct cc_item *item, size_t capacity,
			    size_t *length)
{
	*length = bytes_of(walk, item, walk->ret < 0 ? 0 : (uint64_t)walk->ret);
	if (*length <= capacity)
		return 0;
	*length = capacity;
	return item->may_exceed ? 0 : -1;
}

/* The kernel says in the length's own argument how much it wrote, or would have written. */
static int length_at_argument(const struct cc_walk *walk, const struct cc_item *item,
			      size_t capacity, size_t *length, int *exact)
{
	uint32_t after = 0;

	*length = capacity;
	if (!walk->memory || walk->direction == CC_IN) {
		*exact = walk->memory != NULL;
		return 0;
	}
	if (walk->args[item->length_arg] &&
	    walk->memory->read(walk->memory->context, walk->args[item->length_arg], &after,
			       sizeof(after)))
		return -1;
	*length = bytes_of(walk, item, after);
	if (*length > capacity)
		*length = capacity;
	return 0;
}

int cc_item_length(const struct cc_walk *walk, const struct cc_item *item, size_t *length,
		   int *exact)
{
	size_t capacity = cc_item_capacity(walk, item);
	int status = 0;

	*exact = 1;
	if (item->length_source == CC_LEN_SEMS)
		*length = bytes_of(walk, item, semaphores_of(walk, item->length_arg, exact));
	else if (item->length_source == CC_LEN_RET)
		status = length_of_result(walk, item, capacity, length);
	else if (item->length_source == CC_LEN_AT_ARG)
		status = length_at_argument(walk, item, capacity, length, exact);
	else
		*length = capacity;
	return status || *length > CC_DATA_MAX ? -1 : 0;
}
