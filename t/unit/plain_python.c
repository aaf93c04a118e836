/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plain expressions: python's parser. */
#include "plain_mock.h"

#include "runtimes/python/debug/plain-parse.c"

const struct cc_plain_language mock = {MOCK, .parse = cc_python_plain_parse, .adds_texts = 1};

static void expressions_are_read_as_python_reads_them(void **state)
{
	static const struct pair pairs[] = {
		{"x", "5"},
		{" x + 2 * y ", "19"},
		{"(x + 2) * y", "49"},
		{"x - 1 - 1", "3"},
		{"y / 2", "3.5"},
		{"y // 2", "3"},
		{"-7 // 2", "-4"},
		{"-7 % 3", "2"},
		{"7 % -3", "-2"},
		{"s + '!'", "text!"},
		{"f'{x}-{y}'", "5-7"},
		{"f\"{{{x}}}\"", "{5}"},
		{"f'{x!r} {s!s}'", "<5 text"},
		{"f'{x=}'", "x=<5"},
		{"f'{ x = }'", " x = <5"},
		{"f'{x + 1}'", "6"},
		{"f'{x==5}'", "1"},
		{"f'{x!=5}'", "0"},
		{"f''", ""},
		{"'it\\'s'", "it's"},
		{"\"\\t\"", "\t"},
		{"list[1]", "2"},
		{"list[list[0]]", "2"},
		{"x.name", "name"},
		{"x.a.b", "b"},
		{"len(s)", "4"},
		{"x if y else s", "5"},
		{"x if e else s", "text"},
		{"x is None", "0"},
		{"u is None", "1"},
		{"u is not None", "0"},
		{"not x", "0"},
		{"not not x", "1"},
		{"not x == 5", "0"},
		{"x == 5 and y == 7", "1"},
		{"e or s", "text"},
		{"x == s", "0"},
		{"x != s", "1"},
		{"x < s", "not plain now"},
		{"u < 1", "not plain now"},
		{"s == 'text'", "1"},
		{"True + 1", "2"},
		{"None", "nothing"},
		{"x < 6.5", "1"},
		{NULL, NULL},
	};

	are(pairs);
}

static const char *const not_plain[] = {
	"",
	" ",
	"x = 1",
	"x := 1",
	"f(x)",
	"x.m()",
	"len(",
	"len(x, y)",
	"(x, y)",
	"x, y",
	"[x]",
	"{x}",
	"{}",
	"list[1:2]",
	"list[1, 2]",
	"x ** 2",
	"x @ y",
	"x | y",
	"x in list",
	"x not in list",
	"lambda: x",
	"not",
	"x if y",
	"x < y < 3",
	"x == y == 3",
	"x is y is 3",
	"1 + ",
	"+1",
	"~x",
	"017",
	"0x10",
	"1_000",
	"1e3",
	"1.",
	".5",
	"1j",
	"'x' 'y'",
	"'''x'''",
	"\"\"\"x\"\"\"",
	"b'x'",
	"r'x'",
	"rf'x'",
	"u'x'",
	"'\\x41'",
	"f'{x:3}'",
	"f'{x!a}'",
	"f'{x'",
	"f'x}'",
	"f'{}'",
	"f'{x!r:3}'",
	"await x",
	"yield",
	"x.if",
	"x[",
	"x.",
	"x..y",
	"'x",
	"f\"{list[\"a\"]}\"",
	"x # comment",
	"x; y",
	"\xc3\xa9",
	"x\xc3\xa9",
	"*x",
	"a + not b",
	"import os",
	"x\n+ 1",
	"__debug__",
	"x and",
	"-",
	"x . y",
	NULL,
};

static void what_is_not_plain_is_known(void **state)
{
	are_not_plain(not_plain);
}

static void depth_and_length_are_bounded(void **state)
{
	is_too_much("(", "x", ")", 1000);
	is_too_much("not ", "x", "", 1000);
	is_too_much("-", "x", "", 1000);
	is_too_much("list[", "0", "]", 600);
	is_too_much("", "x", ".a", 1000);
	is_too_much("", "x", " + 1", 1000);
	is_too_much("x if x else ", "1", "", 300);
	is_too_much("len(", "x", ")", 500);
	is_too_much("", "1", " or 1", 800);
	is_too_much("", "x", "x", 5000);
}

static void no_expression_is_too_strange(void **state)
{
	static const char *const pieces[] = {
		"x",	"list", "f'",	"f\"",	"'",	  "\"",	  "{",	  "}",	  "{x",
		"!r",	"=",	"[",	"]",	"(",	  ")",	  ".",	  "\\",	  " ",
		"+",	"-",	"*",	"/",	"%",	  "<",	  ">",	  "!",	  " and ",
		" or ", "not ", " is ", " if ", " else ", "len(", "None", "True", "1",
		"2.5",	"_",	",",	":",	"\xc3",
	};

	survive_all(pieces, sizeof(pieces) / sizeof(*pieces));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expressions_are_read_as_python_reads_them),
		cmocka_unit_test(what_is_not_plain_is_known),
		cmocka_unit_test(depth_and_length_are_bounded),
		cmocka_unit_test(no_expression_is_too_strange),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
