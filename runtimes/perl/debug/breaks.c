/* SPDX-License-Identifier: GPL-2.0-or-later */
#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>

#include "core/replay/agent.h"
#include "core/replay/heap.h"
#include "logs/text.h"
#include "runtimes/perl/debug/breaks.h"
#include "runtimes/perl/debug/plain.h"
#include "runtimes/perl/replay/events.h"
#include "runtimes/perl/replay/sources.h"

struct line {
	char *file, *condition; /* condition NULL: it does not stop */
	struct cc_plain *plain; /* the condition, or NULL */
	unsigned line;
	int has_action;
};

static struct {
	struct line *lines;
	size_t count;
	uint8_t may_break[8192]; /* a bit for each line, modulo their number */
} breaks;

/* ---- reading ---- */

/* perl hands strings over as characters; a file's name is the bytes that they stand for. */
static char *copy_name(const json_t *text)
{
	char *name = cc_json_copy(text, NULL), *to = name;

	for (const char *at = name; at && *at; at++)
		if ((unsigned char)*at >= 0xc4) /* above U+00FF: characters indeed */
			return name;
	for (const char *at = name; at && *at; at++)
		if ((unsigned char)*at >= 0xc2) {
			*to++ = (char)(at[0] << 6 | (at[1] & 0x3f));
			at++;
		} else {
			*to++ = *at;
		}
	if (to)
		*to = '\0';
	return name;
}

/* As statements have it: without the place that the debugger shows behind an eval's number. */
static char *file_name(char *shown)
{
	char *end = strncmp(shown, "(eval ", 6) ? NULL : strstr(shown, ")[");

	if (end)
		end[1] = '\0';
	return shown;
}

/* Takes over its texts. */
static void add_line(char *file, unsigned line, char *condition, int has_action)
{
	if (!file) {
		free(condition);
		return;
	}
	cc_heap_room(breaks.lines, breaks.count);
	breaks.lines[breaks.count++] = (struct line){
		.file = file_name(file),
		.condition = condition,
		.plain = condition ? cc_plain_new(&cc_perl_plain, condition) : NULL,
		.line = line,
		.has_action = has_action,
	};
	breaks.may_break[line / 8 % sizeof(breaks.may_break)] |= (uint8_t)(1u << line % 8);
}

static void read_lines(const json_t *lines)
{
	const json_t *line;
	size_t i;

	json_array_foreach(lines, i, line)
		add_line(copy_name(json_array_get(line, 0)),
			 (unsigned)json_integer_value(json_array_get(line, 1)),
			 cc_json_copy(json_array_get(line, 2), NULL),
			 json_integer_value(json_array_get(line, 3)) != 0);
}

static void read_breaks(const json_t *list)
{
	const json_t *at;
	size_t i;

	json_array_foreach(list, i, at)
	{
		char *condition = cc_json_copy(json_object_get(at, "condition"), NULL);

		add_line(cc_json_copy(json_object_get(at, "file"), NULL),
			 (unsigned)json_integer_value(json_object_get(at, "line")),
			 condition ? condition : cc_heap_copy("1"), 0);
	}
}

void cc_perl_breaks_read(const json_t *rule)
{
	read_lines(json_object_get(rule, "lines"));
	read_breaks(json_object_get(rule, "breaks"));
}

void cc_perl_breaks_forget(void)
{
	for (size_t i = 0; i < breaks.count; i++) {
		free(breaks.lines[i].file);
		free(breaks.lines[i].condition);
		cc_plain_free(breaks.lines[i].plain);
	}
	free(breaks.lines);
	memset(&breaks, 0, sizeof(breaks));
}

/* ---- at an event ---- */

int cc_perl_breaks_any(void)
{
	return breaks.count != 0;
}

/* -1: it cannot be told, perl5db is to say why. */
static int condition_holds(const struct line *at)
{
	const char *condition = at->condition;
	json_t *with, *answer;
	int holds = at->plain ? cc_plain_truth(at->plain, 0) : CC_PLAIN_NOT;

	if (holds >= 0)
		return holds;
	if (!strcmp(condition, "1") ||
	    (strlen(condition) > 1 && !strcmp(condition + strlen(condition) - 2, ";9")))
		return 1;
	with = json_pack("{s:s}", "expression", condition);
	answer = cc_agent_copy("condition", with, 1);
	json_decref(with);
	holds = json_object_get(answer, "error")
			? -1
			: json_integer_value(json_object_get(answer, "holds")) != 0;
	json_decref(answer);
	return holds;
}

int cc_perl_breaks_hold(int forward)
{
	unsigned line = CopLINE(cc_perl_event.at);
	const char *file = cc_perl_event_file();
	int holds;

	if (!(breaks.may_break[line / 8 % sizeof(breaks.may_break)] >> line % 8 & 1))
		return 0;
	for (size_t i = 0; i < breaks.count; i++) {
		const struct line *at = &breaks.lines[i];

		if (at->line != line || !file || strcmp(at->file, file) ||
		    !cc_perl_sources_breaks(file, line, cc_perl_event.at))
			continue;
		if (forward && at->has_action)
			return 1;
		holds = at->condition ? condition_holds(at) : 0;
		if (forward ? holds : holds > 0)
			return 1;
	}
	return 0;
}
