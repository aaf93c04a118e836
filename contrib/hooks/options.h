/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the shipped hooks share: options are NAME=VALUE, separated by commas; out=FILE names where it goes. */
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

	for (const char *at = arguments; *at; at += strcspn(at, ",") + (at[strcspn(at, ",")] == ','))
		if (!strncmp(at, name, length) && at[length] == '=')
			return strndup(at + length + 1, strcspn(at + length + 1, ","));
	return otherwise ? strdup(otherwise) : NULL;
}

/* "-" is standard error. NULL, and a line that says why. */
static inline FILE *open_output(const char *path)
{
	FILE *file = strcmp(path, "-") ? fopen(path, "we") : stderr;

	if (!file)
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
	return file;
}

#endif
