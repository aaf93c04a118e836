/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory for results that the C library keeps in its own: each row has a place that its next call
 * overwrites, as the C library's does. It is static, so serving a call allocates nothing.
 */
#include "core/host/walk.h"

#include <stdlib.h>

#define STORED_ROWS 80

static struct {
	_Alignas(16) uint8_t slots[STORED_ROWS][CC_STORAGE_SIZE];
	unsigned taken;
} storage;

unsigned cc_storage_take(void)
{
	if (storage.taken == STORED_ROWS) {
		fputs("hostcalls.def: too many results in libc's memory: enlarge STORED_ROWS\n",
		      stderr);
		abort();
	}
	return storage.taken++;
}

uint8_t *cc_storage(const struct cc_hostcall *call)
{
	return storage.slots[call->storage - 1];
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
