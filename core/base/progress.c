/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "core/base/text.h"

#define CLEAR "\r\033[K" /* ECMA-48: to the line's beginning, and erase what stands in it */
#define COLUMNS 79	 /* a longer line would be two, of which one stays */

static int shown;

void cc_progress(const char *format, ...)
{
	char line[COLUMNS + 1];
	va_list list;

	if (!isatty(2))
		return;
	va_start(list, format);
	vsnprintf(line, sizeof(line), format, list);
	va_end(list);
	cc_show_controls(line, sizeof(line)); /* and half a character */
	fprintf(stderr, CLEAR "%s", line);
	fflush(stderr);
	shown = 1;
}

void cc_progress_clear(void)
{
	if (shown)
		fputs(CLEAR, stderr);
	shown = 0;
}
