/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs the command, carries its streams to the host, and clears away what it leaves behind. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/vm/guest/guest.h"

#define CHUNK 65536
#define SETTLE_MS 20  /* for what is stopped to be so */
#define GRACE_MS 1000 /* between SIGTERM and SIGKILL for what the command left running */

enum { IN, OUT, ERR, EXEC, STREAMS };

struct streams {
	int ours[STREAMS];   /* our ends; -1 when closed. EXEC carries errno when exec fails */
	int theirs[STREAMS]; /* the command's ends */
	int source;	     /* the file that feeds a stdin pipe */
	char chunk[CHUNK];   /* of it, not yet written */
	size_t from, to;
	pid_t command;
	int cut; /* the status with which the host ends the recording, or -1 */
};

static void open_streams(struct streams *streams, const char *stdin_kind)
{
	int pair[2];

	streams->source = -1;
	streams->from = streams->to = 0;
	for (int i = OUT; i < STREAMS; i++) {
		if (pipe2(pair, O_CLOEXEC))
			die("pipe");
		streams->ours[i] = pair[0];
		streams->theirs[i] = pair[1];
	}
	streams->ours[IN] = -1;
	if (!strcmp(stdin_kind, "pipe")) {
		if (pipe2(pair, O_CLOEXEC))
			die("pipe");
		streams->theirs[IN] = pair[0];
		streams->ours[IN] = pair[1];
		fcntl(pair[1], F_SETFL, O_NONBLOCK);
		streams->source = open(JOB_MOUNT "/stdin", O_RDONLY | O_CLOEXEC);
	} else {
		streams->theirs[IN] =
			open(strcmp(stdin_kind, "file") ? "/dev/null" : JOB_MOUNT "/stdin",
			     O_RDONLY | O_CLOEXEC);
	}
	if (streams->theirs[IN] < 0)
		die("stdin of the command");
}

static void set_limits(void)
{
	static const struct {
		int what;
		rlim_t soft, hard;
	} limits[] = {
		{RLIMIT_STACK, 8 << 20, RLIM_INFINITY},
		{RLIMIT_CORE, 0, RLIM_INFINITY},
		{RLIMIT_NOFILE, 1024, 1048576},
	};

	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		struct rlimit limit = {limits[i].soft, limits[i].hard};

		setrlimit(limits[i].what, &limit);
	}
}

/* In the child. Comes back with errno set when something fails. */
static void become_command(const struct job *job, const struct streams *streams)
{
	sigset_t none;

	setsid();
	for (int i = IN; i <= ERR; i++)
		if (dup2(streams->theirs[i], i) < 0)
			return;
	set_limits();
	umask(job->umask);
	if (chroot(RUN_ROOT) || chdir("/") || setgroups(job->group_count, job->groups) ||
	    setresgid(job->gid, job->gid, job->gid) || setresuid(job->uid, job->uid, job->uid) ||
	    chdir(job->cwd))
		return;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL); /* ignored signals are inherited by exec */
	environ = job->environment;
	execvp(job->argv[0], job->argv);
}

static pid_t start(const struct job *job, struct streams *streams)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (!pid) {
		int error;

		become_command(job, streams);
		error = errno;
		(void)!write(streams->theirs[EXEC], &error, sizeof(error));
		_exit(error == ENOENT ? 127 : 126);
	}
	for (int i = 0; i < STREAMS; i++)
		close(streams->theirs[i]);
	return pid;
}

static void feed(struct streams *streams)
{
	if (streams->from == streams->to) {
		ssize_t n = read(streams->source, streams->chunk, sizeof(streams->chunk));

		streams->from = 0;
		streams->to = n > 0 ? n : 0;
	}
	if (streams->from < streams->to) {
		ssize_t n = write(streams->ours[IN], streams->chunk + streams->from,
				  streams->to - streams->from);

		if (n > 0)
			streams->from += n;
		if (n > 0 || errno == EAGAIN || errno == EINTR)
			return;
	}
	close(streams->ours[IN]); /* end of the input, or nobody reads it any more */
	streams->ours[IN] = -1;
}

/* Move what stands in an output pipe to the host. */
static void carry(struct streams *streams, int which)
{
	static char chunk[CHUNK];
	ssize_t n = read(streams->ours[which], chunk, sizeof(chunk));

	if (n > 0) {
		port_write(which == OUT ? PORT_STDOUT : PORT_STDERR, chunk, n);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		close(streams->ours[which]);
		streams->ours[which] = -1;
	}
}

/* One round of moving data; waits up to `timeout` ms. Whether there was anything to do. */
static int pump(struct streams *streams, int signals, int timeout)
{
	struct pollfd set[] = {
		{streams->ours[IN], POLLOUT, 0}, {streams->ours[OUT], POLLIN, 0},
		{streams->ours[ERR], POLLIN, 0}, {signals, POLLIN, 0},
		{commands_fd(), POLLIN, 0},
	};

	if (poll(set, 5, timeout) <= 0)
		return 0;
	if (set[0].revents)
		feed(streams);
	if (set[1].revents)
		carry(streams, OUT);
	if (set[2].revents)
		carry(streams, ERR);
	if (set[3].revents) {
		struct signalfd_siginfo info;

		(void)!read(signals, &info, sizeof(info));
	}
	if (set[4].revents)
		commands_take(streams->command, &streams->cut);
	return 1;
}

/* Reap whatever ended. 1 when `pid` was among them; -1 when there is no child left. */
static int reap(pid_t pid, int *status)
{
	int found = 0, other;
	pid_t child;

	while ((child = waitpid(-1, &other, WNOHANG)) > 0) {
		if (child == pid) {
			*status = other;
			found = 1;
		}
	}
	return found ? 1 : child < 0 ? -1 : 0;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* A run ends with its command: what is left is asked to end, then made to. */
static void clear_away(struct streams *streams, int signals)
{
	int64_t until = now_ms() + GRACE_MS;
	int status;

	if (reap(0, &status) < 0)
		return;
	kill(-1, SIGTERM);
	kill(-1, SIGCONT);
	while (reap(0, &status) >= 0 && now_ms() < until)
		pump(streams, signals, 50);
	while (reap(0, &status) >= 0) {
		kill(-1, SIGKILL);
		pump(streams, signals, 10);
	}
}

/*
 * The host ends the recording: everything stays where it is. A process notices that it is to stop
 * before its next instruction; what it was writing comes out until then.
 */
static void hold(struct streams *streams, int signals)
{
	kill(-1, SIGSTOP);
	while (pump(streams, signals, SETTLE_MS))
		;
}

int run(const struct job *job, int *cut)
{
	static struct streams streams;
	sigset_t set;
	int signals, status = 0, error = 0;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	open_streams(&streams, job->stdin_kind);
	streams.cut = -1;
	streams.command = start(job, &streams);
	while (streams.cut < 0 && reap(streams.command, &status) != 1)
		pump(&streams, signals, -1);
	*cut = streams.cut;
	for (int i = OUT; i <= ERR; i++)
		if (streams.ours[i] >= 0)
			fcntl(streams.ours[i], F_SETFL, O_NONBLOCK);
	if (*cut >= 0)
		hold(&streams, signals);
	else
		clear_away(&streams, signals);
	if (streams.ours[IN] >= 0)
		close(streams.ours[IN]);
	streams.ours[IN] = -1;
	while (pump(&streams, signals, 0))
		;
	if (read(streams.ours[EXEC], &error, sizeof(error)) == sizeof(error))
		tell("noexec %d", error);
	return status;
}
