/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "logs/newfile.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/memory.h"

#define MARK ".tmp-"
#define RANDOM "XXXXXX"
#define NAMES_MAX 10000 /* that are tried for one file */

int cc_newfile_beside(const char *path, char **name)
{
	int fd;

	*name = cc_format("%s" MARK "%ld-" RANDOM, path, (long)getpid());
	fd = mkostemp(*name, O_CLOEXEC);
	if (fd < 0) {
		free(*name);
		*name = NULL;
	}
	return fd;
}

long cc_newfile_maker(const char *name)
{
	const char *mark = NULL;
	char *end;
	long pid;

	for (const char *at = name; (at = strstr(at, MARK)); at++)
		mark = at;
	if (!mark)
		return 0;
	pid = strtol(mark + strlen(MARK), &end, 10);
	return pid > 0 && *end == '-' && strlen(end + 1) == strlen(RANDOM) && !strchr(end, '/')
		       ? pid
		       : 0;
}

int cc_newfile_open(const char *path, char **temporary)
{
	char *copy = cc_copy(path);
	int fd;

	*temporary = NULL;
	fd = open(dirname(copy), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	free(copy);
	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
		return fd;
	return cc_newfile_beside(path, temporary);
}

static int give_name(int fd, const char *name)
{
	char self[64];

	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, self, AT_FDCWD, name, AT_SYMLINK_FOLLOW);
}

/*
 * No call gives a file the name of another: for a moment it has a second one, that of an empty file
 * which makes room for it.
 */
static int name_beside(int fd, char **temporary, const char *path)
{
	int room = cc_newfile_beside(path, temporary);

	if (room < 0)
		return -1;
	close(room);
	return unlink(*temporary) || give_name(fd, *temporary) ? -1 : 0;
}

int cc_newfile_publish(int fd, char **temporary, const char *path)
{
	if (!*temporary) {
		if (!give_name(fd, path))
			return 0;
		if (errno != EEXIST || name_beside(fd, temporary, path))
			return -1;
	}
	if (rename(*temporary, path))
		return -1;
	free(*temporary);
	*temporary = NULL;
	return 0;
}

void cc_newfile_discard(int fd, char **temporary)
{
	close(fd);
	if (*temporary)
		unlink(*temporary);
	free(*temporary);
	*temporary = NULL;
}

/* run.vmlog, run-2.vmlog, run-3.vmlog, … */
static char *numbered(const char *path, unsigned number)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path,
		   *dot = strrchr(name, '.');

	if (number < 2)
		return cc_copy(path);
	if (!dot || dot == name)
		dot = name + strlen(name);
	return cc_format("%.*s-%u%s", (int)(dot - path), path, number, dot);
}

/* As rename(2), but what stands at `to` stays: -1 with EEXIST. */
static int move(const char *from, const char *to)
{
	struct stat info;

	if (!renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE))
		return 0;
	if (errno != EINVAL) /* some file systems do not know that flag */
		return -1;
	if (!lstat(to, &info)) {
		errno = EEXIST;
		return -1;
	}
	return rename(from, to);
}

/* The file that is open as `fd`, or stands at `from`, gets the first name that is free. */
static int name_anew(int fd, const char *from, const char *path, char **name)
{
	int failed = -1;

	*name = NULL;
	errno = EEXIST;
	for (unsigned i = 1; failed && errno == EEXIST && i <= NAMES_MAX; i++) {
		free(*name);
		*name = numbered(path, i);
		failed = from ? move(from, *name) : give_name(fd, *name);
	}
	if (failed) {
		free(*name);
		*name = NULL;
	}
	return failed;
}

int cc_newfile_publish_new(int fd, char **temporary, const char *path, char **name)
{
	if (name_anew(fd, *temporary, path, name))
		return -1;
	free(*temporary);
	*temporary = NULL;
	return 0;
}

int cc_newfile_move_new(const char *from, const char *path, char **name)
{
	return name_anew(-1, from, path, name);
}
