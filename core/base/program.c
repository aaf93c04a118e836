/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running the programs that we need: sqfstar, unsquashfs, apt-get, dpkg-deb. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/fence.h"
#include "core/base/memory.h"
#include "core/base/program.h"

static void become(const char *const argv[], int in, int out, int complaints, pid_t parent,
		   const struct cc_fence *fence)
{
	int null = open("/dev/null", O_RDWR);
	struct cc_error error;
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent) /* the parent has gone before that */
		_exit(126);
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(in < 0 ? null : in, 0);
	dup2(out < 0 ? null : out, 1);
	dup2(complaints, 2);
	if (fence && cc_fence(fence, &error)) {
		(void)!write(2, error.text, strlen(error.text));
		_exit(126);
	}
	execvp(argv[0], (char *const *)argv);
	_exit(127);
}

/* The last line of what the program complained about, without its newline. */
static void read_complaint(int fd, char *text, size_t size)
{
	char buffer[4096], *start;
	size_t have = 0;
	ssize_t n;

	while ((n = read(fd, buffer + have, sizeof(buffer) - 1 - have)) > 0) {
		have += n;
		if (have > sizeof(buffer) / 2) { /* keep the end */
			memmove(buffer, buffer + have - sizeof(buffer) / 2, sizeof(buffer) / 2);
			have = sizeof(buffer) / 2;
		}
	}
	while (have && buffer[have - 1] == '\n')
		have--;
	buffer[have] = 0;
	start = strrchr(buffer, '\n');
	start = start ? start + 1 : buffer;
	have = strnlen(start, size - 1);
	memcpy(text, start, have);
	text[have] = 0;
}

int cc_run_fenced(const char *const argv[], int in, int out, const char *hint,
		  const struct cc_fence *fence, struct cc_error *error)
{
	char complaint[512];
	struct cc_fence held = fence ? *fence : (struct cc_fence){.program = NULL};
	char *program = fence ? cc_find_program(argv[0], getenv("PATH")) : NULL;
	pid_t pid, parent = getpid();
	int pair[2], status;

	if (pipe2(pair, O_CLOEXEC)) {
		free(program);
		return cc_fail(error, CC_EIO, "pipe: %s", strerror(errno));
	}
	held.program = program;
	pid = fork();
	if (!pid)
		become(argv, in, out, pair[1], parent, fence ? &held : NULL);
	free(program);
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		return cc_fail(error, CC_EIO, "fork: %s", strerror(errno));
	}
	read_complaint(pair[0], complaint, sizeof(complaint));
	close(pair[0]);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return cc_fail(error, CC_EIO, "waitpid: %s", strerror(errno));
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return cc_fail(error, CC_EMISSING, "%s: not installed; %s", argv[0], hint);
	return cc_fail(error, CC_EIO, "%s failed: %s", argv[0],
		       *complaint ? complaint : "it said nothing");
}

int cc_run_program(const char *const argv[], int in, int out, const char *hint,
		   struct cc_error *error)
{
	return cc_run_fenced(argv, in, out, hint, NULL, error);
}

char *cc_find_program(const char *name, const char *path)
{
	struct stat status;

	if (strchr(name, '/'))
		return access(name, X_OK) ? NULL : cc_copy(name);
	while (path) {
		const char *colon = strchrnul(path, ':');
		char *full = cc_format("%.*s%s%s", (int)(colon - path), path,
				       colon == path ? "./" : "/", name);

		if (!access(full, X_OK) && !stat(full, &status) && S_ISREG(status.st_mode))
			return full;
		free(full);
		path = *colon ? colon + 1 : NULL;
	}
	return NULL;
}
