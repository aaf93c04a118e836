/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/files.h"
#include "core/base/memory.h"
#include "core/base/work.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

char *cc_read_file(const char *path, size_t limit, size_t *length, struct cc_error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	char *data = NULL;
	ssize_t n = -1;

	if (fd < 0) {
		cc_fail(error, errno == ENOENT ? CC_EMISSING : CC_EIO, "%s: %s", path,
			strerror(errno));
		return NULL;
	}
	if (fstat(fd, &status)) {
		cc_fail(error, CC_EIO, "%s: %s", path, strerror(errno));
	} else if ((uint64_t)status.st_size > limit) {
		cc_fail(error, CC_ELIMIT, "%s: larger than %zu bytes", path, limit);
	} else {
		data = cc_allocate(status.st_size + 1);
		n = read(fd, data, status.st_size);
		if (n < 0) {
			cc_fail(error, CC_EIO, "%s: %s", path, strerror(errno));
			free(data);
			data = NULL;
		} else {
			data[n] = 0;
		}
	}
	if (data && length)
		*length = n;
	close(fd);
	return data;
}

int cc_write_all(int fd, const void *data, size_t length, const char *path, struct cc_error *error)
{
	const char *at = data;

	while (length) {
		ssize_t n = write(fd, at, length);

		if (n < 0 && errno == EAGAIN) { /* somebody has made our stdout non-blocking */
			struct pollfd wait = {fd, POLLOUT, 0};

			poll(&wait, 1, -1);
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return cc_fail(error, CC_EIO, "%s: %s", path, strerror(errno));
		at += n;
		length -= n;
	}
	return 0;
}

int cc_write_file(const char *path, const void *data, size_t length, struct cc_error *error)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	int status;

	if (fd < 0)
		return cc_fail(error, CC_EIO, "%s: %s", path, strerror(errno));
	status = cc_write_all(fd, data, length, path, error);
	if (close(fd) && !status)
		status = cc_fail(error, CC_EIO, "%s: %s", path, strerror(errno));
	return status;
}

int cc_make_directories(const char *path, struct cc_error *error)
{
	char *copy = cc_copy(path);
	int status = 0;

	for (char *at = copy + 1; !status; at++) {
		char end = *at;

		if (end != '/' && end)
			continue;
		*at = 0;
		if (mkdir(copy, 0755) && errno != EEXIST)
			status = cc_fail(error, CC_EIO, "%s: %s", copy, strerror(errno));
		*at = end;
		if (!end)
			break;
	}
	free(copy);
	return status;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where)
{
	return kind == FTW_DP ? rmdir(path) : unlink(path);
}

void cc_remove_tree(const char *path)
{
	if (path)
		nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *cc_temporary_parent(void)
{
	const char *base = getenv("TMPDIR");

	return base && *base == '/' ? base : "/tmp";
}

char *cc_temporary_directory(struct cc_error *error)
{
	struct cc_error why;
	char *path = cc_work_directory(cc_temporary_parent(), "crosscut-work.", &why);

	if (!path)
		cc_fail(error, why.status, "%s; TMPDIR names a directory with space", why.text);
	return path;
}

char *cc_cache_directory(struct cc_error *error)
{
	const char *ours = getenv("CROSSCUT_CACHE"), *xdg = getenv("XDG_CACHE_HOME");
	const char *home = getenv("HOME");
	struct cc_error why = {0};
	char *path;

	if (ours && *ours == '/')
		path = cc_copy(ours);
	else if (xdg && *xdg == '/')
		path = cc_format("%s/crosscut", xdg);
	else
		path = cc_format("%s/.cache/crosscut", home && *home == '/' ? home : "/root");
	if (!cc_make_directories(path, &why) && cc_is_anybodys(path))
		cc_fail(&why, CC_EUSAGE,
			"%s: anybody may exchange what stands there: chmod o-w helps", path);
	else if (!why.status)
		return path;
	cc_fail(error, why.status, "the cache: %s; CROSSCUT_CACHE names another directory",
		why.text);
	free(path);
	return NULL;
}

int cc_lock(const char *path, void (*waiting)(void), struct cc_error *error)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		return cc_fail(error, CC_EIO, "%s: %s", path, strerror(errno));
	if (!flock(fd, LOCK_EX | LOCK_NB))
		return fd;
	if (waiting)
		waiting();
	while (flock(fd, LOCK_EX)) {
		if (errno == EINTR)
			continue;
		close(fd);
		return cc_fail(error, CC_EIO, "%s: %s", path, strerror(errno));
	}
	return fd;
}

double cc_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}
