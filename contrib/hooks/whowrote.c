/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who wrote this variable: each change of it in a past run, with the line that made it, old and new value.
 *   cc-perl-replay --hook 'whowrote=$Shop::count' slice.plog
 *   cc-python-replay --hook 'whowrote=Shop.add:self.total' slice.pylog
 * The variable's name is as the program's language has it. `SUB:` before it looks at it in that sub's frames,
 * also while that is waiting for another one; without it the innermost frame that has the variable is looked at.
 * Lists and hashes are shown with what is in them, two levels deep. Output: whowrote.txt, or `,out=FILE` behind it.
 */
#include <crosscut/hooks.h>

#include "options.h"

#define TEXT 2000
#define SHOWN 50 /* elements */

struct seen {
	uint64_t variable;
	char text[TEXT];
};

static struct {
	struct output out;
	char *name, *sub;
	struct seen *seen;
	size_t count;
	struct cc_hook_frame now, *callers; /* the statements that run */
	size_t depth, room;
} watch;

static void describe(const struct cc_hook_value *value, char *text, size_t size, int depth)
{
	struct cc_hook_value key, element;
	size_t have;

	cc_hook_print(value, text, size);
	if (value->kind != CC_HOOK_OTHER || !value->count || !depth)
		return;
	snprintf(text, size, "%s {", value->text);
	for (size_t i = 0; i < SHOWN && !cc_hook_element(value, i, &key, &element); i++) {
		have = strlen(text);
		cc_hook_print(&key, text + have, size - have);
		have = strlen(text);
		snprintf(text + have, size - have, ": ");
		have = strlen(text);
		describe(&element, text + have, size - have, depth - 1);
		have = strlen(text);
		snprintf(text + have, size - have, ", ");
	}
	have = strlen(text);
	snprintf(text + have - 2, size - have + 2, "}");
}

static int find(struct cc_hook_value *value)
{
	struct cc_hook_frame frame;

	for (unsigned i = 0; !cc_hook_frame(i, &frame); i++)
		if ((!watch.sub || !strcmp(frame.sub, watch.sub)) && !cc_hook_variable(i, watch.name, value))
			return 1;
	return 0;
}

static struct seen *seen_at(uint64_t variable)
{
	for (size_t i = watch.count; i--;)
		if (watch.seen[i].variable == variable)
			return &watch.seen[i];
	return NULL;
}

/* What is new now was written by the statement that ran until now. */
static void look(void)
{
	struct cc_hook_value value;
	struct seen *seen;
	char text[TEXT];

	if (!find(&value))
		return;
	describe(&value, text, sizeof(text), 2);
	seen = seen_at(value.variable);
	if (seen && !strcmp(seen->text, text))
		return;
	fprintf(watch.out.file, "%s:%u%s%s: %s", watch.now.file, watch.now.line, *watch.now.sub ? " " : "",
		watch.now.sub, watch.name);
	if (seen)
		fprintf(watch.out.file, ": %s → %s\n", seen->text, text);
	else
		fprintf(watch.out.file, " = %s\n", text);
	if (!seen) {
		watch.seen = realloc(watch.seen, (watch.count + 1) * sizeof(*seen));
		seen = &watch.seen[watch.count++];
		seen->variable = value.variable;
	}
	strcpy(seen->text, text);
}

static void statement(void *data, const char *file, unsigned line, const char *sub)
{
	look();
	watch.now = (struct cc_hook_frame){file, line, sub};
}

static void enter(void *data, const struct cc_hook_call *call)
{
	look();
	if (watch.depth == watch.room) {
		watch.room = watch.room ? watch.room * 2 : 64;
		watch.callers = realloc(watch.callers, watch.room * sizeof(*watch.callers));
	}
	watch.callers[watch.depth++] = watch.now;
	watch.now = (struct cc_hook_frame){*call->file ? call->file : call->caller.file,
					   call->line ? call->line : call->caller.line, call->sub};
}

static void leave(void *data, const struct cc_hook_call *call, int unwound)
{
	look();
	if (watch.depth)
		watch.now = watch.callers[--watch.depth];
}

static void end(void *data, int status)
{
	if (!watch.count)
		fprintf(stderr, "whowrote: %s%s%s: no such variable was ever there\n", watch.sub ? watch.sub : "",
			watch.sub ? ":" : "", watch.name);
	close_output(&watch.out);
}

int cc_hook_load(struct cc_hook *hook)
{
	const char *options = strchr(hook->arguments, ',');
	char *name = strndup(hook->arguments, strcspn(hook->arguments, ",")), *colon = strchr(name, ':');

	if (options && !options_known("whowrote", options + 1, "out "))
		return -1;
	while (colon && colon[1] == ':') /* Package::x */
		colon = strchr(colon + 2, ':');
	watch.name = colon ? colon + 1 : name;
	watch.sub = colon ? name : NULL;
	if (colon)
		*colon = '\0';
	watch.now = (struct cc_hook_frame){"-", 0, ""};
	if (!*watch.name) {
		fprintf(stderr, "whowrote: which variable? --hook whowrote=NAME or whowrote=SUB:NAME\n");
		return -1;
	}
	if (open_output(&watch.out, "whowrote", option(hook->arguments, "out", "whowrote.txt")))
		return -1;
	hook->statement = statement;
	hook->enter = enter;
	hook->leave = leave;
	hook->end = end;
	return 0;
}
