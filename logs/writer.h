/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The writer's inside, shared by writer.c (records into frames, frames into the file) and branch.c
 * (logs that begin as another one does).
 */
#ifndef CC_WRITER_H
#define CC_WRITER_H

#include <zstd.h>

#include "logs/blob.h"
#include "logs/frame.h"
#include "logs/log.h"

/*
 * Blobs that were put into a payload which is not in the log yet: where they will stand is known
 * only when the payload comes to cc_log_put. More than this many at once stay unknown to the table.
 */
#define MAX_PENDING 1024

struct pending {
	const struct cc_buffer *payload;
	size_t offset, length; /* in the payload */
	uint64_t checksum; /* the payload may have been changed after all: look before trusting */
	struct cc_siphash hash;
};

struct cc_log_writer {
	int fd;	      /* -1 after an error */
	int measures; /* cc_log_measure */
	char *path, *temporary;
	char kind[CC_KIND_SIZE];
	struct cc_error failed; /* status CC_OK while all is well */
	ZSTD_CCtx *zstd;
	struct cc_buffer packed;
	struct cc_buffer frame; /* raw records of the frame to come */
	uint32_t frame_records;
	int repetitive;		 /* the last frame became so small that a longer one pays */
	struct cc_log_base base; /* the log that holds our beginning; no name: none does */
	unsigned depth;		 /* how many bases stand one on the other */
	uint64_t manifest;	 /* the checksum of the manifest's payload */
	/* How many frames of records are written, those of the base included; what they hold: */
	uint64_t frames, records, raw_offset;
	uint64_t last; /* the checksum of the last frame's payload */
	uint64_t body; /* offset of the first frame of records */
	uint64_t file_bytes;
	struct cc_buffer index;
	struct cc_blobs *blobs;
	struct pending *pending;
	size_t pending_count;
};

/*
 * A log with a manifest, the reference to a base (NULL: none) and no records. Owns `blobs`, its
 * table of blobs that are known, in any case. NULL with a message in *error.
 */
struct cc_log_writer *cc_writer_start(const char *path, const char *kind, const json_t *manifest,
				      const struct cc_log_base *base, struct cc_blobs *blobs,
				      struct cc_error *error);
void cc_writer_free(struct cc_log_writer *writer);

/* Bytes at the end of the file. 0, or a CC_E… that is remembered. */
int cc_writer_append(struct cc_log_writer *writer, const void *data, size_t length,
		     struct cc_error *error);
int cc_writer_fail_errno(struct cc_log_writer *writer, int number, struct cc_error *error);

/* A frame of records has been written: adds it to the index and the sums. */
void cc_writer_counts(struct cc_log_writer *writer, const struct cc_log_frame *frame);

#endif
