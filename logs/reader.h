/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reader's inside, shared by open.c (which frames are there), cache.c (frames in memory) and
 * reader.c (records and blobs). It also runs inside the replayed process, where libc calls are
 * interposed: plain open, pread and malloc, no stdio on files, no threads.
 */
#ifndef CC_READER_H
#define CC_READER_H

#include <zstd.h>

#include "logs/frame.h"
#include "logs/log.h"

/*
 * A blob stays valid during 16 further calls of cc_log_get_blob: its own frame, 16 others, and the
 * frame that is being read.
 */
#define CC_READER_SLOTS 18
/*
 * Above this many bytes a frame that nobody may still look at is given up before another is kept.
 */
#define CC_READER_CACHE (32u << 20)

/* A frame of records: where it is in the file, and what it holds. */
struct cc_entry {
	uint64_t offset;		      /* of its header in the file */
	uint64_t raw_offset;		      /* raw bytes of records before it */
	uint64_t first;			      /* records before it */
	uint32_t length, raw_length, records; /* as in struct cc_log_frame */
	uint32_t depth; /* 0: in the file itself; else in its base, or in that one's base … */
};

/* A frame in memory. */
struct cc_slot {
	size_t entry;
	uint64_t used; /* clock when it was last asked for; 0: empty */
	uint8_t *data;
	size_t capacity;
};

struct cc_log_reader {
	int fd;
	char *path;
	struct cc_prologue prologue;
	uint64_t file_bytes;
	json_t *manifest, *summary;
	uint64_t manifest_checksum;

	struct cc_log_reader *base; /* the log that holds our first frames; NULL: this one */
	char *base_name;
	unsigned depth; /* of the logs that have this one for their base */

	struct cc_entry *entries;
	size_t count, allocated;
	/* Why there are no frames after the last entry: CC_OK in a whole log, else what to say. */
	struct cc_error stop;

	ZSTD_DCtx *zstd;
	uint8_t *packed;
	size_t packed_capacity;
	struct cc_slot slots[CC_READER_SLOTS];
	struct cc_slot lent; /* the current frame, when it stands where logs/ahead.h decoded it */
	uint64_t clock;
	uint64_t record_clock; /* when the current record began: later ones are still looked at */

	/* Where the reader is. */
	struct cc_slot *current; /* NULL before the first frame */
	size_t next_entry;
	const uint8_t *at, *end; /* rest of the current frame */
	const uint8_t *record;	 /* the current record in it */
	uint32_t left;		 /* records that the rest must hold */
	uint64_t ordinal;	 /* of the next record */
	uint64_t blobs, blob_bytes, references, reference_bytes; /* for cc_log_sizes */
	struct cc_ahead *ahead;					 /* logs/ahead.h; NULL: none */
	struct cc_error failed; /* sticky; status CC_OK while all is well */
};

/* Fails with "PATH: byte N: WHAT: what to do" for damaged bytes. */
int cc_reader_damaged(const struct cc_log_reader *reader, uint64_t offset, const char *what,
		      struct cc_error *error);

/* All of `length` bytes at `offset`; CC_ECUT where the file ends before. */
int cc_reader_pread(const struct cc_log_reader *reader, void *data, size_t length, uint64_t offset,
		    struct cc_error *error);

/* The header of the frame at `offset`; CC_ECUT too when the file ends before its payload does. */
int cc_reader_header(const struct cc_log_reader *reader, uint64_t offset,
		     struct cc_log_frame *frame, struct cc_error *error);

/* The reader of the very file in which a frame stands: this one, or one of its bases. */
struct cc_log_reader *cc_reader_holder(struct cc_log_reader *reader, const struct cc_entry *entry);

/*
 * Open the base that a base frame names, and take its entries over. `offset`: of the base frame.
 */
int cc_reader_join(struct cc_log_reader *reader, const struct cc_log_base *base, uint64_t offset,
		   struct cc_error *error);

/* As cc_log_open, for a log that others have for their base. */
struct cc_log_reader *cc_reader_open(const char *path, const char *kind, unsigned depth,
				     struct cc_error *error);

/* Is the frame, by its header, the one that the index has at this entry? 1 or 0. */
int cc_reader_is(const struct cc_log_frame *frame, const struct cc_entry *entry);

/* The payload of a frame whose header was read, decompressed into `raw` (raw_length bytes). */
int cc_reader_payload(struct cc_log_reader *reader, uint64_t offset,
		      const struct cc_log_frame *frame, uint8_t *raw, struct cc_error *error);

/* Give *data room for `need` bytes; what was in it is lost. */
int cc_reader_room(struct cc_log_reader *reader, uint8_t **data, size_t *capacity, size_t need,
		   struct cc_error *error);

/* The frame in memory; it stays at least while CC_READER_SLOTS - 2 others are asked for. */
struct cc_slot *cc_reader_frame(struct cc_log_reader *reader, size_t entry, struct cc_error *error);

/* The same for the frame to be read next; it may stay only until this is called again. */
struct cc_slot *cc_reader_next_frame(struct cc_log_reader *reader, size_t entry,
				     struct cc_error *error);

#endif
