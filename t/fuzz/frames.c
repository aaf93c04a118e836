/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The container of a slice: prologue, manifest, base, frames, index. An input is a file whose
 * checksums need not be right: they are made so, frame behind frame.
 */
#include <endian.h>
#include <string.h>

#include "logs/checksum.h"
#include "logs/frame.h"
#include "logs/log.h"
#include "t/fuzz/fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	return 0;
}

/* As doc/log-format.md has them. */
#define FRAME_LENGTH 8
#define FRAME_CHECKSUM 40
#define FRAME_OWN_CHECKSUM 48

static void put_checksum(uint8_t *at, const uint8_t *data, size_t length)
{
	uint64_t checksum = htole64(cc_checksum(data, length));

	memcpy(at, &checksum, sizeof(checksum));
}

/* The frame at `at`: where the next one begins, or `end` where it does not fit. */
static uint8_t *mend_frame(uint8_t *at, uint8_t *end)
{
	uint8_t *payload = at + CC_FRAME_HEADER;
	uint32_t length;

	memcpy(&length, at + FRAME_LENGTH, sizeof(length));
	length = le32toh(length);
	if (length <= (size_t)(end - payload))
		put_checksum(at + FRAME_CHECKSUM, payload, length);
	put_checksum(at + FRAME_OWN_CHECKSUM, at, FRAME_OWN_CHECKSUM);
	return length <= (size_t)(end - payload) ? payload + length : end;
}

static void mend(uint8_t *data, size_t size)
{
	uint8_t *end = data + size, *at;
	size_t prologue;

	if (size < CC_PROLOGUE_SIZE)
		return;
	prologue = cc_prologue_size(data);
	if (!prologue || prologue > size)
		return;
	put_checksum(data + prologue - 8, data, prologue - 8);
	for (at = data + prologue; end - at >= CC_FRAME_HEADER;)
		at = mend_frame(at, end);
}

static void read_all(struct cc_log_reader *reader)
{
	struct cc_error error = {0};
	struct cc_record record;

	while (cc_log_next(reader, &record, &error) == 1) {
		size_t length;

		while (record.cursor.at < record.cursor.end && !record.cursor.bad)
			cc_log_get_blob(reader, &record.cursor, &length);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct file file;
	struct cc_error error = {0};
	struct cc_log_reader *reader;
	struct cc_log_sizes sizes;
	uint8_t *copy = malloc(size + 1);

	memcpy(copy, data, size);
	mend(copy, size);
	reader = cc_log_open(file_holds(&file, copy, size), NULL, &error);
	free(copy);
	if (!reader)
		return 0;
	read_all(reader);
	cc_log_sizes(reader, &sizes);
	cc_log_rewind(reader, &error);
	read_all(reader);
	cc_log_close(reader);
	return 0;
}
