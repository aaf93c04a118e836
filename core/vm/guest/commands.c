/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the host asks for in the midst of a run. It comes over the serial line, the one way into the
 * machine that QEMU records: a replay's init reads the same line at the same instruction.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "core/vm/guest/guest.h"

#define LINE "/dev/ttyS0"

static int line_fd = -1;
static char text[256]; /* of a line that is not whole yet */
static size_t length;

void commands_open(void)
{
	struct termios modes;

	line_fd = open(LINE, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (line_fd < 0 || tcgetattr(line_fd, &modes))
		die("%s", LINE);
	cfmakeraw(&modes); /* no echo: it would go to the console */
	modes.c_cflag |= CLOCAL | CREAD;
	if (tcsetattr(line_fd, TCSANOW, &modes))
		die("the modes of %s", LINE);
}

int commands_fd(void)
{
	return line_fd;
}

static void obey(const char *command, pid_t pid, int *cut)
{
	int number = atoi(command + 1);

	if (*command == CC_COMMAND_SIGNAL)
		kill(-pid, number); /* as a terminal does: to the command's process group */
	else if (*command == CC_COMMAND_END)
		*cut = number & 255;
}

void commands_take(pid_t pid, int *cut)
{
	ssize_t n = read(line_fd, text + length, sizeof(text) - length);
	char *newline;

	if (n > 0)
		length += (size_t)n;
	while ((newline = memchr(text, '\n', length))) {
		*newline = 0;
		obey(text, pid, cut);
		length -= (size_t)(newline + 1 - text);
		memmove(text, newline + 1, length);
	}
	if (length == sizeof(text)) /* no line of the host's is so long */
		length = 0;
}
