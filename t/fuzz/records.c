/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The records of a slice, as `cc-log dump` reads them, for people and for machines. An input is
 * what stands in the frames, record behind record; a record of type 0, which no log has, ends a
 * frame. The log around it is well-formed, with checksums that are right.
 */
#include <string.h>

#include "core/cmd/log.h"
#include "logs/checksum.h"
#include "logs/frame.h"
#include "t/fuzz/fuzz.h"

#define FRAMES_MAX 40 /* more than a reader keeps */

static FILE *nowhere;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	nowhere = fopen("/dev/null", "w");
	return nowhere ? 0 : -1;
}

/* ---- a log around records ---- */

struct log {
	struct cc_buffer file, index;
	uint64_t records, raw; /* so far */
};

static void put_frame(struct log *log, unsigned type, const void *data, size_t length,
		      uint32_t records)
{
	uint8_t head[CC_FRAME_HEADER];
	struct cc_log_frame frame = {
		.type = (uint8_t)type,
		.codec = CC_CODEC_STORED,
		.length = (uint32_t)length,
		.raw_length = (uint32_t)length,
		.records = records,
		.first = log->records,
		.raw_offset = log->raw,
		.checksum = cc_checksum(data, length),
	};

	cc_log_frame_encode(&frame, head);
	cc_put_bytes(&log->file, head, sizeof(head));
	cc_put_bytes(&log->file, data, length);
	if (type != CC_FRAME_RECORDS)
		return;
	cc_index_put(&log->index, &frame);
	log->records += records;
	log->raw += length;
}

/* One frame's worth of the input: how many records are in it, and how long it is. */
static size_t next_frame(struct cc_cursor *input, uint32_t *records)
{
	const uint8_t *start = input->at;

	for (*records = 0; input->at < input->end; ++*records) {
		const uint8_t *here = input->at;
		uint64_t type = cc_get_u(input), length;

		if (!type && !input->bad)
			return (size_t)(here - start);
		length = cc_get_u(input);
		if (input->bad || !cc_get_bytes(input, length))
			input->at = input->end;
	}
	return (size_t)(input->end - start);
}

static void put_log(struct log *log, const uint8_t *data, size_t size)
{
	struct cc_cursor input = {.at = data, .end = data + size};
	uint8_t prologue[CC_PROLOGUE_SIZE], end[CC_END_PAYLOAD];
	uint64_t summary, index;

	cc_prologue_encode("plog", CC_LOG_VERSION_WHOLE, prologue);
	cc_put_bytes(&log->file, prologue, sizeof(prologue));
	put_frame(log, CC_FRAME_MANIFEST, "{}", 2, 0);
	for (unsigned frames = 0; input.at < input.end && frames < FRAMES_MAX; frames++) {
		const uint8_t *start = input.at;
		uint32_t records;
		size_t length = next_frame(&input, &records);

		if (length >= 2 && records <= length / 2 && records)
			put_frame(log, CC_FRAME_RECORDS, start, length, records);
	}
	summary = log->file.length;
	put_frame(log, CC_FRAME_SUMMARY, "{}", 2, 0);
	index = log->file.length;
	put_frame(log, CC_FRAME_INDEX, log->index.data, log->index.length, 0);
	cc_end_encode(summary, index, end);
	put_frame(log, CC_FRAME_END, end, sizeof(end), 0);
}

/* ---- reading ---- */

static int decode_all(const char *path, int json)
{
	const struct log_options options = {.json = json, .limit = json ? 0 : 40};
	struct cc_error error = {0};
	struct log_decoder decoder;
	struct cc_record record;
	int status = cc_log_decoder_open(&decoder, path, &options, &error);

	if (status)
		abort(); /* it is well-formed */
	decoder.to = nowhere;
	while ((status = cc_log_next(decoder.reader, &record, &error)) == 1) {
		status = cc_log_decode(&decoder, &record, &error);
		if (status)
			break;
	}
	cc_log_decoder_close(&decoder);
	return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct file file;
	struct log log = {0};
	const char *path;

	put_log(&log, data, size);
	path = file_holds(&file, log.file.data, log.file.length);
	cc_buffer_free(&log.file);
	cc_buffer_free(&log.index);
	if (decode_all(path, 0) != decode_all(path, 1))
		abort(); /* both must judge alike */
	return 0;
}
