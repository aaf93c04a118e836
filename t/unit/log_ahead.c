/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A log reads the same with its frames decompressed ahead, also when the parent that does it dies.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "logs/ahead.h"

#define RECORDS 3000
#define SIZE 8192 /* some thirty frames in all */

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

static int reads(struct cc_log_reader *reader, unsigned kill_at)
{
	struct cc_error error;
	struct cc_record record;
	uint8_t bytes[SIZE];

	for (unsigned i = 0; i < RECORDS; i++) {
		if (i == kill_at)
			kill(getppid(), SIGKILL);
		fill(bytes, i);
		if (cc_log_next(reader, &record, &error) != 1 ||
		    record.cursor.end - record.cursor.at != SIZE ||
		    memcmp(record.cursor.at, bytes, SIZE))
			return 1;
	}
	return cc_log_next(reader, &record, &error) || cc_log_rewind(reader, &error) ||
	       cc_log_next(reader, &record, &error) != 1;
}

/* Reads the log at `name` with the help of its parent; what came of it goes into a pipe. */
static void reader_process(const char *name, int descriptor, int report, unsigned kill_at)
{
	struct cc_error error;
	struct cc_log_reader *reader = cc_log_open(name, "plog", &error);
	char result = 'n'; /* nobody helps */

	if (reader) {
		cc_log_read_ahead(reader, descriptor);
		result = reads(reader, kill_at) ? 'w' : reader->ahead ? 'h' : 'a';
		cc_log_close(reader);
	}
	_exit(write(report, &result, 1) != 1);
}

/* The parent of the reader, as a launcher is; its own parent must survive its death. */
static void server_process(const char *name, int report, unsigned kill_at)
{
	struct cc_error error;
	struct cc_log_reader *reader = cc_log_open(path, "plog", &error);
	struct cc_ahead_server *server = reader ? cc_ahead_serve(reader) : NULL;
	pid_t child;

	if (!server)
		_exit(1);
	child = fork();
	if (!child)
		reader_process(name, cc_ahead_descriptor(server), report, kill_at);
	waitpid(child, NULL, 0);
	cc_ahead_serve_end(server);
	cc_log_close(reader);
	_exit(0);
}

/* 'h': all was right, with help; 'a': alone; 'w': something was wrong. */
static char outcome(const char *name, unsigned kill_at)
{
	char result = 0;
	int ends[2];
	pid_t server;

	assert_int_equal(pipe(ends), 0);
	server = fork();
	if (!server)
		server_process(name, ends[1], kill_at);
	close(ends[1]);
	assert_int_equal(read(ends[0], &result, 1), 1);
	close(ends[0]);
	assert_int_equal(waitpid(server, NULL, 0), server);
	return result;
}

static void reads_ahead(void **state)
{
	assert_int_equal(outcome(path, RECORDS), 'h');
}

static void goes_on_alone(void **state)
{
	assert_int_equal(outcome(path, 0), 'h');
	assert_int_equal(outcome(path, RECORDS / 2), 'h');
}

/* The launcher opened it, and then another was put in its place. */
static void another_log(void **state)
{
	char copy[80], command[200];

	snprintf(copy, sizeof(copy), "%s.copy", path);
	snprintf(command, sizeof(command), "cp %s %s", path, copy);
	assert_int_equal(system(command), 0);
	assert_int_equal(outcome(copy, RECORDS), 'a');
	unlink(copy);
}

/* The run ended before the log did. */
static void ends_early(void **state)
{
	struct cc_error error;
	struct cc_log_reader *reader = cc_log_open(path, "plog", &error);
	struct cc_ahead_server *server;

	assert_non_null(reader);
	server = cc_ahead_serve(reader);
	assert_non_null(server);
	cc_ahead_serve_end(server);
	cc_log_close(reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_ahead),
		cmocka_unit_test(goes_on_alone),
		cmocka_unit_test(another_log),
		cmocka_unit_test(ends_early),
	};

	return cmocka_run_group_tests(tests, make_log, remove_log);
}
