/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory for results that the C library keeps in its own: at the address where the run's library
 * had it, which is free in a replay. Then all is as it was: what overwrites what, and what stays.
 * Where that cannot be, most rows have a place that their next call overwrites, and some share one.
 */
#include "core/host/walk.h"

#include <stdlib.h>
#include <string.h>

#define STORED_ROWS 80

static struct {
	_Alignas(16) uint8_t slots[STORED_ROWS][CC_STORAGE_SIZE];
	char names[STORED_ROWS][16];
	unsigned taken;
	uint8_t *served;
} storage;

unsigned cc_storage_take(const char *name)
{
	for (unsigned i = 0; name && i < storage.taken; i++)
		if (!strcmp(storage.names[i], name))
			return i;
	if (storage.taken == STORED_ROWS) {
		fputs("hostcalls.def: too many results in libc's memory: enlarge STORED_ROWS\n",
		      stderr);
		abort();
	}
	if (name)
		snprintf(storage.names[storage.taken], sizeof(storage.names[0]), "%s", name);
	return storage.taken++;
}

uint8_t *(*cc_storage_place)(uint64_t address, size_t size);
int (*cc_storage_block)(uint64_t address);

uint8_t *cc_storage_slot(const struct cc_hostcall *call)
{
	return storage.slots[call->storage - 1];
}

uint8_t *cc_storage(const struct cc_hostcall *call, uint64_t then, size_t size)
{
	storage.served = cc_storage_place ? cc_storage_place(then, size) : NULL;
	if (!storage.served && size <= CC_STORAGE_SIZE)
		storage.served = cc_storage_slot(call);
	return storage.served;
}

uint8_t *cc_storage_served(void)
{
	return storage.served;
}

uint8_t *cc_walk_allocate(struct cc_walk *walk, size_t size, size_t alignment)
{
	size_t skip = -(uintptr_t)walk->arena & (alignment - 1);
	size_t left = walk->arena ? (size_t)(walk->arena_end - walk->arena) : 0;
	uint8_t *memory;

	if (left < skip || left - skip < size)
		return NULL;
	memory = walk->arena + skip;
	walk->arena = memory + size;
	return memory;
}

void cc_walk_arena(struct cc_walk *walk, uint64_t address, uint64_t size)
{
	/* A buffer's end must be an address too. */
	if (size > UINT64_MAX - address)
		size = 0;
	walk->arena = (uint8_t *)(uintptr_t)address;
	walk->arena_end = walk->arena + size;
}
