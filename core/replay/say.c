/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages, and the end of a replay that fails. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "core/base/text.h"
#include "core/replay/agent.h"
#include "core/replay/options.h"
#include "core/replay/preload.h"
#include "core/replay/raw.h"
#include "core/replay/start.h"
#include "core/replay/state.h"

const char *cc_tool = "cc-replay";

static void make_line(char text[CC_ERROR_TEXT], const char *format, va_list list)
{
	int length;

	cc_leave_program();
	length = snprintf(text, CC_ERROR_TEXT, "%s: ", cc_tool);
	cc_text_format(text + length, CC_ERROR_TEXT - (size_t)length - 1, format, list);
}

static void print_line(char text[CC_ERROR_TEXT])
{
	strcat(text, "\n");
	cc_raw(SYS_write, 2, (long)text, (long)strlen(text), 0, 0, 0);
}

void cc_say(const char *format, ...)
{
	char text[CC_ERROR_TEXT];
	va_list list;

	va_start(list, format);
	make_line(text, format, list);
	va_end(list);
	print_line(text);
}

void cc_die(const char *format, ...)
{
	char text[CC_ERROR_TEXT];
	va_list list;

	va_start(list, format);
	make_line(text, format, list);
	va_end(list);
	if (cc_agent.on)
		cc_agent_died(text);
	print_line(text);
	cc_raw(SYS_exit_group, 125, 0, 0, 0, 0, 0);
	__builtin_trap();
}

static struct {
	char lines[8 * CC_ERROR_TEXT];
	size_t length;
} complaints CC_STATE;

void cc_complain(const char *format, ...)
{
	char text[CC_ERROR_TEXT], line[CC_ERROR_TEXT + 64];
	va_list list;
	int length;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	text[strcspn(text, "\n")] = '\0';
	cc_show_controls(text, sizeof(text));
	length = snprintf(line, sizeof(line), "%s: %s\n", cc_tool, text);
	if (strstr(complaints.lines, line) ||
	    complaints.length + (size_t)length >= sizeof(complaints.lines))
		return;
	strcpy(complaints.lines + complaints.length, line);
	complaints.length += (size_t)length;
}

int cc_complaints_report(void)
{
	if (complaints.length)
		cc_raw(SYS_write, 2, (long)complaints.lines, (long)complaints.length, 0, 0, 0);
	return complaints.length != 0;
}

void cc_die_of_memory(size_t size, const char *whose)
{
	const char *name = cc_option(CC_OPTION_TOOL); /* this may be before main() */

	cc_tool = name ? name : cc_tool;
	cc_die("this machine refuses %zu kB of memory that %s: see ulimit -v, and "
	       "vm.overcommit_memory",
	       size / 1024 + (size % 1024 != 0), whose);
}
