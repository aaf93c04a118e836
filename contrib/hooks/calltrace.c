/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every call of a past run, indented, with where it is called from, and exceptions where they are
 * raised.
 *
 *   cc-python-replay --hook calltrace=under=/srv/app slice.pylog
 *
 * Options: out=FILE (calltrace.txt), under=PREFIX: only subs of files whose names begin so and what
 * they call; arguments=1: perl subs with what they are called with.
 */
#include <crosscut/hooks.h>

#include "chains.h"
#include "options.h"

#define INDENTED 100 /* so many calls deep, by two spaces each */

/* The calls of a chain that are not over. */
struct open {
	struct cc_hook_call *calls;
	unsigned depth;
	size_t room;
};

static struct {
	struct output out;
	char *under, *arguments;
	struct open *open; /* in the chain of calls that runs */
	struct chains chains;
} calls = {.chains = {.size = sizeof(struct open)}};

static int is_wanted(const struct cc_hook_call *call)
{
	const char *file = *call->file ? call->file : call->caller.file;

	return !calls.under || !strncmp(file, calls.under, strlen(calls.under)) ||
	       !strncmp(call->caller.file, calls.under, strlen(calls.under));
}

/* Of a deep recursion, lines as long as it is deep would be its square: they say how deep it is. */
static void indent(unsigned depth)
{
	write_now(calls.out.file);
	if (depth > INDENTED)
		fprintf(calls.out.file, "%*s(%u) ", 2 * INDENTED, "", depth);
	else
		fprintf(calls.out.file, "%*s", 2 * (int)depth, "");
}

static void open_call(const struct cc_hook_call *call)
{
	struct open *open = calls.open;

	if (open->depth == open->room) {
		open->room = open->room ? open->room * 2 : 64;
		open->calls = realloc(open->calls, open->room * sizeof(*open->calls));
	}
	open->calls[open->depth++] = *call;
}

/* perl's @_ */
static void write_arguments(void)
{
	struct cc_hook_value list, key, value;
	char text[80];

	if (!calls.arguments || cc_hook_variable(0, "@_", &list))
		return;
	fputc('(', calls.out.file);
	for (size_t i = 0; !cc_hook_element(&list, i, &key, &value); i++) {
		cc_hook_print(&value, text, sizeof(text));
		fprintf(calls.out.file, "%s%s", i ? ", " : "", text);
	}
	fputc(')', calls.out.file);
}

static void enter(void *data, const struct cc_hook_call *call)
{
	if (!is_wanted(call))
		return;
	if (!cc_hook_past()) {
		indent(calls.open->depth);
		fputs(call->sub, calls.out.file);
		if (call->line)
			write_arguments();
		fprintf(calls.out.file, "  %s:%u\n", call->caller.file, call->caller.line);
	}
	open_call(call);
}

static void leave(void *data, const struct cc_hook_call *call, int unwound)
{
	if (!is_wanted(call))
		return;
	calls.open->depth -= calls.open->depth > 0;
	if (unwound && !cc_hook_past()) {
		indent(calls.open->depth);
		fprintf(calls.out.file, "%s did not return\n", call->sub);
	}
}

static void exception(void *data, const char *class_name, const char *text)
{
	struct cc_hook_frame frame;
	int length = (int)strcspn(text, "\n");

	if (cc_hook_past() || cc_hook_frame(0, &frame) ||
	    (calls.under && strncmp(frame.file, calls.under, strlen(calls.under))))
		return;
	indent(calls.open->depth);
	fprintf(calls.out.file, "! %s%s%.*s  %s:%u\n", class_name, *class_name ? ": " : "", length,
		text, frame.file, frame.line);
}

static void chain(void *data, uint64_t number)
{
	if (!calls.open->depth) {
		free(calls.open->calls);
		*calls.open = (struct open){0};
		chain_over(&calls.chains, calls.open);
	}
	calls.open = chain_state(&calls.chains, number);
}

/* A forked child begins in the middle of these calls, which its parent made. */
static void forked(void *data, pid_t process)
{
	for (unsigned i = 0; i < calls.open->depth; i++) {
		const struct cc_hook_call *call = &calls.open->calls[i];

		indent(i);
		fprintf(calls.out.file, "%s  %s:%u (before the fork)\n", call->sub,
			call->caller.file, call->caller.line);
	}
}

static void end(void *data, int status)
{
	close_output(&calls.out);
}

int cc_hook_load(struct cc_hook *hook)
{
	if (!options_known("calltrace", hook->arguments, "out under arguments "))
		return -1;
	calls.under = option(hook->arguments, "under", NULL);
	calls.arguments = option(hook->arguments, "arguments", NULL);
	if (open_output(&calls.out, "calltrace", option(hook->arguments, "out", "calltrace.txt")))
		return -1;
	calls.open = chain_state(&calls.chains, 1);
	cc_hook_count_moments();
	hook->chain = chain;
	hook->forked = forked;
	hook->enter = enter;
	hook->leave = leave;
	hook->exception = exception;
	hook->end = end;
	return 0;
}
