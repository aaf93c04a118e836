/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mappings of files in a replay: memory at the address that the run had, without a file behind it. Its
 * content comes with the records that follow.
 */
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "core/preload/instructions.h"
#include "core/preload/mapping.h"
#include "core/preload/raw.h"

#define PAGE 4096ul

static struct mapping {
	struct mapping *next;
	uint64_t address, length;
	int protection;
} *mappings; /* the latest first; those that are unmapped stay */

void cc_mapping_make(const uint64_t *args, uint64_t address)
{
	uint64_t length = (args[1] + PAGE - 1) & ~(PAGE - 1);
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | ((int)args[3] & MAP_FIXED ? MAP_FIXED : MAP_FIXED_NOREPLACE);
	struct mapping *mapping = cc_heap_malloc(sizeof(*mapping));

	if (cc_raw(SYS_mmap, (long)address, (long)length, cc_instructions_protect(address, length, (int)args[2]), flags, -1,
		   0) != (long)address)
		cc_die("the memory at %#lx, where the run had mapped a file, is taken here",
		       (unsigned long)address);
	*mapping = (struct mapping){mappings, address, length, (int)args[2]};
	mappings = mapping;
}

void cc_mapping_attach(int flags, uint64_t address, int fixed)
{
	const uint64_t args[] = {0, cc_replay_attached(address), (unsigned)cc_attach_protection(flags),
				 fixed ? MAP_FIXED : 0};

	if (!args[1])
		cc_die("malformed slice: it does not say how much memory is at %#lx", (unsigned long)address);
	cc_mapping_make(args, address);
}

void cc_mapping_detach(uint64_t address)
{
	for (const struct mapping *mapping = mappings; mapping; mapping = mapping->next)
		if (mapping->address == address) {
			cc_raw(SYS_munmap, (long)address, (long)mapping->length, 0, 0, 0, 0);
			return;
		}
}

/* ---- the C library's own memory ------------------------------------------------------------------- */

#define PLACES_MAX 1024 /* pages */

static struct {
	uint64_t pages[PLACES_MAX];
	unsigned count;
} places;

static int is_place(uint64_t page)
{
	for (unsigned i = places.count; i--;)
		if (places.pages[i] == page)
			return 1;
	return 0;
}

/* It is not known what is there in the run beside what host calls give, so nothing else is there here. */
uint8_t *cc_mapping_place(uint64_t address, size_t size)
{
	for (uint64_t page = address & ~(PAGE - 1); page < address + size; page += PAGE) {
		if (is_place(page))
			continue;
		if (places.count == PLACES_MAX ||
		    cc_raw(SYS_mmap, (long)page, PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != (long)page)
			return NULL;
		places.pages[places.count++] = page;
	}
	return (uint8_t *)(uintptr_t)address;
}

/* ---- files ------------------------------------------------------------------------------------------ */

static const struct mapping *mapping_at(uint64_t address, uint64_t length)
{
	for (const struct mapping *mapping = mappings; mapping; mapping = mapping->next)
		if (address - mapping->address < mapping->length &&
		    length <= mapping->address + mapping->length - address)
			return mapping;
	return NULL;
}

int cc_mapping_fill(uint64_t address, const void *content, size_t length)
{
	const struct mapping *mapping = mapping_at(address, length);
	uint64_t start = address & ~(PAGE - 1);
	long pages = (long)(address + length - start);

	if (!mapping || cc_raw(SYS_mprotect, (long)start, pages, PROT_READ | PROT_WRITE, 0, 0, 0) < 0)
		return -1;
	memcpy((void *)(uintptr_t)address, content, length);
	cc_raw(SYS_mprotect, (long)start, pages, cc_instructions_protect(start, (uint64_t)pages, mapping->protection), 0, 0,
	       0);
	return 0;
}
