/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Directories that a command works in. A process that is killed cannot remove its own: so each
 * directory is locked as long as its process lives, and the next process that works in the same
 * place removes those that nobody holds.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/files.h"
#include "core/base/memory.h"
#include "core/base/work.h"

#define FRESH 60 /* seconds: a directory that is about to be locked */
#define NEW "new-"
#define RANDOM "XXXXXX"

const char *const cc_work_names[] = {"crosscut-work.", ".cc-slice-", NULL};

int cc_is_work_name(const char *name)
{
	for (size_t i = 0; cc_work_names[i]; i++) {
		size_t length = strlen(cc_work_names[i]);

		if (strncmp(name, cc_work_names[i], length))
			continue;
		if (!strncmp(name + length, NEW, strlen(NEW)))
			length += strlen(NEW);
		if (strlen(name) == length + strlen(RANDOM) && !strpbrk(name + length, ".-_"))
			return 1;
	}
	return 0;
}

/*
 * The descriptor of a directory of ours that nobody else holds, or -1. The directory is held until
 * the descriptor is closed.
 */
static int hold(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static void remove_left(const char *path, int fresh)
{
	struct stat info;
	int fd;

	if (lstat(path, &info) || !S_ISDIR(info.st_mode) || info.st_uid != geteuid() ||
	    (fresh && time(NULL) - info.st_mtime < FRESH))
		return;
	fd = hold(path);
	if (fd < 0)
		return;
	cc_remove_tree(path);
	close(fd);
}

static void remove_all_left(const char *parent, const char *prefix)
{
	size_t length = strlen(prefix);
	DIR *entries = opendir(parent);
	struct dirent *entry;

	while (entries && (entry = readdir(entries))) {
		char *path;

		if (strncmp(entry->d_name, prefix, length) || !cc_is_work_name(entry->d_name))
			continue;
		path = cc_format("%s/%s", parent, entry->d_name);
		remove_left(path, !strncmp(entry->d_name + length, NEW, strlen(NEW)));
		free(path);
	}
	if (entries)
		closedir(entries);
}

int cc_is_anybodys(const char *directory)
{
	struct stat info;

	return !stat(directory, &info) && info.st_mode & S_IWOTH && !(info.st_mode & S_ISVTX);
}

/*
 * The directory gets its name when it is locked: so a directory of such a name that nobody holds is
 * a dead process's.
 */
char *cc_work_directory(const char *parent, const char *prefix, struct cc_error *error)
{
	char *fresh, *path = NULL;
	int fd = -1;

	if (cc_is_anybodys(parent)) {
		cc_fail(error, CC_EUSAGE,
			"%s: anybody may rename what stands there: chmod +t or o-w helps, or "
			"another directory",
			parent);
		return NULL;
	}
	fresh = cc_format("%s/%s" NEW RANDOM, parent, prefix);
	remove_all_left(parent, prefix);
	if (mkdtemp(fresh)) {
		fd = hold(fresh); /* until the process ends */
		path = cc_format("%s/%s%s", parent, prefix, fresh + strlen(fresh) - strlen(RANDOM));
		if (fd < 0 || renameat2(AT_FDCWD, fresh, AT_FDCWD, path, RENAME_NOREPLACE)) {
			free(path);
			/* Under the first name: somebody may remove it after a minute */
			path = cc_copy(fresh);
		}
	} else {
		cc_fail(error, CC_EIO, "%s/: %s", parent, strerror(errno));
	}
	free(fresh);
	return path;
}
