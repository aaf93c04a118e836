/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A log reads the same with its frames decompressed ahead, also when the process that does it dies. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "logs/log.h"

#define RECORDS 3000
#define SIZE 8192 /* six frames in all */

static char path[64];

static void fill(uint8_t *bytes, unsigned record)
{
	for (unsigned i = 0; i < SIZE; i++)
		bytes[i] = (uint8_t)((i * 31 + record * 7) % 251);
	memcpy(bytes, &record, sizeof(record));
}

static int make_log(void **state)
{
	struct cc_error error;
	json_t *manifest = json_object(), *summary = json_object();
	int status = -1;
	struct cc_log_writer *writer;
	uint8_t bytes[SIZE];

	snprintf(path, sizeof(path), "/tmp/log-ahead-%d.plog", (int)getpid());
	writer = cc_log_create(path, "plog", manifest, &error);
	for (unsigned i = 0; writer && i < RECORDS; i++) {
		struct cc_buffer payload = {0};

		fill(bytes, i);
		cc_put_bytes(&payload, bytes, SIZE);
		if (cc_log_put(writer, 1, &payload, &error))
			return -1;
		cc_buffer_free(&payload);
	}
	if (writer)
		status = cc_log_finish(writer, summary, &error);
	json_decref(manifest);
	json_decref(summary);
	return status;
}

static int remove_log(void **state)
{
	return unlink(path);
}

/* The reader's only child. */
static pid_t child(void)
{
	char name[64], text[32] = "";
	FILE *file;

	snprintf(name, sizeof(name), "/proc/self/task/%d/children", (int)getpid());
	file = fopen(name, "r");
	if (!file)
		return 0;
	if (!fgets(text, sizeof(text), file))
		*text = '\0';
	fclose(file);
	return (pid_t)atoi(text);
}

static void read_all(unsigned kill_at)
{
	struct cc_error error;
	struct cc_log_reader *reader = cc_log_open(path, "plog", &error);
	struct cc_record record;
	uint8_t bytes[SIZE];

	assert_non_null(reader);
	cc_log_read_ahead(reader);
	for (unsigned i = 0; i < RECORDS; i++) {
		if (i == kill_at && child() > 0)
			kill(child(), SIGKILL);
		assert_int_equal(cc_log_next(reader, &record, &error), 1);
		fill(bytes, i);
		assert_int_equal(record.cursor.end - record.cursor.at, SIZE);
		assert_memory_equal(record.cursor.at, bytes, SIZE);
	}
	assert_int_equal(cc_log_next(reader, &record, &error), 0);
	assert_int_equal(cc_log_rewind(reader, &error), 0);
	assert_int_equal(cc_log_next(reader, &record, &error), 1);
	cc_log_close(reader);
	assert_int_equal(child(), 0);
}

static void reads_ahead(void **state)
{
	read_all(RECORDS);
}

static void goes_on_alone(void **state)
{
	read_all(0);
	read_all(RECORDS / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_ahead),
		cmocka_unit_test(goes_on_alone),
	};

	return cmocka_run_group_tests(tests, make_log, remove_log);
}
