/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opening a log: the prologue, the manifest, and which frames of records there are. A whole log
 * says so in its index, found through the end marker. Where that is missing or wrong, the frames
 * are walked from the front; what stopped the walk is kept, and said when the reader gets there.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "logs/ahead.h"
#include "logs/reader.h"

static int open_file(struct cc_log_reader *reader, struct cc_error *error)
{
	struct stat info;

	/* O_NONBLOCK: opening a fifo must not wait for its writer. */
	reader->fd = open(reader->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (reader->fd < 0 || fstat(reader->fd, &info))
		return cc_fail(error, CC_EIO, "%s: cannot be opened: %s", reader->path,
			       strerror(errno));
	if (!S_ISREG(info.st_mode))
		return cc_fail(error, CC_EIO, "%s: is %s, not a log: name a .plog file",
			       reader->path, S_ISDIR(info.st_mode) ? "a directory" : "not a file");
	reader->file_bytes = (uint64_t)info.st_size;
	return CC_OK;
}

static int not_a_log(const struct cc_log_reader *reader, struct cc_error *error)
{
	return cc_fail(error, CC_EFORMAT,
		       "%s: is not a Crosscut log: it does not begin as one: name a file that "
		       "cc-slice made",
		       reader->path);
}

static int cut_head(const struct cc_log_reader *reader, struct cc_error *error)
{
	return cc_fail(error, CC_ECUT, "%s: %s: nothing can be read from it, make it again",
		       reader->path,
		       reader->file_bytes ? "the log was cut before the end of its manifest"
					  : "the file is empty");
}

static int read_prologue(struct cc_log_reader *reader, const char *kind, struct cc_error *error)
{
	uint8_t bytes[CC_PROLOGUE_MAX];
	size_t have = reader->file_bytes < sizeof(bytes) ? reader->file_bytes : sizeof(bytes);
	size_t size;
	const char *what;
	int status = cc_reader_pread(reader, bytes, have, 0, error);

	if (status)
		return status;
	if (memcmp(bytes, cc_log_magic, have < CC_MAGIC_SIZE ? have : CC_MAGIC_SIZE) != 0)
		return not_a_log(reader, error);
	if (have < CC_PROLOGUE_SIZE)
		return cut_head(reader, error);
	size = cc_prologue_size(bytes);
	if (!size)
		return cc_reader_damaged(reader, 0, "the file header is of an impossible size",
					 error);
	if (have < size)
		return cut_head(reader, error);
	what = cc_prologue_decode(&reader->prologue, bytes, size);
	if (what)
		return cc_reader_damaged(reader, 0, what, error);
	if (reader->prologue.version < CC_LOG_VERSION_WHOLE ||
	    reader->prologue.version > CC_LOG_VERSION)
		return cc_fail(
			error, CC_EVERSION,
			"%s: has log version %u, this program reads versions %u to %u: slice "
			"the recording again, or use the Crosscut that made it",
			reader->path, reader->prologue.version, CC_LOG_VERSION_WHOLE,
			CC_LOG_VERSION);
	if (kind && strcmp(kind, reader->prologue.kind))
		return cc_fail(error, CC_EUSAGE, "%s: is a %s, not a %s: name a .%s file",
			       reader->path, reader->prologue.kind, kind, kind);
	return CC_OK;
}

/* ---- single frames ---- */

/* The header of a frame that must be of `type`; *end is where the next one begins. */
static int expect(const struct cc_log_reader *reader, uint64_t offset, unsigned type,
		  struct cc_log_frame *frame, uint64_t *end, struct cc_error *error)
{
	int status = cc_reader_header(reader, offset, frame, error);

	if (status)
		return status;
	if (frame->type != type)
		return cc_reader_damaged(reader, offset, "the frames are not in their order",
					 error);
	*end = offset + CC_FRAME_HEADER + frame->length;
	return CC_OK;
}

static int load(struct cc_log_reader *reader, uint64_t offset, const struct cc_log_frame *frame,
		uint8_t **raw, struct cc_error *error)
{
	size_t capacity = 0;
	int status;

	*raw = NULL;
	status = cc_reader_room(reader, raw, &capacity, frame->raw_length, error);
	return status ? status : cc_reader_payload(reader, offset, frame, *raw, error);
}

/* A manifest or a summary. */
static int load_json(struct cc_log_reader *reader, uint64_t offset, unsigned type, json_t **json,
		     struct cc_log_frame *frame, uint64_t *end, struct cc_error *error)
{
	uint8_t *raw = NULL;
	int status = expect(reader, offset, type, frame, end, error);

	if (!status)
		status = load(reader, offset, frame, &raw, error);
	if (!status) {
		*json = json_loadb((const char *)raw, frame->raw_length,
				   JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
		if (!*json)
			status = cc_reader_damaged(reader, offset, "its JSON is malformed", error);
	}
	free(raw);
	return status;
}

static int add_entry(struct cc_log_reader *reader, const struct cc_entry *entry,
		     struct cc_error *error)
{
	if (reader->count == reader->allocated) {
		size_t more = reader->allocated ? 2 * reader->allocated : 64;
		struct cc_entry *entries = realloc(reader->entries, more * sizeof(*entries));

		if (!entries)
			return cc_fail(error, CC_ENOMEM, "%s: no memory for its index",
				       reader->path);
		reader->entries = entries;
		reader->allocated = more;
	}
	reader->entries[reader->count++] = *entry;
	return CC_OK;
}

/* ---- a whole log: from the end marker ---- */

struct tail {
	struct cc_log_frame end;
	uint64_t summary, index, marker; /* offsets of the three frames */
};

static int read_marker(struct cc_log_reader *reader, uint64_t body, struct tail *tail,
		       struct cc_error *error)
{
	uint8_t payload[CC_END_PAYLOAD];
	uint64_t end;
	int status;

	if (reader->file_bytes < body + CC_END_SIZE)
		return cc_fail(error, CC_ECUT, "%s: has no end marker", reader->path);
	tail->marker = reader->file_bytes - CC_END_SIZE;
	status = expect(reader, tail->marker, CC_FRAME_END, &tail->end, &end, error);
	if (!status)
		status = cc_reader_payload(reader, tail->marker, &tail->end, payload, error);
	if (status)
		return status;
	cc_end_decode(payload, &tail->summary, &tail->index);
	if (tail->summary < body || tail->index <= tail->summary || tail->marker <= tail->index)
		return cc_reader_damaged(reader, tail->marker,
					 "the end marker points outside of the log", error);
	return CC_OK;
}

/* Where the first frame of our own goes: behind those of the base. */
static struct cc_entry first_entry(const struct cc_log_reader *reader, uint64_t body)
{
	const struct cc_entry *last = reader->count ? &reader->entries[reader->count - 1] : NULL;
	struct cc_entry entry = {.offset = body};

	if (last) {
		entry.raw_offset = last->raw_offset + last->raw_length;
		entry.first = last->first + last->records;
	}
	return entry;
}

/* The entries follow each other without gaps, so three lengths of each say everything. */
static int parse_index(struct cc_log_reader *reader, uint64_t body, const struct tail *tail,
		       struct cc_cursor *cursor, struct cc_error *error)
{
	struct cc_entry entry = first_entry(reader, body);

	while (!cursor->bad && cursor->at < cursor->end) {
		uint64_t length = cc_get_u(cursor);
		uint64_t raw_length = cc_get_u(cursor);
		uint64_t records = cc_get_u(cursor);
		int status;

		if (cursor->bad || length > UINT32_MAX || raw_length > CC_FRAME_MAX ||
		    records > raw_length || entry.offset + CC_FRAME_HEADER + length > tail->summary)
			break;
		entry.length = (uint32_t)length;
		entry.raw_length = (uint32_t)raw_length;
		entry.records = (uint32_t)records;
		status = add_entry(reader, &entry, error);
		if (status)
			return status;
		entry.offset += CC_FRAME_HEADER + length;
		entry.raw_offset += raw_length;
		entry.first += records;
	}
	if (cursor->bad || cursor->at < cursor->end || entry.offset != tail->summary ||
	    entry.raw_offset != tail->end.raw_offset || entry.first != tail->end.first)
		return cc_reader_damaged(reader, tail->index, "the index does not fit the frames",
					 error);
	return CC_OK;
}

static int read_index(struct cc_log_reader *reader, uint64_t body, const struct tail *tail,
		      struct cc_error *error)
{
	struct cc_log_frame frame;
	uint64_t end = 0;
	uint8_t *raw = NULL;
	int status = expect(reader, tail->index, CC_FRAME_INDEX, &frame, &end, error);

	if (!status && end != tail->marker)
		status = cc_reader_damaged(reader, tail->index,
					   "the end marker does not follow the index", error);
	if (!status)
		status = load(reader, tail->index, &frame, &raw, error);
	if (!status) {
		struct cc_cursor cursor = {.at = raw, .end = raw + frame.raw_length};

		status = parse_index(reader, body, tail, &cursor, error);
	}
	free(raw);
	return status;
}

static int read_tail(struct cc_log_reader *reader, uint64_t body, struct cc_error *error)
{
	struct tail tail;
	struct cc_log_frame frame;
	uint64_t end;
	int status = read_marker(reader, body, &tail, error);

	if (!status)
		status = read_index(reader, body, &tail, error);
	if (!status)
		status = load_json(reader, tail.summary, CC_FRAME_SUMMARY, &reader->summary, &frame,
				   &end, error);
	if (!status && end != tail.index)
		status = cc_reader_damaged(reader, tail.summary,
					   "the index does not follow the summary", error);
	return status;
}

/* ---- a cut or damaged log: from the front ---- */

/* Walk over frames of records up to the first thing that is something else, or is wrong. */
static int walk_records(struct cc_log_reader *reader, uint64_t *offset, struct cc_error *error)
{
	struct cc_entry entry = first_entry(reader, *offset);

	for (;;) {
		struct cc_log_frame frame;
		int status = cc_reader_header(reader, entry.offset, &frame, error);

		*offset = entry.offset;
		if (status)
			return status;
		if (frame.first != entry.first || frame.raw_offset != entry.raw_offset)
			return cc_reader_damaged(reader, entry.offset,
						 "the frame is not the one that belongs here",
						 error);
		if (frame.type != CC_FRAME_RECORDS)
			return CC_OK;
		entry.length = frame.length;
		entry.raw_length = frame.raw_length;
		entry.records = frame.records;
		status = add_entry(reader, &entry, error);
		if (status)
			return status;
		entry.offset += CC_FRAME_HEADER + frame.length;
		entry.raw_offset += frame.raw_length;
		entry.first += frame.records;
	}
}

/* Then summary, index and end marker, each whole, and nothing more. */
static int walk_tail(struct cc_log_reader *reader, uint64_t offset, struct cc_error *error)
{
	for (unsigned type = CC_FRAME_SUMMARY; type <= CC_FRAME_END; type++) {
		struct cc_log_frame frame;
		uint8_t *raw = NULL;
		uint64_t at = offset;
		int status = expect(reader, at, type, &frame, &offset, error);

		if (!status)
			status = load(reader, at, &frame, &raw, error);
		free(raw);
		if (status)
			return status;
	}
	if (offset != reader->file_bytes)
		return cc_reader_damaged(reader, offset, "bytes follow the end marker", error);
	return CC_OK;
}

static int walk(struct cc_log_reader *reader, uint64_t body, struct cc_error *error)
{
	int status = walk_records(reader, &body, error);

	return status ? status : walk_tail(reader, body, error);
}

/*
 * What is wrong with a log does not keep it from being opened, unless the machine failed us: it is
 * found in `stop` when the frames before it have been read.
 */
static int find_frames(struct cc_log_reader *reader, uint64_t body, struct cc_error *error)
{
	struct cc_error tail = {CC_OK, ""};
	size_t of_base = reader->count;
	int status = read_tail(reader, body, &tail);

	if (!status)
		return CC_OK;
	json_decref(reader->summary);
	reader->summary = NULL;
	reader->count = of_base;
	status = walk(reader, body, &reader->stop);
	if (!status)
		reader->stop = tail;
	status = reader->stop.status;
	if (status == CC_EIO || status == CC_ENOMEM) {
		if (error)
			*error = reader->stop;
		return status;
	}
	return CC_OK;
}

/* ---- the public part ---- */

/* The reference to a base, where there is one; *body is where the frames of records begin. */
static int read_base(struct cc_log_reader *reader, uint64_t *body, struct cc_error *error)
{
	struct cc_log_frame frame;
	struct cc_log_base base;
	uint64_t at = *body;
	uint8_t *raw = NULL;
	const char *what;
	int status;

	if (reader->prologue.version == CC_LOG_VERSION_WHOLE)
		return CC_OK;
	status = expect(reader, at, CC_FRAME_BASE, &frame, body, error);
	if (!status)
		status = load(reader, at, &frame, &raw, error);
	if (!status) {
		what = cc_base_decode(&base, raw, frame.raw_length);
		status = what ? cc_reader_damaged(reader, at, what, error)
			      : cc_reader_join(reader, &base, at, error);
	}
	free(raw);
	return status;
}

static int read_all(struct cc_log_reader *reader, const char *kind, struct cc_error *error)
{
	struct cc_log_frame frame;
	uint64_t body;
	int status = open_file(reader, error);

	if (!status)
		status = read_prologue(reader, kind, error);
	if (status)
		return status;
	status = load_json(reader, reader->prologue.size, CC_FRAME_MANIFEST, &reader->manifest,
			   &frame, &body, error);
	reader->manifest_checksum = frame.checksum;
	if (!status)
		status = read_base(reader, &body, error);
	if (status == CC_ECUT)
		return cut_head(reader, error);
	return status ? status : find_frames(reader, body, error);
}

struct cc_log_reader *cc_reader_open(const char *path, const char *kind, unsigned depth,
				     struct cc_error *error)
{
	struct cc_log_reader *reader = calloc(1, sizeof(*reader));

	if (!reader) {
		cc_fail(error, CC_ENOMEM, "%s: no memory to read it", path);
		return NULL;
	}
	reader->fd = -1;
	reader->depth = depth;
	reader->path = strdup(path);
	reader->zstd = ZSTD_createDCtx();
	if (!reader->path || !reader->zstd) {
		cc_fail(error, CC_ENOMEM, "%s: no memory to read it", path);
		cc_log_close(reader);
		return NULL;
	}
	if (read_all(reader, kind, error)) {
		cc_log_close(reader);
		return NULL;
	}
	return reader;
}

struct cc_log_reader *cc_log_open(const char *path, const char *kind, struct cc_error *error)
{
	return cc_reader_open(path, kind, 0, error);
}

void cc_log_close(struct cc_log_reader *reader)
{
	if (!reader)
		return;
	cc_log_close(reader->base);
	cc_ahead_leave(reader->ahead);
	if (reader->fd >= 0)
		close(reader->fd);
	for (size_t i = 0; i < CC_READER_SLOTS; i++)
		free(reader->slots[i].data);
	json_decref(reader->manifest);
	json_decref(reader->summary);
	ZSTD_freeDCtx(reader->zstd);
	free(reader->packed);
	free(reader->entries);
	free(reader->base_name);
	free(reader->path);
	free(reader);
}

json_t *cc_log_manifest(const struct cc_log_reader *reader)
{
	return reader->manifest;
}

json_t *cc_log_summary(const struct cc_log_reader *reader)
{
	return reader->summary;
}

int cc_log_is_cut(const struct cc_log_reader *reader)
{
	return reader->stop.status == CC_ECUT;
}

const char *cc_log_kind(const struct cc_log_reader *reader)
{
	return reader->prologue.kind;
}

void cc_log_sizes(const struct cc_log_reader *reader, struct cc_log_sizes *sizes)
{
	const struct cc_entry *last = reader->count ? &reader->entries[reader->count - 1] : NULL;

	sizes->frames = reader->count;
	sizes->records = last ? last->first + last->records : 0;
	sizes->raw_bytes = last ? last->raw_offset + last->raw_length : 0;
	sizes->file_bytes = reader->file_bytes;
	sizes->blobs = reader->blobs;
	sizes->blob_bytes = reader->blob_bytes;
	sizes->references = reader->references;
	sizes->reference_bytes = reader->reference_bytes;
}
