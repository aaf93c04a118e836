/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The formats of printf(3) and scanf(3), as far as they say which arguments there are. A conversion
 * that is not known (register_printf_specifier) ends the list: what its arguments are, nobody says.
 */
#include "core/host/formats.h"

#include <limits.h>
#include <string.h>
#include <wchar.h>

struct parser {
	const uint8_t *at;
	unsigned unit;
	struct cc_format_value *values;
	unsigned next, count; /* the argument that comes next, and how many there are */
};

/* What is not ASCII is nothing that a conversion consists of. */
static unsigned peek(const struct parser *parser)
{
	uint32_t character = *parser->at;

	if (parser->unit == 4)
		memcpy(&character, parser->at, 4);
	return character < 128 ? character : 128;
}

static unsigned take(struct parser *parser)
{
	unsigned character = peek(parser);

	parser->at += character ? parser->unit : 0;
	return character;
}

static int accept(struct parser *parser, unsigned wanted)
{
	if (peek(parser) != wanted)
		return 0;
	take(parser);
	return 1;
}

static int one_of(unsigned character, const char *characters)
{
	return character && character < 128 && strchr(characters, (int)character);
}

/* -1: there is none. */
static int32_t number(struct parser *parser)
{
	int64_t value = -1;

	while (peek(parser) >= '0' && peek(parser) <= '9') {
		value = (value < 0 ? 0 : value * 10) + (take(parser) - '0');
		if (value > INT32_MAX)
			value = INT32_MAX;
	}
	return (int32_t)value;
}

/* "12$", or nothing; 0: none. */
static int32_t position(struct parser *parser)
{
	struct parser ahead = *parser;
	int32_t found = number(&ahead);

	if (found < 1 || !accept(&ahead, '$'))
		return 0;
	*parser = ahead;
	return found;
}

/* The argument at a position, or the next one. NULL: there are too many. */
static struct cc_format_value *argument(struct parser *parser, int32_t at)
{
	unsigned index = at ? (unsigned)at - 1 : parser->next++;

	if (index >= CC_FORMAT_VALUES)
		return NULL;
	if (parser->count <= index)
		parser->count = index + 1;
	return &parser->values[index];
}

/* The length modifier: bytes of an integer; *is_long as `l` or more, for characters and strings. */
static uint32_t modifier(struct parser *parser, int *is_long, int *is_largest)
{
	*is_long = *is_largest = 0;
	if (accept(parser, 'h'))
		return accept(parser, 'h') ? 1 : 2;
	if (accept(parser, 'L') || accept(parser, 'q')) {
		*is_largest = 1;
		return 8;
	}
	if (one_of(peek(parser), "ljztZ")) {
		*is_long = take(parser) == 'l';
		*is_long += accept(parser, 'l');
		*is_largest = *is_long > 1;
		return 8;
	}
	return 4;
}

/* ---- printf ---- */

/* A width or precision: *from is the argument that has it, or -1. */
static int32_t measure(struct parser *parser, int16_t *from)
{
	struct cc_format_value *value;

	*from = -1;
	if (!accept(parser, '*'))
		return number(parser);
	value = argument(parser, position(parser));
	if (value) {
		*value = (struct cc_format_value){.kind = CC_VALUE_INT, .size = 4};
		*from = (int16_t)(value - parser->values);
	}
	return -1;
}

static int printed(struct parser *parser, int32_t at, unsigned conversion, uint32_t size,
		   int is_long, int is_largest, int32_t limit, int16_t limit_from)
{
	struct cc_format_value *value,
		found = {.limit = limit, .limit_from = limit_from, .size = size};

	if (one_of(conversion, "diouxXbB"))
		found.kind = CC_VALUE_INT;
	else if (one_of(conversion, "eEfFgGaA"))
		found.kind = is_largest ? CC_VALUE_LONG_DOUBLE : CC_VALUE_DOUBLE;
	else if (one_of(conversion, "cC"))
		found = (struct cc_format_value){.kind = CC_VALUE_INT,
						 .size = is_long || conversion == 'C' ? 4 : 1};
	else if (one_of(conversion, "sS")) {
		found.kind = CC_VALUE_STRING;
		found.size = is_long || conversion == 'S' ? sizeof(wchar_t) : 1;
	} else if (conversion == 'p')
		found.kind = CC_VALUE_ADDRESS;
	else if (conversion == 'n')
		found.kind = CC_VALUE_COUNT;
	else
		return conversion == 'm' || conversion == '%' ? 0 : -1;
	value = argument(parser, at);
	if (!value)
		return -1;
	*value = found;
	return 0;
}

unsigned cc_format_of_printf(const uint8_t *text, unsigned unit,
			     struct cc_format_value values[CC_FORMAT_VALUES])
{
	struct parser parser = {.at = text, .unit = unit, .values = values};

	memset(values, 0, CC_FORMAT_VALUES * sizeof(*values));
	while (peek(&parser)) {
		int32_t at, limit = -1;
		int16_t from, limit_from = -1;
		int is_long, is_largest;
		uint32_t size;

		if (take(&parser) != '%')
			continue;
		at = position(&parser);
		while (one_of(peek(&parser), "-+ #0'I"))
			take(&parser);
		measure(&parser, &from);
		if (accept(&parser, '.')) {
			limit = measure(&parser, &limit_from);
			if (limit < 0 && limit_from < 0)
				limit = 0;
		}
		size = modifier(&parser, &is_long, &is_largest);
		if (printed(&parser, at, take(&parser), size, is_long, is_largest, limit,
			    limit_from))
			break;
	}
	return parser.count;
}

/* ---- scanf ---- */

/* "[^]…]" behind its bracket. */
static void pass_set(struct parser *parser)
{
	accept(parser, '^');
	accept(parser, ']');
	while (peek(parser) && !accept(parser, ']'))
		take(parser);
}

static struct cc_format_value target(unsigned conversion, uint32_t size, int is_long,
				     int is_largest, int32_t width)
{
	struct cc_format_value found = {.kind = CC_VALUE_TARGET,
					.limit = width,
					.limit_from = -1,
					.size = size};

	if (one_of(conversion, "eEfFgGaA")) {
		found.size = is_largest ? sizeof(long double)
			     : is_long	? sizeof(double)
					: sizeof(float);
	} else if (one_of(conversion, "cCsS[")) {
		found.size = is_long || one_of(conversion, "CS") ? sizeof(wchar_t) : 1;
		found.is_string = !one_of(conversion, "cC");
		found.is_text = !found.is_string;
		if (found.is_text)
			found.size *= width > 0 ? (uint32_t)width : 1;
	} else if (conversion == 'p') {
		found.size = sizeof(void *);
	} else if (conversion == 'n') {
		found.kind = CC_VALUE_COUNT;
	} else if (!one_of(conversion, "diouxXb")) {
		found.kind = CC_VALUE_NONE;
	}
	return found;
}

/* Memory that the call allocates: "%ms", and GNU's "%as". */
static int allocates(struct parser *parser)
{
	struct parser ahead = *parser;

	if (accept(parser, 'm'))
		return 1;
	if (!accept(&ahead, 'a') || !one_of(peek(&ahead), "sS["))
		return 0;
	*parser = ahead;
	return 1;
}

unsigned cc_format_of_scanf(const uint8_t *text, unsigned unit,
			    struct cc_format_value values[CC_FORMAT_VALUES])
{
	struct parser parser = {.at = text, .unit = unit, .values = values};

	memset(values, 0, CC_FORMAT_VALUES * sizeof(*values));
	while (peek(&parser)) {
		int is_long, is_largest, is_dropped = 0, is_allocated;
		struct cc_format_value found, *value;
		unsigned conversion;
		int32_t at, width;

		if (take(&parser) != '%')
			continue;
		at = position(&parser);
		while (one_of(peek(&parser), "*'I"))
			is_dropped |= take(&parser) == '*';
		width = number(&parser);
		is_allocated = allocates(&parser);
		found.size = modifier(&parser, &is_long, &is_largest);
		conversion = take(&parser);
		if (conversion == '[')
			pass_set(&parser);
		if (conversion == '%' || is_dropped)
			continue;
		found = target(conversion, found.size, is_long, is_largest, width);
		if (is_allocated)
			found = (struct cc_format_value){.kind = CC_VALUE_TARGET,
							 .size = sizeof(void *)};
		value = found.kind ? argument(&parser, at) : NULL;
		if (!value)
			break;
		*value = found;
	}
	return parser.count;
}
