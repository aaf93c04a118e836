/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes each event into the file `hook-events`, or those of `file=NAME` (without directories) into
 * `to=FILE`; `ops` asks for ops too, `variable=NAME`, any number of them, shows variables at each
 * statement and entry, `arguments` those of host calls.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/replay/hooks.h"

static struct {
	FILE *to;
	const char *only, *variables[64];
	size_t count;
	int arguments;
} events;

static const char *base(const char *file)
{
	const char *slash = strrchr(file, '/');

	return slash ? slash + 1 : file;
}

static int is_wanted(const char *file)
{
	return !events.only || !strcmp(base(file), events.only);
}

static void show_variables(void)
{
	struct cc_hook_value value;
	char text[200];

	for (size_t i = 0; i < events.count; i++)
		if (!cc_hook_variable(0, events.variables[i], &value)) {
			cc_hook_print(&value, text, sizeof(text));
			fprintf(events.to, "  %s = %s\n", events.variables[i], text);
		}
}

static void statement(void *data, const char *file, unsigned line, const char *sub)
{
	if (!is_wanted(file))
		return;
	fprintf(events.to, "statement %s:%u in %s\n", base(file), line, sub);
	show_variables();
}

static void op(void *data, const char *name)
{
	struct cc_hook_frame frame;

	if (!cc_hook_frame(0, &frame) && is_wanted(frame.file))
		fprintf(events.to, "op %s\n", name);
}

static void show_stack(void)
{
	struct cc_hook_frame frame;

	for (unsigned i = 0; !cc_hook_frame(i, &frame); i++)
		fprintf(events.to, " %s:%u %s;", base(frame.file), frame.line, frame.sub);
	fputc('\n', events.to);
}

static void enter(void *data, const struct cc_hook_call *call)
{
	if (!is_wanted(*call->file ? call->file : call->caller.file))
		return;
	fprintf(events.to, "enter %s %s:%u from %s:%u %s |", call->sub, base(call->file),
		call->line, base(call->caller.file), call->caller.line, call->caller.sub);
	show_stack();
	show_variables();
}

static void leave(void *data, const struct cc_hook_call *call, int unwound)
{
	if (is_wanted(*call->file ? call->file : call->caller.file))
		fprintf(events.to, "leave %s%s\n", call->sub, unwound ? " unwound" : "");
}

static void exception(void *data, const char *class_name, const char *text)
{
	struct cc_hook_frame frame;

	if (!cc_hook_frame(0, &frame) && is_wanted(frame.file))
		fprintf(events.to, "exception %s: %s at %s:%u\n", class_name, text,
			base(frame.file), frame.line);
}

static void show_arguments(void)
{
	struct cc_hook_value value, key, element;
	const char *name;
	char text[200];

	for (unsigned i = 0; events.arguments && !cc_hook_argument(i, &name, &value); i++) {
		cc_hook_print(&value, text, sizeof(text));
		fprintf(events.to, " %s=%s", name, text);
		for (size_t j = 0;
		     value.kind == CC_HOOK_OTHER && !cc_hook_element(&value, j, &key, &element);
		     j++) {
			cc_hook_print(&element, text, sizeof(text));
			fprintf(events.to, " %s", text);
		}
	}
}

static void host_call(void *data, const char *name, uint64_t ordinal)
{
	struct cc_hook_frame frame;

	if (cc_hook_frame(0, &frame) || !is_wanted(frame.file))
		return;
	fprintf(events.to, "host_call %s", name);
	show_arguments();
	fprintf(events.to, " at %s:%u\n", base(frame.file), frame.line);
}

static void host_called(void *data, const char *name, uint64_t ordinal)
{
	struct cc_hook_value value;
	struct cc_hook_frame frame;
	char text[200];
	int error;

	if (cc_hook_frame(0, &frame) || !is_wanted(frame.file))
		return;
	fprintf(events.to, "host_called %s", name);
	show_arguments();
	if (!cc_hook_result(&value, &error)) {
		cc_hook_print(&value, text, sizeof(text));
		fprintf(events.to, " = %s %d", text, error);
	}
	fputc('\n', events.to);
}

static void end(void *data, int status)
{
	fprintf(events.to, "end %d\n", status);
	fclose(events.to);
}

int cc_hook_load(struct cc_hook *hook)
{
	char *rest = strdup(hook->arguments), *word;
	const char *to = "hook-events";

	while ((word = strsep(&rest, ",")))
		if (!strncmp(word, "file=", 5))
			events.only = word + 5;
		else if (!strncmp(word, "to=", 3))
			to = word + 3;
		else if (!strncmp(word, "variable=", 9) && events.count < 64)
			events.variables[events.count++] = word + 9;
		else if (!strcmp(word, "ops"))
			hook->op = op;
		else if (!strcmp(word, "arguments"))
			events.arguments = 1;
		else if (*word)
			return -1;
	events.to = fopen(to, "w");
	if (!events.to)
		return -1;
	hook->statement = statement;
	hook->enter = enter;
	hook->leave = leave;
	hook->exception = exception;
	hook->host_call = host_call;
	hook->host_called = host_called;
	hook->end = end;
	return 0;
}
