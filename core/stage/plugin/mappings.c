/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mappings of files: their content comes into the process by no call, a page at a time, when the page
 * is touched first. The kernel then maps it and goes back with an iretq: what has appeared since the
 * last one is logged there, before the instruction that touched it goes on.
 */
#include <stdlib.h>
#include <string.h>

#include "core/stage/plugin/stage.h"

#define PAGE 4096ul

struct cc_mapping {
	struct cc_mapping *next;
	uint64_t address;
	size_t pages, unseen;
	uint8_t seen[];
};

void mappings_add(struct cc_image *image, uint64_t address, uint64_t length)
{
	size_t pages = (length + PAGE - 1) / PAGE;
	struct cc_mapping *mapping = calloc(1, sizeof(*mapping) + pages);

	mapping->address = address;
	mapping->pages = mapping->unseen = pages;
	mapping->next = image->mappings;
	image->mappings = mapping;
	image_arm(image);
}

/* Pages that were unmapped stay in the list, as seen. */
void mappings_drop(struct cc_image *image, uint64_t address, uint64_t length)
{
	for (struct cc_mapping *mapping = image->mappings; mapping; mapping = mapping->next)
		for (size_t i = 0; i < mapping->pages; i++)
			if (mapping->address + i * PAGE - address < length && !mapping->seen[i]) {
				mapping->seen[i] = 1;
				mapping->unseen--;
			}
}

int mappings_hold(const struct cc_image *image, uint64_t address)
{
	for (const struct cc_mapping *mapping = image->mappings; mapping; mapping = mapping->next)
		if (address - mapping->address < mapping->pages * PAGE)
			return 1;
	return 0;
}

struct cc_mapping *mappings_copy(const struct cc_image *image)
{
	struct cc_mapping *copies = NULL, **end = &copies;

	for (const struct cc_mapping *mapping = image->mappings; mapping; mapping = mapping->next) {
		*end = malloc(sizeof(*mapping) + mapping->pages);
		memcpy(*end, mapping, sizeof(*mapping) + mapping->pages);
		end = &(*end)->next;
	}
	*end = NULL;
	return copies;
}

void mappings_free(struct cc_image *image)
{
	while (image->mappings) {
		struct cc_mapping *next = image->mappings->next;

		free(image->mappings);
		image->mappings = next;
	}
}

static void look(struct cc_image *image, struct cc_mapping *mapping)
{
	uint8_t content[PAGE];

	for (size_t i = 0; i < mapping->pages && mapping->unseen; i++) {
		if (mapping->seen[i] || guest_read(mapping->address + i * PAGE, content, PAGE))
			continue;
		mapping->seen[i] = 1;
		mapping->unseen--;
		cc_trace_memory(image->trace, mapping->address + i * PAGE, content, PAGE);
	}
}

void mappings_look(unsigned vcpu, void *data)
{
	struct cc_image *image = image_running();

	if (!image || !image->trace || image->error.status)
		return;
	for (struct cc_mapping *mapping = image->mappings; mapping; mapping = mapping->next)
		look(image, mapping);
}
