/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Logs that leave their beginning to another one: what they give, what they lack, and what they may
 * not say.
 */
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

#include "logs/frame.h"
#include "logs/log.h"

#define REC 7

static char directory[] = "/tmp/cc-log-base-XXXXXX";
static struct cc_error error;

static const char *in(const char *name)
{
	static char paths[4][96];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", directory, name);
	return path;
}

static int set_up(void **state)
{
	return mkdtemp(directory) ? 0 : -1;
}

static int tear_down(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", directory);
	return system(command);
}

static void put(struct cc_log_writer *writer, uint64_t number)
{
	struct cc_buffer payload = {0};

	cc_put_u(&payload, number);
	assert_int_equal(cc_log_put(writer, REC, &payload, &error), CC_OK);
	cc_buffer_free(&payload);
}

static struct cc_log_writer *create(const char *name, int mark)
{
	json_t *manifest = json_pack("{s:i}", "mark", mark);
	struct cc_log_writer *writer = cc_log_create(in(name), "plog", manifest, &error);

	json_decref(manifest);
	assert_non_null(writer);
	return writer;
}

static struct cc_log_writer *branch(struct cc_log_writer *writer, const char *name,
				    const char *base)
{
	json_t *manifest = json_pack("{s:s}", "branch", name);
	struct cc_log_writer *made = cc_log_branch(writer, in(name), base, manifest, &error);

	json_decref(manifest);
	assert_non_null(made);
	return made;
}

static void finish(struct cc_log_writer *writer)
{
	json_t *summary = json_pack("{s:i}", "status", 0);

	assert_int_equal(cc_log_finish(writer, summary, &error), CC_OK);
	json_decref(summary);
}

/* The log holds these numbers and no others. */
static void holds(const char *name, const uint64_t *numbers, size_t count)
{
	struct cc_log_reader *reader = cc_log_open(in(name), NULL, &error);
	struct cc_record record;

	if (!reader)
		fail_msg("%s", error.text);
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < count; i++) {
			assert_int_equal(cc_log_next(reader, &record, &error), 1);
			assert_int_equal(cc_get_u(&record.cursor), numbers[i]);
			assert_int_equal(record.ordinal, i);
		}
		assert_int_equal(cc_log_next(reader, &record, &error), 0);
		assert_int_equal(cc_log_rewind(reader, &error), CC_OK);
	}
	cc_log_close(reader);
}

static void refused(const char *name, const char *says)
{
	struct cc_log_reader *reader = cc_log_open(in(name), NULL, &error);

	assert_null(reader);
	if (!strstr(error.text, says))
		fail_msg("\"%s\" does not say \"%s\"", error.text, says);
}

/* parent: 1 2 | 5; child: 1 2 | 3 | 4; grandchild: 1 2 3 | 6 */
static void make_family(void)
{
	struct cc_log_writer *parent = create("parent.plog", 1), *child, *grandchild;

	put(parent, 1);
	put(parent, 2);
	child = branch(parent, "child.plog", "parent.plog");
	put(child, 3);
	grandchild = branch(child, "grandchild.plog", "child.plog");
	put(grandchild, 6);
	put(child, 4);
	put(parent, 5);
	finish(grandchild);
	finish(child);
	finish(parent);
}

static void children_hold_what_their_parents_held(void **state)
{
	make_family();
	holds("parent.plog", (uint64_t[]){1, 2, 5}, 3);
	holds("child.plog", (uint64_t[]){1, 2, 3, 4}, 4);
	holds("grandchild.plog", (uint64_t[]){1, 2, 3, 6}, 4);
}

static void a_packed_log_stands_alone(void **state)
{
	struct cc_log_reader *reader;

	make_family();
	reader = cc_log_open(in("grandchild.plog"), NULL, &error);
	assert_string_equal(cc_log_base(reader), "child.plog");
	assert_int_equal(cc_log_pack(reader, in("packed.plog"), &error), CC_OK);
	cc_log_close(reader);
	rename(in("parent.plog"), in("elsewhere"));
	holds("packed.plog", (uint64_t[]){1, 2, 3, 6}, 4);
	refused("grandchild.plog",
		"lacks its beginning, which is in parent.plog (it is not there)");
	reader = cc_log_open(in("packed.plog"), NULL, &error);
	assert_null(cc_log_base(reader));
	cc_log_close(reader);
	assert_int_equal(mkdir(in("store"), 0777), 0);
	rename(in("elsewhere"), in("store/parent.plog"));
	holds("grandchild.plog", (uint64_t[]){1, 2, 3, 6}, 4);
	unlink(in("store/parent.plog"));
	rmdir(in("store"));
}

static void another_log_under_that_name_is_told(void **state)
{
	struct cc_log_writer *other;

	make_family();
	other = create("parent.plog", 2);
	put(other, 1);
	put(other, 2);
	finish(other);
	refused("child.plog", "(the file of that name here is another one)");
	other = create("parent.plog", 1); /* the same manifest, other records */
	put(other, 1);
	put(other, 9);
	finish(other);
	refused("child.plog", "(the file of that name here is another one)");
}

static void a_log_cannot_continue_itself(void **state)
{
	struct cc_log_writer *parent = create("loop.plog", 1), *child;

	put(parent, 1);
	child = branch(parent, "round.plog", "round.plog");
	put(child, 2);
	finish(child);
	cc_log_abandon(parent);
	refused("round.plog", "too many logs continue one another");
}

static void many_generations_are_copied_now_and_then(void **state)
{
	struct cc_log_writer *writer = create("0.plog", 0), *next;
	uint64_t numbers[3 * CC_BASE_DEPTH];
	char name[32], base[32];

	for (unsigned i = 0; i < 3 * CC_BASE_DEPTH; i++) {
		numbers[i] = i;
		put(writer, i);
		snprintf(base, sizeof(base), "%u.plog", i);
		snprintf(name, sizeof(name), "%u.plog", i + 1);
		next = branch(writer, name, base);
		finish(writer);
		writer = next;
	}
	finish(writer);
	holds(name, numbers, 3 * CC_BASE_DEPTH);
}

/* A log, one that refers to it, and one that holds a copy: what their files would take. */
static void sizes(int measured, off_t bytes[3])
{
	static const char *const names[] = {"m.plog", "refers.plog", "copies.plog"};
	struct cc_log_writer *writers[3] = {create(names[0], 1)};
	struct stat info;

	if (measured)
		cc_log_measure(writers[0]);
	for (uint64_t i = 0; i < 1000; i++)
		put(writers[0], i * i * i);
	writers[1] = branch(writers[0], names[1], names[0]);
	writers[2] = branch(writers[0], names[2], NULL);
	for (int i = 0; i < 3; i++) {
		put(writers[i], 1);
		finish(writers[i]);
		assert_int_equal(stat(in(names[i]), &info), 0);
		bytes[i] = info.st_size;
	}
}

static void what_is_measured_is_as_large(void **state)
{
	off_t written[3], measured[3];

	sizes(0, written);
	sizes(1, measured);
	assert_memory_equal(written, measured, sizeof(written));
}

static void names_are_those_of_files(void **state)
{
	static const char *const bad[] = {"", "a/b", "/etc/passwd", ".", "..", ".hidden"};
	uint8_t payload[CC_BASE_MAX];
	struct cc_log_base base = {.frames = 1, .name = "fine.plog"}, got;
	size_t length = cc_base_encode(&base, payload);

	assert_null(cc_base_decode(&got, payload, length));
	assert_string_equal(got.name, "fine.plog");
	assert_non_null(cc_base_decode(&got, payload, CC_BASE_FIXED - 1));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		snprintf(base.name, sizeof(base.name), "%s", bad[i]);
		length = cc_base_encode(&base, payload);
		assert_non_null(cc_base_decode(&got, payload, length));
	}
	memset(payload + CC_BASE_FIXED, 'a', CC_BASE_NAME);
	assert_non_null(cc_base_decode(&got, payload, CC_BASE_MAX));
	payload[CC_BASE_FIXED + 1] = '\0';
	assert_non_null(cc_base_decode(&got, payload, CC_BASE_FIXED + 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(children_hold_what_their_parents_held),
		cmocka_unit_test(a_packed_log_stands_alone),
		cmocka_unit_test(another_log_under_that_name_is_told),
		cmocka_unit_test(a_log_cannot_continue_itself),
		cmocka_unit_test(many_generations_are_copied_now_and_then),
		cmocka_unit_test(what_is_measured_is_as_large),
		cmocka_unit_test(names_are_those_of_files),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
