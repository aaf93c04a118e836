/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The container of every slice (.plog, .pylog): a manifest, frames of records, a summary, an index.
 * Specified in doc/log-format.md. Writing is streaming and never holds more than one frame; reading
 * holds a bounded number of frames. A log is hostile input: every length is bounded, every index
 * checked, every frame has a checksum.
 */
#ifndef CC_LOG_H
#define CC_LOG_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"
#include "logs/buffer.h"

#define CC_LOG_VERSION 4	  /* of a log that leaves its beginning to another one */
#define CC_LOG_VERSION_WHOLE 3	  /* of one that does not; the oldest that is read */
#define CC_RECORD_MAX (64u << 20) /* bytes of one record; one read(2) of a program must fit */

/* ---- writing ---- */

struct cc_log_writer;

/*
 * Start a log at `path`. It is written under a temporary name beside it, and renamed by
 * cc_log_finish: nothing half-written ever stands at `path`. `kind` is "plog" or "pylog".
 * The manifest (borrowed) says where the log comes from; it is the first frame.
 */
struct cc_log_writer *cc_log_create(const char *path, const char *kind, json_t *manifest,
				    struct cc_error *error);

/* Append one record: its type (a small positive number, see logs/event.h) and payload. */
int cc_log_put(struct cc_log_writer *writer, unsigned type, const struct cc_buffer *payload,
	       struct cc_error *error);

/*
 * Append a blob field to `payload`, which must be the next record to be put. A blob that the log
 * already holds (same content) becomes a reference to it. Without a writer (NULL) every blob stays
 * inline.
 */
void cc_log_put_blob(struct cc_log_writer *writer, struct cc_buffer *payload, const void *data,
		     size_t length);

/*
 * The same for a piece of something large: the content goes into a record of its own, at once, of
 * this type, and only a reference into `payload`, which the caller may put whenever it likes.
 */
int cc_log_put_part(struct cc_log_writer *writer, unsigned type, struct cc_buffer *payload,
		    const void *data, size_t length);

/*
 * A second log that begins with everything written so far and goes its own way from here: the log
 * of a forked child. `manifest` replaces the first frame. `name`: the file name under which the log
 * of `writer` will stand in the same directory; the branch then refers to that file instead of
 * holding a copy. NULL: the branch holds one.
 */
struct cc_log_writer *cc_log_branch(struct cc_log_writer *writer, const char *path,
				    const char *name, json_t *manifest, struct cc_error *error);

/*
 * From here on what is put is not written, but only measured: in the end there is a file of the
 * log's size that holds nothing. Branches are measured, too.
 */
void cc_log_measure(struct cc_log_writer *writer);

/* Write the summary, the index and the end marker, fsync, rename. Frees the writer in any case. */
int cc_log_finish(struct cc_log_writer *writer, json_t *summary, struct cc_error *error);

/* End the frame here: what was put so far can then be read without what follows. */
int cc_log_flush(struct cc_log_writer *writer, struct cc_error *error);

/* Remove what was written. Frees the writer. */
void cc_log_abandon(struct cc_log_writer *writer);

uint64_t cc_log_records(const struct cc_log_writer *writer); /* put so far */

/* ---- reading ---- */

struct cc_log_reader;

struct cc_record {
	unsigned type;
	uint64_t ordinal;	 /* 0 for the first record of the log */
	struct cc_cursor cursor; /* the payload; valid until the next call on the reader */
};

/*
 * Open a log. `kind` NULL takes any. A log that was cut short opens (cc_log_is_cut says so) and
 * reads up to its last whole frame. Errors: CC_EIO, CC_EFORMAT, CC_EVERSION, CC_EUSAGE (other
 * kind), CC_ECUT (not even a manifest).
 */
struct cc_log_reader *cc_log_open(const char *path, const char *kind, struct cc_error *error);
void cc_log_close(struct cc_log_reader *reader);

/*
 * Have the frames from the parent process, which decompresses them ahead (logs/ahead.h) and gave us
 * this descriptor. Reading gives the same with and without it.
 */
void cc_log_read_ahead(struct cc_log_reader *reader, int descriptor);
/* In a forked copy of our process, before the original goes on. */
void cc_log_copied(struct cc_log_reader *reader);

json_t *cc_log_manifest(const struct cc_log_reader *reader); /* borrowed */
json_t *cc_log_summary(const struct cc_log_reader *reader);  /* borrowed; NULL when cut */
/* Does the log end before its END frame? 1 or 0. */
int cc_log_is_cut(const struct cc_log_reader *reader);
/* "plog" or "pylog"; borrowed. */
const char *cc_log_kind(const struct cc_log_reader *reader);
/* The file name of the log that holds this log's beginning; NULL: this one is whole. */
const char *cc_log_base(const struct cc_log_reader *reader);

/* Write what is read here as a log of its own, which refers to no other one. */
int cc_log_pack(struct cc_log_reader *reader, const char *path, struct cc_error *error);

/* The next record: 1, or 0 at the end, or a CC_E… (CC_ECUT at the end of a log that was cut). */
int cc_log_next(struct cc_log_reader *reader, struct cc_record *record, struct cc_error *error);

/*
 * A blob field of the current record. NULL (with *length 0) on a malformed one; an empty blob is
 * non-NULL. The memory is valid until the next cc_log_next, or the next but 16 calls of this.
 */
const uint8_t *cc_log_get_blob(struct cc_log_reader *reader, struct cc_cursor *cursor,
			       size_t *length);

/* Go back to the first record. */
int cc_log_rewind(struct cc_log_reader *reader, struct cc_error *error);

/* Sizes for `cc-log info` and `stat`. */
struct cc_log_sizes {
	uint64_t frames, records, raw_bytes, file_bytes;
	/* What cc_log_get_blob met so far: all blobs, and those of them that were references. */
	uint64_t blobs, blob_bytes, references, reference_bytes;
};
/* Of the whole log, its base's frames too; of blobs: what was read so far. */
void cc_log_sizes(const struct cc_log_reader *reader, struct cc_log_sizes *sizes);

#endif
