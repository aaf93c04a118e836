/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lowest layer: characters, paths, hashes, memory, digests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/base/memory.h"
#include "core/base/sha256.h"
#include "core/base/text.h"

static void digits_are_known(void **state)
{
	for (int c = -128; c < 128; c++)
		assert_int_equal(cc_is_digit((char)c), strchr("0123456789", c) && c);
}

static void characters_become_utf8(void **state)
{
	static const struct {
		uint32_t c;
		const char *bytes;
	} rows[] = {
		{'a', "a"},
		{0x7f, "\x7f"},
		{0x80, "\xc2\x80"},
		{0x7ff, "\xdf\xbf"},
		{0x800, "\xe0\xa0\x80"},
		{0xd800, "\xed\xa0\x80"},
		{0xffff, "\xef\xbf\xbf"},
		{0x10000, "\xf0\x90\x80\x80"},
		{0x10ffff, "\xf4\x8f\xbf\xbf"},
		{0xffffffff, "\xf7\xbf\xbf\xbf"}, /* of no character; nothing else is touched */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char bytes[5] = "....";
		size_t length = cc_put_utf8(bytes, rows[i].c);

		assert_int_equal(length, strlen(rows[i].bytes));
		assert_memory_equal(bytes, rows[i].bytes, length);
		assert_int_equal(bytes[length], length < 4 ? '.' : 0);
	}
}

static void paths_lie_in_directories(void **state)
{
	assert_true(cc_is_in("/usr/lib", "/usr"));
	assert_true(cc_is_in("/usr/lib", "/usr/"));
	assert_true(cc_is_in("/usr", "/usr"));
	assert_true(cc_is_in("/usr", "/"));
	assert_true(cc_is_in("/", "/"));
	assert_false(cc_is_in("/usrlib", "/usr"));
	assert_false(cc_is_in("/us", "/usr"));
	assert_false(cc_is_in("usr", "/"));
	assert_false(cc_is_in("", "/usr"));
}

/* The numbers are those of the page that describes FNV. */
static void hashes_are_fnv(void **state)
{
	assert_true(cc_hash("", 0) == 0xcbf29ce484222325u);
	assert_true(cc_hash("a", 1) == 0xaf63dc4c8601ec8cu);
	assert_true(cc_hash("foobar", 6) == 0x85944171f73967e8u);
}

static void memory_begins_as_it_is_said_to(void **state)
{
	static const char zeros[300];
	char *bytes = cc_allocate_zeros(100, 3), *copy = cc_copy_bytes("a\0b", 3),
	     *text = cc_copy("text"), *empty = cc_allocate(0), *line = cc_format("%s %d", "a", 1);

	assert_memory_equal(bytes, zeros, 300);
	assert_memory_equal(copy, "a\0b", 4);
	assert_string_equal(text, "text");
	assert_string_equal(line, "a 1");
	assert_non_null(empty);
	bytes = cc_reallocate(bytes, 1000, 1);
	assert_memory_equal(bytes, zeros, 300);
	free(bytes);
	free(copy);
	free(text);
	free(empty);
	free(line);
}

static void arrays_grow(void **state)
{
	size_t *numbers = NULL, *copy;

	for (size_t count = 0; count < 1000;) {
		size_t *before = numbers;

		cc_array_room(numbers, count);
		if (count & (count - 1))
			assert_ptr_equal(numbers, before); /* there is room, without a look */
		numbers[count] = count;
		count++;
		copy = cc_array_copy(numbers, count, sizeof(*copy));
		for (size_t more = count; more < 2 * count; more++) {
			cc_array_room(copy, more);
			copy[more] = more;
		}
		for (size_t i = 0; i < 2 * count; i++)
			assert_int_equal(copy[i], i);
		free(copy);
	}
	free(numbers);
	assert_null(cc_array_copy(NULL, 0, 8));
}

static void take_too_much(void)
{
	free(cc_allocate((size_t)1 << 40));
}

static void take_too_many(void)
{
	free(cc_allocate_zeros(SIZE_MAX / 2, 3));
}

static void grow_too_much(void)
{
	free(cc_reallocate(NULL, (size_t)1 << 30, 1 << 10));
}

/* What `take` says on stderr in a process that has a gigabyte. */
static void lacks(void (*take)(void), const char *says)
{
	const struct rlimit gigabyte = {1 << 30, 1 << 30};
	char line[256] = "";
	int ends[2], status;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (!child) {
		dup2(ends[1], 2);
		setrlimit(RLIMIT_AS, &gigabyte);
		take();
		_exit(0);
	}
	close(ends[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(read(ends[0], line, sizeof(line) - 1) >= 0);
	close(ends[0]);
	assert_string_equal(line, says);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 125);
}

static void a_lack_is_told(void **state)
{
	static const char way_out[] = ": end other programs, or raise the limit (ulimit -v)\n";
	char *some = cc_format("base: no memory for %zu bytes%s", (size_t)1 << 40, way_out),
	     *any = cc_format("base: no memory for %zu bytes%s", SIZE_MAX, way_out);

	lacks(take_too_much, some);
	lacks(grow_too_much, some);
	lacks(take_too_many, any);
	free(some);
	free(any);
}

/* FIPS 180-2's examples, and a million letters, which are several pieces of a file. */
static void digests_are_sha256(void **state)
{
	static const char abc[] =
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
	static const char million[] =
		"cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
	char *letters = memset(cc_allocate(1000000), 'a', 1000000), digest[65];
	char path[] = "/tmp/cc-unit-base-XXXXXX";
	struct cc_sha256 *sha = cc_sha256_new();
	struct cc_error error;
	int fd = mkstemp(path);

	cc_sha256_add(sha, "a", 1);
	cc_sha256_add(sha, "bc", 2);
	cc_sha256_end(sha, digest);
	assert_string_equal(digest, abc);
	assert_int_equal(write(fd, letters, 1000000), 1000000);
	assert_int_equal(cc_sha256_file(path, digest, &error), 0);
	assert_string_equal(digest, million);
	unlink(path);
	assert_int_equal(cc_sha256_file(path, digest, &error), CC_EIO);
	assert_non_null(strstr(error.text, "cannot be read: No such file"));
	close(fd);
	free(letters);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digits_are_known),
		cmocka_unit_test(characters_become_utf8),
		cmocka_unit_test(paths_lie_in_directories),
		cmocka_unit_test(hashes_are_fnv),
		cmocka_unit_test(memory_begins_as_it_is_said_to),
		cmocka_unit_test(arrays_grow),
		cmocka_unit_test(a_lack_is_told),
		cmocka_unit_test(digests_are_sha256),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
