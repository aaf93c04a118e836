/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pages of mappings that have two addresses in the run: what is stored at one of them is to be read
 * at the other. Here each such page is a page of a file in memory, mapped at all its addresses. The
 * copies of a replay that are kept as checkpoints must not share that file: each has one of its
 * own.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/replay/heap.h"
#include "core/replay/instructions.h"
#include "core/replay/mapping.h"
#include "core/replay/raw.h"
#include "core/replay/state.h"

#define PAGE 4096ul

static struct {
	struct slot {
		uint64_t address; /* 0: nothing is here */
		uint64_t page;	  /* of the file, counted from 1; 0: no more */
	} * slots;		  /* by address, hashed; a third of them is free */
	size_t room, used;
	uint64_t pages;
	int file;
} aliases CC_STATE = {.file = -1};

static struct slot *slot_of(uint64_t address)
{
	size_t at = (address / PAGE * 0x9e3779b97f4a7c15u) >> 32 & (aliases.room - 1);

	while (aliases.slots[at].address && aliases.slots[at].address != address)
		at = (at + 1) & (aliases.room - 1);
	return &aliases.slots[at];
}

static void more_slots(void)
{
	struct slot *old = aliases.slots;
	size_t room = aliases.room;

	aliases.room = room ? room * 2 : 64;
	aliases.slots = cc_heap_zeros(aliases.room, sizeof(*old));
	for (size_t i = 0; i < room; i++)
		if (old[i].address)
			*slot_of(old[i].address) = old[i];
	if (old)
		cc_heap_free(old);
}

static void map_page(uint64_t address, uint64_t page)
{
	long protection = cc_instructions_protect(address, PAGE, cc_mapping_protection(address));

	if (cc_raw(SYS_mmap, (long)address, PAGE, protection, MAP_SHARED | MAP_FIXED, aliases.file,
		   (long)((page - 1) * PAGE)) != (long)address)
		cc_die("the page at %#lx, which had another address too, cannot be mapped twice",
		       (unsigned long)address);
}

static void put(uint64_t address, uint64_t page)
{
	struct slot *slot;

	if (aliases.used >= aliases.room / 3 * 2)
		more_slots();
	slot = slot_of(address);
	aliases.used += !slot->address;
	*slot = (struct slot){address, page};
	map_page(address, page);
}

/* A new page of the file, with what stands at that address. Its number. */
static uint64_t new_page(uint64_t address)
{
	if (aliases.file < 0)
		aliases.file = (int)cc_raw(SYS_memfd_create, (long)"crosscut-pages", MFD_CLOEXEC, 0,
					   0, 0, 0);
	if (cc_raw(SYS_pwrite64, aliases.file, (long)address, PAGE, (long)(aliases.pages * PAGE), 0,
		   0) != PAGE)
		cc_die("the page at %#lx, which had another address too, cannot be kept",
		       (unsigned long)address);
	return ++aliases.pages;
}

int cc_alias_join(uint64_t address, uint64_t other)
{
	uint64_t was, page;

	if (address % PAGE || other % PAGE || cc_mapping_protection(address) < 0 ||
	    cc_mapping_protection(other) < 0)
		return -1;
	if (!aliases.room)
		more_slots();
	was = slot_of(address)->page;
	page = slot_of(other)->page;
	if (!page)
		put(other, page = new_page(other));
	if (!was)
		put(address, page);
	for (size_t i = 0; was && was != page && i < aliases.room; i++)
		if (aliases.slots[i].page == was)
			put(aliases.slots[i].address, page);
	return 0;
}

void cc_alias_part(uint64_t address, uint64_t end)
{
	for (size_t i = 0; i < aliases.room; i++)
		if (aliases.slots[i].address >= address && aliases.slots[i].address < end)
			aliases.slots[i].page = 0;
}

void cc_alias_move(uint64_t from, uint64_t to)
{
	uint64_t page = aliases.room ? slot_of(from)->page : 0;

	if (page) {
		slot_of(from)->page = 0;
		put(to, page);
	}
}

int cc_alias_copy(void)
{
	off_t at = 0, length = (off_t)(aliases.pages * PAGE);
	int copy = aliases.pages ? memfd_create("crosscut-pages", MFD_CLOEXEC) : CC_NO_ALIASES;

	if (copy < 0)
		return copy;
	while (at < length) {
		ssize_t sent = sendfile(copy, aliases.file, &at, (size_t)(length - at));

		if (!sent || (sent < 0 && errno != EINTR)) {
			close(copy);
			return -1;
		}
	}
	return copy;
}

void cc_alias_copied(int copy)
{
	if (copy < 0)
		return;
	close(aliases.file);
	aliases.file = copy;
	for (size_t i = 0; i < aliases.room; i++)
		if (aliases.slots[i].page)
			map_page(aliases.slots[i].address, aliases.slots[i].page);
}
