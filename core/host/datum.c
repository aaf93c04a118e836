/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A number that a call leaves in a variable of the C library's: the item is called as that is. It
 * stands behind the arguments.
 */
#include "core/host/walk.h"

#include <error.h>
#include <string.h>
#include <time.h>

static int *own(const char *name)
{
	static const struct {
		const char *name;
		void *address;
	} data[] = {{"getdate_err", &getdate_err}, {"error_message_count", &error_message_count}};

	for (size_t i = 0; i < sizeof(data) / sizeof(*data); i++)
		if (!strcmp(data[i].name, name))
			return data[i].address;
	return NULL;
}

/* Where the process that makes the call has it; 0: not known. */
static uint64_t address_of(const struct cc_memory *memory, const char *name)
{
	if (memory == &cc_own_memory)
		return (uintptr_t)own(name);
	if (!memory->symbol)
		return 0;
	return memory->symbol(memory->context, name);
}

static int encode(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	uint64_t address = address_of(walk->memory, item->name);
	int32_t number;

	if (!address || cc_walk_read(walk, address, &number, sizeof(number)))
		return -1;
	cc_put_u(walk->out, 1);
	cc_put_s(walk->out, number);
	return 0;
}

static int serve(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	int *datum = own(item->name);

	if (cc_get_u(walk->cursor) != 1 || !datum)
		return CC_MALFORMED;
	*datum = (int)cc_get_s(walk->cursor);
	return 0;
}

static int show(struct cc_walk *walk, const struct cc_item *item)
{
	if (cc_get_u(walk->cursor) != 1)
		return CC_MALFORMED;
	walk->emit->number(walk->emit, item->name, NULL, cc_get_s(walk->cursor), 1);
	return 0;
}

const struct cc_shape cc_shape_datum = {.encode = encode, .serve = serve, .show = show};
