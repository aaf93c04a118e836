/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FILE,TO,WANTED: writes into TO the moment of each statement of FILE (a name without directories),
 * as --print has it, or only that of each host call from there where WANTED has no `s`. With `c` it
 * is told of calls too, with `e` of exceptions, with `o` of ops: that is to change no moment.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/replay/hooks.h"

static struct {
	FILE *to;
	const char *only;
} moments;

static void write_moment(const char *what, const char *file, unsigned line)
{
	const char *slash = strrchr(file, '/');
	struct cc_hook_moment now;

	if (strcmp(slash ? slash + 1 : file, moments.only))
		return;
	if (cc_hook_moment(&now))
		fputs("no moment\n", moments.to);
	else
		fprintf(moments.to, "[%llu.%llu %s:%u]%s\n", (unsigned long long)now.calls,
			(unsigned long long)now.events, moments.only, line, what);
}

static void statement(void *data, const char *file, unsigned line, const char *sub)
{
	write_moment("", file, line);
}

static void called(void *data, const struct cc_hook_call *call)
{
}

static void left(void *data, const struct cc_hook_call *call, int unwound)
{
}

static void raised(void *data, const char *class_name, const char *text)
{
}

static void op(void *data, const char *name)
{
}

static void host_called(void *data, const char *name, uint64_t ordinal)
{
	struct cc_hook_frame frame;

	if (!cc_hook_frame(0, &frame))
		write_moment(" host call", frame.file, frame.line);
}

static void end(void *data, int status)
{
	if (!cc_hook_count_moments())
		fputs("too late, and yet\n", moments.to);
	fclose(moments.to);
}

int cc_hook_load(struct cc_hook *hook)
{
	char *rest = strdup(hook->arguments), *to, *wanted;

	moments.only = strsep(&rest, ",");
	to = strsep(&rest, ",");
	wanted = strsep(&rest, ",");
	moments.to = fopen(to, "we");
	if (!moments.to || cc_hook_count_moments())
		return -1;
	if (strchr(wanted, 's'))
		hook->statement = statement;
	else
		hook->host_called = host_called;
	if (strchr(wanted, 'c')) {
		hook->enter = called;
		hook->leave = left;
	}
	if (strchr(wanted, 'e'))
		hook->exception = raised;
	if (strchr(wanted, 'o'))
		hook->op = op;
	hook->end = end;
	return 0;
}
