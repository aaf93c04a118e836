/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Record by record through a log, and the blobs of a record. Nothing is copied. */
#include "logs/ahead.h"
#include "logs/reader.h"

static int fail(struct cc_log_reader *reader, struct cc_error *error)
{
	if (error)
		*error = reader->failed;
	return reader->failed.status;
}

static int damaged(struct cc_log_reader *reader, const char *what, struct cc_error *error)
{
	cc_reader_damaged(reader, reader->entries[reader->current->entry].offset, what,
			  &reader->failed);
	return fail(reader, error);
}

/* 1, 0 at the end of a whole log, or a CC_E… */
static int next_frame(struct cc_log_reader *reader, struct cc_error *error)
{
	const struct cc_entry *entry;
	struct cc_slot *slot;

	if (reader->at != reader->end)
		return damaged(reader, "bytes follow the frame's last record", error);
	if (reader->next_entry == reader->count) {
		reader->failed = reader->stop;
		return fail(reader, error);
	}
	entry = &reader->entries[reader->next_entry];
	slot = cc_reader_next_frame(reader, reader->next_entry, &reader->failed);
	if (!slot)
		return fail(reader, error);
	reader->next_entry++;
	reader->current = slot;
	reader->at = slot->data;
	reader->end = slot->data + entry->raw_length;
	reader->left = entry->records;
	return 1;
}

/* cc_get_u for the numbers below 128 that most types and lengths are. */
static inline uint64_t get_small(struct cc_cursor *cursor)
{
	if (cursor->at < cursor->end && *cursor->at < 0x80)
		return *cursor->at++;
	return cc_get_u(cursor);
}

int cc_log_next(struct cc_log_reader *reader, struct cc_record *record, struct cc_error *error)
{
	struct cc_cursor cursor;
	uint64_t type, length;

	if (reader->failed.status)
		return fail(reader, error);
	if (!reader->left) {
		int status = next_frame(reader, error);

		if (status <= 0)
			return status;
	}
	cursor = (struct cc_cursor){.at = reader->at, .end = reader->end};
	type = get_small(&cursor);
	length = get_small(&cursor);
	if (cursor.bad || !type || type > UINT32_MAX || length > CC_RECORD_MAX ||
	    length > (size_t)(cursor.end - cursor.at))
		return damaged(reader, "a record in the frame is malformed", error);
	record->type = (unsigned)type;
	record->ordinal = reader->ordinal++;
	record->cursor = (struct cc_cursor){.at = cursor.at, .end = cursor.at + length};
	reader->record = reader->at;
	reader->at = record->cursor.end;
	reader->left--;
	reader->record_clock = reader->clock + 1;
	return 1;
}

void cc_log_copied(struct cc_log_reader *reader)
{
	if (reader->ahead)
		cc_ahead_detach(reader->ahead);
}

void cc_log_read_ahead(struct cc_log_reader *reader, int descriptor)
{
	reader->ahead = cc_ahead_join(reader, descriptor);
}

int cc_log_rewind(struct cc_log_reader *reader, struct cc_error *error)
{
	reader->failed.status = CC_OK;
	reader->current = NULL;
	reader->next_entry = 0;
	reader->at = reader->end = reader->record = NULL;
	reader->left = 0;
	reader->ordinal = 0;
	return CC_OK;
}

/* ---- blobs ---- */

/* The frame that holds the raw byte at `offset`, which is before the current record. */
static size_t entry_of(const struct cc_log_reader *reader, uint64_t offset)
{
	size_t low = 0, high = reader->next_entry;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (reader->entries[middle].raw_offset <= offset)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static const uint8_t *referred(struct cc_log_reader *reader, uint64_t offset, size_t length)
{
	const struct cc_entry *current, *entry;
	const struct cc_slot *slot = reader->current;
	uint64_t now;

	if (!reader->record)
		return NULL;
	current = &reader->entries[slot->entry];
	now = current->raw_offset + (uint64_t)(reader->record - slot->data);
	if (offset > now || length > now - offset)
		return NULL;
	entry = offset >= current->raw_offset ? current
					      : &reader->entries[entry_of(reader, offset)];
	if (length > entry->raw_offset + entry->raw_length - offset)
		return NULL;
	if (entry != current)
		slot = cc_reader_frame(reader, (size_t)(entry - reader->entries), NULL);
	return slot ? slot->data + (offset - entry->raw_offset) : NULL;
}

static const uint8_t *get_reference(struct cc_log_reader *reader, struct cc_cursor *cursor,
				    size_t length)
{
	uint64_t offset = cc_get_u(cursor);

	if (cursor->bad)
		return NULL;
	reader->references++;
	reader->reference_bytes += length;
	return referred(reader, offset, length);
}

const uint8_t *cc_log_get_blob(struct cc_log_reader *reader, struct cc_cursor *cursor,
			       size_t *length)
{
	uint64_t head = cc_get_u(cursor);
	size_t count = (size_t)(head >> 1);
	const uint8_t *at = NULL;

	if (!cursor->bad && count <= CC_RECORD_MAX)
		at = head & 1 ? get_reference(reader, cursor, count) : cc_get_bytes(cursor, count);
	if (!at) {
		cursor->bad = 1;
		count = 0;
	}
	reader->blobs++;
	reader->blob_bytes += count;
	*length = count;
	return at;
}
