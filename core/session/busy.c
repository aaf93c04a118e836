/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/session/busy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/files.h"
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

void cc_busy_begin(const char *tool)
{
	busy.tool = tool;
	busy.begun = cc_seconds();
	busy.actions = 0;
}

static void show(const char *text)
{
	double now = cc_seconds();

	if (now - busy.begun < SHOW_AFTER || now - busy.shown_at < SHOW_EVERY)
		return;
	cc_progress("%s", text);
	busy.shown_at = now;
}

/* Once for each expression. */
static int is_advice_due(const char *expression)
{
	if (cc_seconds() - busy.begun < ADVISE_AFTER)
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
	char here[CC_MOMENT_TEXT], *text;

	cc_process_moment(message, "at", &at);
	if (expression && plain)
		advise(expression, plain);
	cc_moment_print(at, here);
	if (asked)
		text = cc_format("(at %s, %lld times in a copy; ^C stops) %s", here,
				 (long long)asked, expression ? expression : "");
	else
		text = cc_format("(at %s; ^C stops)", here);
	show(text);
	free(text);
}

void cc_busy_action(struct cc_moment at)
{
	char here[CC_MOMENT_TEXT], *text = cc_format("(at %s, %lu actions; ^C stops)",
						     cc_moment_print(at, here), ++busy.actions);

	if (is_advice_due("an action"))
		fprintf(stderr,
			"%s: an action is done in a copy of the program each time, which takes "
			"%.0f "
			"milliseconds here; to print what is plain, --print is much faster\n",
			busy.tool, (cc_seconds() - busy.begun) * 1000 / (double)busy.actions);
	show(text);
	free(text);
}

char *cc_busy_interrupted(const struct cc_session *session)
{
	const struct cc_search *search = cc_session_search(session);
	struct cc_moment now = cc_session_stop(session)->at;
	char here[CC_MOMENT_TEXT], from[CC_MOMENT_TEXT], at[CC_MOMENT_TEXT], seen[CC_MOMENT_TEXT],
		found[CC_MOMENT_TEXT];
	int has_seen;

	cc_moment_print(now, here);
	if (!search)
		return cc_format("interrupted at %s", here);
	has_seen = cc_moment_compare(search->seen, now) < 0;
	return cc_format("interrupted: searched from %s to %s%s%s%s%s: staying at %s",
			 cc_moment_print(search->from, from), cc_moment_print(search->at, at),
			 has_seen ? ", and all from " : "",
			 has_seen ? cc_moment_print(search->seen, seen) : "",
			 search->is_found ? "; the last found so far is at "
					  : "; nothing found so far",
			 search->is_found ? cc_moment_print(search->found, found) : "", here);
}
