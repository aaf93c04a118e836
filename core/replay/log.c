/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log as a replay reads it: one event ahead. Records on the way that are no events take effect
 * at once, each by its own function.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "core/replay/heap.h"
#include "core/replay/inner.h"
#include "core/replay/instructions.h"
#include "core/replay/mapping.h"
#include "core/replay/modules.h"
#include "core/replay/past.h"
#include "core/replay/replay.h"
#include "core/replay/threads.h"

void cc_replay_malformed(const char *what)
{
	cc_die("malformed %s %llu", what, (unsigned long long)cc_replay.log.next.ordinal);
}

/* ---- mappings ---- */

static void note_mapping(struct cc_record *record)
{
	struct cc_recorded_mapping *mapping;

	if (cc_replay.mappings.first == cc_replay.mappings.count)
		cc_replay.mappings.first = cc_replay.mappings.count = 0;
	cc_heap_room(cc_replay.mappings.list, cc_replay.mappings.count);
	mapping = &cc_replay.mappings.list[cc_replay.mappings.count++];
	mapping->thread = cc_replay.log.thread;
	mapping->syscall = (unsigned)cc_get_u(&record->cursor);
	mapping->length = cc_get_u(&record->cursor);
	mapping->address = cc_get_u(&record->cursor);
}

uint64_t cc_replay_attached(uint64_t address)
{
	for (size_t i = cc_replay.mappings.first; i < cc_replay.mappings.count; i++)
		if (cc_replay.mappings.list[i].syscall == SYS_shmat &&
		    cc_replay.mappings.list[i].address == address) {
			cc_replay.mappings.list[i].syscall = 0; /* it is used up */
			return cc_replay.mappings.list[i].length;
		}
	return 0;
}

int cc_replay_refuses(void)
{
	for (size_t i = cc_replay.mappings.first; i < cc_replay.mappings.count; i++)
		if (cc_replay.mappings.list[i].address >= (uint64_t)-4095)
			return 1;
	return 0;
}

int cc_replay_knows_refusals(void)
{
	return cc_replay.log.of_machine;
}

int cc_replay_knows_opens(void)
{
	return cc_replay.log.tells_opens;
}

/*
 * Records are read ahead up to the next event, so a mapping made before that event is in the list.
 * Mappings before the one that fits stay: they may be for another thread.
 */
uint64_t cc_replay_mapping(unsigned syscall, uint64_t length)
{
	for (size_t i = cc_replay.mappings.first; i < cc_replay.mappings.count; i++) {
		struct cc_recorded_mapping found = cc_replay.mappings.list[i];

		if (found.syscall != syscall || found.length != length || found.thread != cc_thread)
			continue;
		memmove(&cc_replay.mappings.list[cc_replay.mappings.first + 1],
			&cc_replay.mappings.list[cc_replay.mappings.first],
			(i - cc_replay.mappings.first) * sizeof(found));
		cc_replay.mappings.first++;
		return found.address;
	}
	return 0;
}

/* ---- what is no event ---- */

static void note_call(const struct cc_definition *definition)
{
	const struct cc_hostcall *row = cc_hostcall_find(definition->name);

	if (!row || strcmp(row->spec, definition->spec))
		cc_die("the slice holds calls of %s as another version of Crosscut logged them: "
		       "slice "
		       "the .vmlog again",
		       definition->name);
	cc_heap_room(cc_replay.log.calls, cc_replay.log.call_count);
	cc_replay.log.calls[cc_replay.log.call_count++] = row;
}

static void note_file(struct cc_record *record)
{
	size_t path_length, length;
	const uint8_t *path = cc_get_blob(&record->cursor, &path_length);
	const uint8_t *content;
	char *name;

	if (!path)
		cc_replay_malformed("file record");
	name = cc_heap_copy_bytes((const char *)path, path_length);
	content = cc_log_get_blob(cc_replay.log.reader, &record->cursor, &length);
	if (!content)
		cc_replay_malformed("file record");
	cc_data_add(name, content, length);
	free(name);
}

static char *text_of(struct cc_record *record)
{
	size_t length;
	const uint8_t *text = cc_get_blob(&record->cursor, &length);

	if (!text)
		cc_replay_malformed("record");
	return cc_heap_copy_bytes((const char *)text, length);
}

static void note_module(struct cc_record *record)
{
	struct cc_module module = {.path = text_of(record),
				   .build_id = text_of(record),
				   .base = cc_get_u(&record->cursor)};

	/* Earlier slices have no package. */
	module.package =
		record->cursor.at < record->cursor.end ? text_of(record) : cc_heap_copy("");
	cc_module_note(&module);
	free(module.path);
	free(module.build_id);
	free(module.package);
}

void cc_replay_fill(struct cc_record *record)
{
	uint64_t address = cc_get_u(&record->cursor);
	size_t length;
	const uint8_t *content = cc_log_get_blob(cc_replay.log.reader, &record->cursor, &length);

	if (!content || cc_mapping_fill(address, content, length))
		cc_replay_malformed("memory record");
}

static void join_mappings(struct cc_record *record)
{
	uint64_t address = cc_get_u(&record->cursor);

	if (cc_alias_join(address, cc_get_u(&record->cursor)))
		cc_replay_malformed("alias record");
}

static void write_output(struct cc_record *record)
{
	uint64_t stream = cc_get_u(&record->cursor);
	size_t length;
	const uint8_t *data = cc_log_get_blob(cc_replay.log.reader, &record->cursor, &length);

	if (!data || stream < CC_STREAM_OUT || stream > CC_STREAM_OWN_ERR)
		cc_replay_malformed("output record");
	cc_replay_write((unsigned)stream, data, length);
}

static void note_system_call(struct cc_record *record)
{
	if (cc_inner_note(cc_replay.log.reader, &record->cursor, cc_replay.log.thread) < 0)
		cc_replay_malformed("record");
}

static void note_instruction(struct cc_record *record)
{
	if (cc_instructions_note(&record->cursor) < 0)
		cc_replay_malformed("record");
}

static void note_executed(struct cc_record *record)
{
	if (cc_instructions_executed(cc_replay.log.reader, &record->cursor, cc_replay.log.thread) <
	    0)
		cc_replay_malformed("record");
}

static void change_thread(struct cc_record *record)
{
	cc_replay.log.thread = (unsigned)cc_get_u(&record->cursor);
}

static void note_fork(struct cc_record *record)
{
	uint64_t child = cc_get_u(&record->cursor);

	if (!child || child > INT_MAX)
		cc_replay_malformed("record");
	cc_past_read((pid_t)child);
}

static void pass_part(struct cc_record *record)
{
}

/* What is to be done with records that are no event; each function consumes its record. */
static void (*const takes[])(struct cc_record *record) = {
	[CC_REC_PART] = pass_part,	     [CC_REC_MAP] = note_mapping,
	[CC_REC_SYSCALL] = note_system_call, [CC_REC_INSTRUCTION] = note_instruction,
	[CC_REC_EXECUTED] = note_executed,   [CC_REC_FILE] = note_file,
	[CC_REC_MODULE] = note_module,	     [CC_REC_MEMORY] = cc_replay_fill,
	[CC_REC_ALIAS] = join_mappings,	     [CC_REC_OUTPUT] = write_output,
	[CC_REC_THREAD] = change_thread,     [CC_REC_FORKED] = note_fork,
};

/* ---- events ---- */

/*
 * Is it a call that a signal handler jumped out of? The handler's calls came before, and the call
 * is over.
 */
static int abandoned(const struct cc_record *record)
{
	struct cc_cursor cursor = record->cursor;
	struct cc_call_head head;

	if (record->type != CC_REC_CALL || cc_read_call_head(&cursor, &head) < 0 ||
	    !(head.flags & CC_CALL_ABANDONED))
		return 0;
	if (cc_replay.depth > head.depth)
		cc_replay.depth = head.depth;
	return 1;
}

/* Consumes the record if it is a definition, or of a call that is over already. 1; or 0. */
static int is_passed(struct cc_record *record)
{
	int got = cc_definitions_feed(cc_replay.log.definitions, cc_replay.log.reader, record);

	if (got < 0)
		cc_replay_malformed("record");
	if (got && record->type == CC_REC_CALLDEF)
		note_call(cc_definitions_call(cc_replay.log.definitions, cc_replay.log.call_count));
	return got || abandoned(record);
}

void cc_replay_advance(void)
{
	struct cc_record *next = &cc_replay.log.next;
	struct cc_error error;

	for (;;) {
		int got = cc_log_next(cc_replay.log.reader, next, &error);

		cc_replay.log.have_next = got > 0;
		if (got < 0 && error.status != CC_ECUT)
			cc_die("%s", error.text);
		if (got <= 0)
			return;
		if (is_passed(next))
			continue;
		if (next->type >= sizeof(takes) / sizeof(*takes) || !takes[next->type]) {
			cc_replay.log.whole = *next;
			return;
		}
		takes[next->type](next);
	}
}

struct cc_end cc_replay_read_end(void)
{
	struct cc_cursor cursor = cc_replay.log.next.cursor;
	struct cc_end end = {.status = (int)cc_get_s(&cursor)};

	end.ops = (int64_t)cc_get_u(&cursor);
	end.running = cc_get_u(&cursor) != 0;
	return end;
}

int cc_replay_switch(struct cc_switch *at)
{
	struct cc_cursor cursor = cc_replay.log.next.cursor;

	if (!cc_replay_is(CC_REC_SWITCH) || cc_replay.log.thread != cc_thread)
		return 0;
	if (cc_read_switch(&cursor, at))
		cc_replay_malformed("record");
	return 1;
}

uint64_t cc_replay_pointer(void)
{
	struct cc_cursor cursor = cc_replay.log.next.cursor;

	return cc_get_u(&cursor);
}

uint64_t cc_replay_position(void)
{
	return cc_replay.log.next.ordinal;
}

struct cc_log_reader *cc_replay_reader(void)
{
	return cc_replay.log.reader;
}

void cc_replay_copied(void)
{
	cc_log_copied(cc_replay.log.reader);
}
