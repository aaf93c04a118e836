/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QEMU taken over by what it replays: a plugin in the place of the stage's tries what an attacker
 * would. With -DPROGRAM it is a program of its own, which shows what these attempts do where
 * nothing holds them; and a stand-in for unsquashfs.
 * Environment: SECRET, a file that is not to be touched; CANARY, one that is not to be made; PORT,
 * where somebody listens; VICTIM, a process; ATTACK, one of `alone`, or none; REPORT, what the
 * stage's report is to say.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *secret, *canary;
static pid_t victim;
static char beside[4200]; /* a name beside the secret */

static int opens(const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	if (fd >= 0)
		close(fd);
	return fd;
}

static int read_secret(void) { return opens(secret, O_RDONLY); }
static int write_secret(void) { return opens(secret, O_WRONLY); }
static int write_canary(void) { return opens(canary, O_WRONLY | O_CREAT); }
static int cut_by_reading(void) { return opens(secret, O_RDONLY | O_TRUNC); }
static int cut(void) { return truncate(secret, 3); }
static int move(void) { return rename(secret, beside) ? -1 : rename(beside, secret); }
static int take_away(void) { return unlink(secret); }
static int link_to(void) { return link(secret, beside) ? -1 : unlink(beside); }
static int link_here(void) { return link(secret, "hard") ? -1 : unlink("hard"); }
static int symlink_here(void) { return symlink(secret, "soft") ? -1 : unlink("soft"); }
static int fifo_here(void) { return mkfifo("fifo", 0600) ? -1 : unlink("fifo"); }
static int change_mode(void) { return chmod(secret, 0600); }
static int touch(void) { return utimensat(AT_FDCWD, secret, NULL, 0); }

static int read_victim(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/environ", victim);
	return opens(path, O_RDONLY);
}

static int connect_to(void)
{
	struct sockaddr_in to = {AF_INET, htons(atoi(getenv("PORT"))), {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return fd < 0 ? -1 : connect(fd, (struct sockaddr *)&to, sizeof(to));
}

static int send_to(void)
{
	struct sockaddr_un to = {AF_UNIX, "/dev/log"};
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, ends))
		return -1;
	sendto(ends[0], "", 0, 0, (struct sockaddr *)&to, sizeof(to));
	return 0; /* whether somebody listens there is not the question */
}

static int ring(void)
{
	struct io_uring_params params = {0};

	return (int)syscall(SYS_io_uring_setup, 4, &params);
}

static int signal_victim(void) { return kill(victim, SIGCONT); }
static int signal_thread(void) { return (int)syscall(SYS_tgkill, victim, victim, SIGCONT); }
static int open_process(void) { return (int)syscall(SYS_pidfd_open, victim, 0); }

static int read_memory(void)
{
	char byte;
	struct iovec here = {&byte, 1}, there = {(void *)0x1000, 1};

	return process_vm_readv(victim, &here, 1, &there, 1, 0) < 0 && errno != EFAULT ? -1 : 0;
}

static int trace(void)
{
	int status;

	if (ptrace(PTRACE_ATTACH, victim, 0, 0))
		return -1;
	waitpid(victim, &status, 0);
	return (int)ptrace(PTRACE_DETACH, victim, 0, 0);
}

static int limit_victim(void)
{
	struct rlimit limit;

	return prlimit(victim, RLIMIT_CORE, NULL, &limit) ? -1
							  : prlimit(victim, RLIMIT_CORE, &limit, NULL);
}

static int own_signals(void)
{
	int ends[2];

	return pipe2(ends, 0) ? -1 : fcntl(ends[0], F_SETOWN, victim);
}

static int outlive(void) { return prctl(PR_SET_PDEATHSIG, 0); }
static int type(void) { return ioctl(2, TIOCSTI, "x"); }
static int new_namespace(void) { return unshare(CLONE_NEWNS); }
static int by_handle(void) { return (int)syscall(SYS_open_by_handle_at, -1, "", 0); }
static int queue(void) { return (int)syscall(SYS_msgget, 0, 0600); }

static const struct attempt {
	const char *name;
	int (*attempt)(void);
	int possible; /* where nothing holds it, for anybody */
} attempts[] = {
	{"read a file", read_secret, 1},
	{"write to a file", write_secret, 1},
	{"make a file", write_canary, 1},
	{"cut a file", cut, 1},
	{"cut a file by opening it", cut_by_reading, 1},
	{"move a file", move, 1},
	{"link to a file", link_to, 1},
	{"link to a file from here", link_here, 1},
	{"make a symbolic link", symlink_here, 1},
	{"make a FIFO", fifo_here, 1},
	{"change a mode", change_mode, 1},
	{"change times", touch, 1},
	{"read of a process", read_victim, 1},
	{"connect", connect_to, 1},
	{"send a datagram", send_to, 1},
	{"set up io_uring", ring, 0},
	{"signal a process", signal_victim, 1},
	{"signal a thread", signal_thread, 1},
	{"open a process", open_process, 1},
	{"read memory", read_memory, 0},
	{"trace a process", trace, 0},
	{"limit a process", limit_victim, 1},
	{"have signals sent", own_signals, 1},
	{"outlive who started it", outlive, 1},
	{"type into the terminal", type, 0},
	{"open by handle", by_handle, 0},
	{"make a queue", queue, 1},
	{"remove a file", take_away, 1},
};

/* Each is tried alone: it may end who tries. */
static int execute(void)
{
	char *argv[] = {"sh", "-c", "echo > \"$CANARY\"", NULL};

	return execv("/bin/sh", argv);
}

static int fork_itself(void)
{
	pid_t pid = fork();

	if (!pid)
		execute();
	return pid < 0 ? -1 : waitpid(pid, NULL, 0);
}

static int fork_past_the_library(void)
{
	long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

	if (!pid)
		execute();
	return pid < 0 ? -1 : waitpid((pid_t)pid, NULL, 0);
}

static int be_root(void) { return setuid(0); }

static const struct attempt alone[] = {
	{"execute a program", execute, 1},
	{"fork", fork_itself, 1},
	{"clone", fork_past_the_library, 1},
	{"become another user", be_root, 0},
	{"have a namespace", new_namespace, 0},
};

static int try(const struct attempt *attempt)
{
	int done;

	errno = 0;
	done = attempt->attempt() >= 0;
	dprintf(2, "%s: %s\n", attempt->name, done ? "done" : strerror(errno));
	return done;
}

static void try_all(void)
{
	const char *attack = getenv("ATTACK");
	unsigned done = 0;

	secret = getenv("SECRET");
	canary = getenv("CANARY");
	victim = atoi(getenv("VICTIM"));
	snprintf(beside, sizeof(beside), "%s.beside", secret);
	for (size_t i = 0; i < sizeof(attempts) / sizeof(*attempts) && !attack; i++)
		done += try(&attempts[i]);
	for (size_t i = 0; i < sizeof(alone) / sizeof(*alone) && attack; i++)
		if (!strcmp(alone[i].name, attack))
			done += try(&alone[i]);
	dprintf(2, "attempts that succeeded: %u\n", done);
}

#ifdef PROGRAM
int main(void)
{
	try_all();
	return 1;
}
#else
int qemu_plugin_version = 4;

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	const char *request = strchr(argv[0], '=') + 1, *wanted = getenv("REPORT");
	int length = (int)(strrchr(request, '/') - request);
	char path[4200];
	FILE *report;

	if (!wanted)
		try_all();
	snprintf(path, sizeof(path), "%.*s/report.json", length, request);
	report = fopen(path, "w");
	fprintf(report, wanted ? wanted : "{\"images\": [], \"processes\": []}", length, request);
	fclose(report);
	return 0;
}
#endif
