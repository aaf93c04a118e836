/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What hooks may ask of the run as a whole: its command, and the files that it read. */
#include <string.h>

#include "core/base/text.h"
#include "core/replay/copy.h"
#include "core/replay/heap.h"
#include "core/replay/hooked.h"
#include "core/replay/run-files.h"
#include "core/replay/state.h"

#define EXPORT __attribute__((visibility("default")))

static const char *command CC_STATE;

/* ---- as a shell is given it ---- */

static int is_bare(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || cc_is_digit(c) ||
	       (c && strchr("%+,-./:=@_", c));
}

/* What a line has no room for, and no shell either, has its number: $'a\x0ab'. */
static char *quote(const char *word)
{
	size_t plain = 0;
	int shown = 1;
	char *quoted = cc_heap_malloc(4 * strlen(word) + 4), *to = quoted;

	while (is_bare(word[plain]))
		plain++;
	if (*word && !word[plain])
		return strcpy(quoted, word);
	for (const char *at = word; *at && shown; at += shown)
		shown = (int)cc_shown_length(at);
	if (!shown)
		*to++ = '$';
	*to++ = '\'';
	for (const char *at = word; *at; at++)
		if (shown && *at == '\'')
			to = stpcpy(to, "'\\''");
		else if (!shown && (*at == '\'' || *at == '\\' || !cc_shown_length(at)))
			to += sprintf(to, "\\x%02x", (unsigned char)*at);
		else
			*to++ = *at;
	strcpy(to, "'");
	return quoted;
}

void cc_hooks_command(char *const *argv)
{
	char *line = cc_heap_copy("");

	for (size_t i = 0; argv[i]; i++) {
		char *word = quote(argv[i]), *longer;

		longer = cc_heap_format("%s%s%s", line, i ? " " : "", word);
		cc_heap_free(word);
		cc_heap_free(line);
		line = longer;
	}
	command = line;
}

EXPORT const char *cc_hook_command(void)
{
	return command;
}

/* ---- files ---- */

EXPORT void cc_hook_keep_files(void)
{
	cc_copy_session();
}

EXPORT const char *cc_hook_path(const char *file)
{
	char *path = cc_run_path(file);
	const char *text = cc_hooks_text(path);

	cc_heap_free(path);
	return text;
}

EXPORT int cc_hook_file(const char *path, struct cc_hook_value *content)
{
	const struct cc_run_file *file = cc_copy_notes ? cc_run_file(path) : NULL;

	memset(content, 0, sizeof(*content));
	if (!file || !file->text)
		return -1;
	cc_hooks_set_bytes(content, file->text, file->length);
	return 0;
}
