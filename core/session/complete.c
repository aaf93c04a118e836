/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/session/complete.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <readline/readline.h>

#include "core/base/memory.h"
#include "core/base/text.h"
#include "logs/text.h"

static struct {
	struct cc_session *session;
	const char *breaks;
	json_t *matches; /* of the word that is completed */
	size_t next;
} completing;

/* A terminal may get it, and it begins with what was typed. */
static int is_match(const char *match, const char *text)
{
	size_t length;

	if (!match || strncmp(match, text, strlen(text)))
		return 0;
	for (; *match; match += length)
		if (!(length = cc_shown_length(match)))
			return 0;
	return 1;
}

/* The next match, from malloc; NULL: there are no more. */
static char *next_match(const char *text, int again)
{
	completing.next = again ? completing.next : 0;
	while (completing.next < json_array_size(completing.matches)) {
		const char *match =
			json_string_value(json_array_get(completing.matches, completing.next++));

		if (is_match(match, text))
			return cc_copy(match);
	}
	return NULL;
}

static char **complete(const char *text, int start, int end)
{
	json_t *question, *request;
	char **found;

	rl_attempted_completion_over = 1; /* with or without one: no names of files */
	rl_completion_append_character = '\0';
	if (!completing.breaks)
		return NULL;
	question = cc_json_pack("{s:{s:o, s:o}}", "complete", "text",
				cc_json_characters(text, strlen(text)), "before",
				cc_json_characters(rl_line_buffer, (size_t)start));
	request = cc_session_ask_back(completing.session, question);
	completing.matches = json_object_get(request, "matches");
	found = rl_completion_matches(text, next_match);
	completing.matches = NULL;
	json_decref(request);
	return found;
}

void cc_complete_for(struct cc_session *session, const json_t *request)
{
	const json_t *words = json_object_get(request, "words");
	const char *prefixes = json_string_value(json_object_get(words, "prefixes"));

	completing.session = session;
	completing.breaks = json_string_value(json_object_get(words, "breaks"));
	rl_attempted_completion_function = complete;
	if (completing.breaks)
		rl_completer_word_break_characters = (char *)completing.breaks;
	rl_special_prefixes = prefixes ? prefixes : "";
}
