/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mappings of files: their content comes into the process by no call, a page at a time, when the
 * page is touched first. The kernel then maps it and goes back with an iretq: what has appeared
 * since the last one is logged there, before the instruction that touched it goes on.
 *
 * A page changes from outside when the program writes the file by a call, or another process runs
 * meanwhile. Before either, digests are taken of the pages that were seen; after it, those that
 * differ are logged: behind the call during which it happened, or else so many ops after the last
 * one.
 */
#include <fcntl.h>
#include <linux/fs.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "core/base/memory.h"
#include "core/stage/machine/stage.h"
#include "logs/checksum.h"

#define PAGE 4096ul

enum page_state { PAGE_UNSEEN, PAGE_SEEN, PAGE_CHANGED, PAGE_GONE };

struct cc_mapping {
	struct cc_mapping *next;
	uint64_t address;
	size_t pages, unseen;
	int shared;	   /* what is stored there, the file's other mappings show */
	int written;	   /* the program may store there */
	uint64_t *digests; /* of the pages that were seen, as the program left them */
	uint8_t states[];
};

void mappings_add(struct cc_image *image, uint64_t address, const uint64_t *args)
{
	size_t pages = (args[1] + PAGE - 1) / PAGE;
	struct cc_mapping *mapping = cc_allocate_zeros(1, sizeof(*mapping) + pages);

	mapping->address = address;
	mapping->pages = mapping->unseen = pages;
	mapping->shared = (args[3] & MAP_TYPE) != MAP_PRIVATE;
	mapping->written = mapping->shared && args[2] & PROT_WRITE;
	mapping->digests = cc_allocate_zeros(pages, sizeof(*mapping->digests));
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

static const struct cc_mapping *mapping_at(const struct cc_image *image, uint64_t address)
{
	for (const struct cc_mapping *mapping = image->mappings; mapping; mapping = mapping->next) {
		uint64_t page = (address - mapping->address) / PAGE;

		if (address >= mapping->address && page < mapping->pages &&
		    mapping->states[page] != PAGE_GONE)
			return mapping;
	}
	return NULL;
}

int mappings_hold(const struct cc_image *image, uint64_t address)
{
	return mapping_at(image, address) != NULL;
}

/*
 * Pages that go come back as the file is, which no record says. Those of a shared mapping are as
 * they were.
 */
int mappings_loses(const struct cc_image *image, uint64_t address, int advice)
{
	const struct cc_mapping *mapping = mapping_at(image, address);

	return mapping && (advice == MADV_REMOVE || (advice == MADV_DONTNEED && !mapping->shared));
}

/* What stands there goes along, and is looked at behind the call. */
void mappings_move(struct cc_image *image, const uint64_t *args, uint64_t address)
{
	const struct cc_mapping *mapping = mapping_at(image, args[0]);
	const uint64_t now[] = {0, args[2], mapping->written ? PROT_WRITE : 0,
				mapping->shared ? MAP_SHARED : MAP_PRIVATE};

	mappings_drop(image, args[0], args[1]);
	mappings_add(image, address, now);
	image->mapped_moved = 1;
}

void mappings_detach(struct cc_image *image, uint64_t address)
{
	for (const struct cc_mapping *mapping = image->mappings; mapping; mapping = mapping->next)
		if (mapping->address == address) {
			mappings_drop(image, address, mapping->pages * PAGE);
			return;
		}
}

/* ---- physical pages ---- */

/*
 * Where a physical page was seen, which may be at several addresses: a node of
 * image->mapped_frames.
 */
struct mapped_frame {
	uint64_t frame;
	struct page_at {
		struct page_at *next;
		struct cc_mapping *mapping;
		size_t page;
	} * at;
};

static int by_frame(const void *one, const void *two)
{
	uint64_t a = ((const struct mapped_frame *)one)->frame,
		 b = ((const struct mapped_frame *)two)->frame;

	return (a > b) - (a < b);
}

static struct mapped_frame *frame_of(struct cc_image *image, uint64_t number)
{
	struct mapped_frame *frame = cc_allocate_zeros(1, sizeof(*frame));
	struct mapped_frame **found;

	frame->frame = number;
	found = tsearch(frame, &image->mapped_frames, by_frame);
	if (*found != frame)
		free(frame);
	return *found;
}

static uint64_t address_of(const struct page_at *at)
{
	return at->mapping->address + at->page * PAGE;
}

static void note_page(struct mapped_frame *frame, struct cc_mapping *mapping, size_t page)
{
	struct page_at *at = cc_allocate(sizeof(*at));

	*at = (struct page_at){frame->at, mapping, page};
	frame->at = at;
}

/* A copy of the process has the same mappings, of other physical pages perhaps. */
static void note_pages(struct cc_image *image)
{
	image->frames_unknown = 0;
	for (struct cc_mapping *mapping = image->mappings; mapping; mapping = mapping->next)
		for (size_t i = 0; i < mapping->pages; i++) {
			uint64_t frame = mapping->states[i] == PAGE_SEEN
						 ? memory_frame(mapping->address + i * PAGE)
						 : 0;

			if (frame)
				note_page(frame_of(image, frame), mapping, i);
		}
}

static void free_frame(void *node)
{
	struct mapped_frame *frame = node;

	while (frame->at) {
		struct page_at *next = frame->at->next;

		free(frame->at);
		frame->at = next;
	}
	free(frame);
}

/*
 * Is that physical page there still? The kernel may have taken it from that address (madvise), and
 * gives it back when it is touched. A page that a truncated file has lost is not seen any more.
 */
static int is_there(const struct page_at *at, uint64_t frame)
{
	enum page_state state = at->mapping->states[at->page];
	uint64_t now = memory_frame(address_of(at));

	return (state == PAGE_SEEN || state == PAGE_CHANGED) && (now == frame || !now);
}

static void forget_gone(struct mapped_frame *frame)
{
	for (struct page_at **link = &frame->at, *at; (at = *link);) {
		if (is_there(at, frame->frame)) {
			link = &at->next;
			continue;
		}
		*link = at->next;
		free(at);
	}
}

struct cc_mapping *mappings_copy(const struct cc_image *image)
{
	struct cc_mapping *copies = NULL, **end = &copies;

	for (const struct cc_mapping *mapping = image->mappings; mapping; mapping = mapping->next) {
		*end = cc_allocate(sizeof(*mapping) + mapping->pages);
		memcpy(*end, mapping, sizeof(*mapping) + mapping->pages);
		(*end)->digests = cc_allocate(mapping->pages * sizeof(*mapping->digests));
		memcpy((*end)->digests, mapping->digests,
		       mapping->pages * sizeof(*mapping->digests));
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
	tdestroy(image->mapped_frames, free_frame);
	image->mapped_frames = NULL;
}

/* ---- pages that change from outside ---- */

/* As the program leaves them: what differs later, it did not write. */
static void take_digests(struct cc_mapping *mapping)
{
	uint8_t content[PAGE];

	for (size_t i = 0; i < mapping->pages; i++)
		if (mapping->states[i] == PAGE_SEEN &&
		    !guest_read(mapping->address + i * PAGE, content, PAGE))
			mapping->digests[i] = cc_checksum(content, PAGE);
}

/*
 * A page that the kernel has taken away (a child does not inherit those of a shared mapping) comes
 * by a fault again.
 */
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
				cc_trace_changed(image_trace(image), image->thread->ops,
						 mapping->address + i * PAGE, content, PAGE);
			else
				cc_trace_memory(image->trace, mapping->address + i * PAGE, content,
						PAGE);
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

/* ---- pages that appear ---- */

/*
 * The same page of a file at two addresses: what is stored at one is to be read at the other.
 * Returns whether what stands there is known by that. A private mapping shows it only until it is
 * written to itself.
 */
static int is_alias(struct cc_image *image, struct mapped_frame *frame,
		    const struct cc_mapping *mapping, uint64_t address)
{
	forget_gone(frame);
	for (const struct page_at *at = frame->at; at; at = at->next) {
		const struct cc_mapping *other = at->mapping;

		if (!mapping->written && !other->written)
			continue;
		if (mapping->shared && other->shared) {
			cc_trace_alias(image->trace, address, address_of(at));
			return 1;
		}
		image_frame(image);
		image_fail(image,
			   "%s:%u: a file is mapped twice, once for this process alone and once to "
			   "write it: that is "
			   "not modelled",
			   image->frame.file, image->frame.frame.line);
	}
	return 0;
}

static void see(struct cc_image *image, struct cc_mapping *mapping, size_t page,
		const uint8_t *content)
{
	uint64_t address = mapping->address + page * PAGE, number = memory_frame(address);
	struct mapped_frame *frame = number ? frame_of(image, number) : NULL;

	become(mapping, page, PAGE_SEEN);
	if (!frame || !is_alias(image, frame, mapping, address))
		cc_trace_memory(image->trace, address, content, PAGE);
	if (frame)
		note_page(frame, mapping, page);
}

static void look(struct cc_image *image, struct cc_mapping *mapping)
{
	uint8_t content[PAGE];

	for (size_t i = 0; i < mapping->pages && mapping->unseen; i++)
		if (mapping->states[i] == PAGE_UNSEEN &&
		    !guest_read(mapping->address + i * PAGE, content, PAGE))
			see(image, mapping, i, content);
}

static void look_at_all(struct cc_image *image)
{
	if (image->frames_unknown)
		note_pages(image);
	for (struct cc_mapping *mapping = image->mappings; mapping; mapping = mapping->next)
		look(image, mapping);
}

void mappings_called(struct cc_image *image)
{
	if (image->mapped_written)
		mappings_enter(image);
	image->mapped_written = 0;
	if (image->mapped_changed)
		put_changed(image, 0);
	if (image->mapped_moved)
		look_at_all(image);
	image->mapped_moved = 0;
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
	look_at_all(image);
}
