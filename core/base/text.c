/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/text.h"

#include <string.h>

/* The length of the character that is shown as it is, 0: it is none of these. RFC 3629. */
static size_t shown(const uint8_t *text)
{
	size_t length = *text < 0x80	? 1
			: *text < 0xc2	? 0
			: *text < 0xe0	? 2
			: *text < 0xf0	? 3
			: *text <= 0xf4 ? 4
					: 0;
	static const uint32_t least[] = {0, 0, 0xa0, 0x800, 0x10000};
	uint32_t c = *text & (0xffu >> (length + 1));

	if (length == 1)
		return *text >= ' ' && *text != 127;
	for (size_t i = 1; i < length; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (text[i] & 0x3f);
	}
	return c >= least[length] && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff) ? length : 0;
}

void cc_show_controls(char *text, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	size_t at = 0, length, rest;

	while (text[at]) {
		uint8_t byte = (uint8_t)text[at];

		length = shown((const uint8_t *)text + at);
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
