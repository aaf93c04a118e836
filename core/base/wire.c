/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MESSAGE_MAX (64u << 20) /* a larger message is none of ours */

/*
 * Descriptors of a debugged program are numbers of the past, and in its copies open to whatever it
 * does.
 */
#define LOWEST 600

static void move_up(int *end)
{
	int moved = fcntl(*end, F_DUPFD_CLOEXEC, LOWEST);

	if (moved < 0)
		return; /* there are no such numbers */
	close(*end);
	*end = moved;
}

int cc_wire_pair(int ends[2])
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return -1;
	move_up(&ends[0]);
	move_up(&ends[1]);
	return 0;
}

static int send_all(int socket, const void *data, size_t length)
{
	const char *at = data;

	while (length) {
		ssize_t sent = send(socket, at, length, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return -1;
		at += sent;
		length -= (size_t)sent;
	}
	return 0;
}

union control {
	struct cmsghdr head;
	char room[CMSG_SPACE(sizeof(int))];
};

ssize_t cc_wire_pass(int socket, const void *data, size_t length, int flags, int passed)
{
	union control control = {.room = {0}};
	struct iovec piece = {(void *)data, length};
	struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
	ssize_t sent;

	if (passed >= 0) {
		message.msg_control = control.room;
		message.msg_controllen = sizeof(control.room);
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.head), &passed, sizeof(int));
	}
	do
		sent = sendmsg(socket, &message, MSG_NOSIGNAL | flags);
	while (sent < 0 && errno == EINTR);
	return sent;
}

/* The length goes first, and a descriptor with it. */
static int send_head(int socket, uint32_t length, int passed)
{
	ssize_t sent = cc_wire_pass(socket, &length, sizeof(length), 0, passed);

	if (sent <= 0)
		return -1;
	return send_all(socket, (const char *)&length + sent, sizeof(length) - (size_t)sent);
}

int cc_wire_send(int socket, const json_t *message, int passed)
{
	char *text = json_dumps(message, JSON_COMPACT);
	size_t length = text ? strlen(text) : 0;
	int status = -1;

	if (length && length <= MESSAGE_MAX && !send_head(socket, (uint32_t)length, passed))
		status = send_all(socket, text, length);
	free(text);
	return status;
}

static int receive_all(int socket, void *data, size_t length)
{
	char *at = data;

	while (length) {
		ssize_t got = recv(socket, at, length, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return -1;
		at += got;
		length -= (size_t)got;
	}
	return 0;
}

/* The room for one is aligned, and so takes two. */
static int first_descriptor(struct msghdr *message)
{
	struct cmsghdr *head = CMSG_FIRSTHDR(message);
	int descriptors[2];
	size_t length;

	if (!head || head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS ||
	    head->cmsg_len < CMSG_LEN(sizeof(int)))
		return -1;
	length = head->cmsg_len - CMSG_LEN(0);
	if (length > sizeof(descriptors))
		length = sizeof(descriptors);
	memcpy(descriptors, CMSG_DATA(head), length);
	if (length == sizeof(descriptors))
		close(descriptors[1]);
	return descriptors[0];
}

ssize_t cc_wire_take(int socket, void *data, size_t size, int *taken)
{
	union control control = {.room = {0}};
	struct iovec piece = {data, size};
	struct msghdr message = {.msg_iov = &piece,
				 .msg_iovlen = 1,
				 .msg_control = control.room,
				 .msg_controllen = sizeof(control.room)};
	ssize_t got;

	*taken = -1;
	do
		got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got >= 0)
		*taken = first_descriptor(&message);
	return got;
}

static int receive_head(int socket, uint32_t *length, int *passed)
{
	ssize_t got = cc_wire_take(socket, length, sizeof(*length), passed);

	if (got <= 0)
		return -1;
	return receive_all(socket, (char *)length + got, sizeof(*length) - (size_t)got);
}

json_t *cc_wire_receive(int socket, int *passed)
{
	uint32_t length = 0;
	json_t *message = NULL;
	char *text = NULL;
	int descriptor = -1;

	if (!receive_head(socket, &length, &descriptor) && length <= MESSAGE_MAX)
		text = malloc(length);
	if (text && !receive_all(socket, text, length))
		message = json_loadb(text, length, JSON_ALLOW_NUL, NULL);
	free(text);
	if (!passed || !message) {
		if (descriptor >= 0)
			close(descriptor);
		descriptor = -1;
	}
	if (passed)
		*passed = descriptor;
	return message;
}

int cc_wire_wait(int socket, int milliseconds)
{
	struct pollfd wait = {.fd = socket, .events = POLLIN};

	return poll(&wait, 1, milliseconds);
}
