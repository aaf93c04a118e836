/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/session/allowed.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/confine.h"
#include "core/base/files.h"
#include "core/base/memory.h"

/* Where writing leaves nothing. */
static const char *const written[] = {"/dev/null", "/dev/zero"};

char *cc_resolve_directory(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	char *directory = slash ? cc_format("%.*s", slash == path ? 1 : (int)(slash - path), path)
				: cc_copy("."),
	     *resolved = realpath(directory, NULL), *joined = NULL;

	free(directory);
	if (resolved && (!*name || !strcmp(name, ".") || !strcmp(name, "..")))
		errno = EISDIR;
	else if (resolved)
		joined = cc_format("%s/%s", strcmp(resolved, "/") ? resolved : "", name);
	free(resolved);
	return joined;
}

static void add(char ***list, size_t *count, char *path)
{
	if (!path)
		return;
	cc_array_room(*list, *count);
	(*list)[(*count)++] = path;
}

void cc_allow_reading(struct cc_allowed *allowed, const char *path)
{
	if (*path)
		add(&allowed->readable, &allowed->readable_count, realpath(path, NULL));
}

void cc_allow_writing(struct cc_allowed *allowed, const char *path)
{
	char *resolved = *path ? realpath(path, NULL) : NULL;

	if (*path && !resolved)
		resolved = cc_resolve_directory(path);
	add(&allowed->writable, &allowed->writable_count, resolved);
	add(&allowed->named, &allowed->named_count, cc_copy(path));
}

static int is_in_one(const char *path, const char *const *roots, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (cc_is_in(path, roots[i]))
			return 1;
	return 0;
}

int cc_may_read(const struct cc_allowed *allowed, const char *path)
{
	return cc_confine_is_system(path) ||
	       is_in_one(path, (const char *const *)allowed->readable, allowed->readable_count) ||
	       is_in_one(path, (const char *const *)allowed->writable, allowed->writable_count);
}

int cc_is_of_system(const char *named)
{
	return !strstr(named, "/..") && strncmp(named, "/proc/", 6) && cc_confine_is_system(named);
}

int cc_may_write(const struct cc_allowed *allowed, const char *path)
{
	return is_in_one(path, written, sizeof(written) / sizeof(*written)) ||
	       is_in_one(path, (const char *const *)allowed->writable, allowed->writable_count);
}

int cc_is_named(const struct cc_allowed *allowed, const char *path)
{
	for (size_t i = 0; i < allowed->named_count; i++)
		if (!strcmp(path, allowed->named[i]))
			return 1;
	return 0;
}

int cc_may_change(const struct cc_allowed *allowed, const char *path)
{
	for (size_t i = 0; i < allowed->writable_count; i++)
		if (strcmp(path, allowed->writable[i]) && cc_is_in(path, allowed->writable[i]))
			return 1;
	return 0;
}
