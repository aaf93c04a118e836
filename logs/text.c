/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "logs/text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/base/text.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* ---- base64 ---- */

static char *encode(const uint8_t *data, size_t length)
{
	char *text = cc_allocate((length + 2) / 3 * 4 + 1), *to = text;

	for (size_t at = 0; at < length; at += 3) {
		size_t left = length - at;
		uint32_t bits = (uint32_t)data[at] << 16 |
				(left > 1 ? (uint32_t)data[at + 1] << 8 : 0) |
				(left > 2 ? data[at + 2] : 0);

		*to++ = digits[bits >> 18];
		*to++ = digits[bits >> 12 & 63];
		*to++ = left > 1 ? digits[bits >> 6 & 63] : '=';
		*to++ = left > 2 ? digits[bits & 63] : '=';
	}
	*to = 0;
	return text;
}

static char *decode(const char *text, size_t *length)
{
	char *data = cc_allocate(strlen(text) / 4 * 3 + 4), *to = data;
	uint32_t bits = 0;
	unsigned have = 0;

	for (; *text && *text != '='; text++) {
		const char *digit = strchr(digits, *text);

		if (!digit) {
			free(data);
			return NULL;
		}
		bits = bits << 6 | (uint32_t)(digit - digits);
		have += 6;
		if (have >= 8) {
			have -= 8;
			*to++ = (char)(bits >> have);
		}
	}
	*to = 0;
	if (length)
		*length = (size_t)(to - data);
	return data;
}

/* ---- values ---- */

json_t *cc_json_bytes(const void *data, size_t length)
{
	json_t *value = json_stringn(data ? data : "", length);
	char *coded;

	if (value)
		return value;
	coded = encode(data, length);
	value = cc_json_pack("{s:s}", "base64", coded);
	free(coded);
	return value;
}

json_t *cc_json_text(const char *text)
{
	return cc_json_bytes(text, strlen(text));
}

json_t *cc_json_characters(const char *data, size_t length)
{
	json_t *text = json_stringn(data ? data : "", length);
	char *latin;
	size_t to = 0;

	if (text)
		return text;
	latin = cc_allocate(2 * length + 1);
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)data[i];

		if (c & 0x80)
			latin[to++] = (char)(0xc0 | c >> 6);
		latin[to++] = c & 0x80 ? (char)(0x80 | (c & 0x3f)) : (char)c;
	}
	text = json_stringn(latin, to);
	free(latin);
	return text;
}

char *cc_json_copy(const json_t *value, size_t *length)
{
	const json_t *coded = json_object_get(value, "base64");
	size_t bytes;
	char *copy;

	if (json_is_string(coded))
		return decode(json_string_value(coded), length);
	if (!json_is_string(value))
		return NULL;
	bytes = json_string_length(value);
	copy = cc_allocate(bytes + 1);
	memcpy(copy, json_string_value(value), bytes);
	copy[bytes] = 0;
	if (length)
		*length = bytes;
	return copy;
}

json_t *cc_json_pack(const char *format, ...)
{
	json_error_t error;
	va_list list;
	json_t *value;

	va_start(list, format);
	value = json_vpack_ex(&error, 0, format, list);
	va_end(list);
	if (value)
		return value;
	fprintf(stderr, "crosscut: JSON of the form %s could not be made: %s\n", format,
		error.text);
	abort();
}

/* ---- for people ---- */

json_t *cc_json_shown(const char *text)
{
	char *shown = cc_allocate(4 * strlen(text) + 1), *to = shown;
	json_t *value;

	while (*text) {
		size_t length = cc_utf8_length(text);

		if (length)
			to = mempcpy(to, text, length);
		else
			to += sprintf(to, "\\x%02x", (unsigned char)*text);
		text += length ? length : 1;
	}
	*to = 0;
	value = json_string(shown);
	free(shown);
	return value;
}

void cc_put_shown(const char *text, FILE *to)
{
	while (*text) {
		size_t length = cc_shown_length(text);

		if (length)
			fwrite(text, 1, length, to);
		else if (*text == '\n')
			fputs("\\n", to);
		else if (*text == '\t')
			fputs("\\t", to);
		else
			fprintf(to, "\\x%02x", (unsigned char)*text);
		text += length ? length : 1;
	}
}

void cc_json_print(const json_t *value, FILE *to)
{
	char *bytes = cc_json_copy(value, NULL);

	if (bytes)
		cc_put_shown(bytes, to);
	free(bytes);
}

/* ---- fields of lines ---- */

static const char escapes[][2] = {{'\\', '\\'}, {'\n', 'n'}, {'\t', 't'}};
#define ESCAPES (sizeof(escapes) / sizeof(*escapes))

char *cc_escape(const char *text)
{
	char *escaped = cc_allocate(2 * strlen(text) + 1), *to = escaped;

	for (; *text; text++) {
		size_t i = 0;

		while (i < ESCAPES && escapes[i][0] != *text)
			i++;
		if (i < ESCAPES)
			*to++ = '\\';
		*to++ = i < ESCAPES ? escapes[i][1] : *text;
	}
	*to = 0;
	return escaped;
}

void cc_put_escaped(const char *text, FILE *to)
{
	char *escaped = cc_escape(text);

	fputs(escaped, to);
	free(escaped);
}

void cc_unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		size_t i = 0;

		if (*text == '\\' && text[1]) {
			text++;
			while (i < ESCAPES && escapes[i][1] != *text)
				i++;
			*to++ = i < ESCAPES ? escapes[i][0] : *text;
		} else {
			*to++ = *text;
		}
	}
	*to = 0;
}
