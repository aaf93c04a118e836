/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A language without a program behind it, for tests of parsers and of the evaluator: x is 5, y is
 * 7, f is 1.5, big is the largest integer, s is "text", e is empty, u is nothing, list has three
 * elements.
 */
#ifndef CC_PLAIN_MOCK_H
#define CC_PLAIN_MOCK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/print/plain.h"

static const struct mock {
	const char *name;
	struct cc_plain_value value;
} mocks[] = {
	{"x", {.kind = CC_PLAIN_INTEGER, .i = 5}},
	{"y", {.kind = CC_PLAIN_INTEGER, .i = 7}},
	{"f", {.kind = CC_PLAIN_DOUBLE, .d = 1.5}},
	{"big", {.kind = CC_PLAIN_INTEGER, .i = INT64_MAX}},
	{"low", {.kind = CC_PLAIN_INTEGER, .i = INT64_MIN}},
	{"s", {.kind = CC_PLAIN_TEXT, .data = "text", .length = 4}},
	{"e", {.kind = CC_PLAIN_TEXT, .data = "", .length = 0}},
	{"bytes", {.kind = CC_PLAIN_TEXT, .data = "\xe9", .length = 1}},
	{"wide", {.kind = CC_PLAIN_TEXT, .data = "\xc3\xa9", .length = 2, .wide = 1}},
	{"u", {.kind = CC_PLAIN_NOTHING}},
	{"list", {.kind = CC_PLAIN_OBJECT, .object = (void *)"list"}},
};

static int mock_enter(struct cc_plain_run *run, unsigned frame)
{
	return frame ? CC_PLAIN_NOT : 0;
}

static int mock_variable(struct cc_plain_run *run, struct cc_plain_node *node,
			 struct cc_plain_value *value)
{
	for (size_t i = 0; i < sizeof(mocks) / sizeof(*mocks); i++)
		if (!strcmp(mocks[i].name, node->name)) {
			*value = mocks[i].value;
			return 0;
		}
	return CC_PLAIN_NOT;
}

static int mock_deref(const struct cc_plain_value *from, char sigil, struct cc_plain_value *value)
{
	*value = *from;
	return 0;
}

static int mock_element(const struct cc_plain_value *from, const struct cc_plain_value *at,
			char sigil, struct cc_plain_value *value)
{
	if (at->kind != CC_PLAIN_INTEGER || at->i < 0 || at->i > 2)
		return CC_PLAIN_NOT;
	*value = (struct cc_plain_value){.kind = CC_PLAIN_INTEGER, .i = at->i + 1};
	return 0;
}

static int mock_attribute(const struct cc_plain_value *from, const char *name,
			  struct cc_plain_value *value)
{
	*value = (struct cc_plain_value){.kind = CC_PLAIN_TEXT,
					 .data = name,
					 .length = strlen(name)};
	return 0;
}

static int mock_count(const struct cc_plain_value *from, int64_t *count)
{
	*count = 3;
	return 0;
}

static int mock_length(struct cc_plain_run *run, const struct cc_plain_node *node,
		       const struct cc_plain_value *from, struct cc_plain_value *length)
{
	*length = (struct cc_plain_value){.kind = CC_PLAIN_INTEGER, .i = (int64_t)from->length};
	return from->kind == CC_PLAIN_TEXT ? 0 : CC_PLAIN_NOT;
}

static int mock_truth(const struct cc_plain_value *value)
{
	return value->kind == CC_PLAIN_TEXT && value->length != 0;
}

static int mock_number(const struct cc_plain_value *value, struct cc_plain_value *number)
{
	*number = *value;
	if (value->kind == CC_PLAIN_BOOLEAN)
		number->kind = CC_PLAIN_INTEGER;
	return number->kind == CC_PLAIN_INTEGER || number->kind == CC_PLAIN_DOUBLE ? 0
										   : CC_PLAIN_NOT;
}

static int mock_text(struct cc_plain_text *text, const struct cc_plain_value *value, int repr)
{
	if (repr)
		cc_plain_put(text, "<", 1, 0);
	switch (value->kind) {
	case CC_PLAIN_NOTHING:
		return cc_plain_put(text, "nothing", 7, 0);
	case CC_PLAIN_DOUBLE:
		return cc_plain_format(text, "%g", value->d);
	case CC_PLAIN_TEXT:
		return cc_plain_put(text, value->data, value->length, value->wide);
	case CC_PLAIN_OBJECT:
		return cc_plain_put(text, "object", 6, 0);
	default:
		return cc_plain_format(text, "%lld", (long long)value->i);
	}
}

static int mock_spread(struct cc_plain_run *run, struct cc_plain_text *text,
		       const struct cc_plain_value *value)
{
	return cc_plain_put(text, "1 2 3", 5, 0);
}

#define MOCK                                                                                       \
	.enter = mock_enter, .variable = mock_variable, .deref = mock_deref,                       \
	.element = mock_element, .attribute = mock_attribute, .count = mock_count,                 \
	.length = mock_length, .truth = mock_truth, .number = mock_number, .text = mock_text,      \
	.spread = mock_spread

extern const struct cc_plain_language mock;

/* What it prints; "not plain" if the parser says so, "not plain now" if the evaluation does. */
static const char *result(const char *expression)
{
	static char line[8192];
	struct cc_plain *plain = cc_plain_new(&mock, expression);
	struct cc_plain_text text = {0};
	struct cc_plain_value value;

	if (!plain)
		return "not plain";
	if (cc_plain_evaluate(plain, 0, &value) || cc_plain_show(plain, &value, 0, &text))
		strcpy(line, "not plain now");
	else
		snprintf(line, sizeof(line), "%.*s", (int)text.length, text.data ? text.data : "");
	free(text.data);
	cc_plain_free(plain);
	return line;
}

struct pair {
	const char *expression, *result;
};

static void are(const struct pair *pairs)
{
	for (; pairs->expression; pairs++) {
		const char *is = result(pairs->expression);

		if (strcmp(is, pairs->result))
			fail_msg("%s is %s, and not %s", pairs->expression, is, pairs->result);
	}
}

static void are_not_plain(const char *const *expressions)
{
	for (; *expressions; expressions++)
		if (strcmp(result(*expressions), "not plain"))
			fail_msg("%s is taken for plain: %s", *expressions, result(*expressions));
}

/* `before`, many times over, `inside`, and as many times `after`. */
static char *nested(const char *before, const char *inside, const char *after, unsigned count)
{
	size_t room = count * (strlen(before) + strlen(after)) + strlen(inside) + 1;
	char *text = calloc(1, room);

	for (unsigned i = 0; i < count; i++)
		strcat(text, before);
	strcat(text, inside);
	for (unsigned i = 0; i < count; i++)
		strcat(text, after);
	return text;
}

static void is_too_much(const char *before, const char *inside, const char *after, unsigned count)
{
	char *text = nested(before, inside, after, count);

	if (strcmp(result(text), "not plain"))
		fail_msg("%u times %s%s is taken for plain", count, before, after);
	free(text);
}

/* Whatever is made of the pieces ends, well or not; sanitizers see to the rest. */
static void survive_all(const char *const *pieces, unsigned count)
{
	uint64_t state = 88172645463325252ull;

	for (unsigned round = 0; round < 60000; round++) {
		char text[256] = "";
		unsigned parts = 1 + (unsigned)(state % 12);

		while (parts--) {
			state ^= state << 13;
			state ^= state >> 7;
			state ^= state << 17;
			strcat(text, pieces[state % count]);
		}
		result(text);
	}
}

#endif
