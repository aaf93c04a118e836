/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A debugger's console and the session below it, with processes that say anything: the replay and
 * its copies run the slice's program. An input is their messages, a line each. A line that begins
 * with '>' brings a process of its own, whose messages follow up to a line '<'; one with '=' says
 * that it is longer than it is.
 */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "core/session/console.h"
#include "t/fuzz/fuzz.h"

#define SOCKETS_MAX 64
#define MESSAGES_MAX 100 /* so many fit into a socket */

static struct {
	const char *at, *end;	  /* the rest of the input */
	int sockets[SOCKETS_MAX]; /* the processes' ends */
	unsigned socket_count, messages;
} play;

/* No process stands behind a number that a message says. */
int kill(pid_t pid, int signal)
{
	if (pid <= 0)
		abort(); /* that would be many */
	return 0;
}

/* ---- what processes say ---- */

static void send_message(int socket, const char *text, size_t length, uint32_t announced,
			 int passed)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {.head = {.cmsg_level = SOL_SOCKET,
			      .cmsg_type = SCM_RIGHTS,
			      .cmsg_len = CMSG_LEN(sizeof(int))}};
	struct iovec pieces[] = {{&announced, sizeof(announced)}, {(void *)text, length}};
	struct msghdr message = {.msg_iov = pieces, .msg_iovlen = 2};

	if (passed >= 0) {
		message.msg_control = control.room;
		message.msg_controllen = sizeof(control.room);
		memcpy(CMSG_DATA(&control.head), &passed, sizeof(int));
	}
	sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static int add_process(int *given);

/* One process's part of the input. */
static void speak(int socket)
{
	while (play.at < play.end && play.messages++ < MESSAGES_MAX) {
		const char *line = play.at, *newline = memchr(line, '\n', play.end - line);
		size_t length = (newline ? newline : play.end) - line;
		int passed = -1, longer;

		play.at = newline ? newline + 1 : play.end;
		if (length == 1 && *line == '<')
			break;
		longer = length && *line == '=';
		if (length && *line == '>' && add_process(&passed))
			break;
		if (longer || passed >= 0)
			line++, length--;
		send_message(socket, line, length, (uint32_t)(longer ? 2 * length : length),
			     passed);
		if (passed >= 0)
			close(passed);
	}
	shutdown(socket, SHUT_WR);
}

static int add_process(int *given)
{
	int ends[2];

	if (play.socket_count == SOCKETS_MAX ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return -1;
	*given = ends[0];
	play.sockets[play.socket_count++] = ends[1];
	speak(ends[1]);
	return 0;
}

/* In place of core/session/launch.c's: the first process is the input's. */
pid_t cc_launch_start(const struct cc_launch *launch, struct cc_broker **broker,
		      struct cc_error *error)
{
	int socket = fcntl(launch->session, F_DUPFD_CLOEXEC, 0);

	play.sockets[play.socket_count++] = socket;
	speak(socket);
	*broker = NULL;
	return 1000;
}

/* ---- the user ---- */

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static char typed[] = "n\ns\n";
	int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);

	dup2(nowhere, 0);
	dup2(nowhere, 1);
	stderr = fdopen(nowhere, "w"); /* what the console says is of no use here */
	stdin = fmemopen(typed, strlen(typed), "r");
	return stdin && stderr ? 0 : -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct cc_launch launch = {.tool = "fuzz", .kind = "plog", .log = "none"};
	struct cc_error error = {0};

	memset(&play, 0, sizeof(play));
	play.at = (const char *)data;
	play.end = play.at + size;
	rewind(stdin);
	cc_console(&launch, NULL, &error);
	for (unsigned i = 0; i < play.socket_count; i++)
		close(play.sockets[i]);
	return 0;
}
