/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls through a log: long buffers are blobs of it, short ones stand in the record. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/host/hostcall.h"
#include "logs/event.h"

#define LONG 20000

static char path[] = "/tmp/cc-unit-log-XXXXXX";

static void put(struct cc_log_writer *writer, const char *name, uint64_t *args, int64_t ret)
{
	const struct cc_hostcall *call = cc_hostcall_find(name);
	struct cc_buffer record = {0};
	uint32_t before[CC_MAXARGS];
	struct cc_error error;

	cc_call_lengths(call, args, &cc_own_memory, before);
	assert_int_equal(cc_call_encode_in(call, args, &cc_own_memory, writer, &record), 0);
	assert_int_equal(cc_call_encode_out(call, args, before, ret, &cc_own_memory, writer,
					    &record),
			 0);
	assert_int_equal(cc_log_put(writer, CC_REC_CALL, &record, &error), 0);
	cc_buffer_free(&record);
}

static void get(struct cc_log_reader *reader, const char *name, uint64_t *args, int64_t ret)
{
	const struct cc_hostcall *call = cc_hostcall_find(name);
	uint32_t before[CC_MAXARGS];
	struct cc_record record;
	struct cc_error error;
	unsigned item;

	assert_int_equal(cc_log_next(reader, &record, &error), 1);
	cc_call_lengths(call, args, &cc_own_memory, before);
	assert_int_equal(cc_call_compare(call, args, 0, reader, &record.cursor, &item), 0);
	assert_int_equal(cc_call_serve(call, args, before, ret, reader, &record.cursor), 0);
	assert_ptr_equal(record.cursor.at, record.cursor.end);
}

static struct cc_log_writer *create(void)
{
	json_t *manifest = json_pack("{s:s}", "stage", "unit test");
	struct cc_error error;
	struct cc_log_writer *writer = cc_log_create(path, "plog", manifest, &error);

	json_decref(manifest);
	assert_non_null(writer);
	return writer;
}

static struct cc_log_reader *finish_and_open(struct cc_log_writer *writer)
{
	json_t *summary = json_object();
	struct cc_log_reader *reader;
	struct cc_error error;

	assert_int_equal(cc_log_finish(writer, summary, &error), 0);
	json_decref(summary);
	reader = cc_log_open(path, "plog", &error);
	assert_non_null(reader);
	return reader;
}

static void a_long_buffer_comes_back_from_a_log(void **state)
{
	char *in = malloc(LONG), *same = malloc(LONG), *out = malloc(LONG);
	uint64_t then[CC_MAXARGS] = {3, (uintptr_t)in, LONG};
	uint64_t write[CC_MAXARGS] = {4, (uintptr_t)in, LONG};
	uint64_t now[CC_MAXARGS] = {3, (uintptr_t)out, LONG};
	uint64_t rewrite[CC_MAXARGS] = {4, (uintptr_t)same, LONG};
	struct cc_log_writer *writer = create();
	struct cc_log_reader *reader;

	for (int i = 0; i < LONG; i++)
		in[i] = (char)(i * i >> 3);
	memcpy(same, in, LONG);
	memset(out, 0, LONG);
	put(writer, "read", then, LONG);
	put(writer, "write", write, LONG);
	put(writer, "read", then, 5);
	reader = finish_and_open(writer);
	get(reader, "read", now, LONG);
	assert_memory_equal(out, in, LONG);
	get(reader, "write", rewrite, LONG);
	memset(out, 0, LONG);
	get(reader, "read", now, 5);
	assert_memory_equal(out, in, 5);
	assert_int_equal(out[5], 0);
	cc_log_close(reader);
	free(in);
	free(same);
	free(out);
}

/* What the issue asks of slices: 200,000 stats of files in two megabytes. */
static void many_stats_are_a_small_log(void **state)
{
	enum { CALLS = 200000 };
	struct cc_log_writer *writer = create();
	struct cc_log_reader *reader;
	struct cc_log_sizes sizes;
	struct stat st, served;
	char file[64];
	uint64_t args[CC_MAXARGS] = {(uintptr_t)file, (uintptr_t)&st};

	memset(&st, 0, sizeof(st));
	stat("/etc/passwd", &st);
	for (int i = 0; i < CALLS; i++) {
		snprintf(file, sizeof(file), "/srv/data/%03d/file-%d.txt", i % 500, i);
		st.st_ino++;
		st.st_size = i % 7919;
		st.st_mtim.tv_nsec = i / 40 % 250 * 4000000;
		put(writer, "stat64", args, 0);
	}
	reader = finish_and_open(writer);
	args[1] = (uintptr_t)&served;
	for (int i = 0; i < CALLS; i++) {
		snprintf(file, sizeof(file), "/srv/data/%03d/file-%d.txt", i % 500, i);
		get(reader, "stat64", args, 0);
	}
	assert_memory_equal(&st, &served, sizeof(st));
	cc_log_sizes(reader, &sizes);
	print_message("# %.1f bytes a stat\n", (double)sizes.file_bytes / CALLS);
	assert_true(sizes.file_bytes <= 2000000);
	cc_log_close(reader);
}

static int set_up(void **state)
{
	int fd = mkstemp(path);

	cc_hostcall_init();
	return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state)
{
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_long_buffer_comes_back_from_a_log),
		cmocka_unit_test(many_stats_are_a_small_log),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
