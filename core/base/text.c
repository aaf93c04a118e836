/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/text.h"

#include <stdio.h>
#include <string.h>

size_t cc_utf8_length(const char *text)
{
	const uint8_t *bytes = (const uint8_t *)text;
	size_t length = *bytes < 0x80	 ? 1
			: *bytes < 0xc2	 ? 0
			: *bytes < 0xe0	 ? 2
			: *bytes < 0xf0	 ? 3
			: *bytes <= 0xf4 ? 4
					 : 0;
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t c = *bytes & (0xffu >> (length + 1));

	for (size_t i = 1; i < length; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (bytes[i] & 0x3f);
	}
	if (length > 1 && (c < least[length] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)))
		return 0;
	return length;
}

size_t cc_shown_length(const char *text)
{
	const uint8_t *bytes = (const uint8_t *)text;

	if (*bytes < ' ' || *bytes == 127 || (*bytes == 0xc2 && bytes[1] < 0xa0))
		return 0;
	return cc_utf8_length(text);
}

void cc_show_controls(char *text, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	size_t at = 0, length, rest;

	while (text[at]) {
		uint8_t byte = (uint8_t)text[at];

		length = cc_shown_length(text + at);
		if (!length && at + 5 > size) { /* no room for \xHH */
			text[at] = '\0';
		} else if (!length) {
			rest = strlen(text + at + 1);
			if (rest > size - at - 5)
				rest = size - at - 5;
			memmove(text + at + 4, text + at + 1, rest);
			text[at] = '\\';
			text[at + 1] = 'x';
			text[at + 2] = digits[byte >> 4];
			text[at + 3] = digits[byte & 15];
			text[at + 4 + rest] = '\0';
			length = 4;
		}
		at += length;
	}
}

void cc_text_format(char *text, size_t size, const char *format, va_list list)
{
	vsnprintf(text, size, format, list);
	cc_show_controls(text, size);
}
