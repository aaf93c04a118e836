/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes from outside in JSON, in messages and in fields of lines, and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "logs/text.h"

static const char *const texts[] = {
	"",	    "plain",	    "caf\xc3\xa9", "caf\xe9",	 "\xff",
	"\xff\xfe", "\xff\xfe\xfd", "\xc3",	   "a\nb\tc\\d", "\xed\xb3\xa9",
};
#define TEXTS (sizeof(texts) / sizeof(*texts))

static void bytes_come_back_from_json(void **state)
{
	for (size_t i = 0; i < TEXTS; i++) {
		json_t *value = cc_json_text(texts[i]), *read;
		char *written = json_dumps(value, JSON_ENCODE_ANY), *copy;
		size_t length;

		assert_non_null(written);
		read = json_loads(written, JSON_DECODE_ANY, NULL);
		copy = cc_json_copy(read, &length);
		assert_int_equal(length, strlen(texts[i]));
		assert_string_equal(copy, texts[i]);
		free(copy);
		free(written);
		json_decref(read);
		json_decref(value);
	}
}

static void what_is_no_text_is_told(void **state)
{
	json_t *wrong = json_pack("{s:s}", "base64", "a?b="), *number = json_integer(3);

	assert_null(cc_json_copy(wrong, NULL));
	assert_null(cc_json_copy(number, NULL));
	assert_null(cc_json_copy(NULL, NULL));
	json_decref(wrong);
	json_decref(number);
}

static void messages_show_what_is_not_utf8(void **state)
{
	json_t *shown = cc_json_shown("caf\xc3\xa9 caf\xe9 \xff\n");

	assert_string_equal(json_string_value(shown), "caf\xc3\xa9 caf\\xe9 \\xff\n");
	json_decref(shown);
}

static void characters_of_latin1(void **state)
{
	json_t *text = cc_json_characters("caf\xe9", 4);

	assert_string_equal(json_string_value(text), "caf\xc3\xa9");
	json_decref(text);
}

static char *written(void (*put)(const char *text, FILE *to), const char *text)
{
	char *line = NULL;
	size_t length;
	FILE *to = open_memstream(&line, &length);

	put(text, to);
	fclose(to);
	return line;
}

static void fields_come_back_from_lines(void **state)
{
	for (size_t i = 0; i < TEXTS; i++) {
		char *line = written(cc_put_escaped, texts[i]);

		assert_null(strpbrk(line, "\n\t"));
		cc_unescape(line);
		assert_string_equal(line, texts[i]);
		free(line);
	}
}

static void a_listing_keeps_its_lines(void **state)
{
	char *line = written(cc_put_shown, "a\nb\tc\x01\xe9");

	assert_string_equal(line, "a\\nb\\tc\\x01\\xe9");
	free(line);
	line = written(cc_put_shown, "caf\xc3\xa9 \xc2\x85\x7f\xed\xb3\xa9");
	assert_string_equal(line, "caf\xc3\xa9 \\xc2\\x85\\x7f\\xed\\xb3\\xa9");
	free(line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_come_back_from_json),
		cmocka_unit_test(what_is_no_text_is_told),
		cmocka_unit_test(messages_show_what_is_not_utf8),
		cmocka_unit_test(characters_of_latin1),
		cmocka_unit_test(fields_come_back_from_lines),
		cmocka_unit_test(a_listing_keeps_its_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
