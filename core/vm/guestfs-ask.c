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

#include "core/vm/guestfs.h"
#include "logs/log.h"

union control {
	struct cmsghdr head;
	char room[CMSG_SPACE(sizeof(int))];
};

int cc_guestfs_pair(int ends[2], struct cc_error *error)
{
	if (!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return 0;
	return cc_fail(error, CC_EIO, "socketpair: %s", strerror(errno));
}

/* The answer's text; *fd is what came with it, or -1. */
static ssize_t receive(int end, char *text, size_t size, int *fd)
{
	union control control;
	struct iovec piece = {text, size - 1};
	struct msghdr message = {.msg_iov = &piece,
				 .msg_iovlen = 1,
				 .msg_control = control.room,
				 .msg_controllen = sizeof(control.room)};
	ssize_t length;

	do
		length = recvmsg(end, &message, MSG_CMSG_CLOEXEC);
	while (length < 0 && errno == EINTR);
	*fd = -1;
	if (length >= 0 && message.msg_controllen >= sizeof(control.head) &&
	    control.head.cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(&control.head), sizeof(*fd));
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
	union control control = {.room = {0}};
	struct iovec piece = {(char *)text, strlen(text)};
	struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};

	if (fd >= 0) {
		message.msg_control = control.room;
		message.msg_controllen = sizeof(control.room);
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	}
	(void)!sendmsg(end, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
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
