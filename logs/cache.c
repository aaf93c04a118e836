/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames from the file into memory, each checked on its way, and the few that are kept. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "logs/ahead.h"
#include "logs/reader.h"

int cc_reader_damaged(const struct cc_log_reader *reader, uint64_t offset, const char *what,
		      struct cc_error *error)
{
	return cc_fail(error, CC_EFORMAT,
		       "%s: byte %llu: %s: the log is damaged, make it again or take another copy",
		       reader->path, (unsigned long long)offset, what);
}

int cc_reader_pread(const struct cc_log_reader *reader, void *data, size_t length, uint64_t offset,
		    struct cc_error *error)
{
	uint8_t *at = data;

	while (length) {
		ssize_t got = pread(reader->fd, at, length, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return cc_fail(error, CC_EIO, "%s: cannot be read at byte %llu: %s",
				       reader->path, (unsigned long long)offset, strerror(errno));
		if (!got)
			return cc_fail(error, CC_ECUT, "%s: the file ends at byte %llu, too early",
				       reader->path, (unsigned long long)offset);
		at += got;
		offset += (uint64_t)got;
		length -= (size_t)got;
	}
	return CC_OK;
}

static int ends_early(const struct cc_log_reader *reader, uint64_t offset, struct cc_error *error)
{
	return cc_fail(
		error, CC_ECUT,
		"%s: the log was cut: its last whole frame ends at byte %llu of %llu, and no "
		"end marker follows: what is there can be read, for the rest make it again",
		reader->path, (unsigned long long)offset, (unsigned long long)reader->file_bytes);
}

int cc_reader_header(const struct cc_log_reader *reader, uint64_t offset,
		     struct cc_log_frame *frame, struct cc_error *error)
{
	uint8_t bytes[CC_FRAME_HEADER];
	const char *what;
	int status;

	if (offset > reader->file_bytes || reader->file_bytes - offset < sizeof(bytes))
		return ends_early(reader, offset, error);
	status = cc_reader_pread(reader, bytes, sizeof(bytes), offset, error);
	if (status)
		return status;
	what = cc_log_frame_decode(frame, bytes);
	if (what)
		return cc_reader_damaged(reader, offset, what, error);
	if (reader->file_bytes - offset - sizeof(bytes) < frame->length)
		return ends_early(reader, offset, error);
	return CC_OK;
}

int cc_reader_payload(struct cc_log_reader *reader, uint64_t offset,
		      const struct cc_log_frame *frame, uint8_t *raw, struct cc_error *error)
{
	const char *what;
	int status = cc_reader_room(reader, &reader->packed, &reader->packed_capacity,
				    frame->length, error);

	if (!status)
		status = cc_reader_pread(reader, reader->packed, frame->length,
					 offset + CC_FRAME_HEADER, error);
	if (status)
		return status;
	what = cc_log_frame_unpack(reader->zstd, frame, reader->packed, raw);
	return what ? cc_reader_damaged(reader, offset, what, error) : CC_OK;
}

int cc_reader_room(struct cc_log_reader *reader, uint8_t **data, size_t *capacity, size_t need,
		   struct cc_error *error)
{
	if (*data && *capacity >= need)
		return CC_OK;
	free(*data);
	*capacity = 0;
	*data = malloc(need ? need : 1);
	if (!*data)
		return cc_fail(error, CC_ENOMEM, "%s: no memory for a frame of %zu bytes",
			       reader->path, need);
	*capacity = need;
	return CC_OK;
}

/* An empty slot while memory may be taken or all others may still be looked at; else the oldest. */
static struct cc_slot *slot_for(struct cc_log_reader *reader, size_t need)
{
	struct cc_slot *empty = NULL, *oldest = NULL;
	size_t held = need;

	for (struct cc_slot *slot = reader->slots; slot < reader->slots + CC_READER_SLOTS; slot++) {
		held += slot->capacity;
		if (slot == reader->current)
			continue;
		if (!slot->used)
			empty = slot;
		else if (!oldest || slot->used < oldest->used)
			oldest = slot;
	}
	if (!empty)
		return oldest;
	if (!oldest || held <= CC_READER_CACHE || oldest->used >= reader->record_clock)
		return empty;
	return oldest;
}

int cc_reader_is(const struct cc_log_frame *frame, const struct cc_entry *entry)
{
	return frame->type == CC_FRAME_RECORDS && frame->first == entry->first &&
	       frame->raw_offset == entry->raw_offset && frame->length == entry->length &&
	       frame->raw_length == entry->raw_length && frame->records == entry->records;
}

static int fill(struct cc_log_reader *reader, struct cc_slot *slot, size_t number,
		struct cc_error *error)
{
	const struct cc_entry *entry = &reader->entries[number];
	struct cc_log_frame frame;
	int status;

	if (slot->capacity > CC_FRAME_LONG) /* one huge record must not hold its memory for ever */
		slot->capacity = 0;
	status = cc_reader_room(reader, &slot->data, &slot->capacity, entry->raw_length, error);
	if (status)
		return status;
	reader = cc_reader_holder(reader, entry);
	status = cc_reader_header(reader, entry->offset, &frame, error);
	if (status)
		return status;
	if (!cc_reader_is(&frame, entry))
		return cc_reader_damaged(reader, entry->offset,
					 "the frame is not the one that belongs here", error);
	return cc_reader_payload(reader, entry->offset, &frame, slot->data, error);
}

struct cc_slot *cc_reader_frame(struct cc_log_reader *reader, size_t entry, struct cc_error *error)
{
	struct cc_slot *slot = reader->slots;

	while (slot < reader->slots + CC_READER_SLOTS && !(slot->used && slot->entry == entry))
		slot++;
	if (slot == reader->slots + CC_READER_SLOTS) {
		slot = slot_for(reader, reader->entries[entry].raw_length);
		slot->used = 0;
		if (fill(reader, slot, entry, error))
			return NULL;
		slot->entry = entry;
	}
	slot->used = ++reader->clock;
	return slot;
}

struct cc_slot *cc_reader_next_frame(struct cc_log_reader *reader, size_t entry,
				     struct cc_error *error)
{
	uint8_t *data = NULL;

	if (reader->ahead)
		data = cc_ahead_take(reader->ahead, entry, reader->entries[entry].raw_length);
	if (!data)
		return cc_reader_frame(reader, entry, error);
	reader->lent = (struct cc_slot){.entry = entry, .data = data, .used = ++reader->clock};
	return &reader->lent;
}
