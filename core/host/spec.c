/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The little language of hostcalls.def's last column, parsed once at start-up. doc/hostcalls.md
 * describes it:
 *
 *   spec   = result { " " name ":" type [ "!" ] }
 *   result = type [ "=" place ] [ "!" rule ]
 *   type   = kind [ "[" length "]" ] [ "%" decode ] [ "?" ]
 *   length = [ bytes "+" ] base [ "*" (number | name) ] [ "," name [ "+" ] ]
 *   base   = number | name | "ret" | "*" name | "fdset:" name | "sems:" name
 *
 * A malformed row is a mistake of ours, so it ends the program with the row's name.
 */
#include "core/host/walk.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/host/layout.h"

#define TYPE_MAX 64

struct kind {
	const char *name;
	uint8_t kind;
	uint8_t directions;
	uint8_t shape;
	uint8_t result; /* the rule when the call returns one */
	uint8_t unit;
	uint8_t from_heap;
};

static const struct kind kinds[] = {
	{"ptr", CC_ITEM_PTR, 0, CC_SHAPE_NONE, CC_RES_NULL, 0, 0},
	{"int", CC_ITEM_INT, CC_IN, CC_SHAPE_NUMBER, CC_RES_NEGATIVE, 0, 0},
	{"uint", CC_ITEM_UINT, CC_IN, CC_SHAPE_NUMBER, CC_RES_ALWAYS, 0, 0},
	{"long", CC_ITEM_LONG, CC_IN, CC_SHAPE_NUMBER, CC_RES_NEGATIVE, 0, 0},
	{"ulong", CC_ITEM_ULONG, CC_IN, CC_SHAPE_NUMBER, CC_RES_ALWAYS, 0, 0},
	{"addr", CC_ITEM_ADDR, CC_IN, CC_SHAPE_NUMBER, CC_RES_NULL, 0, 0},
	{"heap", CC_ITEM_ADDR, CC_IN, CC_SHAPE_NUMBER, CC_RES_NULL, 0, 1},
	{"str", CC_ITEM_STR, CC_IN, CC_SHAPE_STRING, CC_RES_NULL, 1, 0},
	{"wstr", CC_ITEM_STR, CC_IN, CC_SHAPE_STRING, CC_RES_NULL, 4, 0},
	{"strout", CC_ITEM_STROUT, CC_OUT, CC_SHAPE_STRING, 0, 1, 0},
	{"wstrout", CC_ITEM_STROUT, CC_OUT, CC_SHAPE_STRING, 0, 4, 0},
	{"strinout", CC_ITEM_STRINOUT, CC_IN | CC_OUT, CC_SHAPE_STRING, 0, 1, 0},
	{"strv", CC_ITEM_STRV, CC_IN, CC_SHAPE_STRINGS, 0, 1, 0},
	{"strl", CC_ITEM_STRL, CC_IN, CC_SHAPE_STRINGS, 0, 1, 0},
	{"in", CC_ITEM_IN, CC_IN, CC_SHAPE_BYTES, 0, 0, 0},
	{"out", CC_ITEM_OUT, CC_OUT, CC_SHAPE_BYTES, 0, 0, 0},
	{"outheap", CC_ITEM_OUT, CC_OUT, CC_SHAPE_BYTES, 0, 0, 1},
	{"inout", CC_ITEM_INOUT, CC_IN | CC_OUT, CC_SHAPE_BYTES, 0, 0, 0},
	{"graph", CC_ITEM_GRAPH, CC_OUT, CC_SHAPE_GRAPH, CC_RES_NULL, 0, 0},
	{"ptrout", CC_ITEM_PTROUT, CC_OUT, CC_SHAPE_POINTER, 0, 0, 0},
	{"heapout", CC_ITEM_PTROUT, CC_OUT, CC_SHAPE_POINTER, 0, 0, 1},
	{"iovin", CC_ITEM_IOVIN, CC_IN, CC_SHAPE_IOVEC, 0, 0, 0},
	{"iovout", CC_ITEM_IOVOUT, CC_OUT, CC_SHAPE_IOVEC, 0, 0, 0},
	{"msgin", CC_ITEM_MSGIN, CC_IN, CC_SHAPE_MESSAGE, 0, 0, 0},
	{"msgout", CC_ITEM_MSGOUT, CC_OUT, CC_SHAPE_MESSAGE, 0, 0, 0},
	{"mmsgin", CC_ITEM_MMSGIN, CC_IN | CC_OUT, CC_SHAPE_MESSAGE, 0, 0, 0},
	{"mmsgout", CC_ITEM_MMSGOUT, CC_OUT, CC_SHAPE_MESSAGE, 0, 0, 0},
	{"by", CC_ITEM_BY, CC_IN | CC_OUT, CC_SHAPE_VARIANT, 0, 0, 0},
	{"self", CC_ITEM_SELF, 0, CC_SHAPE_NONE, CC_RES_NULL, 0, 0},
	{"selfheap", CC_ITEM_SELF, 0, CC_SHAPE_NONE, CC_RES_NULL, 0, 1},
	{"void", CC_ITEM_VOID, 0, CC_SHAPE_NONE, CC_RES_ALWAYS, 0, 0},
	{"noreturn", CC_ITEM_VOID, 0, CC_SHAPE_NONE, CC_RES_ALWAYS, 0, 0},
	{"file", CC_ITEM_FILE, CC_IN, CC_SHAPE_NUMBER, CC_RES_NULL, 0, 0},
	{"print", CC_ITEM_PRINT, CC_IN | CC_OUT, CC_SHAPE_VARIADIC, 0, 0, 0},
	{"vprint", CC_ITEM_VPRINT, CC_IN | CC_OUT, CC_SHAPE_VARIADIC, 0, 0, 0},
	{"scan", CC_ITEM_SCAN, CC_OUT, CC_SHAPE_VARIADIC, 0, 0, 1},
	{"vscan", CC_ITEM_VSCAN, CC_OUT, CC_SHAPE_VARIADIC, 0, 0, 1},
	{"stream", CC_ITEM_STREAM, CC_IN | CC_OUT, CC_SHAPE_STREAM, CC_RES_ALWAYS, 0, 0},
	{"datum", CC_ITEM_DATUM, CC_OUT, CC_SHAPE_DATUM, 0, 0, 0},
	{"tz", CC_ITEM_TZ, CC_OUT, CC_SHAPE_TIMEZONE, CC_RES_ALWAYS, 0, 0},
};

static const char *const rules[] = {
	[CC_RES_NEGATIVE] = "negative",
	[CC_RES_NULL] = "null",
	[CC_RES_NONZERO] = "nonzero",
	[CC_RES_ALWAYS] = "always",
};

struct parser {
	const char *row; /* for messages */
	struct cc_hostcall *call;
	const char *at;
};

_Noreturn static void malformed(const struct parser *parser, const char *what)
{
	fprintf(stderr, "hostcalls.def: %s: %s at \"%s\"\n", parser->row, what, parser->at);
	abort();
}

static int accept(struct parser *parser, const char *text)
{
	size_t length = strlen(text);

	if (strncmp(parser->at, text, length))
		return 0;
	parser->at += length;
	return 1;
}

static int is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

static void word(struct parser *parser, char *text, size_t size)
{
	size_t length = 0;

	while (is_word(parser->at[length]))
		length++;
	if (!length || length >= size)
		malformed(parser, "no word, or a too long one");
	memcpy(text, parser->at, length);
	text[length] = 0;
	parser->at += length;
}

static uint32_t number(struct parser *parser)
{
	char *end;
	unsigned long value = strtoul(parser->at, &end, 10);

	if (end == parser->at || value > UINT32_MAX)
		malformed(parser, "no number");
	parser->at = end;
	return (uint32_t)value;
}

static uint8_t argument(struct parser *parser)
{
	const char *start = parser->at;
	char name[TYPE_MAX];

	word(parser, name, sizeof(name));
	if (cc_is_digit(*name) && !name[1]) /* a variant has no row whose arguments it could name */
		return (uint8_t)(*name - '0');
	for (unsigned i = 0; i < parser->call->nargs; i++)
		if (!strcmp(parser->call->arg[i].name, name))
			return (uint8_t)i;
	parser->at = start;
	malformed(parser, "no such argument");
}

static void length_base(struct parser *parser, struct cc_item *item)
{
	if (accept(parser, "fdset:")) {
		item->length_source = CC_LEN_FDSET;
		item->length_arg = argument(parser);
	} else if (accept(parser, "sems:")) {
		item->length_source = CC_LEN_SEMS;
		item->length_arg = argument(parser);
	} else if (accept(parser, "*")) {
		item->length_source = CC_LEN_AT_ARG;
		item->length_arg = argument(parser);
	} else if (!strncmp(parser->at, "ret", 3) && !is_word(parser->at[3])) {
		parser->at += 3;
		item->length_source = CC_LEN_RET;
	} else {
		item->length_source = CC_LEN_ARG;
		item->length_arg = argument(parser);
	}
}

static void length(struct parser *parser, struct cc_item *item)
{
	if (cc_is_digit(*parser->at)) {
		uint32_t bytes = number(parser);

		if (!accept(parser, "+")) {
			item->length_source = CC_LEN_CONST;
			item->scale = bytes;
			return;
		}
		item->length_plus = (uint8_t)bytes;
	}
	length_base(parser, item);
	if (accept(parser, "*")) {
		if (cc_is_digit(*parser->at))
			item->scale = number(parser);
		else
			item->length_times = argument(parser);
	}
	if (accept(parser, ",")) {
		item->length_arg = argument(parser);
		item->may_exceed = (uint8_t)accept(parser, "+");
	}
	if (item->length_source == CC_LEN_RET && item->length_arg == CC_NOARG)
		malformed(parser, "a length from the result has no bound");
}

/* %name: constants for numbers, variants for `by`, else a layout, or how to show the bytes. */
static void decode(struct parser *parser, struct cc_item *item)
{
	const char *start = parser->at;
	char name[TYPE_MAX];
	int index;

	word(parser, name, sizeof(name));
	switch (item->shape) {
	case CC_SHAPE_NUMBER:
		index = cc_names_index(name);
		break;
	case CC_SHAPE_VARIANT:
		index = cc_variant_find(name);
		if (index >= 0)
			item->directions = cc_variant_directions((unsigned)index);
		break;
	case CC_SHAPE_GRAPH:
		index = cc_layout_index(name);
		break;
	default:
		index = cc_layout_index(name);
		if (index >= 0) {
			item->shape = CC_SHAPE_LAYOUT;
			if (!item->scale)
				item->scale = cc_layout_at((unsigned)index)->size;
		} else {
			index = cc_view_index(name);
		}
	}
	parser->at = start;
	if (index < 0 || index >= UINT8_MAX)
		malformed(parser, "nothing decodes that");
	parser->at = start + strlen(name);
	item->decode = (uint8_t)(index + 1);
}

static const struct kind *type(struct parser *parser, struct cc_item *item)
{
	const struct kind *kind = kinds;
	const struct kind *end = kinds + sizeof(kinds) / sizeof(*kinds);
	char name[TYPE_MAX];

	word(parser, name, sizeof(name));
	while (kind < end && strcmp(kind->name, name))
		kind++;
	if (kind == end)
		malformed(parser, "no such kind before");
	item->kind = kind->kind;
	item->directions = kind->directions;
	item->shape = kind->shape;
	item->unit = kind->unit;
	item->from_heap = kind->from_heap;
	item->length_arg = item->length_times = CC_NOARG;
	if (accept(parser, "[")) {
		item->scale = 1;
		length(parser, item);
		if (item->unit > 1)
			item->scale *= item->unit;
		if (!accept(parser, "]"))
			malformed(parser, "a length does not end");
	}
	if (accept(parser, "%"))
		decode(parser, item);
	item->optional = (uint8_t)accept(parser, "?");
	if (item->optional && item->shape != CC_SHAPE_LAYOUT)
		malformed(parser, "only a struct can be left as it is");
	if ((item->shape == CC_SHAPE_BYTES || item->shape == CC_SHAPE_VARIADIC) && !item->scale)
		malformed(parser, "bytes without a length before");
	return kind;
}

/* Where a result in the C library's memory is served from. */
static uint8_t place(struct parser *parser)
{
	char name[TYPE_MAX];

	if (!accept(parser, "="))
		return (uint8_t)(cc_storage_take(NULL) + 1);
	word(parser, name, sizeof(name));
	return (uint8_t)(cc_storage_take(name) + 1);
}

static void result(struct parser *parser)
{
	struct cc_hostcall *call = parser->call;
	const struct kind *kind = type(parser, &call->ret);
	char rule[TYPE_MAX];

	strcpy(call->ret.name, call->ret.kind == CC_ITEM_TZ ? "zone" : "ret");
	call->noreturn = !strcmp(kind->name, "noreturn");
	call->result = kind->result;
	/* A number is not an out-item: it stands before them. */
	if (call->ret.kind == CC_ITEM_STR)
		call->ret.directions = CC_OUT;
	else if (call->ret.shape == CC_SHAPE_NUMBER)
		call->ret.directions = 0;
	if (call->ret.kind == CC_ITEM_STR ||
	    (call->ret.kind == CC_ITEM_GRAPH && call->ret.length_arg == CC_NOARG))
		call->storage = place(parser);
	if (!accept(parser, "!"))
		return;
	word(parser, rule, sizeof(rule));
	for (unsigned i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		if (!strcmp(rules[i], rule)) {
			call->result = (uint8_t)i;
			return;
		}
	}
	malformed(parser, "no such rule before");
}

/* The arguments' names come first, since a length may name one that stands further on. */
static void names(struct parser *parser)
{
	struct cc_hostcall *call = parser->call;
	const char *start = parser->at;

	while (*parser->at) {
		if (call->nargs == CC_MAXARGS)
			malformed(parser, "too many arguments");
		parser->at++;
		word(parser, call->arg[call->nargs].name, sizeof(call->arg[0].name));
		call->nargs++;
		if (*parser->at != ':')
			malformed(parser, "no type");
		while (*parser->at && *parser->at != ' ')
			parser->at++;
	}
	parser->at = start;
}

/* A stream's buffer and flags are what the call made of them, however it ended. */
static void even_failed(struct parser *parser, struct cc_item *item)
{
	item->even_failed = item->kind == CC_ITEM_STREAM;
	if (!accept(parser, "!"))
		return;
	if (!(item->directions & CC_OUT) || item->length_source == CC_LEN_RET ||
	    item->shape == CC_SHAPE_VARIANT)
		malformed(parser, "a call that failed has no such item before");
	item->even_failed = 1;
}

/* Variadic strings and values can stand in any argument from there on. */
static int is_open(const struct cc_item *item)
{
	return item->kind == CC_ITEM_STRL || item->kind == CC_ITEM_PRINT ||
	       item->kind == CC_ITEM_SCAN;
}

void cc_spec_parse(struct cc_hostcall *call)
{
	struct parser parser = {.row = call->name, .call = call, .at = call->spec};

	while (*parser.at && *parser.at != ' ')
		parser.at++;
	names(&parser);
	parser.at = call->spec;
	if (!*parser.at) { /* a pure or live row needs no items */
		call->ret.kind = CC_ITEM_PTR;
		call->result = CC_RES_ALWAYS;
		return;
	}
	result(&parser);
	for (unsigned i = 0; i < call->nargs; i++) {
		parser.at += strlen(" :") + strlen(call->arg[i].name);
		type(&parser, &call->arg[i]);
		even_failed(&parser, &call->arg[i]);
		if (*parser.at && *parser.at != ' ')
			malformed(&parser, "something after a type");
	}
	if (call->nargs && is_open(&call->arg[call->nargs - 1]))
		call->nargs = CC_MAXARGS;
}

void cc_spec_parse_type(const char *text, struct cc_item *item)
{
	struct cc_hostcall none = {.name = text};
	struct parser parser = {.row = text, .call = &none, .at = text};

	type(&parser, item);
	if (*parser.at)
		malformed(&parser, "something after a type");
}
