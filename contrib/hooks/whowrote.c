/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who wrote this variable: each change of it in a past run, with the line that made it, the moment
 * when that line began, old and new value.
 *
 *   cc-perl-replay --hook 'whowrote=$Shop::count' slice.plog
 *   cc-python-replay --hook 'whowrote=Shop.add:self.total' slice.pylog
 *
 * The variable's name is as the program's language has it. `SUB:` before it looks at it in that
 * sub's frames, also while that is waiting for another one; without it the innermost frame that has
 * the variable is looked at. Lists and hashes are shown with what is in them, two levels deep.
 * Output: whowrote.txt, or `,out=FILE` behind it.
 */
#include <crosscut/hooks.h>

#include "chains.h"
#include "options.h"

#define TEXT 2000
#define SHOWN 50 /* elements */

struct seen {
	uint64_t variable;
	uint64_t chain; /* from where it was looked at */
	char text[TEXT];
};

/* A statement that runs, and when it began. */
struct running_statement {
	struct cc_hook_frame frame;
	struct cc_hook_moment since;
};

/* The statements that run in a chain of calls. */
struct running {
	struct running_statement now, *callers;
	size_t depth, room;
	uint64_t number;
};

static struct {
	struct output out;
	char *name, *sub;
	struct seen *seen;
	size_t count;
	struct running *in;
	struct chains chains;
} watch = {.chains = {.size = sizeof(struct running)}};

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
		if ((!watch.sub || !strcmp(frame.sub, watch.sub)) &&
		    !cc_hook_variable(i, watch.name, value))
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

static struct running_statement statement_at(const struct cc_hook_frame *frame)
{
	struct running_statement now = {.frame = *frame};

	cc_hook_moment(&now.since);
	return now;
}

static void begin_line(const struct running_statement *at)
{
	const struct cc_hook_frame *frame = &at->frame;
	const char *file = frame->file ? frame->file : "-", *sub = frame->sub ? frame->sub : "";

	write_moment(watch.out.file, &at->since);
	fprintf(watch.out.file, "%s:%u%s%s: %s: ", file, frame->line, *sub ? " " : "", sub,
		watch.name);
}

/* It was not there, or not looked for, before: nobody knows which statement wrote it. */
static void tell_first(const char *text)
{
	struct cc_hook_frame frame = {0};
	struct running_statement now;

	if (cc_hook_past())
		return;
	cc_hook_frame(0, &frame);
	now = statement_at(&frame);
	begin_line(&now);
	fprintf(watch.out.file, "first seen: %s\n", text);
}

static void tell_change(const struct running_statement *writer, const struct seen *seen,
			const char *text)
{
	if (cc_hook_past())
		return;
	begin_line(writer);
	fprintf(watch.out.file, "%s → %s\n", seen->text, text);
}

/*
 * What is new now was written by the statement that ran until now: in the chain that runs, or, when
 * `next` goes on, there: if it is a variable that only that one has been looked for from.
 */
static void look(const struct running *next)
{
	struct cc_hook_value value;
	struct seen *seen;
	char text[TEXT];
	int same;

	if (!find(&value))
		return;
	describe(&value, text, sizeof(text), 2);
	seen = seen_at(value.variable);
	same = seen && !strcmp(seen->text, text);
	if (!seen)
		tell_first(text);
	else if (!same)
		tell_change(next && seen->chain == next->number ? &next->now : &watch.in->now, seen,
			    text);
	if (!seen) {
		watch.seen = realloc(watch.seen, (watch.count + 1) * sizeof(*seen));
		seen = &watch.seen[watch.count++];
		seen->variable = value.variable;
	}
	seen->chain = (next ? next : watch.in)->number;
	if (!same)
		strcpy(seen->text, text);
}

static void statement(void *data, const char *file, unsigned line, const char *sub)
{
	look(NULL);
	watch.in->now = statement_at(&(struct cc_hook_frame){file, line, sub});
}

static void enter(void *data, const struct cc_hook_call *call)
{
	struct running *in = watch.in;

	look(NULL);
	if (in->depth == in->room) {
		in->room = in->room ? in->room * 2 : 64;
		in->callers = realloc(in->callers, in->room * sizeof(*in->callers));
	}
	in->callers[in->depth++] = in->now;
	in->now = statement_at(&(struct cc_hook_frame){*call->file ? call->file : call->caller.file,
						       call->line ? call->line : call->caller.line,
						       call->sub});
}

static void leave(void *data, const struct cc_hook_call *call, int unwound)
{
	look(NULL);
	if (watch.in->depth)
		watch.in->now = watch.in->callers[--watch.in->depth];
}

static void chain(void *data, uint64_t number)
{
	struct running *next = chain_state(&watch.chains, number);

	next->number = number;
	look(next);
	if (!watch.in->depth)
		chain_over(&watch.chains, watch.in);
	watch.in = next;
}

/*
 * A forked child begins with the value that its parent gave the variable, if it is there in the
 * fork.
 */
static void forked(void *data, pid_t process)
{
	struct cc_hook_value value;
	struct cc_hook_frame frame;
	struct running_statement now;
	char text[TEXT];

	if (!find(&value) || cc_hook_frame(0, &frame))
		return;
	describe(&value, text, sizeof(text), 2);
	now = statement_at(&frame);
	begin_line(&now);
	fprintf(watch.out.file, "before the fork: %s\n", text);
}

static void end(void *data, int status)
{
	if (!watch.count)
		fprintf(stderr, "whowrote: %s%s%s: no such variable was ever there\n",
			watch.sub ? watch.sub : "", watch.sub ? ":" : "", watch.name);
	close_output(&watch.out);
}

int cc_hook_load(struct cc_hook *hook)
{
	const char *options = strchr(hook->arguments, ',');
	char *name = strndup(hook->arguments, strcspn(hook->arguments, ",")),
	     *colon = strchr(name, ':');

	if (options && !options_known("whowrote", options + 1, "out "))
		return -1;
	while (colon && colon[1] == ':') /* Package::x */
		colon = strchr(colon + 2, ':');
	watch.name = colon ? colon + 1 : name;
	watch.sub = colon ? name : NULL;
	if (colon)
		*colon = '\0';
	watch.in = chain_state(&watch.chains, 1);
	watch.in->number = 1;
	if (!*watch.name) {
		fprintf(stderr,
			"whowrote: which variable? --hook whowrote=NAME or whowrote=SUB:NAME\n");
		return -1;
	}
	if (open_output(&watch.out, "whowrote", option(hook->arguments, "out", "whowrote.txt")))
		return -1;
	cc_hook_count_moments();
	hook->chain = chain;
	hook->statement = statement;
	hook->enter = enter;
	hook->leave = leave;
	hook->forked = forked;
	hook->end = end;
	return 0;
}
