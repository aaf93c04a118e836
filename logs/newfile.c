/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "logs/newfile.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/memory.h"

static char *temporary_name(const char *path)
{
	return cc_format("%s.tmp-%ld", path, (long)getpid());
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
	*temporary = temporary_name(path);
	unlink(*temporary); /* of a process that was killed; or somebody planted it */
	fd = open(*temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		free(*temporary);
		*temporary = NULL;
	}
	return fd;
}

static int give_name(int fd, const char *name)
{
	char self[64];

	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, self, AT_FDCWD, name, AT_SYMLINK_FOLLOW);
}

int cc_newfile_publish(int fd, char **temporary, const char *path)
{
	if (!*temporary) {
		if (!give_name(fd, path))
			return 0;
		if (errno != EEXIST)
			return -1;
		/* No call gives a file the name of another: for a moment it has a second one. */
		*temporary = temporary_name(path);
		unlink(*temporary);
		if (give_name(fd, *temporary))
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
