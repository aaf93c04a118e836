/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's memory, read directly. QEMU's own call for a plugin (qemu_plugin_read_memory_vaddr)
 * takes half a microsecond, most of it in finding the page; a host call needs twenty reads. But the
 * guest's RAM is a file that is mapped in this very process, in one piece (core/vm/machine.c), and
 * its page tables are in it: the walk is four loads (Intel SDM vol. 3, 4-level paging).
 */
#include <stdio.h>
#include <string.h>

#include "core/stage/machine/stage.h"

#define PRESENT 1ull
#define LARGE (1ull << 7)
#define FRAME 0x000ffffffffff000ull
#define RAM_MIN (256ull << 20)

static const uint8_t *ram;
static uint64_t ram_size;
static uint64_t root; /* cr3 without flags; 0: not known yet */

/* The largest private mapping of a file. */
static void find_ram(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[4200];

	while (maps && fgets(line, sizeof(line), maps)) {
		unsigned long begin, end, inode;
		char mode[5];

		if (sscanf(line, "%lx-%lx %4s %*x %*x:%*x %lu", &begin, &end, mode, &inode) == 4 &&
		    inode && !strcmp(mode, "rw-p") && end - begin >= RAM_MIN &&
		    end - begin > ram_size) {
			ram = (const uint8_t *)begin;
			ram_size = end - begin;
		}
	}
	if (maps)
		fclose(maps);
}

void memory_switch(uint64_t cr3)
{
	root = cr3;
}

static int entry_at(uint64_t table, uint64_t index, uint64_t *entry)
{
	uint64_t at = table + 8 * index;

	if (at + 8 > ram_size)
		return -1;
	memcpy(entry, ram + at, 8);
	return *entry & PRESENT ? 0 : -1;
}

/* The physical address, and how far it goes on in one piece. */
static int translate(uint64_t address, uint64_t *physical, uint64_t *rest)
{
	uint64_t table = root, entry;

	for (int shift = 39; shift >= 12; shift -= 9) {
		uint64_t span = 1ull << shift;

		if (entry_at(table, address >> shift & 511, &entry))
			return -1;
		if (shift == 12 || (shift < 39 && (entry & LARGE))) {
			*physical = (entry & FRAME & ~(span - 1)) | (address & (span - 1));
			*rest = span - (address & (span - 1));
			return 0;
		}
		table = entry & FRAME;
	}
	return -1;
}

/*
 * 1: read; 0: nothing is mapped there; -1: this way of reading does not work here, take QEMU's.
 */
int memory_read_directly(uint64_t address, void *data, size_t length)
{
	static int looked;

	if (!looked) {
		looked = 1;
		find_ram();
	}
	if (!ram)
		return -1;
	if (!root)
		root = guest_register(R_CR3) & FRAME;
	while (length) {
		uint64_t physical, rest;

		if (translate(address, &physical, &rest))
			return 0;
		if (rest > length)
			rest = length;
		if (physical >= ram_size || ram_size - physical < rest)
			return -1;
		memcpy(data, ram + physical, rest);
		data = (uint8_t *)data + rest;
		address += rest;
		length -= rest;
	}
	return 1;
}

uint64_t memory_frame(uint64_t address)
{
	uint64_t physical, rest;

	return ram && root && !translate(address, &physical, &rest) ? physical >> 12 : 0;
}
