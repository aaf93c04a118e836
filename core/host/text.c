/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Items as a person reads them, in strace's manner. */
#include "core/host/show.h"

#include <string.h>

static struct cc_text *text_of(struct cc_emit *emit)
{
	return (struct cc_text *)emit;
}

/* The comma before an item, and its name where that is wanted. 0: it is not shown at all. */
static int begin(struct cc_text *text, const char *name)
{
	uint32_t bit = 1u << text->depth;

	if (text->emit.quiet)
		return 0;
	if (text->started & bit)
		fputs(", ", text->to);
	text->started |= bit;
	if (name && *name && !(text->lists & bit))
		fprintf(text->to, "%s=", name);
	return 1;
}

/* In a struct all fields have names; as arguments, what speaks for itself has none. */
static const char *name_if_field(const struct cc_text *text, const char *name)
{
	return text->depth || text->results > 1 ? name : NULL;
}

static void null(struct cc_emit *emit, const char *name)
{
	struct cc_text *text = text_of(emit);

	if (!text->results && begin(text, name_if_field(text, name)))
		fputs("NULL", text->to);
}

static void number(struct cc_emit *emit, const char *name, const struct cc_names *names,
		   int64_t value, int is_signed)
{
	struct cc_text *text = text_of(emit);
	char symbols[512];
	int symbolic = names && cc_names_format(names, value, symbols, sizeof(symbols));
	int needs_no_name = symbolic || !strcmp(name, "fd");

	if (!begin(text, needs_no_name ? name_if_field(text, name) : name))
		return;
	if (symbolic)
		fputs(symbols, text->to);
	else if (is_signed)
		fprintf(text->to, "%lld", (long long)value);
	else
		fprintf(text->to, "%llu", (unsigned long long)value);
}

static void address(struct cc_emit *emit, const char *name, uint64_t value)
{
	struct cc_text *text = text_of(emit);

	if (!begin(text, name))
		return;
	if (value)
		fprintf(text->to, "0x%llx", (unsigned long long)value);
	else
		fputs("NULL", text->to);
}

/* The length of a UTF-8 sequence of a printable character, 0 when it is none. */
static size_t utf8_sequence(const uint8_t *data, size_t length)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t count = data[0] >= 0xf0 ? 4 : data[0] >= 0xe0 ? 3 : data[0] >= 0xc2 ? 2 : 0;
	uint32_t c;

	if (!count || data[0] > 0xf4 || length < count)
		return 0;
	c = data[0] & (0xffu >> (count + 1));
	for (size_t i = 1; i < count; i++) {
		if ((data[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (data[i] & 0x3f);
	}
	if (c < least[count] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) || c < 0xa0)
		return 0;
	return count;
}

static void quote_byte(FILE *to, uint8_t byte, int digit_follows)
{
	static const char escapes[] = "\a"
				      "a\b"
				      "b\t"
				      "t\n"
				      "n\v"
				      "v\f"
				      "f\r"
				      "r\""
				      "\"\\"
				      "\\";
	const char *escape = byte ? strchr(escapes, byte) : NULL;

	if (escape && (escape - escapes) % 2 == 0)
		fprintf(to, "\\%c", escape[1]);
	else if (byte >= 0x20 && byte < 0x7f)
		fputc(byte, to);
	else
		fprintf(to, digit_follows ? "\\%03o" : "\\%o", byte);
}

static void quote(FILE *to, const uint8_t *data, size_t length, size_t limit)
{
	size_t end = limit && limit < length ? limit : length;

	fputc('"', to);
	for (size_t at = 0; at < end;) {
		size_t sequence = utf8_sequence(data + at, length - at);
		uint8_t next = at + 1 < end ? data[at + 1] : 0;

		if (sequence) {
			fwrite(data + at, 1, sequence, to);
			at += sequence;
			continue;
		}
		quote_byte(to, data[at], next >= '0' && next <= '9');
		at++;
	}
	fputs(end < length ? "\"..." : "\"", to);
}

static void bytes(struct cc_emit *emit, const char *name, const uint8_t *data, size_t length)
{
	struct cc_text *text = text_of(emit);

	if (begin(text, name_if_field(text, name)))
		quote(text->to, data, length, text->limit);
}

static void argument(struct cc_emit *emit, const char *name, const char *other)
{
	struct cc_text *text = text_of(emit);

	if (begin(text, name_if_field(text, name)))
		fprintf(text->to, "&%s", other);
}

static void open_bracket(struct cc_emit *emit, const char *name, char bracket)
{
	struct cc_text *text = text_of(emit);
	uint32_t bit;

	if (!begin(text, name_if_field(text, name)))
		return;
	fputc(bracket, text->to);
	bit = 1u << ++text->depth;
	text->started &= ~bit;
	text->lists = bracket == '[' ? text->lists | bit : text->lists & ~bit;
}

static void close_bracket(struct cc_emit *emit, char bracket)
{
	struct cc_text *text = text_of(emit);

	if (emit->quiet)
		return;
	text->depth--;
	fputc(bracket, text->to);
}

void cc_text_init(struct cc_text *text, FILE *to, size_t limit, unsigned results)
{
	*text = (struct cc_text){
		.emit = {.null = null,
			 .number = number,
			 .address = address,
			 .bytes = bytes,
			 .argument = argument,
			 .open = open_bracket,
			 .close = close_bracket,
			 .brief = 1},
		.to = to,
		.limit = limit,
		.results = results,
	};
}
