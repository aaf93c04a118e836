/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --print and its companions, from the command line to the replay. */
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/print/options.h"
#include "core/print/plain.h"
#include "logs/text.h"

/*
 * FILE:LINE: at the first :digits: that something stands before. The colon before the line, or
 * NULL.
 */
static const char *find_line(const char *text)
{
	for (const char *at = strchr(text, ':'); at; at = strchr(at + 1, ':')) {
		const char *end = at + 1;

		while (cc_is_digit(*end))
			end++;
		if (at > text && end > at + 1 && end - at < 10 && *end == ':')
			return at;
	}
	return NULL;
}

/* Shop::total, Shop.total, <module>: the length of a function's name; a single colon ends it. */
static size_t function_length(const char *text)
{
	size_t length = 0;

	for (;;)
		if (cc_plain_is_word(text[length]) || (text[length] && strchr(".<>", text[length])))
			length++;
		else if (length && text[length] == ':' && text[length + 1] == ':' &&
			 cc_plain_is_word(text[length + 2]))
			length += 2;
		else
			return text[length] == ':' ? length : 0;
}

static json_t *at_line(const char *text, const char *colon)
{
	char *expression;
	long line = strtol(colon + 1, &expression, 10);

	while (!strncmp(text, "./", 2))
		text += 2;
	return json_pack("{s:o, s:I, s:s}", "file", cc_json_bytes(text, (size_t)(colon - text)),
			 "line", (json_int_t)line, "expression", expression + 1);
}

static json_t *at_function(const char *text, size_t length)
{
	return json_pack("{s:o, s:s}", "function", cc_json_bytes(text, length), "expression",
			 text + length + 1);
}

static json_t *list_of(json_t **prints)
{
	if (!*prints)
		*prints = json_pack("{s:[]}", "prints");
	return json_object_get(*prints, "prints");
}

int cc_print_add(json_t **prints, const char *specification, struct cc_error *error)
{
	const char *colon = find_line(specification);
	size_t length = colon ? 0 : function_length(specification);
	json_t *print = NULL;
	const char *expression;

	if (!colon && !length)
		return cc_fail(error, CC_EUSAGE,
			       "--print %s: it is not FILE:LINE:EXPRESSION or FUNCTION:EXPRESSION",
			       specification);
	print = colon ? at_line(specification, colon) : at_function(specification, length);
	expression = json_string_value(json_object_get(print, "expression"));
	if (!expression) {
		json_decref(print);
		return cc_fail(error, CC_EUSAGE, "--print %s: its expression is not UTF-8",
			       specification);
	}
	if (!expression[strspn(expression, " \t\n")]) {
		json_decref(print);
		return cc_fail(error, CC_EUSAGE, "--print %s: there is no expression",
			       specification);
	}
	json_array_append_new(list_of(prints), print);
	return 0;
}

int cc_print_condition(json_t *prints, const char *condition, struct cc_error *error)
{
	json_t *list = json_object_get(prints, "prints");
	json_t *last = json_array_get(list, json_array_size(list) - 1);

	if (!last)
		return cc_fail(error, CC_EUSAGE,
			       "--print-if %s: it belongs behind the --print that it is for",
			       condition);
	if (!condition[strspn(condition, " \t\n")])
		return cc_fail(error, CC_EUSAGE, "--print-if: there is no condition");
	if (json_object_get(last, "condition"))
		return cc_fail(error, CC_EUSAGE,
			       "--print-if %s: the --print before it has a condition already",
			       condition);
	if (json_object_set_new(last, "condition", json_string(condition)))
		return cc_fail(error, CC_EUSAGE, "--print-if %s: it is not UTF-8", condition);
	return 0;
}

void cc_print_set(json_t **prints, const char *option, const char *value)
{
	list_of(prints);
	json_object_set_new(*prints, option, value ? cc_json_text(value) : json_true());
}

char *cc_print_options(const json_t *prints, struct cc_error *error)
{
	if (!json_array_size(json_object_get(prints, "prints"))) {
		const char *to = json_string_value(json_object_get(prints, "to"));

		cc_fail(error, CC_EUSAGE, "%s: it goes with --print, and there is none",
			to ? to : "--json");
		return NULL;
	}
	return json_dumps(prints, JSON_COMPACT);
}
