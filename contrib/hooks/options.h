/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the shipped hooks share: options are NAME=VALUE, separated by commas; out=FILE names where
 * it goes.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The value of an option, or what it is when it is not given. A copy. */
static inline char *option(const char *arguments, const char *name, const char *otherwise)
{
	size_t length = strlen(name);

	for (const char *at = arguments; *at;
	     at += strcspn(at, ",") + (at[strcspn(at, ",")] == ','))
		if (!strncmp(at, name, length) && at[length] == '=')
			return strndup(at + length + 1, strcspn(at + length + 1, ","));
	return otherwise ? strdup(otherwise) : NULL;
}

/*
 * Is each option one of `known`, names with a space behind each? Else 0, and a line that says which
 * there are.
 */
static inline int options_known(const char *hook, const char *arguments, const char *known)
{
	char name[64], names[128];

	snprintf(names, sizeof(names), " %s", known);
	for (const char *at = arguments; *at;
	     at += strcspn(at, ",") + (at[strcspn(at, ",")] == ',')) {
		size_t length = strcspn(at, "=,");

		snprintf(name, sizeof(name), " %.*s ", (int)length, at);
		if (at[length] == '=' && length && strstr(names, name))
			continue;
		fprintf(stderr, "%s: no option %.*s; there are: %s(each with =VALUE)\n", hook,
			(int)strcspn(at, ","), at, known);
		return 0;
	}
	return 1;
}

/* Where a hook writes to. */
struct output {
	const char *hook, *path;
	FILE *file;
};

/* "-" is standard error. 0; -1, and a line that says why. */
static inline int open_output(struct output *output, const char *hook, const char *path)
{
	*output = (struct output){hook, path, strcmp(path, "-") ? fopen(path, "we") : stderr};
	if (!output->file)
		fprintf(stderr, "%s: %s: %s\n", hook, path, strerror(errno));
	return output->file ? 0 : -1;
}

/*
 * "[1234.56] ", behind the process where --show-process is given: a hook that asks in cc_hook_load
 * for moments begins each of its lines so.
 */
static inline void write_moment(FILE *file, const struct cc_hook_moment *moment)
{
	fprintf(file, "%s[%llu.%llu] ", cc_hook_prefix(), (unsigned long long)moment->calls,
		(unsigned long long)moment->events);
}

static inline void write_now(FILE *file)
{
	struct cc_hook_moment now;

	if (!cc_hook_moment(&now))
		write_moment(file, &now);
}

/* What was written is out, or the replay says that it is not. */
static inline void close_output(struct output *output)
{
	int failed = ferror(output->file);
	char *text;

	errno = 0;
	if (output->file == stderr ? fflush(output->file) : fclose(output->file))
		failed = 1;
	if (failed && asprintf(&text, "%s: %s: %s", output->hook, output->path,
			       errno ? strerror(errno) : "not all could be written") >= 0)
		cc_hook_fail(text);
}

#endif
