/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Retroactive prints: --print 'lib/Shop.pm:120:"$user $total"' prints as if a statement that prints
 * had stood there on the day. Plain expressions are read from the program's memory; others are
 * evaluated in a throwaway copy of the replay.
 */
#ifndef CC_PRINT_H
#define CC_PRINT_H

#include <stdint.h>

#include "core/base/error.h"

#pragma GCC visibility push(hidden)

struct cc_plain_language;

#define CC_PRINT_LINES 4096 /* lines are marked by their remainder */

struct cc_prints {
	int on;
	int functions; /* some are at entries of functions */
	uint8_t lines[CC_PRINT_LINES / 8];
};
extern struct cc_prints cc_prints;

/* In our own context, before the program's main(). `tool` is whose name messages carry. */
int cc_print_begin(const char *options, const char *tool, const struct cc_plain_language *language,
		   struct cc_error *error);

/* Might something be printed at this line? Other lines need not be told of. */
static inline int cc_print_wants(unsigned line)
{
	return cc_prints.lines[line % CC_PRINT_LINES / 8] >> line % 8 & 1;
}

/*
 * In our own context, at an event, when cc_print_wants its line or it is a function's first one,
 * and there are prints at functions. `function` is then its full name, otherwise NULL.
 */
void cc_print_event(const char *file, unsigned line, const char *function);

/*
 * The program is over: say which prints were never reached. CC_EIO: what was printed is not
 * complete.
 */
int cc_print_end(struct cc_error *error);

#pragma GCC visibility pop

#endif
