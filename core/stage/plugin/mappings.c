/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mappings of files: their content comes into the process by no call, a page at a time, when the page
 * is touched first. The kernel then maps it and goes back with an iretq: what has appeared since the
 * last one is logged there, before the instruction that touched it goes on.
 *
 * A page changes from outside when the program writes the file by a call, or another process runs meanwhile. Before
 * either, digests are taken of the pages that were seen; after it, those that differ are logged: behind the call during
 * which it happened, or else so many ops after the last one.
 */
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "core/stage/plugin/stage.h"
#include "logs/checksum.h"

#define PAGE 4096ul

enum page_state { PAGE_UNSEEN, PAGE_SEEN, PAGE_CHANGED, PAGE_GONE };

struct cc_mapping {
	struct cc_mapping *next;
	uint64_t address;
	size_t pages, unseen;
	int written; /* what the program stores there, the file's other mappings show */
	uint64_t *digests; /* of those that were seen, as the program left them */
	uint8_t states[];
};

void mappings_add(struct cc_image *image, uint64_t address, const uint64_t *args)
{
	size_t pages = (args[1] + PAGE - 1) / PAGE;
	struct cc_mapping *mapping = calloc(1, sizeof(*mapping) + pages);

	mapping->address = address;
	mapping->pages = mapping->unseen = pages;
	mapping->written = (args[2] & PROT_WRITE) && (args[3] & MAP_TYPE) != MAP_PRIVATE;
	mapping->digests = calloc(pages, sizeof(*mapping->digests));
	mapping->next = image->mappings;
	image->mappings = mapping;
	image_arm(image);
}

static void become(struct cc_mapping *mapping, size_t page, enum page_state state)
{
	mapping->unseen -= mapping->states[page] == PAGE_UNSEEN;
	mapping->unseen += state == PAGE_UNSEEN;
	mapping->states[page] = (uint8_t)state;
}

void mappings_drop(struct cc_image *image, uint64_t address, uint64_t length)
{
	for (struct cc_mapping *mapping = image->mappings; mapping; mapping = mapping->next)
		for (size_t i = 0; i < mapping->pages; i++)
			if (mapping->address + i * PAGE - address < length)
				become(mapping, i, PAGE_GONE);
}

void mappings_detach(struct cc_image *image, uint64_t address)
{
	for (const struct cc_mapping *mapping = image->mappings; mapping; mapping = mapping->next)
		if (mapping->address == address) {
			mappings_drop(image, address, mapping->pages * PAGE);
			return;
		}
}

int mappings_hold(const struct cc_image *image, uint64_t address)
{
	for (const struct cc_mapping *mapping = image->mappings; mapping; mapping = mapping->next) {
		uint64_t page = (address - mapping->address) / PAGE;

		if (address >= mapping->address && page < mapping->pages && mapping->states[page] != PAGE_GONE)
			return 1;
	}
	return 0;
}

struct cc_mapping *mappings_copy(const struct cc_image *image)
{
	struct cc_mapping *copies = NULL, **end = &copies;

	for (const struct cc_mapping *mapping = image->mappings; mapping; mapping = mapping->next) {
		*end = malloc(sizeof(*mapping) + mapping->pages);
		memcpy(*end, mapping, sizeof(*mapping) + mapping->pages);
		(*end)->digests = malloc(mapping->pages * sizeof(*mapping->digests));
		memcpy((*end)->digests, mapping->digests, mapping->pages * sizeof(*mapping->digests));
		end = &(*end)->next;
	}
	*end = NULL;
	return copies;
}

void mappings_free(struct cc_image *image)
{
	while (image->mappings) {
		struct cc_mapping *next = image->mappings->next;

		free(image->mappings->digests);
		free(image->mappings);
		image->mappings = next;
	}
}

/* ---- pages that change from outside ------------------------------------------------------------------ */

/* As the program leaves them: what differs later, it did not write. */
static void take_digests(struct cc_mapping *mapping)
{
	uint8_t content[PAGE];

	for (size_t i = 0; i < mapping->pages; i++)
		if (mapping->states[i] == PAGE_SEEN && !guest_read(mapping->address + i * PAGE, content, PAGE))
			mapping->digests[i] = cc_checksum(content, PAGE);
}

/* A page that the kernel has taken away (a child does not inherit those of a shared mapping) comes by a fault again. */
static int compare_digests(struct cc_mapping *mapping)
{
	uint8_t content[PAGE];
	int changed = 0;

	for (size_t i = 0; i < mapping->pages; i++) {
		if (mapping->states[i] != PAGE_SEEN)
			continue;
		if (guest_read(mapping->address + i * PAGE, content, PAGE)) {
			become(mapping, i, PAGE_UNSEEN);
		} else if (mapping->digests[i] != cc_checksum(content, PAGE)) {
			become(mapping, i, PAGE_CHANGED);
			changed = 1;
		}
	}
	return changed;
}

static void put_changed(struct cc_image *image, int between_calls)
{
	uint8_t content[PAGE];

	image->mapped_changed = 0;
	for (struct cc_mapping *mapping = image->mappings; mapping; mapping = mapping->next)
		for (size_t i = 0; i < mapping->pages; i++) {
			if (mapping->states[i] != PAGE_CHANGED)
				continue;
			become(mapping, i, PAGE_SEEN);
			if (guest_read(mapping->address + i * PAGE, content, PAGE))
				become(mapping, i, PAGE_UNSEEN);
			else if (between_calls)
				cc_trace_changed(image_speak(image), image->thread->ops, mapping->address + i * PAGE,
						 content, PAGE);
			else
				cc_trace_memory(image->trace, mapping->address + i * PAGE, content, PAGE);
		}
}

/* As it is entered. */
static int writes_files(uint64_t number)
{
	switch (number) {
	case SYS_open:
		return (guest_register(R_RSI) & O_TRUNC) != 0;
	case SYS_openat:
		return (guest_register(R_RDX) & O_TRUNC) != 0;
	case SYS_ioctl:
		return (uint32_t)guest_register(R_RSI) == FICLONE ||
		       (uint32_t)guest_register(R_RSI) == FICLONERANGE;
	case SYS_write:
	case SYS_writev:
	case SYS_pwrite64:
	case SYS_pwritev:
	case SYS_pwritev2:
	case SYS_truncate:
	case SYS_ftruncate:
	case SYS_fallocate:
	case SYS_creat:
	case SYS_sendfile:
	case SYS_splice:
	case SYS_copy_file_range:
		return 1;
	}
	return 0;
}

void mappings_leave(struct cc_image *image)
{
	for (struct cc_mapping *mapping = image->mappings; mapping; mapping = mapping->next)
		take_digests(mapping);
}

void mappings_enter(struct cc_image *image)
{
	for (struct cc_mapping *mapping = image->mappings; mapping; mapping = mapping->next)
		image->mapped_changed |= compare_digests(mapping);
}

void mappings_syscall(struct cc_image *image, uint64_t number)
{
	if (!writes_files(number) || image->mapped_written)
		return;
	mappings_leave(image);
	image->mapped_written = 1;
}

void mappings_called(struct cc_image *image)
{
	if (image->mapped_written)
		mappings_enter(image);
	image->mapped_written = 0;
	if (image->mapped_changed)
		put_changed(image, 0);
}

/* ---- pages that appear ---------------------------------------------------------------------------------- */

/* The same page of a file at two addresses: what is stored at one is to be read at the other. */
static void check_alias(struct cc_image *image, const struct cc_mapping *mapping, uint64_t address)
{
	uint64_t frame = memory_frame(address);

	for (const struct cc_mapping *other = image->mappings; other && frame; other = other->next)
		for (size_t i = 0; other != mapping && (mapping->written || other->written) && i < other->pages; i++)
			if (other->states[i] == PAGE_SEEN && memory_frame(other->address + i * PAGE) == frame)
				image_fail(image, "memory of a file, or that processes share, is mapped twice, and may be "
					   "written through one of the two mappings: that is not modelled");
}

static void look(struct cc_image *image, struct cc_mapping *mapping)
{
	uint8_t content[PAGE];

	for (size_t i = 0; i < mapping->pages && mapping->unseen; i++) {
		if (mapping->states[i] != PAGE_UNSEEN || guest_read(mapping->address + i * PAGE, content, PAGE))
			continue;
		become(mapping, i, PAGE_SEEN);
		check_alias(image, mapping, mapping->address + i * PAGE);
		cc_trace_memory(image->trace, mapping->address + i * PAGE, content, PAGE);
	}
}

void mappings_look(unsigned vcpu, void *data)
{
	struct cc_image *image = image_running();

	if (!image || !image->trace || image->error.status)
		return;
	if (image->mapped_changed && !image_busy(image) && image->thread->lock == LOCK_HELD) {
		image_take_ops(image);
		put_changed(image, 1);
	}
	for (struct cc_mapping *mapping = image->mappings; mapping; mapping = mapping->next)
		look(image, mapping);
}
