/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Directories that a command works in. Who is killed cannot remove his: so each is locked as long as its
 * process lives, and the next one that works in the same place removes those that nobody holds.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/vm/files.h"

#define FRESH 60 /* seconds: a younger one may be about to be locked */
#define RANDOM "XXXXXX"

/* The descriptor of a directory of ours that nobody else holds, or -1. It holds it until it is closed. */
static int hold(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static void remove_left(const char *path)
{
	struct stat info;
	int fd;

	if (lstat(path, &info) || !S_ISDIR(info.st_mode) || info.st_uid != geteuid() ||
	    time(NULL) - info.st_mtime < FRESH)
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

		if (strncmp(entry->d_name, prefix, length) ||
		    strlen(entry->d_name) != length + strlen(RANDOM))
			continue;
		path = cc_format("%s/%s", parent, entry->d_name);
		remove_left(path);
		free(path);
	}
	if (entries)
		closedir(entries);
}

char *cc_work_directory(const char *parent, const char *prefix)
{
	char *path = cc_format("%s/%s" RANDOM, parent, prefix);

	remove_all_left(parent, prefix);
	if (mkdtemp(path)) {
		hold(path); /* until the process ends */
		return path;
	}
	free(path);
	return NULL;
}
