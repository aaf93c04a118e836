/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plain expressions: perl's parser, and the evaluator. */
#include "plain_mock.h"

#include "runtimes/perl/debug/plain-parse.c"

const struct cc_plain_language mock = {MOCK, .parse = cc_perl_plain_parse, .whole_quotients = 1,
				       .tends_to_integers = 1};

static void expressions_are_read_as_perl_reads_them(void **state)
{
	static const struct pair pairs[] = {
		{"$x", "5"},
		{" $x + 2 * $y ", "19"},
		{"($x + 2) * $y", "49"},
		{"$x - 1 - 1", "3"},
		{"$y / 2", "3.5"},
		{"$y % 3", "1"},
		{"-7 % 3", "2"},
		{"7 % -3", "-2"},
		{"$x . $y", "57"},
		{"\"$x-$y\"", "5-7"},
		{"\"${x}s $s\"", "5s text"},
		{"\"\\$x \\@ \\n\"", "$x @ \n"},
		{"'$x'", "$x"},
		{"'it\\'s'", "it's"},
		{"$list[1]", "2"},
		{"$list->[1]", "2"},
		{"$$list[1]", "2"},
		{"$list[$list[0]]", "2"},
		{"\"$list[1] $list->[2]\"", "2 3"},
		{"\"@list\"", "1 2 3"},
		{"\"@{$list} @$list\"", "1 2 3 1 2 3"},
		{"$#list", "2"},
		{"scalar(@list)", "3"},
		{"@list > 2 ? 'many' : 'few'", "many"},
		{"$x == 5 && $y", "7"},
		{"$e || $s", "text"},
		{"$u // 'none'", "none"},
		{"$x eq '5'", "1"},
		{"$s lt 'u'", "1"},
		{"!$x", "0"},
		{"defined $u ? 1 : 2", "2"},
		{"length($s) + 1", "5"},
		{"length $s", "4"},
		{"$x <=> $y", "-1"},
		{"$s cmp 's'", "1"},
		{"$x > 1 and $y > 1 or 0", "1"},
		{"$x == 1 ? 1 : $x == 5 ? 2 : 3", "2"},
		{"-$x", "-5"},
		{"- 5 - -5", "0"},
		{"\"$x->y\"", "5->y"},
		{"6 / 2", "3"},
		{"1.5 + 1", "2.5"},
		{NULL, NULL},
	};

	are(pairs);
}

static const char *const not_plain[] = {
	"",
	" ",
	"$",
	"$x++",
	"$x = 1",
	"$x += 1",
	"++$x",
	"f($x)",
	"$x->m",
	"$x->m()",
	"$x =~ /5/",
	"@list",
	"($x, $y)",
	"$x, $y",
	"[$x]",
	"{}",
	"%h",
	"keys %h",
	"$1",
	"$!",
	"$$",
	"$0",
	"$h{a}{",
	"$list[1",
	"\"$x",
	"'x",
	"\"$user's\"",
	"\"@{[1]}\"",
	"\"\\x41\"",
	"$x ** 2",
	"$x x 3",
	"1 .. 3",
	"$x ? 1",
	"$x < $y < 3",
	"1 == 1 == 1",
	"1 + ",
	"+ 1",
	"017",
	"0x10",
	"1_000",
	"1e3",
	"1.",
	"5.$x",
	"push @list, 1",
	"-e 'x'",
	"-s",
	"do { 1 }",
	"sub { 1 }",
	"print 1",
	"\"${\\ $x}\"",
	"${x}[0]",
	"\"${x}[0]\"",
	"@list[0, 1]",
	"@$x[0]",
	"$x || @list",
	"$x ? @list : 1",
	"not $x",
	"\xc3\xa9",
	"'\xc3\xa9'",
	"$x # comment",
	"$x;",
	"exit",
	"$::x",
	"$x::",
	"local $x",
	"my $x",
	"\\$x",
	"&f",
	"*x",
	"<STDIN>",
	"`ls`",
	"qw(a)",
	"$list[1,2]",
	"$h{1,2}",
	"length $x + 1",
	"defined(@list)",
	"$x\n+ 1",
	"$x == 1 ? $x : @list",
	"(1)[0]",
	"$x->@*",
	"$x->$#*",
	"$x->$y",
	"$x <=> 1 <=> 2",
	NULL,
};

static void what_is_not_plain_is_known(void **state)
{
	are_not_plain(not_plain);
}

static void arithmetic_that_overflows_is_not_plain_when_it_does(void **state)
{
	static const struct pair pairs[] = {
		{"$big + 1", "not plain now"},
		{"$big * 2", "not plain now"},
		{"$low - 1", "not plain now"},
		{"-$low", "not plain now"},
		{"$x / 0", "not plain now"},
		{"$x % 0", "not plain now"},
		{"$low % -1", "not plain now"},
		{"$big / 3", "not plain now"},
		{"$big + 0.5", "not plain now"},
		{"$s + 1", "not plain now"},
		{"$none", "not plain now"},
		{"$list[9]", "not plain now"},
		{"\"$bytes $wide\"", "not plain now"},
		{"$bytes eq $wide", "not plain now"},
		{"999999999999999.0 * 10", "not plain now"},
		{NULL, NULL},
	};

	are(pairs);
}

static void depth_and_length_are_bounded(void **state)
{
	char *text;

	is_too_much("(", "$x", ")", 1000);
	is_too_much("!", "$x", "", 4000);
	is_too_much("-", "$x", "", 1000);
	is_too_much("$list[", "0", "]", 600);
	is_too_much("$$list[", "0", "]", 500);
	is_too_much("@{", "$x", "}", 1000);
	is_too_much("", "$x", "->[0]", 800);
	is_too_much("", "$x", " + 1", 1000);
	is_too_much("$x ? 1 : ", "1", "", 400);
	is_too_much("$x ? ", "1", " : 1", 300);
	is_too_much("$$", "x", "", 1500);
	is_too_much("${", "x", "}", 1000);
	is_too_much("", "1", " or 1", 800);
	text = nested("", "'", "x", 5000);
	assert_string_equal(result(text), "not plain");
	free(text);
}

static void results_are_bounded(void **state)
{
	struct cc_plain_text text = {0};
	char piece[4096] = "";

	for (unsigned i = 0; i < CC_PLAIN_TEXT_MAX / sizeof(piece); i++)
		assert_int_equal(cc_plain_put(&text, piece, sizeof(piece), 0), 0);
	assert_int_equal(cc_plain_put(&text, piece, 1, 0), CC_PLAIN_NOT);
	free(text.data);
}

static void no_expression_is_too_strange(void **state)
{
	static const char *const pieces[] = {
		"$x",  "@list", "$",  "@",  "{",     "}",    "[",      "]",	  "(",	    ")",
		"->",  "\"",	"'",  "\\", "#",     "$#",   "::",     "?",	  ":",	    " ",
		"+",   "-",	"*",  "/",  "%",     ".",    "<",      ">",	  "=",	    "!",
		"&&",  "||",	"//", "eq", " and ", " or ", "length", "defined", "scalar", "1",
		"2.5", "x",	"_",  ",",  ";",     "\xc3", "$list[", "$h{",	  "\"$x",
	};

	survive_all(pieces, sizeof(pieces) / sizeof(*pieces));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expressions_are_read_as_perl_reads_them),
		cmocka_unit_test(what_is_not_plain_is_known),
		cmocka_unit_test(arithmetic_that_overflows_is_not_plain_when_it_does),
		cmocka_unit_test(depth_and_length_are_bounded),
		cmocka_unit_test(results_are_bounded),
		cmocka_unit_test(no_expression_is_too_strange),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
