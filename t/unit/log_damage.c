/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Logs that were cut, damaged, forged or never written: each is named as what it is, nothing is
 * read that is not there, nothing half-written is left.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "logs/checksum.h"
#include "logs/frame.h"
#include "logs/log.h"

#define REC 7
#define FRAMES_MAX 64

static char directory[] = "/tmp/cc-log-XXXXXX";
static char path[64], broken[64];
static struct cc_error error;

/* ---- a log of several kinds of frame, small enough to be damaged at every byte ----------------
 */

/*
 * Writing a branch flushes the frame: that makes many small ones, and blobs that refer from one to
 * the other.
 */
static void flush(struct cc_log_writer *writer)
{
	struct cc_log_writer *branch = cc_log_branch(writer, broken, NULL, NULL, &error);

	assert_non_null(branch);
	cc_log_abandon(branch);
}

static void write_sample(const char *to)
{
	json_t *manifest = json_pack("{s:s, s:[s, s]}", "stage", "test", "options", "-a", "-b");
	struct cc_log_writer *writer = cc_log_create(to, "plog", manifest, &error);
	struct cc_buffer payload = {0};
	uint8_t noise[300];

	json_decref(manifest);
	assert_non_null(writer);
	for (unsigned i = 0; i < sizeof(noise); i++)
		noise[i] = (uint8_t)((i * i * 40503u + i * 977u) >> 7);
	for (unsigned i = 0; i < 40; i++) {
		payload.length = 0;
		cc_put_u(&payload, i);
		if (i % 8 == 0)
			noise[0] = (uint8_t)i;
		cc_log_put_blob(writer, &payload, noise, sizeof(noise));
		assert_int_equal(cc_log_put(writer, REC, &payload, &error), CC_OK);
		if (i % 10 == 9)
			flush(writer);
	}
	cc_buffer_free(&payload);
	assert_int_equal(cc_log_finish(writer, NULL, &error), CC_OK);
}

struct sample {
	uint8_t *bytes;
	size_t length;
	size_t frames[FRAMES_MAX]; /* where each begins; one more for the end of the file */
	unsigned count;
};
static struct sample sample;

static void load_sample(void)
{
	FILE *file = fopen(path, "r");
	struct stat info;
	size_t at = CC_PROLOGUE_SIZE;

	assert_non_null(file);
	fstat(fileno(file), &info);
	sample.length = (size_t)info.st_size;
	sample.bytes = malloc(sample.length);
	assert_int_equal(fread(sample.bytes, 1, sample.length, file), sample.length);
	fclose(file);
	while (at < sample.length) {
		struct cc_log_frame frame;

		assert_true(sample.count < FRAMES_MAX - 1);
		assert_null(cc_log_frame_decode(&frame, sample.bytes + at));
		sample.frames[sample.count++] = at;
		at += CC_FRAME_HEADER + frame.length;
	}
	assert_int_equal(at, sample.length);
	sample.frames[sample.count] = at;
}

static void write_broken(const uint8_t *bytes, size_t length)
{
	int fd = open(broken, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_int_equal(write(fd, bytes, length), length);
	close(fd);
}

static int set_up(void **state)
{
	if (!mkdtemp(directory))
		return -1;
	snprintf(path, sizeof(path), "%s/a.plog", directory);
	snprintf(broken, sizeof(broken), "%s/b.plog", directory);
	write_sample(path);
	load_sample();
	return 0;
}

static int tear_down(void **state)
{
	free(sample.bytes);
	unlink(path);
	unlink(broken);
	return rmdir(directory); /* fails when something half-written was left */
}

/* ---- what reading everything says ---- */

static uint64_t records; /* read before the verdict */

static int judge(const char *file)
{
	struct cc_log_reader *reader = cc_log_open(file, "plog", &error);
	struct cc_record record;
	int status = error.status;

	records = 0;
	if (!reader)
		return status;
	while ((status = cc_log_next(reader, &record, &error)) == 1) {
		size_t length;

		cc_get_u(&record.cursor);
		if (!cc_log_get_blob(reader, &record.cursor, &length))
			status = cc_fail(&error, CC_EFORMAT, "%s: blob", file);
		records++;
	}
	assert_int_equal(cc_log_is_cut(reader), status == CC_ECUT);
	if (!status)
		assert_non_null(cc_log_summary(reader));
	else if (status == CC_ECUT)
		assert_null(cc_log_summary(reader));
	assert_int_equal(cc_log_next(reader, &record, NULL), status);
	cc_log_close(reader);
	return status;
}

static void the_sample_is_whole(void **state)
{
	assert_int_equal(judge(path), CC_OK);
	assert_int_equal(records, 40);
	assert_true(sample.count >= 8);
}

/* Records in the whole frames of the first `length` bytes. */
static uint64_t records_within(size_t length)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < sample.count && sample.frames[i + 1] <= length; i++) {
		struct cc_log_frame frame;

		cc_log_frame_decode(&frame, sample.bytes + sample.frames[i]);
		count += frame.records;
	}
	return count;
}

static void cut_at_every_byte(void **state)
{
	for (size_t length = 0; length < sample.length; length++) {
		write_broken(sample.bytes, length);
		assert_int_equal(judge(broken), CC_ECUT);
		assert_int_equal(records, records_within(length));
		assert_non_null(strstr(error.text, length ? "cut" : "empty"));
	}
}

static void one_bit_flipped_at_every_byte(void **state)
{
	char where[32];

	for (size_t at = 0; at < sample.length; at++) {
		uint8_t bit = (uint8_t)(1u << at % 8);
		int status;

		sample.bytes[at] ^= bit;
		write_broken(sample.bytes, sample.length);
		sample.bytes[at] ^= bit;
		status = judge(broken);
		if (status != CC_EFORMAT)
			fail_msg("bit flipped in byte %zu: status %d: %s", at, status, error.text);
		/* The message names the frame. */
		for (unsigned i = 0; i < sample.count; i++) {
			if (at < sample.frames[i] || at >= sample.frames[i + 1])
				continue;
			snprintf(where, sizeof(where), "byte %zu:", sample.frames[i]);
			assert_non_null(strstr(error.text, where));
		}
	}
}

static void every_bit_of_every_header(void **state)
{
	for (unsigned i = 0; i < sample.count; i++) {
		for (size_t bit = 0; bit < CC_FRAME_HEADER * 8; bit++) {
			uint8_t *byte = sample.bytes + sample.frames[i] + bit / 8;

			*byte ^= (uint8_t)(1u << bit % 8);
			write_broken(sample.bytes, sample.length);
			*byte ^= (uint8_t)(1u << bit % 8);
			assert_int_equal(judge(broken), CC_EFORMAT);
		}
	}
}

static void bytes_after_the_end(void **state)
{
	uint8_t *longer = calloc(1, sample.length + 100);

	memcpy(longer, sample.bytes, sample.length);
	write_broken(longer, sample.length + 100);
	assert_int_equal(judge(broken), CC_EFORMAT);
	assert_non_null(strstr(error.text, "bytes follow the end marker"));
	free(longer);
}

/* ---- forged: the checksums are right, what they cover is not ---- */

static void forge_prologue(size_t at, uint8_t value)
{
	uint8_t *copy = malloc(sample.length);
	uint64_t sum;

	memcpy(copy, sample.bytes, sample.length);
	copy[at] = value;
	sum = cc_checksum(copy, CC_PROLOGUE_SIZE - 8);
	memcpy(copy + CC_PROLOGUE_SIZE - 8, &sum, 8);
	write_broken(copy, sample.length);
	free(copy);
}

static void another_version(void **state)
{
	forge_prologue(12, CC_LOG_VERSION + 1);
	assert_int_equal(judge(broken), CC_EVERSION);
	assert_non_null(strstr(error.text, "version 5"));
	forge_prologue(12, CC_LOG_VERSION_WHOLE - 1);
	assert_int_equal(judge(broken), CC_EVERSION);
	assert_non_null(strstr(error.text, "version 2"));
	assert_non_null(strstr(error.text, "slice the recording again"));
}

static void another_kind(void **state)
{
	forge_prologue(17, 'y'); /* "pyog" */
	assert_int_equal(judge(broken), CC_EUSAGE);
	assert_non_null(strstr(error.text, "is a pyog, not a plog"));
}

static void a_kind_without_an_end(void **state)
{
	forge_prologue(31, 'x');
	assert_int_equal(judge(broken), CC_EFORMAT);
}

/* A frame with this content in the place of the sample's frame of that number. */
static void forge_frame(unsigned number, const void *payload, struct cc_log_frame *frame)
{
	size_t begin = sample.frames[number], end = sample.frames[number + 1];
	size_t length = sample.length - (end - begin) + CC_FRAME_HEADER + frame->length;
	uint8_t *copy = malloc(length);
	uint8_t *at = copy + begin;

	memcpy(copy, sample.bytes, begin);
	frame->checksum = cc_checksum(payload, frame->length);
	cc_log_frame_encode(frame, at);
	memcpy(at + CC_FRAME_HEADER, payload, frame->length);
	at += CC_FRAME_HEADER + frame->length;
	memcpy(at, sample.bytes + end, sample.length - end);
	write_broken(copy, length);
	free(copy);
}

static struct cc_log_frame frame_of(unsigned number)
{
	struct cc_log_frame frame;

	assert_null(cc_log_frame_decode(&frame, sample.bytes + sample.frames[number]));
	return frame;
}

/* Frames whose numbers do not agree. */
static const struct cc_log_frame forged[] = {
	{.type = CC_FRAME_RECORDS,
	 .codec = CC_CODEC_ZSTD,
	 .length = 64,
	 .raw_length = UINT32_MAX,
	 .records = 1},
	{.type = CC_FRAME_RECORDS,
	 .codec = CC_CODEC_ZSTD,
	 .length = 64,
	 .raw_length = CC_FRAME_MAX + 1,
	 .records = 1},
	{.type = CC_FRAME_RECORDS,
	 .codec = CC_CODEC_STORED,
	 .length = 64,
	 .raw_length = 65,
	 .records = 1},
	{.type = CC_FRAME_RECORDS,
	 .codec = CC_CODEC_ZSTD,
	 .length = 64,
	 .raw_length = 0,
	 .records = 0},
	{.type = CC_FRAME_RECORDS,
	 .codec = CC_CODEC_STORED,
	 .length = 64,
	 .raw_length = 64,
	 .records = 33},
	{.type = CC_FRAME_RECORDS,
	 .codec = CC_CODEC_STORED,
	 .length = 64,
	 .raw_length = 64,
	 .records = 1,
	 .raw_offset = 1},
	{.type = CC_FRAME_RECORDS,
	 .codec = CC_CODEC_STORED,
	 .length = 64,
	 .raw_length = 64,
	 .records = 1,
	 .first = UINT64_MAX},
	{.type = CC_FRAME_RECORDS, .codec = 2, .length = 64, .raw_length = 64, .records = 1},
	{.type = CC_FRAME_MANIFEST, .codec = CC_CODEC_STORED, .length = 64, .raw_length = 64},
	{.type = CC_FRAME_TYPES, .codec = CC_CODEC_STORED, .length = 64, .raw_length = 64},
	{.type = CC_FRAME_RECORDS,
	 .codec = CC_CODEC_ZSTD,
	 .length = 64,
	 .raw_length = 100,
	 .records = 1},
};

static void forged_lengths(void **state)
{
	static const uint8_t payload[64];

	for (size_t i = 0; i < sizeof(forged) / sizeof(*forged); i++) {
		struct cc_log_frame frame = forged[i];

		forge_frame(1, payload, &frame);
		assert_int_equal(judge(broken), CC_EFORMAT);
		assert_int_equal(records, 0);
	}
}

/* A frame of records with this raw content, in the place of the last one. */
static int judge_records(const void *raw, size_t length, uint32_t count)
{
	unsigned number = sample.count - 4; /* before summary, index, end */
	struct cc_log_frame frame = frame_of(number);

	frame.codec = CC_CODEC_STORED;
	frame.length = frame.raw_length = (uint32_t)length;
	frame.records = count;
	forge_frame(number, raw, &frame);
	return judge(broken);
}

static void forged_records(void **state)
{
	static const struct {
		uint8_t raw[24];
		size_t length;
		uint32_t count;
	} forged[] = {
		{{REC, 200, 1, 0}, 4, 1}, /* longer than the frame */
		{{REC, 1, 0, REC}, 4, 1}, /* bytes after the last one */
		{{REC, 1, 0, REC}, 4, 2}, /* ends within the second */
		{{0, 2, 0, 0}, 4, 1},	  /* type 0 */
		{{REC, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f, 0}, 12, 1},
		{{REC, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0}, 12, 1},
		/* Blobs: past the payload; a reference to itself, to the future, to nowhere; too
		   long. */
		{{REC, 3, 0, 20, 1}, 5, 1},
		{{REC, 4, 0, 3, 0xff, 0xff}, 6, 1},
		{{REC, 6, 0, 3, 0xff, 0xff, 0xff, 0x7f}, 8, 1},
		{{REC, 12, 0, 3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}, 14, 1},
		{{REC, 7, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0}, 9, 1},
		{{REC, 12, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0}, 14, 1},
	};

	for (size_t i = 0; i < sizeof(forged) / sizeof(*forged); i++)
		if (judge_records(forged[i].raw, forged[i].length, forged[i].count) != CC_EFORMAT)
			fail_msg("forged record %zu: %s", i, error.text);
}

static void forged_index_and_end(void **state)
{
	unsigned end = sample.count - 1, index = sample.count - 2;
	uint8_t payload[CC_END_PAYLOAD];
	struct cc_log_frame frame;
	struct cc_buffer entries = {0};

	for (unsigned i = 0; i < 6; i++) {
		static const uint64_t offsets[][2] = {{0, 0},	 {UINT64_MAX, UINT64_MAX},
						      {48, 48},	 {1u << 20, 2u << 20},
						      {48, 200}, {UINT64_MAX, 1}};

		cc_end_encode(offsets[i][0], offsets[i][1], payload);
		frame = frame_of(end);
		forge_frame(end, payload, &frame);
		assert_int_equal(judge(broken), CC_EFORMAT);
		assert_int_equal(records, 40); /* what is there can be read all the same */
	}
	for (unsigned i = 0; i < 100; i++)
		cc_put_u(&entries, i % 3 ? UINT32_MAX : 5);
	frame = frame_of(index);
	frame.codec = CC_CODEC_STORED;
	frame.length = frame.raw_length = (uint32_t)entries.length;
	forge_frame(index, entries.data, &frame);
	assert_int_equal(judge(broken), CC_EFORMAT);
	cc_buffer_free(&entries);
}

static void forged_json(void **state)
{
	static const char *const texts[] = {"", "{", "{\"a\":1,}", "[[[[", "\"\\ud800\"", "nul"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct cc_log_frame frame = frame_of(0);

		frame.codec = CC_CODEC_STORED;
		frame.length = frame.raw_length = (uint32_t)strlen(texts[i]);
		forge_frame(0, texts[i], &frame);
		assert_int_equal(judge(broken), CC_EFORMAT);
	}
}

/* Two frames changed places. */
static void frames_out_of_order(void **state)
{
	size_t first = sample.frames[1], second = sample.frames[2], third = sample.frames[3];
	uint8_t *copy = malloc(sample.length);

	memcpy(copy, sample.bytes, sample.length);
	memcpy(copy + first, sample.bytes + second, third - second);
	memcpy(copy + first + (third - second), sample.bytes + first, second - first);
	write_broken(copy, sample.length);
	assert_int_equal(judge(broken), CC_EFORMAT);
	assert_int_equal(records, 0);
	free(copy);
}

/* ---- not logs at all --------------------------------------------------------------------------
 */

static void not_logs(void **state)
{
	char name[80];

	assert_int_equal(judge(directory), CC_EIO);
	assert_non_null(strstr(error.text, "a directory"));
	assert_int_equal(judge("/dev/null"), CC_EIO);
	snprintf(name, sizeof(name), "%s/none", directory);
	assert_int_equal(judge(name), CC_EIO);
	assert_non_null(strstr(error.text, "No such file"));
	assert_int_equal(mkfifo(name, 0600), 0);
	assert_int_equal(judge(name), CC_EIO); /* and does not wait */
	unlink(name);
	write_broken((const uint8_t *)"#!/usr/bin/perl\nprint 1;\n", 25);
	assert_int_equal(judge(broken), CC_EFORMAT);
	assert_non_null(strstr(error.text, "is not a Crosscut log"));
	write_broken((const uint8_t *)"#", 1);
	assert_int_equal(judge(broken), CC_EFORMAT);
}

/* ---- writing where it cannot be written ---------------------------------------------------------
 */

static void set_file_limit(rlim_t bytes)
{
	struct rlimit limit;

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = bytes;
	setrlimit(RLIMIT_FSIZE, &limit);
}

/* The file may grow to `bytes`; the error comes once, again, and from finish. */
static void write_with_limit(rlim_t bytes)
{
	struct cc_buffer payload = {0};
	struct cc_log_writer *writer;
	int status = CC_OK;

	unlink(broken);
	set_file_limit(bytes);
	writer = cc_log_create(broken, "plog", NULL, &error);
	if (writer) {
		for (unsigned i = 0; i < 5000; i++) {
			payload.length = 0;
			for (uint64_t j = 0; j < 150; j++)
				cc_put_u(&payload, (i * 150 + j + 1) * 0x9E3779B97F4A7C15u);
			status = cc_log_put(writer, REC, &payload, &error);
			if (status)
				break;
		}
		if (status)
			assert_int_equal(cc_log_put(writer, REC, &payload, NULL), status);
		assert_int_equal(cc_log_finish(writer, NULL, &error), CC_EIO);
	}
	set_file_limit(RLIM_INFINITY);
	assert_non_null(strstr(error.text, "larger than allowed"));
	assert_non_null(strstr(error.text, broken));
	assert_int_not_equal(access(broken, F_OK), 0);
	cc_buffer_free(&payload);
}

static void a_file_that_may_not_grow(void **state)
{
	static const rlim_t limits[] = {0, 10, 60, 200, 4 << 20, 6 << 20};
	void (*old)(int) = signal(SIGXFSZ, SIG_IGN);

	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++)
		write_with_limit(limits[i]);
	signal(SIGXFSZ, old);
}

static void no_place_to_write(void **state)
{
	assert_null(cc_log_create("/nonexistent/a.plog", "plog", NULL, &error));
	assert_non_null(strstr(error.text, "there is no such directory"));
	assert_null(cc_log_create("/dev/null", "plog", NULL, &error));
	assert_int_equal(error.status, CC_EUSAGE);
	assert_null(cc_log_create(directory, "plog", NULL, &error));
	assert_int_equal(error.status, CC_EUSAGE);
	assert_null(cc_log_create(broken, "a kind with a long name", NULL, &error));
	assert_int_equal(error.status, CC_EUSAGE);
}

static void a_second_writer_at_the_same_path(void **state)
{
	struct cc_log_writer *first, *other;

	unlink(broken);
	first = cc_log_create(broken, "plog", NULL, &error);
	other = cc_log_create(broken, "plog", NULL, &error);
	assert_non_null(first);
	assert_non_null(other);
	assert_int_equal(cc_log_finish(first, NULL, &error), CC_OK);
	assert_int_equal(judge(broken), CC_OK);
	assert_int_equal(cc_log_finish(other, NULL, &error), CC_OK);
	assert_int_equal(judge(broken), CC_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sample_is_whole),
		cmocka_unit_test(cut_at_every_byte),
		cmocka_unit_test(one_bit_flipped_at_every_byte),
		cmocka_unit_test(every_bit_of_every_header),
		cmocka_unit_test(bytes_after_the_end),
		cmocka_unit_test(another_version),
		cmocka_unit_test(another_kind),
		cmocka_unit_test(a_kind_without_an_end),
		cmocka_unit_test(forged_lengths),
		cmocka_unit_test(forged_records),
		cmocka_unit_test(forged_index_and_end),
		cmocka_unit_test(forged_json),
		cmocka_unit_test(frames_out_of_order),
		cmocka_unit_test(not_logs),
		cmocka_unit_test(a_file_that_may_not_grow),
		cmocka_unit_test(no_place_to_write),
		cmocka_unit_test(a_second_writer_at_the_same_path),
	};

	return cmocka_run_group_tests_name("damaged logs are named as such", tests, set_up,
					   tear_down);
}
