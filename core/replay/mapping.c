/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mappings of files in a replay: memory at the address that the run had, without a file behind it.
 * Its content comes with the records that follow.
 */
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "core/replay/heap.h"
#include "core/replay/instructions.h"
#include "core/replay/mapping.h"
#include "core/replay/raw.h"
#include "core/replay/replay.h"
#include "core/replay/state.h"

#define PAGE 4096ul

struct mapping {
	struct mapping *next;
	uint64_t address, length;
	int protection;
};
static struct mapping *mappings CC_STATE;

static void add(uint64_t address, uint64_t length, int protection)
{
	struct mapping *mapping = cc_heap_malloc(sizeof(*mapping));

	*mapping = (struct mapping){mappings, address, length, protection};
	mappings = mapping;
}

static uint64_t page_up(uint64_t length)
{
	return (length + PAGE - 1) & ~(PAGE - 1);
}

/* What is left of a mapping before `address` and from `end` on becomes mappings of its own. */
static void cut(const struct mapping *mapping, uint64_t address, uint64_t end)
{
	if (mapping->address < address)
		add(mapping->address, address - mapping->address, mapping->protection);
	if (end < mapping->address + mapping->length)
		add(end, mapping->address + mapping->length - end, mapping->protection);
}

void cc_mapping_drop(uint64_t address, uint64_t length)
{
	uint64_t end = address + page_up(length);

	for (struct mapping **at = &mappings, *mapping; (mapping = *at);) {
		if (end <= mapping->address || mapping->address + mapping->length <= address) {
			at = &mapping->next;
			continue;
		}
		*at = mapping->next;
		cut(mapping, address, end);
		cc_heap_free(mapping);
	}
	cc_alias_part(address, end);
}

static void map_private(uint64_t address, uint64_t length, int protection, int fixed)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | (fixed ? MAP_FIXED : MAP_FIXED_NOREPLACE);

	if (cc_raw(SYS_mmap, (long)address, (long)length,
		   cc_instructions_protect(address, length, protection), flags, -1,
		   0) != (long)address)
		cc_die("the memory at %#lx, where the run had mapped a file, is taken here",
		       (unsigned long)address);
	cc_mapping_drop(address, length);
	add(address, length, protection);
}

void cc_mapping_make(const uint64_t *args, uint64_t address)
{
	map_private(address, page_up(args[1]), (int)args[2], (int)args[3] & MAP_FIXED);
}

void cc_mapping_attach(int flags, uint64_t address, int fixed)
{
	const uint64_t args[] = {0, cc_replay_attached(address),
				 (unsigned)cc_attach_protection(flags), fixed ? MAP_FIXED : 0};

	if (!args[1])
		cc_die("malformed slice: it does not say how much memory is at %#lx",
		       (unsigned long)address);
	cc_mapping_make(args, address);
}

void cc_mapping_detach(uint64_t address)
{
	for (const struct mapping *mapping = mappings; mapping; mapping = mapping->next)
		if (mapping->address == address) {
			cc_raw(SYS_munmap, (long)address, (long)mapping->length, 0, 0, 0, 0);
			cc_mapping_drop(address, mapping->length);
			return;
		}
}

static const struct mapping *mapping_at(uint64_t address, uint64_t length)
{
	for (const struct mapping *mapping = mappings; mapping; mapping = mapping->next)
		if (address - mapping->address < mapping->length &&
		    length <= mapping->address + mapping->length - address)
			return mapping;
	return NULL;
}

int cc_mapping_holds(uint64_t address)
{
	return mapping_at(address, 1) != NULL;
}

int cc_mapping_protection(uint64_t address)
{
	const struct mapping *mapping = mapping_at(address, 1);

	return mapping ? mapping->protection : -1;
}

static void resize(uint64_t address, uint64_t size, uint64_t length, int protection)
{
	if (length > size) {
		map_private(address + size, length - size, protection, 0);
	} else if (length < size) {
		cc_raw(SYS_munmap, (long)(address + length), (long)(size - length), 0, 0, 0, 0);
		cc_mapping_drop(address + length, size - length);
	}
}

/* Page by page, as the memory may be in several pieces for the kernel. */
static void move(uint64_t from, uint64_t to, uint64_t length)
{
	for (uint64_t at = 0; at < length; at += PAGE) {
		if (cc_raw(SYS_mremap, (long)(from + at), PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
			   (long)(to + at), 0) != (long)(to + at))
			cc_die("the memory at %#lx, where the run had mapped a file, cannot be "
			       "moved",
			       (unsigned long)from);
		cc_alias_move(from + at, to + at);
	}
}

void cc_mapping_move(const uint64_t *args, uint64_t address)
{
	uint64_t from = args[0], size = page_up(args[1]), length = page_up(args[2]);
	int protection = cc_mapping_protection(from);

	if (protection < 0 || !size || !mapping_at(from + size - PAGE, PAGE))
		cc_die("malformed slice: what mremap moved was not mapped");
	if (address != from) {
		map_private(address, size, protection, (int)args[3] & MREMAP_FIXED);
		move(from, address, size);
		cc_mapping_drop(from, size);
	}
	resize(address, size, length, protection);
}

int cc_mapping_fill(uint64_t address, const void *content, size_t length)
{
	const struct mapping *mapping = mapping_at(address, length);
	uint64_t start = address & ~(PAGE - 1);
	long pages = (long)(address + length - start);

	if (!mapping ||
	    cc_raw(SYS_mprotect, (long)start, pages, PROT_READ | PROT_WRITE, 0, 0, 0) < 0)
		return -1;
	memcpy((void *)(uintptr_t)address, content, length);
	cc_raw(SYS_mprotect, (long)start, pages,
	       cc_instructions_protect(start, (uint64_t)pages, mapping->protection), 0, 0, 0);
	return 0;
}

/* ---- the C library's own memory ---- */

#define PLACES_MAX 1024 /* pages */

static struct {
	uint64_t pages[PLACES_MAX];
	unsigned count;
} places CC_STATE;

static int is_place(uint64_t page)
{
	for (unsigned i = places.count; i--;)
		if (places.pages[i] == page)
			return 1;
	return 0;
}

/*
 * Of such memory of the run only what host calls give is known, so nothing else stands in it here.
 */
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
