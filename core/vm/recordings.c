/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/vm/recordings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/files.h"
#include "core/base/memory.h"
#include "core/vm/members.h"
#include "core/vm/request.h"
#include "core/vm/vmlog.h"
#include "logs/newfile.h"
#include "logs/text.h"

#define LIST_MAX (16u << 20)
#define MANIFEST_MAX (64u << 20)
#define ALL "# all recordings that need this base\n"
#define TIDY 200 /* lines: then those that are of no use any more go */

static char *list_path(const char *directory)
{
	return cc_format("%s/" CC_RECORDINGS, directory);
}

void cc_recordings_begin(const char *directory)
{
	char *path = list_path(directory);

	cc_write_file(path, ALL, strlen(ALL), NULL);
	free(path);
}

/* What cannot be looked at may be there. */
static int is_gone(const char *path)
{
	struct stat status;

	return stat(path, &status) && (errno == ENOENT || errno == ENOTDIR);
}

static int needs(const char *path, const char *id)
{
	char *text, *packed;
	json_t *manifest;
	const char *base;
	size_t length;
	int does;

	if (is_gone(path))
		return 0;
	text = cc_vmlog_read_small(path, CC_VMLOG_MANIFEST, MANIFEST_MAX, &length, NULL);
	if (!text)
		/* Another file stands there now, or the recording is not ours to read */
		return access(path, R_OK) != 0;
	manifest = json_loadb(text, length, 0, NULL);
	base = json_string_value(json_object_get(manifest, "base"));
	packed = cc_vmlog_read_small(path, "base/" CC_BASE_MANIFEST, MANIFEST_MAX, NULL, NULL);
	does = base && !strcmp(base, id) && !packed;
	json_decref(manifest);
	free(packed);
	free(text);
	return does;
}

static void append(char ***list, size_t *count, char *item)
{
	cc_array_room(*list, *count + 1); /* for the NULL behind them */
	(*list)[(*count)++] = item;
	(*list)[*count] = NULL;
}

static char **read_list(const char *directory, size_t *count, int *all)
{
	char *path = list_path(directory), *text = cc_read_file(path, LIST_MAX, NULL, NULL),
	     *rest = text, *line;
	char **list = cc_allocate_zeros(1, sizeof(*list)); /* room for the NULL */

	*count = 0;
	*all = text && !strncmp(text, ALL, strlen(ALL));
	while ((line = strsep(&rest, "\n"))) {
		if (*line != '/')
			continue;
		cc_unescape(line);
		append(&list, count, cc_copy(line));
	}
	free(path);
	free(text);
	return list;
}

char **cc_recordings_of(const char *directory, const char *id, int *all)
{
	size_t count, left = 0;
	int known;
	char **list = read_list(directory, &count, &known);

	for (size_t i = 0; i < count; i++)
		if (needs(list[i], id))
			list[left++] = list[i];
		else
			free(list[i]);
	list[left] = NULL;
	if (all)
		*all = known;
	return list;
}

static char *line_of(const char *path)
{
	char *escaped = cc_escape(path), *line = cc_format("%s\n", escaped);

	free(escaped);
	return line;
}

/* Without those that are of no use any more. */
static void tidy(const struct cc_base *base)
{
	char *path = list_path(base->directory), *temporary;
	int all, fd = cc_newfile_open(path, &temporary), status = fd < 0;
	char **list = cc_recordings_of(base->directory, base->id, &all);

	if (!status && all)
		status = cc_write_all(fd, ALL, strlen(ALL), path, NULL);
	for (size_t i = 0; !status && list[i]; i++) {
		char *line = line_of(list[i]);

		status = cc_write_all(fd, line, strlen(line), path, NULL);
		free(line);
	}
	if (!status)
		cc_newfile_publish(fd, &temporary, path);
	if (fd >= 0)
		cc_newfile_discard(fd, &temporary);
	cc_free_list(list);
	free(path);
}

static void add_line(const char *directory, const char *path)
{
	char *list = list_path(directory), *line = line_of(path);
	int fd = open(list, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);

	if (fd >= 0) {
		cc_write_all(fd, line, strlen(line), list, NULL);
		close(fd);
	}
	free(line);
	free(list);
}

void cc_recordings_note(const struct cc_base *base, const char *path)
{
	char *real = realpath(path, NULL), **list;
	size_t count;
	int all, is_noted = 0;

	if (!real)
		return;
	list = read_list(base->directory, &count, &all);
	for (size_t i = 0; i < count; i++)
		is_noted |= !strcmp(list[i], real);
	cc_free_list(list);
	if (!is_noted && count >= TIDY)
		tidy(base);
	if (!is_noted)
		add_line(base->directory, real);
	free(real);
}
