/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logs that begin as another one does: of forked children, and copies that are to stand alone. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "logs/reader.h"
#include "logs/writer.h"

/* ---- branches ---- */

/* Every frame of records of the one file into the other. 0, or a CC_E… that `to` remembers. */
static int copy_body(const struct cc_log_writer *from, struct cc_log_writer *to,
		     struct cc_error *error)
{
	uint64_t at = from->measures ? from->file_bytes : from->body;
	size_t chunk = 256u << 10;
	uint8_t *data = malloc(chunk);
	int status = data ? CC_OK : cc_writer_fail_errno(to, ENOMEM, error);

	while (!status && at < from->file_bytes) {
		uint64_t left = from->file_bytes - at;
		ssize_t got = pread(from->fd, data, left < chunk ? left : chunk, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		status = got > 0 ? cc_writer_append(to, data, (size_t)got, error)
				 : cc_writer_fail_errno(to, got ? errno : EIO, error);
		at += (uint64_t)got;
	}
	free(data);
	return status;
}

/* What stands in front of a branch that refers to `writer`, whose file will have this name. */
static struct cc_log_base base_of(const struct cc_log_writer *writer, const char *name)
{
	struct cc_log_base base = {
		.manifest = writer->manifest,
		.frames = writer->frames,
		.records = writer->records,
		.raw_offset = writer->raw_offset,
		.last = writer->last,
	};

	snprintf(base.name, sizeof(base.name), "%s", name);
	return base;
}

struct cc_log_writer *cc_log_branch(struct cc_log_writer *writer, const char *path,
				    const char *name, json_t *manifest, struct cc_error *error)
{
	struct cc_log_base base = writer->base;
	struct cc_log_writer *branch;
	int refers;

	if (cc_log_flush(writer, error))
		return NULL;
	refers = name && strlen(name) < CC_BASE_NAME && writer->frames &&
		 writer->depth < CC_BASE_DEPTH;
	if (refers)
		base = base_of(writer, name);
	branch = cc_writer_start(path, writer->kind, manifest, &base, cc_blobs_copy(writer->blobs),
				 error);
	if (!branch)
		return NULL;
	branch->depth = writer->depth + (unsigned)refers;
	if (writer->measures) {
		branch->measures = 1;
		branch->file_bytes += refers ? 0 : writer->file_bytes - writer->body;
	}
	if (!refers) {
		if (copy_body(writer, branch, error)) {
			cc_writer_free(branch);
			return NULL;
		}
		cc_put_bytes(&branch->index, writer->index.data, writer->index.length);
	}
	branch->frames = writer->frames;
	branch->records = writer->records;
	branch->raw_offset = writer->raw_offset;
	branch->last = writer->last;
	return branch;
}

/* ---- copies ---- */

/* One frame of records as it stands in its file, checked. */
static int copy_frame(struct cc_log_reader *reader, size_t number, struct cc_log_writer *to,
		      struct cc_error *error)
{
	const struct cc_entry *entry = &reader->entries[number];
	struct cc_log_reader *holder = cc_reader_holder(reader, entry);
	uint8_t header[CC_FRAME_HEADER];
	struct cc_log_frame frame;
	struct cc_slot *slot = cc_reader_frame(reader, number, error);
	int status;

	if (!slot)
		return error->status;
	status = cc_reader_header(holder, entry->offset, &frame, error);
	if (!status)
		status = cc_reader_room(holder, &holder->packed, &holder->packed_capacity,
					frame.length, error);
	if (!status)
		status = cc_reader_pread(holder, holder->packed, frame.length,
					 entry->offset + CC_FRAME_HEADER, error);
	if (status)
		return status;
	cc_log_frame_encode(&frame, header);
	status = cc_writer_append(to, header, sizeof(header), error);
	if (!status)
		status = cc_writer_append(to, holder->packed, frame.length, error);
	if (!status)
		cc_writer_counts(to, &frame);
	return status;
}

int cc_log_pack(struct cc_log_reader *reader, const char *path, struct cc_error *error)
{
	struct cc_log_writer *writer;
	int status = CC_OK;

	if (reader->stop.status) {
		if (error)
			*error = reader->stop;
		return reader->stop.status;
	}
	writer = cc_writer_start(path, reader->prologue.kind, reader->manifest, NULL,
				 cc_blobs_new(), error);
	if (!writer)
		return error->status;
	for (size_t i = 0; i < reader->count && !status; i++)
		status = copy_frame(reader, i, writer, error);
	if (!status)
		return cc_log_finish(writer, reader->summary, error);
	cc_log_abandon(writer);
	return status;
}
