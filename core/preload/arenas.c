/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A thread that made a heap of its own in the run makes one here, whichever others are free: in the run these were not, as it
 * looked for one. glibc takes the first of its list of free arenas, which a static variable points to: that is found by
 * its value, and is NULL for so long.
 */
#include <link.h>
#include <sys/mman.h>

#include "core/host/arena.h"
#include "core/preload/preload.h"
#include "core/preload/threads.h"

static struct {
	uint64_t heap;	 /* the latest that was mapped */
	int making;	 /* a thread makes one */
	uint64_t *list;	 /* where its first one stands */
	uint64_t hidden; /* that one, meanwhile */
} arenas;

static uint64_t field(uint64_t arena, unsigned offset)
{
	return *(uint64_t *)(uintptr_t)(arena + offset);
}

void cc_arenas_mapped(uint64_t address)
{
	if (arenas.making) /* else it is memory of the program's */
		arenas.heap = (address + CC_HEAP_SPAN - 1) & -CC_HEAP_SPAN;
}

static uint64_t any_arena(void)
{
	return arenas.heap ? field(arenas.heap, 0) : 0;
}

/* The next one of the circle; 0 when it is closed. */
static uint64_t next(uint64_t arena)
{
	uint64_t after = field(arena, CC_ARENA_NEXT);

	return after == any_arena() ? 0 : after;
}

static int is_next_of_a_free_one(uint64_t arena)
{
	for (uint64_t at = any_arena(); at; at = next(at))
		if (!field(at, CC_ARENA_THREADS) && field(at, CC_ARENA_NEXT_FREE) == arena)
			return 1;
	return 0;
}

/* Of the list of free arenas; 0: there is none. */
static uint64_t first_free(void)
{
	for (uint64_t at = any_arena(); at; at = next(at))
		if (!field(at, CC_ARENA_THREADS) && !is_next_of_a_free_one(at))
			return at;
	return 0;
}

static int is_in_an_arena(uint64_t address)
{
	for (uint64_t at = any_arena(); at; at = next(at))
		if (address - at < CC_ARENA_SIZE)
			return 1;
	return 0;
}

/* Of the C library's data: the words that hold this value, but for those of the first thread's arena, which is there, too. */
static int look_for_list(struct dl_phdr_info *info, size_t size, void *argument)
{
	uint64_t value = *(uint64_t *)argument, libc = (uint64_t)(uintptr_t)cc_heap_libc();
	int is_libc = 0;

	for (int i = 0; i < info->dlpi_phnum; i++)
		is_libc |= info->dlpi_phdr[i].p_type == PT_LOAD &&
			   libc - (info->dlpi_addr + info->dlpi_phdr[i].p_vaddr) < info->dlpi_phdr[i].p_memsz;
	for (int i = 0; is_libc && i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
		uint64_t *at = (uint64_t *)((info->dlpi_addr + segment->p_vaddr + 7) & ~7ul);
		uint64_t *end = (uint64_t *)((info->dlpi_addr + segment->p_vaddr + segment->p_memsz) & ~7ul);

		for (; segment->p_type == PT_LOAD && segment->p_flags & PF_W && at < end; at++)
			if (*at == value && !is_in_an_arena((uint64_t)(uintptr_t)at))
				arenas.list = at;
	}
	return is_libc;
}

void cc_arenas_hide(void)
{
	uint64_t first = first_free();

	arenas.making = 1;
	if (!first)
		return;
	if (!arenas.list || *arenas.list != first) {
		arenas.list = NULL;
		dl_iterate_phdr(look_for_list, &first);
	}
	if (!arenas.list)
		return;
	arenas.hidden = first;
	*arenas.list = 0;
}

void cc_arenas_show(void)
{
	if (arenas.hidden)
		*arenas.list = arenas.hidden;
	arenas.hidden = 0;
	arenas.making = 0;
}
