/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "logs/frame.h"

#include <endian.h>
#include <string.h>

#include "logs/checksum.h"

/* As PNG's: the high bit, the line endings and ^Z show what a careless transfer did to a file. */
const uint8_t cc_log_magic[CC_MAGIC_SIZE] = {0x8c, 'C', 'C', 'L', '\r', '\n', 0x1a, '\n'};

#define FRAME_MAGIC 0x52464343u /* "CCFR" */

static void store32(uint8_t *at, uint32_t value)
{
	value = htole32(value);
	memcpy(at, &value, sizeof(value));
}

static void store64(uint8_t *at, uint64_t value)
{
	value = htole64(value);
	memcpy(at, &value, sizeof(value));
}

static uint32_t load32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return le32toh(value);
}

static uint64_t load64(const uint8_t *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return le64toh(value);
}

/* ---- the prologue: where its fields are ---- */

enum {
	PROLOGUE_AT_SIZE = 8,
	PROLOGUE_AT_VERSION = 12,
	PROLOGUE_AT_KIND = 16,
	PROLOGUE_AT_ZERO = 32, /* 8 bytes for later */
	PROLOGUE_CHECKSUM = 8, /* the last bytes, whatever the size */
};

void cc_prologue_encode(const char *kind, uint32_t version, uint8_t bytes[CC_PROLOGUE_SIZE])
{
	memset(bytes, 0, CC_PROLOGUE_SIZE);
	memcpy(bytes, cc_log_magic, CC_MAGIC_SIZE);
	store32(bytes + PROLOGUE_AT_SIZE, CC_PROLOGUE_SIZE);
	store32(bytes + PROLOGUE_AT_VERSION, version);
	memcpy(bytes + PROLOGUE_AT_KIND, kind, strnlen(kind, CC_KIND_SIZE - 1));
	store64(bytes + CC_PROLOGUE_SIZE - PROLOGUE_CHECKSUM,
		cc_checksum(bytes, CC_PROLOGUE_SIZE - PROLOGUE_CHECKSUM));
}

size_t cc_prologue_size(const uint8_t bytes[CC_PROLOGUE_SIZE])
{
	uint32_t size = load32(bytes + PROLOGUE_AT_SIZE);

	return size >= CC_PROLOGUE_SIZE && size <= CC_PROLOGUE_MAX ? size : 0;
}

const char *cc_prologue_decode(struct cc_prologue *prologue, const uint8_t *bytes, size_t size)
{
	size_t covered = size - PROLOGUE_CHECKSUM;

	if (load64(bytes + covered) != cc_checksum(bytes, covered))
		return "the checksum of the file header is wrong";
	if (bytes[PROLOGUE_AT_KIND + CC_KIND_SIZE - 1])
		return "the kind of log in the file header has no end";
	prologue->size = (uint32_t)size;
	prologue->version = load32(bytes + PROLOGUE_AT_VERSION);
	memcpy(prologue->kind, bytes + PROLOGUE_AT_KIND, CC_KIND_SIZE);
	return NULL;
}

/* ---- frames ---- */

enum {
	FRAME_AT_MAGIC = 0,
	FRAME_AT_TYPE = 4,
	FRAME_AT_CODEC = 5,
	FRAME_AT_LENGTH = 8,
	FRAME_AT_RAW_LENGTH = 12,
	FRAME_AT_RECORDS = 16,
	FRAME_AT_FIRST = 24,
	FRAME_AT_RAW_OFFSET = 32,
	FRAME_AT_CHECKSUM = 40,
	FRAME_AT_HEADER_CHECKSUM = 48,
};

static const struct {
	const char *name;
	uint32_t raw_max;
} frame_types[CC_FRAME_TYPES] = {
	[CC_FRAME_MANIFEST] = {"manifest", CC_JSON_MAX},
	[CC_FRAME_RECORDS] = {"records", CC_FRAME_MAX},
	[CC_FRAME_SUMMARY] = {"summary", CC_JSON_MAX},
	[CC_FRAME_INDEX] = {"index", CC_INDEX_MAX},
	[CC_FRAME_END] = {"end", CC_END_PAYLOAD},
	[CC_FRAME_BASE] = {"base", CC_BASE_MAX},
};

const char *cc_log_frame_name(unsigned type)
{
	return type < CC_FRAME_TYPES && frame_types[type].name ? frame_types[type].name : "unknown";
}

uint32_t cc_log_frame_raw_max(unsigned type)
{
	return frame_types[type].raw_max;
}

void cc_log_frame_encode(const struct cc_log_frame *frame, uint8_t bytes[CC_FRAME_HEADER])
{
	memset(bytes, 0, CC_FRAME_HEADER);
	store32(bytes + FRAME_AT_MAGIC, FRAME_MAGIC);
	bytes[FRAME_AT_TYPE] = frame->type;
	bytes[FRAME_AT_CODEC] = frame->codec;
	store32(bytes + FRAME_AT_LENGTH, frame->length);
	store32(bytes + FRAME_AT_RAW_LENGTH, frame->raw_length);
	store32(bytes + FRAME_AT_RECORDS, frame->records);
	store64(bytes + FRAME_AT_FIRST, frame->first);
	store64(bytes + FRAME_AT_RAW_OFFSET, frame->raw_offset);
	store64(bytes + FRAME_AT_CHECKSUM, frame->checksum);
	store64(bytes + FRAME_AT_HEADER_CHECKSUM, cc_checksum(bytes, FRAME_AT_HEADER_CHECKSUM));
}

static const char *frame_bounds(const struct cc_log_frame *frame)
{
	if (!frame->type || frame->type >= CC_FRAME_TYPES)
		return "the frame is of an unknown type";
	if (frame->raw_length > cc_log_frame_raw_max(frame->type))
		return "the frame is longer than its type may be";
	switch (frame->codec) {
	case CC_CODEC_STORED:
		if (frame->length != frame->raw_length)
			return "the frame's two lengths differ, but it is not compressed";
		break;
	case CC_CODEC_ZSTD:
		if (frame->length > ZSTD_compressBound(frame->raw_length))
			return "the frame is longer than compression can make it";
		break;
	default:
		return "the frame is compressed in an unknown way";
	}
	if (frame->type == CC_FRAME_RECORDS ? !frame->records : frame->records)
		return "the frame's number of records does not fit its type";
	/* A record is at least two bytes: its type and its length. */
	if (frame->records > frame->raw_length / 2)
		return "the frame is too short for its number of records";
	if (frame->type == CC_FRAME_END && frame->length != CC_END_PAYLOAD)
		return "the end marker is of the wrong length";
	return NULL;
}

const char *cc_log_frame_decode(struct cc_log_frame *frame, const uint8_t bytes[CC_FRAME_HEADER])
{
	if (load32(bytes + FRAME_AT_MAGIC) != FRAME_MAGIC)
		return "no frame begins here";
	if (load64(bytes + FRAME_AT_HEADER_CHECKSUM) !=
	    cc_checksum(bytes, FRAME_AT_HEADER_CHECKSUM))
		return "the checksum of the frame's header is wrong";
	frame->type = bytes[FRAME_AT_TYPE];
	frame->codec = bytes[FRAME_AT_CODEC];
	frame->length = load32(bytes + FRAME_AT_LENGTH);
	frame->raw_length = load32(bytes + FRAME_AT_RAW_LENGTH);
	frame->records = load32(bytes + FRAME_AT_RECORDS);
	frame->first = load64(bytes + FRAME_AT_FIRST);
	frame->raw_offset = load64(bytes + FRAME_AT_RAW_OFFSET);
	frame->checksum = load64(bytes + FRAME_AT_CHECKSUM);
	return frame_bounds(frame);
}

const uint8_t *cc_log_frame_pack(ZSTD_CCtx *zstd, struct cc_log_frame *frame, const void *raw,
				 size_t raw_length, struct cc_buffer *packed)
{
	size_t bound = ZSTD_compressBound(raw_length);
	const uint8_t *payload = raw;
	size_t length = raw_length;

	/* The end marker is found by counting back from the end of the file: its size is fixed. */
	packed->length = 0;
	if (frame->type != CC_FRAME_END)
		length = ZSTD_compress2(zstd, cc_buffer_reserve(packed, bound), bound, raw,
					raw_length);
	frame->codec = CC_CODEC_STORED;
	frame->length = (uint32_t)raw_length;
	frame->raw_length = (uint32_t)raw_length;
	if (!ZSTD_isError(length) && length < raw_length) {
		frame->codec = CC_CODEC_ZSTD;
		frame->length = (uint32_t)length;
		payload = packed->data;
	}
	frame->checksum = cc_checksum(payload, frame->length);
	return payload;
}

const char *cc_log_frame_unpack(ZSTD_DCtx *zstd, const struct cc_log_frame *frame,
				const uint8_t *payload, uint8_t *raw)
{
	if (cc_checksum(payload, frame->length) != frame->checksum)
		return "the checksum of the frame's content is wrong";
	if (frame->codec == CC_CODEC_STORED)
		memcpy(raw, payload, frame->length);
	else if (ZSTD_decompressDCtx(zstd, raw, frame->raw_length, payload, frame->length) !=
		 frame->raw_length)
		return "the frame's content does not decompress to its length";
	return NULL;
}

void cc_end_encode(uint64_t summary, uint64_t index, uint8_t payload[CC_END_PAYLOAD])
{
	store64(payload, summary);
	store64(payload + 8, index);
}

void cc_end_decode(const uint8_t payload[CC_END_PAYLOAD], uint64_t *summary, uint64_t *index)
{
	*summary = load64(payload);
	*index = load64(payload + 8);
}

/* ---- what a log leaves to another one ---- */

size_t cc_base_encode(const struct cc_log_base *base, uint8_t payload[CC_BASE_MAX])
{
	size_t length = strnlen(base->name, CC_BASE_NAME - 1);

	store64(payload, base->manifest);
	store64(payload + 8, base->frames);
	store64(payload + 16, base->records);
	store64(payload + 24, base->raw_offset);
	store64(payload + 32, base->last);
	memcpy(payload + CC_BASE_FIXED, base->name, length);
	return CC_BASE_FIXED + length;
}

const char *cc_base_decode(struct cc_log_base *base, const uint8_t *payload, size_t length)
{
	const uint8_t *name = payload + CC_BASE_FIXED;
	size_t name_length = length - CC_BASE_FIXED;

	if (length <= CC_BASE_FIXED || name_length >= CC_BASE_NAME)
		return "the name of the log that it continues is of an impossible length";
	if (memchr(name, '/', name_length) || memchr(name, '\0', name_length) || *name == '.')
		return "the name of the log that it continues is not that of a file";
	base->manifest = load64(payload);
	base->frames = load64(payload + 8);
	base->records = load64(payload + 16);
	base->raw_offset = load64(payload + 24);
	base->last = load64(payload + 32);
	memcpy(base->name, name, name_length);
	base->name[name_length] = '\0';
	return NULL;
}

void cc_index_put(struct cc_buffer *index, const struct cc_log_frame *frame)
{
	cc_put_u(index, frame->length);
	cc_put_u(index, frame->raw_length);
	cc_put_u(index, frame->records);
}
