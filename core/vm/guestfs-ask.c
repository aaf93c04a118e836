/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of a job's image for the stage: QEMU, in which it is, may start no program. One packet
 * asks, a path; one answers: an error's text, or nothing and a descriptor (unix(7), SCM_RIGHTS).
 */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/wire.h"
#include "core/vm/guestfs.h"
#include "logs/log.h"

int cc_guestfs_pair(int ends[2], struct cc_error *error)
{
	if (!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return 0;
	return cc_fail(error, CC_EIO, "socketpair: %s", strerror(errno));
}

/* The answer's text; *fd is what came with it, or -1. */
static ssize_t receive(int end, char *text, size_t size, int *fd)
{
	ssize_t length = cc_wire_take(end, text, size - 1, fd);

	text[length < 0 ? 0 : length] = '\0';
	return length;
}

int cc_guestfs_ask(int end, const char *path, struct cc_error *error)
{
	char text[CC_ERROR_TEXT];
	int fd = -1;

	if (send(end, path, strlen(path), MSG_NOSIGNAL) < 0 ||
	    receive(end, text, sizeof(text), &fd) < 0)
		return cc_fail(error, CC_EIO, "%s: the job's image: %s", path, strerror(errno));
	if (fd < 0)
		return cc_fail(error, CC_EIO, "%s", *text ? text : "the job's image: no answer");
	return fd;
}

/* To one who does not listen it is not said. */
static void answer(int end, const char *text, int fd)
{
	(void)!cc_wire_pass(end, text, strlen(text), MSG_DONTWAIT, fd);
}

void cc_guestfs_answer(int end, const char *image)
{
	char path[PATH_MAX + 1];
	struct cc_error error = {.text = "no file's name"};
	ssize_t length = recv(end, path, sizeof(path) - 1, MSG_DONTWAIT);
	int fd;

	if (length < 0)
		return;
	path[length] = '\0';
	fd = memfd_create("content", MFD_CLOEXEC);
	if (fd < 0)
		cc_fail(&error, CC_EIO, "memfd_create: %s", strerror(errno));
	if (*path != '/' || fd < 0 || cc_guestfs_read(image, path, CC_RECORD_MAX, fd, &error))
		answer(end, error.text, -1);
	else
		answer(end, "", fd);
	if (fd >= 0)
		close(fd);
}
