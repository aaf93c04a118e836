/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/replay/told.h"

#include <string.h>

#include "core/replay/heap.h"
#include "core/replay/preload.h"
#include "core/replay/state.h"
#include "logs/text.h"

static struct {
	int quiet;	  /* nobody sees our stderr */
	char lines[4096]; /* in a quiet copy, to be told by the original; there, those told */
} told CC_STATE;

/* 1: it is new. A hostile program may have us told for ever: what does not fit is not. */
static int note(const char *line)
{
	size_t have = strlen(told.lines), length = strlen(line);

	for (const char *at = told.lines; (at = strstr(at, line)); at++)
		if ((at == told.lines || at[-1] == '\n') && at[length] == '\n')
			return 0;
	if (have + length + 2 > sizeof(told.lines))
		return 0;
	memcpy(told.lines + have, line, length);
	strcpy(told.lines + have + length, "\n");
	return 1;
}

void cc_told_say(const char *line)
{
	if (told.quiet)
		note(line);
	else
		cc_say("%s", line);
}

void cc_told_quiet(void)
{
	told.quiet = 1;
	*told.lines = '\0';
}

void cc_told_add(json_t *answer)
{
	if (told.quiet && *told.lines)
		json_object_set_new(answer, "told", cc_json_shown(told.lines));
}

void cc_told_pass_on(const json_t *answer)
{
	const char *text = json_string_value(json_object_get(answer, "told"));
	char *lines = cc_heap_copy(text ? text : ""), *rest = lines, *line;

	while ((line = strsep(&rest, "\n")))
		if (*line && note(line))
			cc_say("%s", line);
	cc_heap_free(lines);
}
