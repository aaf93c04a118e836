/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is put into a log comes out of it: records, blobs, branches, sizes. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/base/sha256.h"
#include "logs/log.h"

#define REC 7 /* any type: the container does not know them */

static char directory[] = "/tmp/cc-log-XXXXXX";
static char path[64], second[64];
static struct cc_error error;

static int set_up(void **state)
{
	if (!mkdtemp(directory))
		return -1;
	snprintf(path, sizeof(path), "%s/a.plog", directory);
	snprintf(second, sizeof(second), "%s/b.plog", directory);
	return 0;
}

static int tear_down(void **state)
{
	unlink(path);
	unlink(second);
	return rmdir(directory); /* fails when something half-written was left */
}

/* ---- putting ---- */

static struct cc_log_writer *create(const char *to)
{
	json_t *manifest = json_pack("{s:s, s:s%}", "stage", "test", "nul", "a\0b", (size_t)3);
	struct cc_log_writer *writer = cc_log_create(to, "plog", manifest, &error);

	json_decref(manifest);
	if (!writer)
		fail_msg("%s", error.text);
	return writer;
}

static void finish(struct cc_log_writer *writer)
{
	json_t *summary = json_pack("{s:i}", "status", 3);

	assert_int_equal(cc_log_finish(writer, summary, &error), CC_OK);
	json_decref(summary);
}

static void put_number(struct cc_log_writer *writer, uint64_t number)
{
	struct cc_buffer payload = {0};

	cc_put_u(&payload, number);
	assert_int_equal(cc_log_put(writer, REC, &payload, &error), CC_OK);
	cc_buffer_free(&payload);
}

static void put_blob(struct cc_log_writer *writer, const void *data, size_t length)
{
	struct cc_buffer payload = {0};

	cc_log_put_blob(writer, &payload, data, length);
	assert_int_equal(cc_log_put(writer, REC, &payload, &error), CC_OK);
	cc_buffer_free(&payload);
}

/* Bytes that do not compress and differ by seed. */
static uint8_t *noise(size_t length, uint64_t seed)
{
	uint8_t *data = malloc(length);

	for (size_t i = 0; i < length; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		data[i] = (uint8_t)(seed >> 56);
	}
	return data;
}

/* ---- reading ---- */

static struct cc_log_reader *open_log(const char *from)
{
	struct cc_log_reader *reader = cc_log_open(from, "plog", &error);

	if (!reader)
		fail_msg("%s", error.text);
	assert_false(cc_log_is_cut(reader));
	return reader;
}

static struct cc_record next(struct cc_log_reader *reader)
{
	struct cc_record record;

	if (cc_log_next(reader, &record, &error) != 1)
		fail_msg("%s", error.text);
	return record;
}

static void expect_number(struct cc_log_reader *reader, uint64_t number)
{
	struct cc_record record = next(reader);

	assert_int_equal(record.type, REC);
	assert_int_equal(cc_get_u(&record.cursor), number);
	assert_ptr_equal(record.cursor.at, record.cursor.end);
}

static void expect_blob(struct cc_log_reader *reader, const void *data, size_t length)
{
	struct cc_record record = next(reader);
	size_t got;
	const uint8_t *blob = cc_log_get_blob(reader, &record.cursor, &got);

	assert_non_null(blob);
	assert_int_equal(got, length);
	assert_memory_equal(blob, data, length);
	assert_false(record.cursor.bad);
	assert_ptr_equal(record.cursor.at, record.cursor.end);
}

static void expect_end(struct cc_log_reader *reader)
{
	struct cc_record record;

	assert_int_equal(cc_log_next(reader, &record, &error), 0);
	assert_int_equal(cc_log_next(reader, &record, &error), 0);
}

/* ---- tests ---- */

static void a_log_without_records(void **state)
{
	struct cc_log_reader *reader;

	finish(create(path));
	reader = open_log(path);
	assert_string_equal(cc_log_kind(reader), "plog");
	assert_string_equal(json_string_value(json_object_get(cc_log_manifest(reader), "stage")),
			    "test");
	assert_int_equal(json_string_length(json_object_get(cc_log_manifest(reader), "nul")), 3);
	assert_int_equal(json_integer_value(json_object_get(cc_log_summary(reader), "status")), 3);
	expect_end(reader);
	cc_log_close(reader);
}

static void records_in_order_and_again_after_a_rewind(void **state)
{
	const uint64_t count = 3000000; /* several frames */
	struct cc_log_writer *writer = create(path);
	struct cc_log_reader *reader;
	struct cc_log_sizes sizes;

	for (uint64_t i = 0; i < count; i++)
		put_number(writer, i * i);
	assert_int_equal(cc_log_records(writer), count);
	finish(writer);
	reader = open_log(path);
	cc_log_sizes(reader, &sizes);
	assert_int_equal(sizes.records, count);
	assert_true(sizes.frames > 2);
	for (int round = 0; round < 2; round++) {
		for (uint64_t i = 0; i < count; i++)
			expect_number(reader, i * i);
		expect_end(reader);
		assert_int_equal(cc_log_rewind(reader, &error), CC_OK);
	}
	cc_log_close(reader);
}

static void blobs_of_every_size(void **state)
{
	static const size_t sizes[] = {0,   1,	 127,  128,	 255,
				       256, 257, 8192, 1u << 20, CC_RECORD_MAX - 16};
	struct cc_log_writer *writer = create(path);
	struct cc_log_reader *reader;
	uint8_t *data = noise(CC_RECORD_MAX, 1);

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		put_blob(writer, data, sizes[i]);
	finish(writer);
	reader = open_log(path);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		expect_blob(reader, data, sizes[i]);
	expect_end(reader);
	cc_log_close(reader);
	free(data);
}

static void a_record_that_is_too_large_is_refused(void **state)
{
	struct cc_log_writer *writer = create(path);
	struct cc_buffer payload = {0};

	cc_buffer_reserve(&payload, CC_RECORD_MAX + 1);
	memset(payload.data, 0, CC_RECORD_MAX + 1);
	payload.length = CC_RECORD_MAX + 1;
	assert_int_equal(cc_log_put(writer, REC, &payload, &error), CC_ELIMIT);
	cc_buffer_free(&payload);
	put_number(writer, 5); /* the log itself is as good as before */
	finish(writer);
}

static void equal_blobs_are_stored_once(void **state)
{
	enum { COUNT = 40, SIZE = 200000, ROUNDS = 10 };
	struct cc_log_writer *writer = create(path);
	struct cc_log_reader *reader;
	struct cc_log_sizes sizes;
	uint8_t *data[COUNT];

	for (int i = 0; i < COUNT; i++)
		data[i] = noise(SIZE, (uint64_t)i + 1);
	for (int round = 0; round < ROUNDS; round++)
		for (int i = 0; i < COUNT; i++)
			put_blob(writer, data[i], SIZE);
	finish(writer);
	reader = open_log(path);
	for (int round = 0; round < ROUNDS; round++)
		for (int i = 0; i < COUNT; i++)
			expect_blob(reader, data[i], SIZE);
	expect_end(reader);
	cc_log_sizes(reader, &sizes);
	assert_true(sizes.file_bytes < COUNT * SIZE + 100000);
	assert_int_equal(sizes.references, COUNT * (ROUNDS - 1));
	cc_log_close(reader);
	for (int i = 0; i < COUNT; i++)
		free(data[i]);
}

/* A call is encoded at its entry, and again at its return when memory could not be read. */
static void a_payload_may_be_taken_back_and_filled_again(void **state)
{
	struct cc_log_writer *writer = create(path);
	struct cc_log_reader *reader;
	struct cc_buffer payload = {0};
	uint8_t *old = noise(1000, 1), *new = noise(1000, 2);

	cc_log_put_blob(writer, &payload, old, 1000);
	payload.length = 0;
	cc_log_put_blob(writer, &payload, new, 1000);
	assert_int_equal(cc_log_put(writer, REC, &payload, &error), CC_OK);
	put_blob(writer, old, 1000); /* must not become a reference to `new` */
	put_blob(writer, new, 1000);
	finish(writer);
	reader = open_log(path);
	expect_blob(reader, new, 1000);
	expect_blob(reader, old, 1000);
	expect_blob(reader, new, 1000);
	cc_log_close(reader);
	cc_buffer_free(&payload);
	free(old);
	free(new);
}

/* Two payloads are filled by turns: a host call is encoded while an outer one is not yet put. */
static void payloads_may_overlap(void **state)
{
	struct cc_log_writer *writer = create(path);
	struct cc_log_reader *reader;
	struct cc_buffer outer = {0};
	uint8_t *a = noise(5000, 1), *b = noise(5000, 2);

	cc_log_put_blob(writer, &outer, a, 5000);
	put_blob(writer, b, 5000);
	assert_int_equal(cc_log_put(writer, REC, &outer, &error), CC_OK);
	put_blob(writer, a, 5000);
	put_blob(writer, b, 5000);
	finish(writer);
	reader = open_log(path);
	expect_blob(reader, b, 5000);
	expect_blob(reader, a, 5000);
	expect_blob(reader, a, 5000);
	expect_blob(reader, b, 5000);
	cc_log_close(reader);
	cc_buffer_free(&outer);
	free(a);
	free(b);
}

/* More frames are referred to in one record than the reader would like to keep. */
static void a_blob_stays_valid_for_16_more(void **state)
{
	enum { COUNT = 20, SIZE = 3 << 20 };
	struct cc_log_writer *writer = create(path);
	struct cc_log_reader *reader;
	struct cc_buffer payload = {0};
	struct cc_record record;
	uint8_t *data[COUNT];
	const uint8_t *got[COUNT];
	size_t length;

	for (int i = 0; i < COUNT; i++) {
		data[i] = noise(SIZE, (uint64_t)i + 1);
		put_blob(writer, data[i], SIZE);
	}
	for (int i = 0; i < COUNT; i++)
		cc_log_put_blob(writer, &payload, data[i], SIZE);
	assert_int_equal(cc_log_put(writer, REC, &payload, &error), CC_OK);
	finish(writer);
	reader = open_log(path);
	for (int i = 0; i < COUNT; i++)
		expect_blob(reader, data[i], SIZE);
	record = next(reader);
	for (int i = 0; i < COUNT; i++) {
		got[i] = cc_log_get_blob(reader, &record.cursor, &length);
		assert_non_null(got[i]);
		for (int j = i > 16 ? i - 16 : 0; j <= i; j++)
			assert_memory_equal(got[j], data[j], SIZE);
	}
	cc_log_close(reader);
	cc_buffer_free(&payload);
	for (int i = 0; i < COUNT; i++)
		free(data[i]);
}

static void a_branch_has_the_past_and_its_own_future(void **state)
{
	struct cc_log_writer *parent = create(path), *child;
	struct cc_log_reader *reader;
	json_t *manifest = json_pack("{s:s}", "stage", "a child with a longer manifest");
	uint8_t *data = noise(300000, 1);

	for (uint64_t i = 0; i < 1000; i++)
		put_number(parent, i);
	put_blob(parent, data, 300000);
	child = cc_log_branch(parent, second, NULL, manifest, &error);
	assert_non_null(child);
	json_decref(manifest);
	put_number(parent, 111);
	put_number(child, 222);
	put_blob(child, data, 300000);
	finish(parent);
	finish(child);

	reader = open_log(path);
	for (uint64_t i = 0; i < 1000; i++)
		expect_number(reader, i);
	expect_blob(reader, data, 300000);
	expect_number(reader, 111);
	expect_end(reader);
	cc_log_close(reader);

	reader = open_log(second);
	assert_string_equal(json_string_value(json_object_get(cc_log_manifest(reader), "stage")),
			    "a child with a longer manifest");
	for (uint64_t i = 0; i < 1000; i++)
		expect_number(reader, i);
	expect_blob(reader, data, 300000);
	expect_number(reader, 222);
	expect_blob(reader, data, 300000);
	expect_end(reader);
	cc_log_close(reader);
	free(data);
}

static void nothing_stands_at_the_path_before_finish(void **state)
{
	struct cc_log_writer *writer;

	unlink(second);
	writer = create(second);
	put_number(writer, 1);
	assert_int_not_equal(access(second, F_OK), 0);
	cc_log_abandon(writer);
	assert_int_not_equal(access(second, F_OK), 0);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The bound holds with room even under sanitizers; without them it takes some 2 ms. */
static void small_records_are_read_fast(void **state)
{
	struct cc_log_writer *writer = create(path);
	struct cc_log_reader *reader;
	struct cc_buffer payload = {0};
	struct cc_record record;
	double start;

	cc_put_bytes(&payload, "twelve bytes", 12);
	for (int i = 0; i < 200000; i++)
		cc_log_put(writer, 1 + i % 12, &payload, &error);
	finish(writer);
	start = seconds();
	reader = open_log(path);
	while (cc_log_next(reader, &record, &error) == 1)
		;
	start = seconds() - start;
	print_message("# 200,000 records in %.1f ms\n", start * 1e3);
	assert_true(start < 0.1);
	cc_log_close(reader);
	cc_buffer_free(&payload);
}

static void a_digest_is_what_sha256sum_says(void **state)
{
	char digest[65];
	FILE *file = fopen(second, "w");

	fputs("abc", file);
	fclose(file);
	assert_int_equal(cc_sha256_file(second, digest, &error), CC_OK);
	assert_string_equal(digest, "ba7816bf8f01cfea414140de5dae2223"
				    "b00361a396177a9cb410ff61f20015ad");
	assert_int_equal(cc_sha256_file(directory, digest, &error), CC_EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_log_without_records),
		cmocka_unit_test(records_in_order_and_again_after_a_rewind),
		cmocka_unit_test(blobs_of_every_size),
		cmocka_unit_test(a_record_that_is_too_large_is_refused),
		cmocka_unit_test(equal_blobs_are_stored_once),
		cmocka_unit_test(a_payload_may_be_taken_back_and_filled_again),
		cmocka_unit_test(payloads_may_overlap),
		cmocka_unit_test(a_blob_stays_valid_for_16_more),
		cmocka_unit_test(a_branch_has_the_past_and_its_own_future),
		cmocka_unit_test(nothing_stands_at_the_path_before_finish),
		cmocka_unit_test(small_records_are_read_fast),
		cmocka_unit_test(a_digest_is_what_sha256sum_says),
	};

	return cmocka_run_group_tests_name("logs are read as they were written", tests, set_up,
					   tear_down);
}
