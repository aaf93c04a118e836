/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of source files for those who read a hook's report: absolute ones, of the files as they
 * were called in the run; with sources=DIR, of copies below DIR, which are made here of what the
 * run read.
 */
#ifndef SOURCES_H
#define SOURCES_H

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "options.h"

struct sources {
	const char *hook;
	char *directory; /* NULL: no copies are made */
	char *missing;	 /* a file of which there is no source, */
	size_t count;	 /* of so many */
	int failed;
};

/* Absolute, without "." and "..", so that it stays below a directory that is put before it. */
static inline char *plain_path(const char *path)
{
	char *plain = malloc(strlen(path) + 2), *end = plain;

	while (*path) {
		size_t length = strcspn(path, "/");

		if (length == 2 && !strncmp(path, "..", 2)) {
			while (end > plain && *--end != '/')
				;
		} else if (length && !(length == 1 && *path == '.')) {
			*end++ = '/';
			end = (char *)mempcpy(end, path, length);
		}
		path += length + (path[length] == '/');
	}
	*end = '\0';
	return plain;
}

/* As `arguments` say. 0; -1, and a line that says why. */
static inline int open_sources(struct sources *sources, const char *hook, const char *arguments)
{
	char *named = option(arguments, "sources", NULL), here[PATH_MAX] = "/", *joined;

	*sources = (struct sources){.hook = hook};
	if (!named)
		return 0;
	if ((mkdir(named, 0777) && errno != EEXIST) || !getcwd(here, sizeof(here)) ||
	    asprintf(&joined, "%s/%s/.", *named == '/' ? "" : here, named) < 0 ||
	    access(joined, X_OK)) {
		fprintf(stderr, "%s: %s: %s\n", hook, named, strerror(errno));
		return -1;
	}
	sources->directory = plain_path(joined);
	return 0;
}

static inline void source_failed(struct sources *sources, const char *name)
{
	char *text;

	if (!sources->failed &&
	    asprintf(&text, "%s: %s: %s", sources->hook, name, strerror(errno)) >= 0)
		cc_hook_fail(text);
	sources->failed = 1;
}

/*
 * Makes the directories that the file is to be in. 0; -1 with errno, and the name ends with the
 * directory that could not be made.
 */
static inline int make_directories(const struct sources *sources, char *file)
{
	for (char *at = strchr(file + strlen(sources->directory) + 1, '/'); at;
	     at = strchr(at + 1, '/')) {
		*at = '\0';
		if (mkdir(file, 0777) && errno != EEXIST)
			return -1;
		*at = '/';
	}
	return 0;
}

static inline void copy_source(struct sources *sources, const char *path, char *name)
{
	static const char nothing[] = "(the slice has no source of this file)\n";
	struct cc_hook_value content = {.text = nothing, .length = strlen(nothing)};
	FILE *file;
	int failed;

	if (cc_hook_file(path, &content)) {
		content = (struct cc_hook_value){.text = nothing, .length = strlen(nothing)};
		if (!sources->count++)
			sources->missing = strdup(path);
	}
	file = make_directories(sources, name) ? NULL : fopen(name, "we");
	if (!file) {
		source_failed(sources, name);
		return;
	}
	failed = fwrite(content.text, 1, content.length, file) != content.length;
	if (fclose(file) || failed)
		source_failed(sources, name);
}

/*
 * What a report calls the file of this path (cc_hook_path): a copy. It is made, if copies are
 * wanted.
 */
static inline char *source_name(struct sources *sources, const char *path)
{
	char *plain = *path == '/' || sources->directory ? plain_path(path) : strdup(path), *name;

	if (!sources->directory || asprintf(&name, "%s%s", sources->directory, plain) < 0)
		return plain;
	copy_source(sources, path, name);
	free(plain);
	return name;
}

/* A name in a line of its own: one that the slice made up could have further lines in it. */
static inline void write_line(FILE *out, const char *name)
{
	for (; *name; name++)
		fputc((unsigned char)*name < ' ' ? '?' : *name, out);
	fputc('\n', out);
}

/* All are written: says of how many there was nothing. */
static inline void sources_over(struct sources *sources)
{
	char more[32] = "";

	if (sources->count > 1)
		snprintf(more, sizeof(more), " and %zu more", sources->count - 1);
	if (sources->count)
		fprintf(stderr,
			"%s: the slice has no source of %s%s: loaded from bytecode, or made by "
			"the program\n",
			sources->hook, sources->missing, more);
}

#endif
