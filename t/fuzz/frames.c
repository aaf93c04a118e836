/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The container of a slice: prologue, manifest, base, frames, index. An input is a file whose
 * checksums need not be right: they are made so, frame behind frame. A log that it may leave its
 * beginning to stands beside it, as descriptor BASE in /proc/self/fd.
 */
#include <endian.h>
#include <fcntl.h>
#include <string.h>

#include "logs/checksum.h"
#include "logs/event.h"
#include "logs/frame.h"
#include "logs/log.h"
#include "t/fuzz/fuzz.h"

#define BASE 100
#define BASE_FRAMES 3
#define BASE_RECORD 400 /* bytes of its records */

/* What is written upon it is the same as long as it is: its checksums are in the corpus. */
static struct cc_log_writer *write_base(const char *path)
{
	struct cc_error error = {0};
	json_t *manifest = json_pack("{s:s}", "stage", "fuzz");
	struct cc_log_writer *writer = cc_log_create(path, "plog", manifest, &error);
	struct cc_buffer payload = {0};
	uint8_t content[BASE_RECORD];

	for (int i = 0; writer && i < BASE_FRAMES; i++) {
		memset(content, 'a' + i, sizeof(content));
		payload.length = 0;
		cc_log_put_blob(writer, &payload, content, sizeof(content));
		if (cc_log_put(writer, CC_REC_PART, &payload, &error) ||
		    cc_log_flush(writer, &error))
			abort();
	}
	cc_buffer_free(&payload);
	json_decref(manifest);
	return writer;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char directory[] = "/tmp/fuzz-frames-XXXXXX", path[64];
	struct cc_log_writer *writer;
	int descriptor;

	if (!mkdtemp(directory))
		return -1;
	snprintf(path, sizeof(path), "%s/base", directory);
	writer = write_base(path);
	if (!writer || cc_log_finish(writer, NULL, NULL))
		abort();
	descriptor = open(path, O_RDONLY | O_CLOEXEC);
	unlink(path);
	rmdir(directory);
	return dup3(descriptor, BASE, O_CLOEXEC) == BASE ? 0 : -1;
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
