/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the C library allocates inside a host call: a replay, which serves the call, makes the same
 * allocations, so that the program's memory comes where it was.
 */
#include <string.h>

#include "core/base/memory.h"
#include "core/stage/machine/boundary.h"

#define KEEP_MAX (1u << 20)
#define ALLOCS_MAX (1u << 20)

static struct cc_alloc *add_alloc(struct cc_image *image)
{
	if (image->thread->alloc_count == ALLOCS_MAX) {
		image_fail(image, "the C library allocates more than %u times inside one call",
			   ALLOCS_MAX);
		return NULL;
	}
	if (image->thread->alloc_count == image->thread->alloc_capacity) {
		image->thread->alloc_capacity =
			image->thread->alloc_capacity ? image->thread->alloc_capacity * 2 : 64;
		image->thread->allocs =
			cc_reallocate(image->thread->allocs, image->thread->alloc_capacity,
				      sizeof(*image->thread->allocs));
	}
	return memset(&image->thread->allocs[image->thread->alloc_count++], 0,
		      sizeof(*image->thread->allocs));
}

static void note_alloc(struct cc_image *image, uint8_t kind, uint64_t size, uint64_t address,
		       uint64_t result)
{
	struct cc_alloc *alloc = add_alloc(image);

	if (!alloc)
		return;
	alloc->kind = kind;
	alloc->size = size;
	alloc->address = address;
	alloc->result = result;
}

/*
 * Is the thread in a host call that a replay serves, and whose allocations are made there? A join
 * is made as it was, when it is over.
 */
static int is_served(const struct cc_image *image)
{
	const struct cc_hostcall *call =
		image_busy(image) ? image->thread->pending[image->thread->depth - 1].call : NULL;

	return call && call->threads != CC_EFFECT_JOIN_THREAD;
}

void boundary_alloc(unsigned vcpu, void *data)
{
	struct cc_image *image = image_current();
	const struct cc_place *place;
	struct cc_pending *pending;
	int takes_heap, inside;
	uint64_t old;

	if (!image || !image->trace)
		return;
	place = boundary_place(image, guest_register(R_RIP), PLACE_ALLOC);
	if (!place || (place->detail == CC_ALLOC_FREE && !guest_register(R_RDI)))
		return;
	old = place->detail == CC_ALLOC_FREE || place->detail == CC_ALLOC_REALLOC
		      ? guest_register(R_RDI)
		      : 0;
	takes_heap = heap_wanted(image, old);
	inside = is_served(image) || unwind_loads(image);
	if (!takes_heap && !inside)
		return;
	if (place->detail == CC_ALLOC_FREE && !takes_heap) {
		note_alloc(image, CC_ALLOC_FREE, 0, old, 0);
		return;
	}
	pending = boundary_push(image, guest_register(R_RSP));
	if (!pending)
		return;
	pending->takes_heap = takes_heap;
	pending->not_logged = !inside;
	pending->alloc_kind = place->detail;
	boundary_args(pending, 2);
	image_arm(image);
}

void allocs_returned(struct cc_image *image, const struct cc_pending *pending, uint64_t result)
{
	const uint64_t *args = pending->args;

	if (pending->takes_heap)
		heap_taken(image, pending->alloc_kind == CC_ALLOC_FREE ? 0 : result);
	if (pending->not_logged)
		return;
	switch (pending->alloc_kind) {
	case CC_ALLOC_FREE:
		note_alloc(image, CC_ALLOC_FREE, 0, args[0], 0);
		break;
	case CC_ALLOC_MALLOC:
		note_alloc(image, CC_ALLOC_MALLOC, args[0], 0, result);
		break;
	case CC_ALLOC_CALLOC:
		note_alloc(image, CC_ALLOC_CALLOC, args[0] * args[1], 0, result);
		break;
	case CC_ALLOC_REALLOC:
	case CC_ALLOC_MEMALIGN:
		note_alloc(image, pending->alloc_kind, args[1], args[0], result);
		break;
	}
}

static int freed_later(const struct cc_image *image, size_t index)
{
	for (size_t i = index + 1; i < image->thread->alloc_count; i++)
		if (image->thread->allocs[i].address == image->thread->allocs[index].result &&
		    (image->thread->allocs[i].kind == CC_ALLOC_FREE ||
		     image->thread->allocs[i].kind == CC_ALLOC_REALLOC))
			return 1;
	return 0;
}

/* Memory that the call gives the program has content that it will read. */
void allocs_keep(struct cc_image *image, const struct cc_pending *pending)
{
	if (!cc_call_gives_memory(pending->call))
		return;
	for (size_t i = pending->first_alloc; i < image->thread->alloc_count; i++) {
		struct cc_alloc *alloc = &image->thread->allocs[i];
		void *content;

		if (alloc->kind == CC_ALLOC_FREE || !alloc->result || alloc->size > KEEP_MAX ||
		    freed_later(image, i))
			continue;
		content = cc_allocate(alloc->size + 1);
		alloc->kept = !guest_read(alloc->result, content, alloc->size);
		alloc->content = content;
	}
}
