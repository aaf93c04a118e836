/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Items for machines: every field, and bytes as text where they are UTF-8. */
#include "core/host/show.h"

#include "logs/text.h"

static void add(struct cc_emit *emit, const char *name, json_t *value)
{
	struct cc_json *json = (struct cc_json *)emit;
	json_t *to = json->stack[json->depth];

	if (json_is_array(to))
		json_array_append_new(to, value);
	else
		json_object_set_new(to, *name ? name : "value", value);
}

static void null(struct cc_emit *emit, const char *name)
{
	add(emit, name, json_null());
}

/* What has a name is a string; a number that no 64-bit signed integer holds is one, too. */
static void number(struct cc_emit *emit, const char *name, const struct cc_names *names,
		   int64_t value, int is_signed)
{
	char text[512];

	if (names && cc_names_format(names, value, text, sizeof(text)))
		add(emit, name, json_string(text));
	else if (is_signed || value >= 0)
		add(emit, name, json_integer(value));
	else {
		snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
		add(emit, name, json_string(text));
	}
}

static void address(struct cc_emit *emit, const char *name, uint64_t value)
{
	char text[32];

	snprintf(text, sizeof(text), "0x%llx", (unsigned long long)value);
	add(emit, name, value ? json_string(text) : json_null());
}

static void bytes(struct cc_emit *emit, const char *name, const uint8_t *data, size_t length)
{
	add(emit, name, cc_json_bytes(data, length));
}

static void argument(struct cc_emit *emit, const char *name, const char *other)
{
	add(emit, name, json_pack("{s:s}", "argument", other));
}

static void open_bracket(struct cc_emit *emit, const char *name, char bracket)
{
	struct cc_json *json = (struct cc_json *)emit;
	json_t *value = bracket == '[' ? json_array() : json_object();

	add(emit, name, value);
	if (json->depth + 1 < CC_JSON_DEPTH)
		json->stack[++json->depth] = value;
}

static void close_bracket(struct cc_emit *emit, char bracket)
{
	struct cc_json *json = (struct cc_json *)emit;

	json->depth--;
}

void cc_json_init(struct cc_json *json, json_t *root)
{
	*json = (struct cc_json){
		.emit = {.null = null,
			 .number = number,
			 .address = address,
			 .bytes = bytes,
			 .argument = argument,
			 .open = open_bracket,
			 .close = close_bracket},
		.stack = {root},
	};
}
