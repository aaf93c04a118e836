/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The arguments behind a format: what printf(3) prints, in, and where it puts counts; where
 * scanf(3) puts what it read, out. They are taken one after the other as va_arg does (System V ABI
 * for x86-64, 3.5.7), from the call's registers and stack or out of a va_list.
 */
#include <stdlib.h>
#include <string.h>

#include "core/host/formats.h"
#include "core/host/walk.h"

#define FORMAT_MAX (1u << 16)
#define STRING_MAX (1u << 20)
#define WORDS 6	  /* registers for numbers and addresses, and */
#define VECTORS 8 /* for floating-point numbers */

/* In the log, before each value; 0 is the end. */
enum tag { TAG_END, TAG_INT, TAG_DOUBLE, TAG_LONG_DOUBLE, TAG_STRING, TAG_ADDRESS, TAG_UNKNOWN };

struct source {
	struct cc_walk *walk;
	struct cc_variadic more;
	uint64_t list, saved;	 /* of a va_list: where it is, and where registers were saved */
	unsigned words, vectors; /* how many registers are used up */
	unsigned slots;		 /* of the stack */
};

/* ---- values, one after the other ---- */

static int begin(struct cc_walk *walk, const struct cc_item *item, uint64_t value,
		 struct source *source)
{
	struct {
		uint32_t words, vectors;
		uint64_t stack, saved;
	} list;

	*source = (struct source){.walk = walk};
	if (item->kind == CC_ITEM_PRINT || item->kind == CC_ITEM_SCAN) {
		source->words = item->length_arg + 1u; /* they come behind the format */
		return walk->memory->variadic ? walk->memory->variadic(walk->memory->context,
								       walk->args, &source->more)
					      : 0;
	}
	if (!value || cc_walk_read(walk, value, &list, sizeof(list)))
		return -1;
	source->list = value;
	source->words = list.words / 8;
	source->vectors = (list.vectors - WORDS * 8) / 16;
	source->saved = list.saved;
	source->more.stack = list.stack;
	return 0;
}

static int from_stack(struct source *source, void *data, unsigned slots)
{
	unsigned in_args = source->list ? 0 : CC_MAXARGS - WORDS;
	uint64_t at = source->more.stack + 8ul * source->slots;

	if (slots > 1) {
		/* Of 16 bytes, as they are aligned */
		source->slots += source->list ? (at & 8) / 8 : source->slots & 1;
		at = source->more.stack + 8ul * source->slots;
	}
	source->slots += slots;
	if (source->slots <= in_args) {
		memcpy(data, &source->walk->args[WORDS + source->slots - slots], 8 * slots);
		return 0;
	}
	return source->more.stack ? cc_walk_read(source->walk, at, data, 8 * slots) : -1;
}

static int next_word(struct source *source, uint64_t *value)
{
	if (source->words >= WORDS)
		return from_stack(source, value, 1);
	if (source->list)
		return cc_walk_read_u64(source->walk, source->saved + 8ul * source->words++, value);
	*value = source->walk->args[source->words++];
	return 0;
}

static int next_double(struct source *source, uint64_t *value)
{
	if (source->vectors >= VECTORS)
		return from_stack(source, value, 1);
	if (source->list)
		return cc_walk_read_u64(source->walk,
					source->saved + WORDS * 8 + 16ul * source->vectors++,
					value);
	*value = source->more.vector[source->vectors++];
	return 0;
}

/* All of a call's: words, and of a long double the two halves. */
static unsigned take_values(struct cc_walk *walk, const struct cc_item *item, uint64_t value,
			    const struct cc_format_value *values, unsigned count,
			    uint64_t words[][2])
{
	struct source source;

	if (begin(walk, item, value, &source))
		return 0;
	for (unsigned i = 0; i < count; i++) {
		words[i][1] = 0;
		if (values[i].kind == CC_VALUE_LONG_DOUBLE ? from_stack(&source, words[i], 2)
		    : values[i].kind == CC_VALUE_DOUBLE	   ? next_double(&source, words[i])
							   : next_word(&source, words[i]))
			return i;
		words[i][1] &= 0xffff; /* 80 bits */
	}
	return count;
}

/* ---- the format ---- */

/* malloc'ed, with its end; NULL: it cannot be read. */
static uint8_t *text_of(struct cc_walk *walk, uint64_t address, unsigned unit)
{
	struct cc_buffer out = {0}, *was = walk->out;
	struct cc_cursor cursor;
	uint8_t *text = NULL;
	uint64_t lead;

	if (!address)
		return NULL;
	walk->out = &out;
	if (!cc_walk_put_string(walk, address, unit, FORMAT_MAX)) {
		cursor = (struct cc_cursor){.at = out.data, .end = out.data + out.length};
		lead = cc_get_u(&cursor);
		if (lead >= 2 && (text = calloc(1, lead - 2 + 4)))
			memcpy(text, cursor.at, lead - 2);
	}
	walk->out = was;
	cc_buffer_free(&out);
	return text;
}

static int is_scan(const struct cc_item *item)
{
	return item->kind == CC_ITEM_SCAN || item->kind == CC_ITEM_VSCAN;
}

/* What the format asks for; -1 when it cannot be read. */
static int values_of(struct cc_walk *walk, const struct cc_item *item, uint64_t value,
		     struct cc_format_value values[CC_FORMAT_VALUES], uint64_t words[][2])
{
	const struct cc_item *format = &walk->call->arg[item->length_arg];
	struct cc_log_writer *writer = walk->writer;
	unsigned count;
	uint8_t *text;

	walk->writer = NULL; /* the text is nothing that is logged */
	text = text_of(walk, walk->args[item->length_arg], format->unit);
	walk->writer = writer;
	if (!text)
		return -1;
	count = is_scan(item) ? cc_format_of_scanf(text, format->unit, values)
			      : cc_format_of_printf(text, format->unit, values);
	free(text);
	return (int)take_values(walk, item, value, values, count, words);
}

static uint64_t cut(uint64_t value, uint32_t size)
{
	return size < 8 ? value & ((1ul << 8 * size) - 1) : value;
}

/* Characters of a string that are printed at most. */
static size_t limit_of(const struct cc_format_value *value, uint64_t words[][2])
{
	int32_t limit =
		value->limit_from >= 0 ? (int32_t)words[value->limit_from][0] : value->limit;

	return limit < 0 || limit > (int32_t)STRING_MAX ? STRING_MAX : (size_t)limit;
}

/* ---- in: what is printed ---- */

static void put_value(struct cc_walk *walk, const struct cc_format_value *value,
		      uint64_t words[][2], unsigned i)
{
	size_t start = walk->out->length;

	switch (value->kind) {
	case CC_VALUE_INT:
		cc_put_u(walk->out, TAG_INT);
		cc_put_u(walk->out, cut(words[i][0], value->size));
		return;
	case CC_VALUE_DOUBLE:
	case CC_VALUE_LONG_DOUBLE:
		cc_put_u(walk->out, value->kind == CC_VALUE_DOUBLE ? TAG_DOUBLE : TAG_LONG_DOUBLE);
		cc_put_bytes(walk->out, words[i], value->kind == CC_VALUE_DOUBLE ? 8 : 10);
		return;
	case CC_VALUE_ADDRESS:
		cc_put_u(walk->out, TAG_ADDRESS);
		cc_put_u(walk->out, words[i][0]);
		return;
	case CC_VALUE_STRING:
		cc_put_u(walk->out, TAG_STRING);
		if (!words[i][0]) {
			cc_put_u(walk->out, 0);
			return;
		}
		if (!cc_walk_put_string(walk, words[i][0], (unsigned)value->size,
					limit_of(value, words) * value->size))
			return;
		walk->out->length = start;
	}
	cc_put_u(walk->out, TAG_UNKNOWN);
}

/* As many bytes as it takes at `address`. */
static int put_count(struct cc_walk *walk, uint64_t address, uint32_t size)
{
	return cc_walk_put_memory(walk, address, size);
}

static int encode_printed(struct cc_walk *walk, const struct cc_format_value *values,
			  uint64_t words[][2], int count)
{
	for (int i = 0; i < count; i++) {
		if (walk->direction == CC_IN) {
			put_value(walk, &values[i], words, (unsigned)i);
		} else if (values[i].kind == CC_VALUE_COUNT) {
			cc_put_u(walk->out, TAG_STRING);
			if (put_count(walk, words[i][0], values[i].size))
				return -1;
		}
	}
	cc_put_u(walk->out, TAG_END);
	return 0;
}

/* Not a byte behind the live string's end is looked at. */
static int starts_with(uint64_t live, const uint8_t *data, size_t length, unsigned unit)
{
	const uint8_t *text = (const uint8_t *)(uintptr_t)live;

	return cc_string_length(text, length, unit) == length && !memcmp(text, data, length);
}

static int compare_value(struct cc_walk *walk, const struct cc_format_value *value,
			 uint64_t words[][2], unsigned i, uint64_t tag)
{
	const uint8_t *then;
	size_t length;
	int got;

	switch (tag) {
	case TAG_INT:
		return cc_get_u(walk->cursor) == cut(words[i][0], value->size) ? 0 : CC_DIFFERS;
	case TAG_DOUBLE:
	case TAG_LONG_DOUBLE:
		length = tag == TAG_DOUBLE ? 8 : 10;
		then = cc_get_bytes(walk->cursor, length);
		return !then ? CC_MALFORMED : memcmp(then, words[i], length) ? CC_DIFFERS : 0;
	case TAG_ADDRESS:
		cc_get_u(walk->cursor);
		return 0;
	case TAG_STRING:
		got = cc_walk_get_blob(walk, &then, &length);
		if (got <= 0 || !words[i][0] || value->kind != CC_VALUE_STRING)
			return got < 0 ? got : !got == !words[i][0] ? 0 : CC_DIFFERS;
		/* Cut there: no NUL behind it, nor one before */
		if (length / value->size == limit_of(value, words))
			return starts_with(words[i][0], then, length, value->size) ? 0 : CC_DIFFERS;
		return cc_string_equals(words[i][0], then, length, value->size) ? 0 : CC_DIFFERS;
	case TAG_UNKNOWN:
		return 0;
	}
	return CC_MALFORMED;
}

static int compare(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	struct cc_format_value values[CC_FORMAT_VALUES];
	const struct cc_memory *was = walk->memory;
	uint64_t words[CC_FORMAT_VALUES][2], tag;
	int count, status = 0, i = 0;

	walk->memory = &cc_own_memory;
	count = values_of(walk, item, value, values, words);
	walk->memory = was;
	while (!status && (tag = cc_get_u(walk->cursor)) != TAG_END)
		status = i < count ? compare_value(walk, &values[i], words, (unsigned)i, tag)
				   : CC_DIFFERS,
		i++;
	return status ? status : walk->cursor->bad ? CC_MALFORMED : i < count ? CC_DIFFERS : 0;
}

/* ---- out: what was read ---- */

/*
 * Which values were set: those that were assigned, counts among them and behind, and of characters
 * (%5c) that came to an end too soon those that did come. Returns how many to look at.
 */
static int assigned(const struct cc_format_value *values, int count, int64_t ret)
{
	int64_t left = ret < 0 ? 0 : ret;
	int i = 0;

	while (i < count && (values[i].kind != CC_VALUE_TARGET || left-- > 0))
		i++;
	return i < count && values[i].is_text ? i + 1 : i;
}

static int encode_scanned(struct cc_walk *walk, const struct cc_format_value *values,
			  uint64_t words[][2], int count)
{
	count = assigned(values, count, walk->ret);
	for (int i = 0; i < count; i++) {
		size_t length = values[i].size, start;
		int status;

		if (!values[i].kind || !words[i][0])
			continue;
		cc_put_u(walk->out, TAG_STRING);
		start = walk->out->length;
		status = values[i].is_string ? cc_walk_put_string(walk, words[i][0],
								  (unsigned)length, STRING_MAX)
					     : cc_walk_put_memory(walk, words[i][0], length);
		if (status)
			walk->out->length = start;
		if (status)
			return -1;
	}
	cc_put_u(walk->out, TAG_END);
	return 0;
}

/* A string goes with its end; what a value takes, its kind says. */
static int put_back(const struct cc_format_value *value, uint64_t to, const uint8_t *data,
		    size_t length)
{
	size_t limit = value->limit > 0 && value->is_string ? (size_t)value->limit * value->size
							    : SIZE_MAX;

	if (!to ||
	    (value->is_string ? length > limit || length % value->size : length != value->size))
		return CC_MALFORMED;
	memcpy((void *)(uintptr_t)to, data, length);
	if (value->is_string)
		memset((void *)(uintptr_t)(to + length), 0, value->size);
	return 0;
}

static int serve(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	struct cc_format_value values[CC_FORMAT_VALUES];
	const struct cc_memory *was = walk->memory;
	uint64_t words[CC_FORMAT_VALUES][2], tag;
	int count, i = 0;

	walk->memory = &cc_own_memory;
	count = values_of(walk, item, value, values, words);
	walk->memory = was;
	while ((tag = cc_get_u(walk->cursor)) != TAG_END) {
		const uint8_t *data;
		size_t length;

		while (i < count && (is_scan(item) ? !values[i].kind || !words[i][0]
						   : values[i].kind != CC_VALUE_COUNT))
			i++;
		if (tag != TAG_STRING || i >= count ||
		    cc_walk_get_blob(walk, &data, &length) <= 0 ||
		    put_back(&values[i], words[i][0], data, length))
			return CC_MALFORMED;
		i++;
	}
	return walk->cursor->bad ? CC_MALFORMED : 0;
}

static int encode(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	struct cc_format_value values[CC_FORMAT_VALUES];
	uint64_t words[CC_FORMAT_VALUES][2];
	int count = values_of(walk, item, value, values, words);

	if (count < 0)
		return -1;
	return is_scan(item) ? encode_scanned(walk, values, words, count)
			     : encode_printed(walk, values, words, count);
}

/* ---- for people ---- */

static int show_value(struct cc_walk *walk, uint64_t tag)
{
	char text[48];
	const uint8_t *data = NULL;
	size_t length = 0;
	long double large = 0;
	double number = 0;

	switch (tag) {
	case TAG_INT:
		walk->emit->number(walk->emit, "", NULL, (int64_t)cc_get_u(walk->cursor), 1);
		return 0;
	case TAG_ADDRESS:
		walk->emit->address(walk->emit, "", cc_get_u(walk->cursor));
		return 0;
	case TAG_STRING:
		if (cc_walk_get_blob(walk, &data, &length) < 0)
			return CC_MALFORMED;
		if (data)
			walk->emit->bytes(walk->emit, "", data, length);
		else
			walk->emit->null(walk->emit, "");
		return 0;
	case TAG_DOUBLE:
	case TAG_LONG_DOUBLE:
		length = tag == TAG_DOUBLE ? 8 : 10;
		data = cc_get_bytes(walk->cursor, length);
		if (!data)
			return CC_MALFORMED;
		memcpy(tag == TAG_DOUBLE ? (void *)&number : (void *)&large, data, length);
		length = (size_t)snprintf(text, sizeof(text), "%.17Lg",
					  tag == TAG_DOUBLE ? (long double)number : large);
		walk->emit->bytes(walk->emit, "", (const uint8_t *)text, length);
		return 0;
	case TAG_UNKNOWN:
		walk->emit->null(walk->emit, "");
		return 0;
	}
	return CC_MALFORMED;
}

static int show(struct cc_walk *walk, const struct cc_item *item)
{
	uint64_t tag = cc_get_u(walk->cursor);

	if (tag == TAG_END)
		return walk->cursor->bad ? CC_MALFORMED : 0;
	walk->emit->open(walk->emit, item->name, '[');
	for (; tag != TAG_END; tag = cc_get_u(walk->cursor))
		if (show_value(walk, tag))
			return CC_MALFORMED;
	walk->emit->close(walk->emit, ']');
	return walk->cursor->bad ? CC_MALFORMED : 0;
}

const struct cc_shape cc_shape_variadic = {.encode = encode,
					   .compare = compare,
					   .serve = serve,
					   .show = show};
