/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What arguments a format of printf(3) or scanf(3) speaks of. */
#ifndef CC_HOST_FORMATS_H
#define CC_HOST_FORMATS_H

#include <stdint.h>

#define CC_FORMAT_VALUES 64 /* arguments of one call that are looked at */

enum cc_value_kind {
	CC_VALUE_NONE, /* an argument that the format passes over */
	CC_VALUE_INT,  /* of `size` bytes */
	CC_VALUE_DOUBLE,
	CC_VALUE_LONG_DOUBLE,
	CC_VALUE_STRING,  /* of characters of `size` bytes, at most `limit` of them */
	CC_VALUE_ADDRESS, /* as a number, whose value nobody compares */
	CC_VALUE_COUNT,	  /* where to put how many characters there were so far, in `size` bytes */
	/* scanf: where to put `size` bytes, or a string (`is_string`) of such characters */
	CC_VALUE_TARGET,
};

struct cc_format_value {
	uint8_t kind;
	uint8_t is_string;
	uint8_t is_text; /* so many characters, without an end */
	uint32_t size;
	int32_t limit;	    /* -1: none */
	int16_t limit_from; /* the argument that `limit` is taken from, or -1 */
};

/* The values of a format of characters of `unit` bytes, ended by zeros. Returns how many. */
unsigned cc_format_of_printf(const uint8_t *text, unsigned unit,
			     struct cc_format_value values[CC_FORMAT_VALUES]);
unsigned cc_format_of_scanf(const uint8_t *text, unsigned unit,
			    struct cc_format_value values[CC_FORMAT_VALUES]);

#endif
