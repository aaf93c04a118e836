/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A stdio stream as an argument. Programs are compiled with getc_unlocked and its like inline,
 * which read the FILE itself: so what a call left in the read buffer is a result of the call, with
 * the end and error flags. A replay's streams have that content in memory of ours, and no file
 * behind them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/host/walk.h"

#define FLAGS 0x30 /* _IO_EOF_SEEN, _IO_ERR_SEEN (libio.h) */
#define CONTENT_MAX (1u << 20)

/* struct _IO_FILE begins so (bits/types/struct_FILE.h). */
struct head {
	int flags;
	uint64_t read_ptr, read_end, read_base;
};

/*
 * struct _IO_FILE, and what the C library keeps there as it makes a stream (libio.h, iofopncook.c).
 */
#define DESCRIPTOR 112
#define IS_FILEBUF 0x2000
#define OF_FUNCTIONS (-2)

int cc_stream_is_own(const struct cc_memory *memory, uint64_t address)
{
	int flags, descriptor;

	if (!address || memory->read(memory->context, address, &flags, sizeof(flags)) ||
	    memory->read(memory->context, address + DESCRIPTOR, &descriptor, sizeof(descriptor)))
		return 0;
	return !(flags & IS_FILEBUF) || descriptor == OF_FUNCTIONS;
}

static int encode(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	struct head head;

	if (walk->direction == CC_IN) {
		cc_put_u(walk->out, value);
		return 0;
	}
	if (!value) {
		cc_put_u(walk->out, 0);
		return 0;
	}
	if (cc_walk_read(walk, value, &head, sizeof(head)))
		return -1;
	cc_put_u(walk->out, 1 + (unsigned)(head.flags & FLAGS));
	if (head.read_end <= head.read_ptr || head.read_end - head.read_ptr > CONTENT_MAX) {
		cc_walk_put_blob(walk, "", 0);
		return 0;
	}
	return cc_walk_put_memory(walk, head.read_ptr, head.read_end - head.read_ptr);
}

static int compare(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	return !cc_get_u(walk->cursor) == !value ? 0 : CC_DIFFERS;
}

/* Our memory for a stream's content: by stream, as long as it lives. */
struct kept {
	uint64_t stream;
	uint8_t *data;
	size_t room;
};
static struct kept *kept;
static size_t kept_count;

/* NULL: there is no memory. */
static struct kept *keep(uint64_t stream, size_t length)
{
	struct kept *entry;
	size_t i = 0;
	void *larger;

	while (i < kept_count && kept[i].stream != stream)
		i++;
	if (i == kept_count) {
		larger = realloc(kept, (kept_count + 1) * sizeof(*kept));
		if (!larger)
			return NULL;
		kept = larger;
		kept[kept_count++] = (struct kept){.stream = stream};
	}
	entry = &kept[i];
	if (entry->room < length) {
		larger = realloc(entry->data, length);
		if (!larger)
			return NULL;
		entry->data = larger;
		entry->room = length;
	}
	return entry;
}

static int serve(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	uint64_t lead = cc_get_u(walk->cursor);
	const uint8_t *data;
	struct kept *entry;
	struct head head;
	size_t length;

	if (!lead != !value || lead > FLAGS + 1)
		return CC_MALFORMED;
	if (!lead)
		return 0;
	if (cc_walk_get_blob(walk, &data, &length) <= 0 || length > CONTENT_MAX)
		return CC_MALFORMED;
	entry = keep(value, length);
	if (!entry)
		return CC_MALFORMED;
	if (length)
		memcpy(entry->data, data, length);
	memcpy(&head, (void *)(uintptr_t)value, sizeof(head));
	head.flags = (head.flags & ~FLAGS) | (int)(lead - 1);
	head.read_ptr = head.read_base = (uintptr_t)entry->data;
	head.read_end = (uintptr_t)entry->data + length;
	memcpy((void *)(uintptr_t)value, &head, sizeof(head));
	return 0;
}

static int show(struct cc_walk *walk, const struct cc_item *item)
{
	uint64_t lead = cc_get_u(walk->cursor);
	const uint8_t *data;
	size_t length;

	if (walk->direction == CC_IN) {
		walk->emit->address(walk->emit, item->name, lead);
		return walk->cursor->bad ? CC_MALFORMED : 0;
	}
	if (!lead)
		return 0;
	if (cc_walk_get_blob(walk, &data, &length) <= 0)
		return CC_MALFORMED;
	walk->emit->bytes(walk->emit, "buffered", data, length);
	return 0;
}

const struct cc_shape cc_shape_stream = {
	.encode = encode,
	.compare = compare,
	.serve = serve,
	.show = show,
};
