/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reading half of logs/trace.h. */
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "logs/trace.h"

#define STRINGS_MAX 65536 /* argv and envp; ARG_MAX bounds them far lower in practice */

/* ---- arena ---- */

struct cc_arena {
	struct chunk {
		struct chunk *next;
		char memory[];
	} * chunks;
};

struct cc_arena *cc_arena_new(void)
{
	return cc_allocate_zeros(1, sizeof(struct cc_arena));
}

void cc_arena_free(struct cc_arena *arena)
{
	while (arena && arena->chunks) {
		struct chunk *chunk = arena->chunks;

		arena->chunks = chunk->next;
		free(chunk);
	}
	free(arena);
}

static void *arena_get(struct cc_arena *arena, size_t size)
{
	struct chunk *chunk = cc_allocate_zeros(1, sizeof(*chunk) + size);

	chunk->next = arena->chunks;
	arena->chunks = chunk;
	return chunk->memory;
}

static char *get_string(struct cc_cursor *cursor, struct cc_arena *arena)
{
	size_t length;
	const uint8_t *data = cc_get_blob(cursor, &length);
	char *text = arena_get(arena, length + 1);

	if (data)
		memcpy(text, data, length);
	return text;
}

static char **get_strings(struct cc_cursor *cursor, struct cc_arena *arena)
{
	uint64_t count = cc_get_u(cursor);
	char **strings;

	if (count > STRINGS_MAX || count > (size_t)(cursor->end - cursor->at)) {
		cursor->bad = 1;
		count = 0;
	}
	strings = arena_get(arena, (count + 1) * sizeof(*strings));
	for (uint64_t i = 0; i < count; i++)
		strings[i] = get_string(cursor, arena);
	return strings;
}

/* ---- records ---- */

int cc_read_start(struct cc_log_reader *reader, struct cc_cursor *cursor, struct cc_arena *arena,
		  struct cc_start *start)
{
	const uint8_t *streams;

	memset(start, 0, sizeof(*start));
	start->pid = cc_get_u(cursor);
	start->parent = cc_get_u(cursor);
	start->brk = cc_get_u(cursor);
	start->thread = cc_get_u(cursor);
	start->executable = get_string(cursor, arena);
	start->build_id = get_string(cursor, arena);
	start->libc_build_id = get_string(cursor, arena);
	start->directory = get_string(cursor, arena);
	start->argv = get_strings(cursor, arena);
	start->envp = get_strings(cursor, arena);
	streams = cc_get_bytes(cursor, sizeof(start->streams));
	if (streams)
		memcpy(start->streams, streams, sizeof(start->streams));
	if (streams && cursor->at < cursor->end) /* earlier slices have none */
		start->stack = cc_get_u(cursor);
	for (size_t i = 0;
	     i < sizeof(start->outputs) / sizeof(*start->outputs) && cursor->at < cursor->end; i++)
		start->outputs[i] = get_string(cursor, arena);
	return cursor->bad ? -1 : 0;
}

int cc_read_call_head(struct cc_cursor *cursor, struct cc_call_head *head)
{
	head->call = cc_get_u(cursor);
	head->frame = cc_get_u(cursor);
	head->depth = (unsigned)cc_get_u(cursor);
	head->flags = (unsigned)cc_get_u(cursor);
	return cursor->bad ? -1 : 0;
}

int cc_read_call_tail(struct cc_cursor *cursor, struct cc_call_tail *tail)
{
	uint64_t error;

	tail->ret = cc_get_s(cursor);
	error = cc_get_u(cursor);
	tail->error = error ? (int)(error - 1) : -1;
	tail->alloc_count = cc_get_u(cursor);
	return cursor->bad || error > 4096 || tail->alloc_count > CC_RECORD_MAX / 4 ? -1 : 0;
}

int cc_read_alloc(struct cc_log_reader *reader, struct cc_cursor *cursor, struct cc_alloc *alloc)
{
	uint64_t kind = cc_get_u(cursor);
	size_t length;

	memset(alloc, 0, sizeof(*alloc));
	alloc->kind = kind & 7;
	alloc->kept = !!(kind & 8);
	alloc->size = cc_get_u(cursor);
	alloc->address = cc_get_u(cursor);
	alloc->result = cc_get_u(cursor);
	if (alloc->kept) {
		alloc->content = cc_log_get_blob(reader, cursor, &length);
		if (!alloc->content || length != alloc->size)
			return -1;
	}
	return cursor->bad || kind > 15 || alloc->kind > CC_ALLOC_MEMALIGN ? -1 : 0;
}

int cc_skip_allocs(struct cc_log_reader *reader, struct cc_cursor *cursor, size_t count)
{
	struct cc_alloc alloc;

	while (count--)
		if (cc_read_alloc(reader, cursor, &alloc))
			return -1;
	return 0;
}

static int get_trimmed(struct cc_cursor *cursor, uint8_t *to, size_t size)
{
	size_t length;
	const uint8_t *data = cc_get_blob(cursor, &length);

	memset(to, 0, size);
	if (!data || length > size)
		return -1;
	memcpy(to, data, length);
	return 0;
}

int cc_read_signal(struct cc_cursor *cursor, struct cc_signal *signal,
		   struct cc_signal_details *details)
{
	struct cc_signal_details ignored;
	uint64_t in_op;

	if (!details)
		details = &ignored;
	signal->signal = (unsigned)cc_get_u(cursor);
	signal->ops = cc_get_u(cursor);
	signal->depth = (unsigned)cc_get_u(cursor);
	in_op = cc_get_u(cursor);
	if (in_op > CC_SIGNAL_IN_SYSCALL)
		return -1;
	signal->in_op = in_op;
	if (get_trimmed(cursor, details->info, sizeof(details->info)) ||
	    get_trimmed(cursor, details->context, sizeof(details->context)))
		return -1;
	signal->loops = cursor->at < cursor->end ? cc_get_u(cursor) : 0;
	return cursor->bad ? -1 : 0;
}

int cc_read_switch(struct cc_cursor *cursor, struct cc_switch *at)
{
	uint64_t place = cursor->at < cursor->end ? cc_get_u(cursor) : CC_PLACE_IN;

	*at = (struct cc_switch){.place = (enum cc_switch_place)place};
	if (place > CC_PLACE_AMIDST)
		return -1;
	if (place >= CC_PLACE_AT)
		at->calls = cc_get_u(cursor);
	if (place >= CC_PLACE_BEHIND)
		at->ops = cc_get_u(cursor);
	if (place == CC_PLACE_AMIDST) {
		at->address = cc_get_u(cursor);
		at->times = cc_get_u(cursor);
	}
	return cursor->bad ? -1 : 0;
}

int cc_read_value(struct cc_log_reader *reader, struct cc_cursor *cursor, struct cc_value *value)
{
	const uint8_t *bytes;

	memset(value, 0, sizeof(*value));
	value->kind = (uint8_t)cc_get_u(cursor);
	switch (value->kind) {
	case CC_VALUE_UNDEF:
	case CC_VALUE_OTHER:
		break;
	case CC_VALUE_INT:
		value->i = cc_get_s(cursor);
		break;
	case CC_VALUE_UINT:
		value->u = cc_get_u(cursor);
		break;
	case CC_VALUE_DOUBLE:
		bytes = cc_get_bytes(cursor, sizeof(value->d));
		if (bytes)
			memcpy(&value->d, bytes, sizeof(value->d));
		break;
	case CC_VALUE_STRING:
		value->data = cc_log_get_blob(reader, cursor, &value->length);
		if (!value->data)
			return -1;
		break;
	default:
		return -1;
	}
	return cursor->bad ? -1 : 0;
}

/* ---- definitions ---- */

struct table {
	void **entries;
	size_t count, capacity;
};

struct cc_definitions {
	struct cc_arena *arena;
	struct table strings, calls, frames;
};

struct cc_definitions *cc_definitions_new(void)
{
	struct cc_definitions *definitions = cc_allocate_zeros(1, sizeof(*definitions));

	definitions->arena = cc_arena_new();
	return definitions;
}

void cc_definitions_free(struct cc_definitions *definitions)
{
	if (!definitions)
		return;
	free(definitions->strings.entries);
	free(definitions->calls.entries);
	free(definitions->frames.entries);
	cc_arena_free(definitions->arena);
	free(definitions);
}

static void add(struct table *table, void *entry)
{
	if (table->count == table->capacity) {
		table->capacity = table->capacity ? table->capacity * 2 : 64;
		table->entries = cc_reallocate(table->entries, table->capacity, sizeof(void *));
	}
	table->entries[table->count++] = entry;
}

static const void *lookup(const struct table *table, uint64_t id)
{
	return id < table->count ? table->entries[id] : NULL;
}

static int feed_frame(struct cc_definitions *definitions, struct cc_cursor *cursor)
{
	struct cc_frame *frame = arena_get(definitions->arena, sizeof(*frame));

	frame->op = lookup(&definitions->strings, cc_get_u(cursor));
	frame->file = lookup(&definitions->strings, cc_get_u(cursor));
	frame->line = (uint32_t)cc_get_u(cursor);
	frame->sub = lookup(&definitions->strings, cc_get_u(cursor));
	if (cursor->bad || !frame->op || !frame->file || !frame->sub)
		return -1;
	add(&definitions->frames, frame);
	return 1;
}

static int feed_call(struct cc_definitions *definitions, struct cc_cursor *cursor)
{
	struct cc_definition *call = arena_get(definitions->arena, sizeof(*call));

	call->name = get_string(cursor, definitions->arena);
	call->spec = get_string(cursor, definitions->arena);
	if (cursor->bad)
		return -1;
	add(&definitions->calls, call);
	return 1;
}

int cc_definitions_feed(struct cc_definitions *definitions, struct cc_log_reader *reader,
			struct cc_record *record)
{
	switch (record->type) {
	case CC_REC_STRING:
		add(&definitions->strings, get_string(&record->cursor, definitions->arena));
		return record->cursor.bad ? -1 : 1;
	case CC_REC_FRAME:
		return feed_frame(definitions, &record->cursor);
	case CC_REC_CALLDEF:
		return feed_call(definitions, &record->cursor);
	}
	return 0;
}

const char *cc_definitions_string(const struct cc_definitions *definitions, uint64_t id)
{
	return lookup(&definitions->strings, id);
}

const struct cc_definition *cc_definitions_call(const struct cc_definitions *definitions,
						uint64_t id)
{
	return lookup(&definitions->calls, id);
}

const struct cc_frame *cc_definitions_frame(const struct cc_definitions *definitions, uint64_t id)
{
	return lookup(&definitions->frames, id);
}
