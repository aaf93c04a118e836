/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a log file is made of: one prologue, then frames. Laid out byte by byte in
 * doc/log-format.md; this is the only code that knows the offsets.
 */
#ifndef CC_FRAME_H
#define CC_FRAME_H

#include <stddef.h>
#include <stdint.h>
#include <zstd.h>

#include "logs/buffer.h"
#include "logs/log.h"

/* ---- the prologue ---- */

#define CC_MAGIC_SIZE 8
#define CC_PROLOGUE_SIZE 48  /* as written by this version */
#define CC_PROLOGUE_MAX 4096 /* a later version may add fields before the checksum */
#define CC_KIND_SIZE 16	     /* with at least one NUL */

extern const uint8_t cc_log_magic[CC_MAGIC_SIZE];

struct cc_prologue {
	uint32_t size; /* of the prologue itself: where the first frame begins */
	uint32_t version;
	char kind[CC_KIND_SIZE];
};

/* The first bytes of a log of this kind and version. */
void cc_prologue_encode(const char *kind, uint32_t version, uint8_t bytes[CC_PROLOGUE_SIZE]);

/* The size that the first CC_PROLOGUE_SIZE bytes announce; 0 when it is out of bounds. */
size_t cc_prologue_size(const uint8_t bytes[CC_PROLOGUE_SIZE]);

/* `bytes` are all that cc_prologue_size said. NULL, or what is wrong. Any version is accepted. */
const char *cc_prologue_decode(struct cc_prologue *prologue, const uint8_t *bytes, size_t size);

/* ---- frames ---- */

#define CC_FRAME_HEADER 56
/*
 * A frame of records is written when its raw bytes would pass this: then they are in the
 * processor's own cache when the frame is compressed and read. For text that was read, four times
 * as much made a slice only 0.4 % smaller; for a thousand stats of the same files, less than half
 * as large, and those decompress at once.
 */
#define CC_FRAME_RAW (1u << 20)
#define CC_FRAME_LONG (4u << 20) /* after a frame that zstd made an eighth or less of */
/* The first frames are shorter: a replay that reads them begins at once */
#define CC_FRAME_FIRST (64u << 10)
#define CC_FRAME_MAX (CC_RECORD_MAX + CC_FRAME_LONG) /* raw bytes of any frame */
#define CC_JSON_MAX (16u << 20)			     /* raw bytes of a manifest or summary */
#define CC_INDEX_MAX CC_FRAME_MAX
#define CC_END_PAYLOAD 16 /* two 64-bit offsets: of the summary frame, of the index frame */
#define CC_END_SIZE (CC_FRAME_HEADER + CC_END_PAYLOAD)

enum cc_log_frame_type {
	CC_FRAME_MANIFEST = 1,
	CC_FRAME_RECORDS,
	CC_FRAME_SUMMARY,
	CC_FRAME_INDEX,
	CC_FRAME_END,
	CC_FRAME_BASE,
	CC_FRAME_TYPES,
};

enum cc_codec {
	CC_CODEC_STORED, /* the payload is the raw bytes: what zstd could not make smaller */
	CC_CODEC_ZSTD,
};

struct cc_log_frame {
	uint8_t type;	     /* enum cc_log_frame_type */
	uint8_t codec;	     /* enum cc_codec */
	uint32_t length;     /* payload bytes in the file */
	uint32_t raw_length; /* payload bytes decompressed */
	uint32_t records;    /* in this frame */
	uint64_t first;	     /* records before this frame */
	uint64_t raw_offset; /* raw bytes of records before this frame */
	uint64_t checksum;   /* of the payload as it stands in the file */
};

/* A frame type's name for messages. */
const char *cc_log_frame_name(unsigned type);
/* How many bytes a frame of this type may hold, uncompressed. */
uint32_t cc_log_frame_raw_max(unsigned type);

/* The header as it stands in the file. */
void cc_log_frame_encode(const struct cc_log_frame *frame, uint8_t bytes[CC_FRAME_HEADER]);

/* NULL, or what is wrong. After success every field is within its bounds. */
const char *cc_log_frame_decode(struct cc_log_frame *frame, const uint8_t bytes[CC_FRAME_HEADER]);

/*
 * Compress `raw` into `packed` and fill in codec, both lengths and the checksum of `frame`.
 * Returns the payload to write, which is in `packed` or is `raw` itself.
 */
const uint8_t *cc_log_frame_pack(ZSTD_CCtx *zstd, struct cc_log_frame *frame, const void *raw,
				 size_t raw_length, struct cc_buffer *packed);

/*
 * Check the payload and decompress it into `raw` (frame->raw_length bytes). NULL, or what is wrong.
 */
const char *cc_log_frame_unpack(ZSTD_DCtx *zstd, const struct cc_log_frame *frame,
				const uint8_t *payload, uint8_t *raw);

/* The payload of END: where the summary and the index begin, as offsets in the file. */
void cc_end_encode(uint64_t summary, uint64_t index, uint8_t payload[CC_END_PAYLOAD]);
/* The same taken apart. */
void cc_end_decode(const uint8_t payload[CC_END_PAYLOAD], uint64_t *summary, uint64_t *index);

/*
 * The log of a forked child may leave out what its parent's log, its base, holds, too. Both stand
 * in one directory. The checksums say that the file found there is the one that is meant.
 */
#define CC_BASE_NAME 256 /* bytes of a file's name, with its NUL */
#define CC_BASE_DEPTH 32 /* a base may have a base: so many at the most */
#define CC_BASE_FIXED 40 /* bytes of the payload before the name */
#define CC_BASE_MAX (CC_BASE_FIXED + CC_BASE_NAME)

struct cc_log_base {
	uint64_t manifest;	 /* the checksum of the base's manifest frame's payload */
	uint64_t frames;	 /* of records, that are ours too: the base's own base's included */
	uint64_t records;	 /* in these frames */
	uint64_t raw_offset;	 /* raw bytes in these frames */
	uint64_t last;		 /* the checksum of the last frame's payload */
	char name[CC_BASE_NAME]; /* of the file, without a directory; "": there is no base */
};

/* The payload of a base frame; returns its length. */
size_t cc_base_encode(const struct cc_log_base *base, uint8_t payload[CC_BASE_MAX]);

/* NULL, or what is wrong. The name is that of a file in a directory, and nothing else. */
const char *cc_base_decode(struct cc_log_base *base, const uint8_t *payload, size_t length);

/* One entry of the index payload: three varints. */
void cc_index_put(struct cc_buffer *index, const struct cc_log_frame *frame);

#endif
