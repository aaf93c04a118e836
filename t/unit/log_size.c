/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A slice of a program that reads is hardly larger than what it read, compressed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <zstd.h>

#include "logs/event.h"
#include "logs/log.h"

#define TEXT_SIZE (50u << 20)
#define READ_SIZE 8192

static char path[] = "/tmp/cc-size-XXXXXX";
static struct cc_error error;

/* Lines as a web server writes them: some words are frequent, numbers are not. */
static char *make_text(void)
{
	static const char *const words[] = {"GET",	     "POST",
					    "/index.html",   "/static/style.css",
					    "/api/v1/items", "Mozilla/5.0",
					    "curl/7.88",     "200",
					    "404",	     "304",
					    "HTTP/1.1",	     "localhost",
					    "user",	     "cache"};
	char *text = malloc(TEXT_SIZE + 256);
	uint64_t seed = 1;
	size_t at = 0;

	while (at < TEXT_SIZE) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		at += (size_t)sprintf(text + at, "10.0.%u.%u [%u] %s %s %s %u\n",
				      (unsigned)(seed >> 60), (unsigned)(seed >> 56) & 255,
				      1700000000 + (unsigned)(at / 1000), words[(seed >> 40) % 14],
				      words[(seed >> 36) % 14], words[(seed >> 32) % 14],
				      (unsigned)(seed >> 48) & 0xfff);
	}
	return text;
}

static size_t zstd_3(const char *text)
{
	size_t bound = ZSTD_compressBound(TEXT_SIZE);
	void *out = malloc(bound);
	size_t size = ZSTD_compress(out, bound, text, TEXT_SIZE, 3);

	free(out);
	return size;
}

/* A record as a read(2) makes it: a dozen numbers, then what was read. */
static void put_read(struct cc_log_writer *writer, struct cc_buffer *payload, const char *data)
{
	static const uint64_t numbers[] = {12, 40, 0, 0, 3, READ_SIZE, 2 * READ_SIZE, 0, 0, 1};

	payload->length = 0;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		cc_put_u(payload, numbers[i]);
	cc_log_put_blob(writer, payload, data, READ_SIZE);
	assert_int_equal(cc_log_put(writer, CC_REC_CALL, payload, &error), CC_OK);
}

static uint64_t size_of_log(const char *text, unsigned rounds)
{
	struct cc_log_writer *writer = cc_log_create(path, "plog", NULL, &error);
	struct cc_log_reader *reader;
	struct cc_buffer payload = {0};
	struct cc_log_sizes sizes;

	assert_non_null(writer);
	for (unsigned round = 0; round < rounds; round++)
		for (size_t at = 0; at < TEXT_SIZE; at += READ_SIZE)
			put_read(writer, &payload, text + at);
	assert_int_equal(cc_log_finish(writer, NULL, &error), CC_OK);
	cc_buffer_free(&payload);
	reader = cc_log_open(path, NULL, &error);
	assert_non_null(reader);
	cc_log_sizes(reader, &sizes);
	cc_log_close(reader);
	return sizes.file_bytes;
}

static void text_costs_at_most_5_percent_over_zstd(void **state)
{
	char *text = make_text();
	size_t reference = zstd_3(text);
	uint64_t once = size_of_log(text, 1);
	uint64_t twice = size_of_log(text, 2);

	print_message("# 50 MB of text: zstd -3 %zu, a slice %zu, read twice %zu bytes\n",
		      reference, (size_t)once, (size_t)twice);
	assert_true(once <= reference + reference / 20);
	assert_true(twice <= once + once / 20);
	free(text);
}

/* Numbers that rise and repeat, as those of 200,000 stats do. */
static void small_records_cost_a_few_bytes(void **state)
{
	struct cc_log_writer *writer = cc_log_create(path, "plog", NULL, &error);
	struct cc_log_reader *reader;
	struct cc_buffer payload = {0};
	struct cc_log_sizes sizes;

	assert_non_null(writer);
	for (uint64_t i = 0; i < 200000; i++) {
		payload.length = 0;
		cc_put_u(&payload, 17);
		cc_put_u(&payload, 4);
		cc_put_u(&payload, i % 1000);
		cc_put_u(&payload, 0x81a4);
		cc_put_u(&payload, 131072 + i % 1000 * 7);
		cc_put_u(&payload, 1700000000 + i % 1000);
		assert_int_equal(cc_log_put(writer, CC_REC_CALL, &payload, &error), CC_OK);
	}
	assert_int_equal(cc_log_finish(writer, NULL, &error), CC_OK);
	cc_buffer_free(&payload);
	reader = cc_log_open(path, NULL, &error);
	assert_non_null(reader);
	cc_log_sizes(reader, &sizes);
	cc_log_close(reader);
	print_message("# 200,000 small records: %zu bytes\n", (size_t)sizes.file_bytes);
	assert_true(sizes.file_bytes < 2u << 20);
}

static int set_up(void **state)
{
	int fd = mkstemp(path);

	return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state)
{
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_costs_at_most_5_percent_over_zstd),
		cmocka_unit_test(small_records_cost_a_few_bytes),
	};

	return cmocka_run_group_tests_name("logs are small", tests, set_up, tear_down);
}
