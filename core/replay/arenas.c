/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A thread that takes memory for the first time gets the arena that it got in the run, or makes one
 * of its own if it did so then, whichever arenas are free by now: threads that look for an arena at
 * the same time, and others that end meanwhile, do so in an order that the log's records need not
 * have. glibc takes the first of its list of free arenas, which a static variable points to; that
 * variable is found by its value.
 */
#include <link.h>

#include "core/host/arena.h"
#include "core/replay/heap.h"
#include "core/replay/preload.h"
#include "core/replay/state.h"
#include "core/replay/threads.h"
#include "logs/event.h"

static struct {
	uint64_t heap;	 /* the heap that was mapped last */
	int making;	 /* a thread makes an arena */
	uint64_t *list;	 /* the variable that points to the first free arena */
	uint64_t hidden; /* the first free arena, while a thread makes another */
} arenas CC_STATE;

static uint64_t field(uint64_t arena, unsigned offset)
{
	return *(uint64_t *)(uintptr_t)(arena + offset);
}

static void set_field(uint64_t arena, unsigned offset, uint64_t value)
{
	*(uint64_t *)(uintptr_t)(arena + offset) = value;
}

void cc_arenas_mapped(uint64_t address)
{
	if (arenas.making) /* else it is memory of the program's */
		arenas.heap = cc_arena_heap(address);
}

static uint64_t any_arena(void)
{
	return arenas.heap ? field(arenas.heap, 0) : 0;
}

/* The next arena of the circle of all; 0 when the circle is closed. */
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

/* The first of the list of free arenas; 0: there is none. */
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

/*
 * Finds the word of the C library's data that holds this value. The first thread's arena is there,
 * too, and its words do not count.
 */
static int look_for_list(struct dl_phdr_info *info, size_t size, void *argument)
{
	uint64_t value = *(uint64_t *)argument, libc = (uint64_t)(uintptr_t)cc_heap_libc();
	int is_libc = 0;

	for (int i = 0; i < info->dlpi_phnum; i++)
		is_libc |= info->dlpi_phdr[i].p_type == PT_LOAD &&
			   libc - (info->dlpi_addr + info->dlpi_phdr[i].p_vaddr) <
				   info->dlpi_phdr[i].p_memsz;
	for (int i = 0; is_libc && i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
		uint64_t *at = (uint64_t *)((info->dlpi_addr + segment->p_vaddr + 7) & ~7ul);
		uint64_t *end =
			(uint64_t *)((info->dlpi_addr + segment->p_vaddr + segment->p_memsz) &
				     ~7ul);

		for (; segment->p_type == PT_LOAD && segment->p_flags & PF_W && at < end; at++)
			if (*at == value && !is_in_an_arena((uint64_t)(uintptr_t)at))
				arenas.list = at;
	}
	return is_libc;
}

/* The arena becomes the first of the list of free ones, if it is in that at all. */
static void put_first(uint64_t arena, uint64_t first)
{
	for (uint64_t at = first; at; at = field(at, CC_ARENA_NEXT_FREE)) {
		if (field(at, CC_ARENA_NEXT_FREE) != arena)
			continue;
		set_field(at, CC_ARENA_NEXT_FREE, field(arena, CC_ARENA_NEXT_FREE));
		set_field(arena, CC_ARENA_NEXT_FREE, first);
		*arenas.list = arena;
		return;
	}
}

void cc_arenas_take(uint64_t arena)
{
	uint64_t first = first_free();

	arenas.making = arena == CC_HEAP_NEW;
	if (!arena || !first || arena == first)
		return;
	if (!arenas.list || *arenas.list != first) {
		arenas.list = NULL;
		dl_iterate_phdr(look_for_list, &first);
	}
	if (!arenas.list)
		return;
	if (arena != CC_HEAP_NEW) {
		put_first(arena, first);
		return;
	}
	arenas.hidden = first;
	*arenas.list = 0;
}

void cc_arenas_taken(void)
{
	if (arenas.hidden)
		*arenas.list = arenas.hidden;
	arenas.hidden = 0;
	arenas.making = 0;
}
