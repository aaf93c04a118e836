/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Characters, for those who parse text and for those who make it. */
#ifndef CC_TEXT_H
#define CC_TEXT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* Is the character one of 0 to 9, whatever the locale? 1 or 0. */
static inline int cc_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/*
 * Writes one character as UTF-8 to `to`, which has room for 4 bytes; no NUL behind them. Returns
 * how many bytes it has written, 1 to 4. A surrogate is written like any other number, as 3 bytes
 * that are no UTF-8; of what is above U+1FFFFF only the lowest 21 bits count.
 */
static inline size_t cc_put_utf8(void *to, uint32_t c)
{
	uint8_t *bytes = to;
	size_t length = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const uint8_t leads[] = {0, 0, 0xc0, 0xe0, 0xf0};

	for (size_t i = length; --i; c >>= 6)
		bytes[i] = (uint8_t)(0x80 | (c & 0x3f));
	bytes[0] = (uint8_t)(leads[length] | (length == 4 ? c & 7 : c));
	return length;
}

/* How many bytes the character at `text` has, a NUL's 1, if they are UTF-8 (RFC 3629); else 0. */
size_t cc_utf8_length(const char *text);

/*
 * How many bytes the character at `text` has, if a terminal may get it as it is: a control
 * character (also U+0080 to U+009F, and NUL) and a byte that is no UTF-8 give 0.
 */
size_t cc_shown_length(const char *text);

/*
 * For terminals, which obey what comes from a log: what of `text` cc_shown_length gives 0 for
 * becomes \xHH, in place, as far as `size` bytes hold it. What does not fit is cut off.
 */
void cc_show_controls(char *text, size_t size);

/* As vsnprintf, for terminals (cc_show_controls). */
void cc_text_format(char *text, size_t size, const char *format, va_list list)
	__attribute__((format(printf, 3, 0)));

#endif
