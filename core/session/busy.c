/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/session/busy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/memory.h"
#include "core/base/progress.h"
#include "core/base/text.h"
#include "core/session/process.h"

#define SHOW_AFTER 1.0 /* seconds: what is over before needs no word */
#define SHOW_EVERY 0.25
#define ADVISE_AFTER 2.0
#define ADVISED_MAX 16 /* expressions */

static struct {
	const char *tool;
	double begun, shown_at;
	unsigned long actions;
	char *advised[ADVISED_MAX];
	size_t advised_count;
} busy;

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void cc_busy_begin(const char *tool)
{
	busy.tool = tool;
	busy.begun = seconds_now();
	busy.actions = 0;
}

static void show(const char *text)
{
	double now = seconds_now();

	if (now - busy.begun < SHOW_AFTER || now - busy.shown_at < SHOW_EVERY)
		return;
	cc_progress("%s", text);
	busy.shown_at = now;
}

/* Once for each expression. */
static int is_advice_due(const char *expression)
{
	if (seconds_now() - busy.begun < ADVISE_AFTER)
		return 0;
	for (size_t i = 0; i < busy.advised_count; i++)
		if (!strcmp(busy.advised[i], expression))
			return 0;
	if (busy.advised_count == ADVISED_MAX)
		return 0;
	busy.advised[busy.advised_count++] = cc_copy(expression);
	cc_progress_clear();
	return 1;
}

static void advise(const char *expression, const char *plain)
{
	char *shown;

	if (!is_advice_due(expression))
		return;
	shown = cc_format("%s: %s: this is evaluated in a copy of the program each time, which "
			  "takes a millisecond or more; read at once is what has only %s",
			  busy.tool, expression, plain);
	cc_show_controls(shown, strlen(shown) + 1);
	fprintf(stderr, "%s\n", shown);
	free(shown);
}

void cc_busy_note(const json_t *message)
{
	const char *expression = json_string_value(json_object_get(message, "expression")),
		   *plain = json_string_value(json_object_get(message, "plain"));
	json_int_t asked = json_integer_value(json_object_get(message, "asked"));
	struct cc_moment at = {0};
	char *text;

	cc_process_moment(message, "at", &at);
	if (expression && plain)
		advise(expression, plain);
	if (asked)
		text = cc_format("(at %llu.%llu, %lld times in a copy; ^C stops) %s",
				 (unsigned long long)at.calls, (unsigned long long)at.events,
				 (long long)asked, expression ? expression : "");
	else
		text = cc_format("(at %llu.%llu; ^C stops)", (unsigned long long)at.calls,
				 (unsigned long long)at.events);
	show(text);
	free(text);
}

void cc_busy_action(struct cc_moment at)
{
	char *text =
		cc_format("(at %llu.%llu, %lu actions; ^C stops)", (unsigned long long)at.calls,
			  (unsigned long long)at.events, ++busy.actions);

	if (is_advice_due("an action"))
		fprintf(stderr,
			"%s: an action is done in a copy of the program each time, which takes "
			"%.0f "
			"milliseconds here; to print what is plain, --print is much faster\n",
			busy.tool, (seconds_now() - busy.begun) * 1000 / (double)busy.actions);
	show(text);
	free(text);
}

/* To be freed. */
static char *moment_text(struct cc_moment moment)
{
	return cc_format("%llu.%llu", (unsigned long long)moment.calls,
			 (unsigned long long)moment.events);
}

char *cc_busy_interrupted(const struct cc_session *session)
{
	const struct cc_search *search = cc_session_search(session);
	struct cc_moment now = cc_session_stop(session)->at;
	char *here = moment_text(now), *from, *at, *seen, *found, *text;

	if (!search) {
		text = cc_format("interrupted at %s", here);
		free(here);
		return text;
	}
	from = moment_text(search->from);
	at = moment_text(search->at);
	seen = moment_text(search->seen);
	found = moment_text(search->found);
	text = cc_format("interrupted: searched from %s to %s%s%s%s%s: staying at %s", from, at,
			 cc_moment_compare(search->seen, now) < 0 ? ", and all from " : "",
			 cc_moment_compare(search->seen, now) < 0 ? seen : "",
			 search->is_found ? "; the last found so far is at "
					  : "; nothing found so far",
			 search->is_found ? found : "", here);
	free(here);
	free(from);
	free(at);
	free(seen);
	free(found);
	return text;
}
