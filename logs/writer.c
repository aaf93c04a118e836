/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing a log: records gather in one frame in memory; a full frame is compressed and written.
 * The first error of the file is remembered, the temporary file is removed at once, and every later
 * call gives that error again.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "logs/newfile.h"
#include "logs/blob.h"
#include "logs/checksum.h"
#include "logs/frame.h"
#include "logs/writer.h"

/*
 * Measured on text that was read 8 KB at a time, against `zstd -3` of the text alone: level 3 gave
 * 4 to 6 % more (each record interrupts a match), level 5 gave 3 to 4 % less at some 100 MB/s. The
 * window is the whole frame.
 */
#define ZSTD_LEVEL 5
#define ZSTD_WINDOW_LOG 22
_Static_assert(1u << ZSTD_WINDOW_LOG == CC_FRAME_LONG, "the window is the frame");

/* ---- the file ---- */

/* What to say of an errno while writing, and what to do about it. */
static const struct {
	int number;
	const char *why, *what_to_do;
} write_errors[] = {
	{ENOSPC, "no space left on the device", "free some, or write the log elsewhere"},
	{EDQUOT, "no space left on the device (disk quota)",
	 "free some, or write the log elsewhere"},
	{EFBIG, "the file would be larger than allowed here",
	 "raise `ulimit -f`, or write the log elsewhere"},
	{EACCES, "permission denied", "write the log to a directory that you may write to"},
	{EROFS, "the file system is read-only", "write the log elsewhere"},
	{ENOENT, "there is no such directory", "create it first"},
	{ENOTDIR, "its directory is not a directory", "write the log elsewhere"},
	{EEXIST, "it exists", "remove it when no other process is writing it"},
};

static int cannot_write(struct cc_error *error, const char *path, int number)
{
	for (size_t i = 0; i < sizeof(write_errors) / sizeof(*write_errors); i++)
		if (write_errors[i].number == number)
			return cc_fail(error, CC_EIO, "%s: %s: %s", path, write_errors[i].why,
				       write_errors[i].what_to_do);
	return cc_fail(error, CC_EIO, "%s: cannot be written: %s", path, strerror(number));
}

static void remove_temporary(struct cc_log_writer *writer)
{
	if (writer->fd < 0)
		return;
	close(writer->fd);
	unlink(writer->temporary);
	writer->fd = -1;
}

/* Remember the first error, and leave nothing behind. */
static int fail(struct cc_log_writer *writer, struct cc_error *error)
{
	remove_temporary(writer);
	if (error)
		*error = writer->failed;
	return writer->failed.status;
}

int cc_writer_fail_errno(struct cc_log_writer *writer, int number, struct cc_error *error)
{
	cannot_write(&writer->failed, writer->path, number);
	return fail(writer, error);
}

/* 0, or an errno. */
static int write_at(int fd, const void *data, size_t length, uint64_t offset)
{
	const uint8_t *at = data;

	while (length) {
		ssize_t done = pwrite(fd, at, length, (off_t)offset);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return done ? errno : ENOSPC;
		at += done;
		offset += (uint64_t)done;
		length -= (size_t)done;
	}
	return 0;
}

int cc_writer_append(struct cc_log_writer *writer, const void *data, size_t length,
		     struct cc_error *error)
{
	int number = writer->measures ? 0 : write_at(writer->fd, data, length, writer->file_bytes);

	if (number)
		return cc_writer_fail_errno(writer, number, error);
	writer->file_bytes += length;
	return CC_OK;
}

/* What a killed writer of the same log has left, a file of ours: its process is gone. */
static void remove_one_left(const char *path)
{
	long pid = cc_newfile_maker(path);
	struct stat info;

	if (pid && kill((pid_t)pid, 0) && errno == ESRCH && !lstat(path, &info) &&
	    S_ISREG(info.st_mode) && info.st_uid == geteuid())
		unlink(path);
}

static void remove_left(const char *path)
{
	char *pattern;
	glob_t found;

	if (strpbrk(path, "*?[\\") || asprintf(&pattern, "%s.tmp-*", path) < 0)
		return;
	if (!glob(pattern, GLOB_NOSORT, NULL, &found))
		for (size_t i = 0; i < found.gl_pathc; i++)
			remove_one_left(found.gl_pathv[i]);
	globfree(&found);
	free(pattern);
}

static int open_temporary(struct cc_log_writer *writer, struct cc_error *error)
{
	struct stat info;

	/* A rename would put a file in the place of /dev/null. */
	if (!stat(writer->path, &info) && !S_ISREG(info.st_mode))
		return cc_fail(error, CC_EUSAGE,
			       "%s: it exists and is not an ordinary file: give another name",
			       writer->path);
	remove_left(writer->path);
	/* For reading too: cc_log_branch copies from it. */
	writer->fd = cc_newfile_beside(writer->path, &writer->temporary);
	if (writer->fd < 0)
		return cannot_write(error, writer->path, errno);
	return CC_OK;
}

/* ---- frames ---- */

static int write_frame(struct cc_log_writer *writer, struct cc_log_frame *frame, const void *raw,
		       size_t raw_length, struct cc_error *error)
{
	uint8_t header[CC_FRAME_HEADER];
	const uint8_t *payload;
	int status;

	frame->first = writer->records;
	frame->raw_offset = writer->raw_offset;
	payload = cc_log_frame_pack(writer->zstd, frame, raw, raw_length, &writer->packed);
	cc_log_frame_encode(frame, header);
	status = cc_writer_append(writer, header, sizeof(header), error);
	if (!status)
		status = cc_writer_append(writer, payload, frame->length, error);
	return status;
}

void cc_writer_counts(struct cc_log_writer *writer, const struct cc_log_frame *frame)
{
	cc_index_put(&writer->index, frame);
	writer->frames++;
	writer->records += frame->records;
	writer->raw_offset += frame->raw_length;
	writer->last = frame->checksum;
}

int cc_log_flush(struct cc_log_writer *writer, struct cc_error *error)
{
	struct cc_log_frame frame = {.type = CC_FRAME_RECORDS, .records = writer->frame_records};
	int status;

	if (writer->failed.status)
		return fail(writer, error);
	if (!frame.records)
		return CC_OK;
	status = write_frame(writer, &frame, writer->frame.data, writer->frame.length, error);
	if (status)
		return status;
	cc_writer_counts(writer, &frame);
	writer->repetitive = frame.length <= frame.raw_length / 8;
	writer->frame_records = 0;
	writer->frame.length = 0;
	/* One huge record must not hold its memory for the rest of the run. */
	if (writer->frame.capacity > 2 * CC_FRAME_LONG) {
		cc_buffer_free(&writer->frame);
		cc_buffer_free(&writer->packed);
	}
	return CC_OK;
}

static int write_json(struct cc_log_writer *writer, unsigned type, const json_t *json,
		      struct cc_error *error)
{
	struct cc_log_frame frame = {.type = (uint8_t)type};
	char *text = json ? json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY) : strdup("{}");
	size_t length = text ? strlen(text) : 0;
	int status;

	if (!text || length > CC_JSON_MAX) {
		cc_fail(&writer->failed, CC_EUSAGE, "%s: the %s is %s", writer->path,
			cc_log_frame_name(type), text ? "too large" : "not valid JSON");
		status = fail(writer, error);
	} else {
		status = write_frame(writer, &frame, text, length, error);
	}
	if (type == CC_FRAME_MANIFEST)
		writer->manifest = frame.checksum;
	free(text);
	return status;
}

/* ---- making and freeing ---- */

void cc_writer_free(struct cc_log_writer *writer)
{
	if (!writer)
		return;
	remove_temporary(writer);
	cc_buffer_free(&writer->packed);
	cc_buffer_free(&writer->frame);
	cc_buffer_free(&writer->index);
	cc_blobs_free(writer->blobs);
	ZSTD_freeCCtx(writer->zstd);
	free(writer->pending);
	free(writer->path);
	free(writer->temporary);
	free(writer);
}

static struct cc_log_writer *writer_new(const char *path, const char *kind)
{
	struct cc_log_writer *writer = calloc(1, sizeof(*writer));

	if (!writer)
		return NULL;
	writer->fd = -1;
	snprintf(writer->kind, sizeof(writer->kind), "%s", kind);
	writer->path = strdup(path);
	writer->zstd = ZSTD_createCCtx();
	writer->pending = calloc(MAX_PENDING, sizeof(*writer->pending));
	if (!writer->path || !writer->zstd || !writer->pending) {
		cc_writer_free(writer);
		return NULL;
	}
	ZSTD_CCtx_setParameter(writer->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL);
	ZSTD_CCtx_setParameter(writer->zstd, ZSTD_c_windowLog, ZSTD_WINDOW_LOG);
	return writer;
}

static int write_base(struct cc_log_writer *writer, struct cc_error *error)
{
	struct cc_log_frame frame = {.type = CC_FRAME_BASE};
	uint8_t payload[CC_BASE_MAX];

	return write_frame(writer, &frame, payload, cc_base_encode(&writer->base, payload), error);
}

static int write_head(struct cc_log_writer *writer, const json_t *manifest, struct cc_error *error)
{
	uint8_t prologue[CC_PROLOGUE_SIZE];
	int status = open_temporary(writer, error);

	if (status)
		return status;
	cc_prologue_encode(writer->kind, *writer->base.name ? CC_LOG_VERSION : CC_LOG_VERSION_WHOLE,
			   prologue);
	status = cc_writer_append(writer, prologue, sizeof(prologue), error);
	if (!status)
		status = write_json(writer, CC_FRAME_MANIFEST, manifest, error);
	if (!status && *writer->base.name)
		status = write_base(writer, error);
	writer->body = writer->file_bytes;
	return status;
}

struct cc_log_writer *cc_writer_start(const char *path, const char *kind, const json_t *manifest,
				      const struct cc_log_base *base, struct cc_blobs *blobs,
				      struct cc_error *error)
{
	struct cc_log_writer *writer = writer_new(path, kind);

	if (!writer || !blobs) {
		cc_fail(error, CC_ENOMEM, "%s: no memory to write a log", path);
		cc_blobs_free(blobs);
		cc_writer_free(writer);
		return NULL;
	}
	writer->blobs = blobs;
	if (base)
		writer->base = *base;
	if (write_head(writer, manifest, error)) {
		cc_writer_free(writer);
		return NULL;
	}
	return writer;
}

struct cc_log_writer *cc_log_create(const char *path, const char *kind, json_t *manifest,
				    struct cc_error *error)
{
	if (!*kind || strlen(kind) >= CC_KIND_SIZE) {
		cc_fail(error, CC_EUSAGE, "%s: a log cannot be of kind \"%s\"", path, kind);
		return NULL;
	}
	return cc_writer_start(path, kind, manifest, NULL, cc_blobs_new(), error);
}

/* ---- records and blobs ---- */

void cc_log_put_blob(struct cc_log_writer *writer, struct cc_buffer *payload, const void *data,
		     size_t length)
{
	struct pending blob = {.payload = payload, .length = length};
	uint64_t offset;
	int shared = writer && length >= CC_BLOB_MIN;

	if (shared) {
		blob.hash = cc_blob_hash(writer->blobs, data, length);
		if (cc_blobs_find(writer->blobs, &blob.hash, &offset)) {
			cc_put_u(payload, (uint64_t)length << 1 | 1);
			cc_put_u(payload, offset);
			return;
		}
	}
	cc_put_u(payload, (uint64_t)length << 1);
	blob.offset = payload->length;
	cc_put_bytes(payload, data, length);
	if (shared && writer->pending_count < MAX_PENDING) {
		blob.checksum = cc_checksum(data, length);
		writer->pending[writer->pending_count++] = blob;
	}
}

/*
 * `payload` now stands at `offset` of the raw stream: its blobs can be referred to. What was put
 * into it may have been taken back since (a call that is encoded a second time): such a blob is
 * known by its checksum.
 */
static void settle_pending(struct cc_log_writer *writer, const struct cc_buffer *payload,
			   uint64_t offset)
{
	size_t kept = 0;

	for (size_t i = 0; i < writer->pending_count; i++) {
		const struct pending *blob = &writer->pending[i];

		if (blob->payload != payload)
			writer->pending[kept++] = *blob;
		else if (blob->offset + blob->length <= payload->length &&
			 blob->checksum == cc_checksum(payload->data + blob->offset, blob->length))
			cc_blobs_add(writer->blobs, &blob->hash, offset + blob->offset);
	}
	/* Payloads that never came: forget them rather than the ones to come. */
	writer->pending_count = kept < MAX_PENDING ? kept : 0;
}

/* As long as what was written before it, between two bounds. */
static size_t frame_limit(const struct cc_log_writer *writer)
{
	size_t most = writer->repetitive ? CC_FRAME_LONG : CC_FRAME_RAW;

	if (writer->raw_offset < CC_FRAME_FIRST)
		return CC_FRAME_FIRST;
	return writer->raw_offset < most ? (size_t)writer->raw_offset : most;
}

int cc_log_put(struct cc_log_writer *writer, unsigned type, const struct cc_buffer *payload,
	       struct cc_error *error)
{
	int status = CC_OK;

	if (writer->failed.status)
		return fail(writer, error);
	if (!type || payload->length > CC_RECORD_MAX)
		return cc_fail(
			error, type ? CC_ELIMIT : CC_EUSAGE,
			"%s: a record of type %u and %zu bytes cannot be in a log, which takes "
			"types from 1 and up to %u bytes",
			writer->path, type, payload->length, CC_RECORD_MAX);
	/* 20 bytes: two varints at their longest. */
	if (writer->frame.length + payload->length + 20 > frame_limit(writer))
		status = cc_log_flush(writer, error);
	if (status)
		return status;
	cc_put_u(&writer->frame, type);
	cc_put_u(&writer->frame, payload->length);
	if (writer->pending_count)
		settle_pending(writer, payload, writer->raw_offset + writer->frame.length);
	cc_put_bytes(&writer->frame, payload->data, payload->length);
	writer->frame_records++;
	return CC_OK;
}

int cc_log_put_part(struct cc_log_writer *writer, unsigned type, struct cc_buffer *payload,
		    const void *data, size_t length)
{
	struct cc_siphash hash = cc_blob_hash(writer->blobs, data, length);
	struct cc_buffer part = {0};
	struct cc_error error;
	uint64_t offset;
	int status = CC_OK;

	if (!cc_blobs_find(writer->blobs, &hash, &offset)) {
		cc_put_u(&part, (uint64_t)length << 1);
		cc_put_bytes(&part, data, length);
		status = cc_log_put(writer, type, &part, &error);
		cc_buffer_free(&part);
		offset = writer->raw_offset + writer->frame.length - length;
		if (!status)
			cc_blobs_add(writer->blobs, &hash, offset);
	}
	cc_put_u(payload, (uint64_t)length << 1 | 1);
	cc_put_u(payload, offset);
	return status;
}

uint64_t cc_log_records(const struct cc_log_writer *writer)
{
	return writer->records + writer->frame_records;
}

/* ---- finishing ---- */

static int write_tail(struct cc_log_writer *writer, json_t *summary, struct cc_error *error)
{
	struct cc_log_frame index = {.type = CC_FRAME_INDEX};
	struct cc_log_frame end = {.type = CC_FRAME_END};
	uint8_t payload[CC_END_PAYLOAD];
	uint64_t summary_at = writer->file_bytes, index_at;
	int status = write_json(writer, CC_FRAME_SUMMARY, summary, error);

	if (status)
		return status;
	index_at = writer->file_bytes;
	cc_buffer_reserve(&writer->index, 1); /* a log without records has an index all the same */
	status = write_frame(writer, &index, writer->index.data, writer->index.length, error);
	if (status)
		return status;
	cc_end_encode(summary_at, index_at, payload);
	return write_frame(writer, &end, payload, sizeof(payload), error);
}

void cc_log_measure(struct cc_log_writer *writer)
{
	writer->measures = 1;
}

static int publish(struct cc_log_writer *writer, struct cc_error *error)
{
	int number = writer->measures ? write_at(writer->fd, "", 1, writer->file_bytes - 1) : 0;

	if (number)
		return cc_writer_fail_errno(writer, number, error);
	if ((!writer->measures && fsync(writer->fd)) || rename(writer->temporary, writer->path))
		return cc_writer_fail_errno(writer, errno, error);
	close(writer->fd);
	writer->fd = -1;
	return CC_OK;
}

int cc_log_finish(struct cc_log_writer *writer, json_t *summary, struct cc_error *error)
{
	int status = cc_log_flush(writer, error);

	if (!status)
		status = write_tail(writer, summary, error);
	if (!status)
		status = publish(writer, error);
	cc_writer_free(writer);
	return status;
}

void cc_log_abandon(struct cc_log_writer *writer)
{
	cc_writer_free(writer);
}
