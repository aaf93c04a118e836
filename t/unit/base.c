/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lowest layer: characters and hashes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/hash.h"
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

/* The numbers are those of the page that describes FNV. */
static void hashes_are_fnv(void **state)
{
	assert_true(cc_hash("", 0) == 0xcbf29ce484222325u);
	assert_true(cc_hash("a", 1) == 0xaf63dc4c8601ec8cu);
	assert_true(cc_hash("foobar", 6) == 0x85944171f73967e8u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digits_are_known),
		cmocka_unit_test(characters_become_utf8),
		cmocka_unit_test(hashes_are_fnv),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
