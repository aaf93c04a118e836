/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which bases go from the cache by themselves: fake ones, of which one byte stands for a gigabyte.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/files.h"
#include "core/base/memory.h"
#include "core/vm/base.h"
#include "core/vm/members.h"
#include "core/vm/recordings.h"
#include "core/vm/request.h"

#define BYTES (64 << 10) /* of a base's memory */

static char cache[] = "/tmp/cc-unit-prune-XXXXXX";
static char told[4096];
static struct cc_error error;

static void notice(const char *text)
{
	strcat(strcat(told, text), "\n");
}

/* The name of a base: 64 times the same digit. */
static const char *id_of(char digit)
{
	static char id[65];

	memset(id, digit, 64);
	return id;
}

static char *directory_of(char digit)
{
	return cc_format("%s/bases/%s", cache, id_of(digit));
}

static int is_there(char digit)
{
	char *directory = directory_of(digit);
	int is = !access(directory, F_OK);

	free(directory);
	return is;
}

static void set_used(const char *directory, time_t ago)
{
	const struct timespec times[2] = {{time(NULL) - ago, 0}, {time(NULL) - ago, 0}};

	assert_int_equal(utimensat(AT_FDCWD, directory, times, 0), 0);
}

static void make_base(char digit, time_t ago, int noted)
{
	char *directory = directory_of(digit), *manifest = cc_format("%s/manifest.json", directory);
	char *ram = cc_format("%s/ram", directory), *key = cc_format("%s/keys/%c", cache, digit);
	char *data = calloc(1, BYTES);

	assert_int_equal(cc_make_directories(directory, &error), 0);
	assert_int_equal(cc_write_file(manifest, "{}", 2, &error), 0);
	assert_int_equal(cc_write_file(ram, data, BYTES, &error), 0);
	assert_int_equal(cc_write_file(key, id_of(digit), 64, &error), 0);
	if (noted)
		cc_recordings_begin(directory);
	set_used(directory, ago);
	free(data);
	free(key);
	free(ram);
	free(manifest);
	free(directory);
}

static char *record_from(char digit, const char *name, int packed)
{
	char *path = cc_format("%s/%s.vmlog", cache, name), *directory = directory_of(digit);
	struct cc_vmlog_writer *writer = cc_vmlog_create(path, NULL, &error);
	json_t *manifest = json_pack("{s:s, s:s}", "kind", "vmlog", "base", id_of(digit));
	struct cc_base base = {.directory = directory};

	strcpy(base.id, id_of(digit));
	assert_non_null(writer);
	if (packed)
		assert_int_equal(cc_vmlog_add_bytes(writer, "base/manifest.json", "{}", 2, &error),
				 0);
	assert_int_equal(cc_vmlog_finish(writer, manifest, NULL, &error), 0);
	cc_recordings_note(&base, path);
	cc_recordings_note(&base, path); /* twice is once */
	set_used(directory, 7200);
	json_decref(manifest);
	free(directory);
	return path;
}

static void make_room(char present, const char *gigabytes)
{
	struct cc_base base = {.cache = cache};

	strcpy(base.id, id_of(present));
	setenv("CROSSCUT_CACHE_GB", gigabytes, 1);
	*told = '\0';
	cc_base_make_room(&base, notice);
}

static int start(void **state)
{
	char *keys = cc_format("%s/keys", cache);

	cc_remove_tree(cache);
	cc_make_directories(keys, &error);
	free(keys);
	for (char digit = '1'; digit <= '4'; digit++)
		make_base(digit, 7200 - digit, 1); /* 1 was used first */
	return 0;
}

static int clean(void **state)
{
	cc_remove_tree(cache);
	return 0;
}

static void below_the_bound_all_stay(void **state)
{
	make_room('4', "8");
	assert_true(is_there('1') && is_there('2') && is_there('3') && is_there('4'));
	assert_string_equal(told, "");
}

static void above_it_the_least_recently_used_goes(void **state)
{
	make_room('4', "0.00025");
	assert_true(!is_there('1') && is_there('2') && is_there('3') && is_there('4'));
	assert_non_null(strstr(told, "the guest base 111111111111 (0.0 GB), from which nothing was "
				     "recorded, was removed"));
	assert_null(strchr(told, '\n')[1] ? told : NULL); /* told once */
	make_room('4', "0.00025");
	assert_string_equal(told, "");
}

static void the_present_one_stays(void **state)
{
	make_room('1', "0");
	assert_true(is_there('1') && !is_there('2') && !is_there('3') && !is_there('4'));
}

static void one_that_was_used_lately_stays(void **state)
{
	make_base('2', 60, 1);
	make_room('4', "0");
	assert_true(!is_there('1') && is_there('2') && !is_there('3'));
}

static void one_that_is_open_stays(void **state)
{
	char *directory = directory_of('2'), *manifest = cc_format("%s/manifest.json", directory);
	int lock = open(manifest, O_RDONLY);

	assert_int_equal(flock(lock, LOCK_SH), 0);
	make_room('4', "0");
	assert_true(!is_there('1') && is_there('2') && !is_there('3'));
	close(lock);
	free(manifest);
	free(directory);
}

static void one_whose_recordings_were_not_noted_stays(void **state)
{
	make_base('5', 7200, 0);
	make_room('4', "0");
	assert_true(is_there('5') && !is_there('1'));
}

static void one_that_a_recording_needs_stays(void **state)
{
	char *two = record_from('2', "a recording\nof two", 0),
	     *three = record_from('3', "three", 1);
	char *directory = directory_of('2'), **list = cc_recordings_of(directory, id_of('2'), NULL);

	assert_string_equal(list[0], two);
	assert_null(list[1]);
	make_room('4', "0");
	assert_true(is_there('2'));
	assert_false(is_there('3')); /* it is packed */
	unlink(two);
	set_used(directory, 7200);
	make_room('4', "0");
	assert_false(is_there('2')); /* what is gone does not count */
	cc_free_list(list);
	free(directory);
	free(two);
	free(three);
}

static void one_that_was_recorded_over_goes(void **state)
{
	free(record_from('2', "same", 0));
	free(record_from('3', "same", 0));
	make_room('4', "0");
	assert_true(!is_there('2') && is_there('3'));
}

static void many_recordings_are_tidied(void **state)
{
	char *directory = directory_of('2'), *list = cc_format("%s/recordings", directory);
	struct stat status;

	for (int i = 0; i < 300; i++) {
		char name[32], *path;

		snprintf(name, sizeof(name), "recording-%d", i);
		path = record_from('2', name, 0);
		if (i < 299)
			unlink(path);
		free(path);
	}
	assert_int_equal(stat(list, &status), 0);
	assert_true(status.st_size < 210 * 60);
	make_room('4', "0");
	assert_true(is_there('2'));
	free(list);
	free(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(below_the_bound_all_stay, start),
		cmocka_unit_test_setup(above_it_the_least_recently_used_goes, start),
		cmocka_unit_test_setup(the_present_one_stays, start),
		cmocka_unit_test_setup(one_that_was_used_lately_stays, start),
		cmocka_unit_test_setup(one_that_is_open_stays, start),
		cmocka_unit_test_setup(one_whose_recordings_were_not_noted_stays, start),
		cmocka_unit_test_setup(one_that_a_recording_needs_stays, start),
		cmocka_unit_test_setup(one_that_was_recorded_over_goes, start),
		cmocka_unit_test_setup(many_recordings_are_tidied, start),
	};

	if (!mkdtemp(cache))
		return 1;
	return cmocka_run_group_tests(tests, NULL, clean);
}
