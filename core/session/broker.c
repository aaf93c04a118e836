/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/session/broker.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "core/base/files.h"
#include "core/base/memory.h"
#include "core/base/text.h"
#include "core/base/wire.h"
#include "core/session/descendants.h"

#define TOLD_MAX 16 /* different refusals that are told; a hostile program may try for ever */

struct cc_broker {
	const char *tool;
	const struct cc_allowed *allowed;
	int socket, listener;
	pthread_t thread;
	char *told[TOLD_MAX];
	size_t told_count;
};

/* ---- what is told ---- */

static void tell(struct cc_broker *broker, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void tell(struct cc_broker *broker, const char *format, ...)
{
	char text[PATH_MAX + 256];
	va_list list;

	va_start(list, format);
	cc_text_format(text, sizeof(text), format, list);
	va_end(list);
	for (size_t i = 0; i < broker->told_count; i++)
		if (!strcmp(broker->told[i], text))
			return;
	if (broker->told_count == TOLD_MAX)
		return;
	broker->told[broker->told_count++] = cc_copy(text);
	fprintf(stderr,
		"%s: %s was refused: what is replayed is kept from this machine (--allow-host "
		"gives it your own rights)%s\n",
		broker->tool, text,
		broker->told_count == TOLD_MAX ? "; further refusals are not told" : "");
}

/* ---- files ---- */

struct opening {
	pid_t process;
	int at;		     /* the directory's descriptor */
	char path[PATH_MAX]; /* as the process named it */
	int flags;
	mode_t mode;
};

/* A string of the process. 0, or an errno. */
static int read_text(pid_t process, uint64_t address, char *text, size_t size)
{
	size_t have = 0;

	while (have < size) {
		size_t piece = 4096 - (address + have) % 4096; /* the next page may not be there */
		struct iovec here, there;
		ssize_t got;

		if (piece > size - have)
			piece = size - have;
		here = (struct iovec){text + have, piece};
		there = (struct iovec){(void *)(uintptr_t)(address + have), piece};
		got = process_vm_readv(process, &here, 1, &there, 1, 0);
		if (got <= 0)
			return got < 0 && errno == EPERM ? EPERM : EFAULT;
		if (memchr(text + have, '\0', (size_t)got))
			return 0;
		have += (size_t)got;
	}
	return ENAMETOOLONG;
}

/*
 * The path as we can open it: absolute, and what the process calls /proc/self by its number. To be
 * freed.
 */
static char *path_here(const struct opening *opening)
{
	const char *path = opening->path;
	static const char *const selves[] = {"/proc/self", "/proc/thread-self"};

	for (size_t i = 0; i < sizeof(selves) / sizeof(*selves); i++)
		if (cc_is_in(path, selves[i]))
			return cc_format("/proc/%d%s", (int)opening->process,
					 path + strlen(selves[i]));
	if (*path == '/')
		return cc_copy(path);
	if (opening->at == AT_FDCWD)
		return cc_format("/proc/%d/cwd/%s", (int)opening->process, path);
	return cc_format("/proc/%d/fd/%d/%s", (int)opening->process, opening->at, path);
}

/*
 * Of the process's own directory in /proc, and of one that it has started: what it looks like. Not
 * what its descriptors or its directory lead to: that is resolved, and judged by where it leads.
 */
static int is_own_entry(const char *resolved)
{
	char *end;
	long pid;

	if (strncmp(resolved, "/proc/", 6))
		return 0;
	pid = strtol(resolved + 6, &end, 10);
	return end != resolved + 6 && (!*end || *end == '/') && pid > 0 && pid <= INT_MAX &&
	       cc_is_ours((pid_t)pid);
}

#define WRITES(flags) (((flags)&O_ACCMODE) != O_RDONLY || (flags) & (O_CREAT | O_TRUNC))

/* A descriptor of the file that is there, whatever it is named; -1 with errno. */
static int open_existing(const struct cc_broker *broker, const char *path, const char *resolved,
			 int flags)
{
	char again[32];
	struct stat info;
	int found, fd, failed;

	if (WRITES(flags) ? !cc_may_write(broker->allowed, resolved)
			  : !cc_may_read(broker->allowed, resolved) && !cc_is_of_system(path) &&
				    !is_own_entry(resolved)) {
		errno = EPERM;
		return -1;
	}
	/* Not a pipe, whose other end would keep us waiting. */
	found = open(resolved, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (found < 0)
		return -1;
	fd = -1;
	errno = EPERM;
	if (!fstat(found, &info) &&
	    (S_ISREG(info.st_mode) || S_ISDIR(info.st_mode) || S_ISCHR(info.st_mode))) {
		snprintf(again, sizeof(again), "/proc/self/fd/%d", found);
		fd = open(again, (flags & ~(O_CREAT | O_EXCL | O_NOFOLLOW)) | O_NOCTTY | O_CLOEXEC);
	}
	failed = errno;
	close(found);
	errno = failed;
	return fd;
}

/* One that is to be made, in a directory that is resolved. -1 with errno. */
static int make_file(const struct cc_broker *broker, const char *path,
		     const struct opening *opening)
{
	char *resolved = cc_resolve_directory(path);
	int fd = -1;

	if (!resolved)
		return -1;
	errno = EPERM;
	if (cc_may_write(broker->allowed, resolved))
		fd = open(resolved, opening->flags | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC,
			  opening->mode);
	free(resolved);
	return fd;
}

/*
 * Memory that the process has a descriptor of, by the name that this has in /proc: modules that a
 * slice carries are loaded so.
 */
static int is_own_memory(const struct opening *opening, const char *path)
{
	char target[7];

	return !strncmp(opening->path, "/proc/self/fd/", 14) &&
	       readlink(path, target, sizeof(target)) == sizeof(target) &&
	       !memcmp(target, "/memfd:", sizeof(target));
}

/* `resolved` is NULL, with errno, where nothing is. */
static int open_resolved(const struct cc_broker *broker, const struct opening *opening,
			 const char *path, const char *resolved)
{
	if (!resolved)
		return errno == ENOENT && opening->flags & O_CREAT
			       ? make_file(broker, path, opening)
			       : -1;
	if (opening->flags & O_EXCL && opening->flags & O_CREAT) {
		errno = EEXIST;
		return -1;
	}
	return open_existing(broker, path, resolved, opening->flags);
}

static int open_for(struct cc_broker *broker, const struct opening *opening)
{
	char *path = path_here(opening), *resolved = NULL;
	int fd, failed;

	if (WRITES(opening->flags) && cc_is_named(broker->allowed, opening->path))
		fd = open(opening->path, opening->flags | O_NOCTTY | O_CLOEXEC, opening->mode);
	else if (!WRITES(opening->flags) && is_own_memory(opening, path))
		fd = open(path, (opening->flags & ~O_NOFOLLOW) | O_CLOEXEC);
	else
		fd = open_resolved(broker, opening, path, resolved = realpath(path, NULL));
	failed = errno;
	/* Who looks for modules looks into every directory where one may be. */
	if (fd < 0 && failed == EPERM && !(opening->flags & O_DIRECTORY))
		tell(broker, "%s %s", WRITES(opening->flags) ? "writing" : "reading",
		     opening->path);
	free(resolved);
	free(path);
	errno = failed;
	return fd;
}

/* ---- what the kernel asks ---- */

/* The process goes on with `value`, or with -`error`. */
static void respond(const struct cc_broker *broker, uint64_t id, int64_t value, int error,
		    uint32_t flags)
{
	struct seccomp_notif_resp answer = {.id = id,
					    .val = error ? 0 : value,
					    .error = -error,
					    .flags = flags};

	/* Fails when the process is gone, or was interrupted, and then nobody waits. */
	ioctl(broker->listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
}

/*
 * The path that the process names at an address of its own. 0, an errno, or -1: the process waits
 * for no answer any more, and its number may be another one's by now.
 */
static int read_path(const struct cc_broker *broker, const struct seccomp_notif *asked,
		     uint64_t address, char path[PATH_MAX])
{
	int failed = read_text((pid_t)asked->pid, address, path, PATH_MAX);

	if (ioctl(broker->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &asked->id))
		return -1;
	return failed ? failed : *path ? 0 : ENOENT;
}

static void serve_open(struct cc_broker *broker, const struct seccomp_notif *asked)
{
	const __u64 *args = asked->data.args;
	struct opening opening = {.process = (pid_t)asked->pid, .at = AT_FDCWD};
	uint64_t path = args[0];
	struct seccomp_notif_addfd added = {.id = asked->id};
	int failed, fd;

	if (asked->data.nr == SYS_openat) {
		opening.at = (int)args[0];
		path = args[1];
		args++;
	}
	opening.flags = (int)args[1];
	opening.mode = (mode_t)args[2] & 07777;
	if (asked->data.nr == SYS_creat) {
		opening.flags = O_CREAT | O_WRONLY | O_TRUNC;
		opening.mode = (mode_t)args[1] & 07777;
	}
	failed = read_path(broker, asked, path, opening.path);
	if (failed < 0)
		return;
	fd = failed ? -1 : open_for(broker, &opening);
	if (fd < 0) {
		respond(broker, asked->id, 0, failed ? failed : errno, 0);
		return;
	}
	added.srcfd = (uint32_t)fd;
	added.newfd_flags = opening.flags & O_CLOEXEC;
	failed = ioctl(broker->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &added);
	respond(broker, asked->id, failed, failed < 0 ? errno : 0, 0);
	close(fd);
}

static void pass(const struct cc_broker *broker, const struct seccomp_notif *asked)
{
	respond(broker, asked->id, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
}

static void refuse(struct cc_broker *broker, const struct seccomp_notif *asked, const char *name)
{
	if (name)
		tell(broker, "%s", name);
	else
		tell(broker, "system call %d", asked->data.nr);
	respond(broker, asked->id, 0, EPERM, 0);
}

/*
 * Arguments that are numbers cannot change any more, as a text in memory can. A process may end at
 * any moment: whether there is one to be kept from is asked last.
 */
static void serve_signal(struct cc_broker *broker, const struct seccomp_notif *asked)
{
	pid_t to = (pid_t)asked->data.args[0];
	pid_t whom = to < -1 && to != INT_MIN ? -to : to;
	int ours = cc_is_ours(whom);

	if (ours && (to > 0 || getpgid(whom) == whom))
		pass(broker, asked);
	else if (ours || (kill(to, 0) && errno == ESRCH)) /* it has made no group of its own */
		respond(broker, asked->id, 0, ESRCH, 0);
	else
		refuse(broker, asked, "a signal to another process");
}

/* ---- names in a directory that may be written to ---- */

/* Which arguments are a path, and the directory that it leads from; -1: none. */
static const struct change {
	int number;
	const char *name;
	signed char at[2], path[2];
} changes[] = {
	{SYS_unlink, "unlink", {-1, -1}, {0, -1}}, {SYS_unlinkat, "unlink", {0, -1}, {1, -1}},
	{SYS_rmdir, "rmdir", {-1, -1}, {0, -1}},   {SYS_mkdir, "mkdir", {-1, -1}, {0, -1}},
	{SYS_mkdirat, "mkdir", {0, -1}, {1, -1}},  {SYS_rename, "rename", {-1, -1}, {0, 1}},
	{SYS_renameat, "rename", {0, 2}, {1, 3}},  {SYS_renameat2, "rename", {0, 2}, {1, 3}},
};

/* What the user named to be written may be made as a directory, if nothing is there. */
static int makes_directory(const struct change *change)
{
	return change->number == SYS_mkdir || change->number == SYS_mkdirat;
}

/* The path of an argument, with its directory resolved. NULL with *failed, as read_path's. */
static char *changed_path(struct cc_broker *broker, const struct seccomp_notif *asked,
			  const struct change *change, unsigned which, int *failed)
{
	const __u64 *args = asked->data.args;
	struct opening opening = {.process = (pid_t)asked->pid, .at = AT_FDCWD};
	char *path, *resolved;

	if (change->at[which] >= 0)
		opening.at = (int)args[change->at[which]];
	*failed = read_path(broker, asked, args[change->path[which]], opening.path);
	if (*failed)
		return NULL;
	path = path_here(&opening);
	resolved = cc_resolve_directory(path);
	*failed = resolved ? 0 : errno;
	free(path);
	if (resolved && !cc_may_change(broker->allowed, resolved) &&
	    !(makes_directory(change) && cc_may_write(broker->allowed, resolved))) {
		tell(broker, "%s %s", change->name, opening.path);
		*failed = EPERM;
	}
	if (*failed) {
		free(resolved);
		resolved = NULL;
	}
	return resolved;
}

static void serve_change(struct cc_broker *broker, const struct seccomp_notif *asked,
			 const struct change *change)
{
	char *paths[2] = {NULL, NULL};
	long args[5], done;
	int failed = 0;

	for (unsigned i = 0; i < 5; i++)
		args[i] = (long)asked->data.args[i];
	for (unsigned i = 0; i < 2 && !failed && change->path[i] >= 0; i++) {
		paths[i] = changed_path(broker, asked, change, i, &failed);
		args[change->path[i]] = (long)paths[i];
		if (change->at[i] >= 0)
			args[change->at[i]] = AT_FDCWD;
	}
	done = failed ? -1 : syscall(change->number, args[0], args[1], args[2], args[3], args[4]);
	if (failed >= 0)
		respond(broker, asked->id, done, failed ? failed : done < 0 ? errno : 0, 0);
	free(paths[0]);
	free(paths[1]);
}

/* All others that have a name or are served, in the order in which users will meet them. */
static const struct {
	int number;
	const char *name;
	void (*serve)(struct cc_broker *broker, const struct seccomp_notif *asked);
} calls[] = {
	{SYS_openat, NULL, serve_open},
	{SYS_open, NULL, serve_open},
	{SYS_creat, NULL, serve_open},
	{SYS_kill, NULL, serve_signal},
	{SYS_tgkill, NULL, serve_signal},
	{SYS_tkill, NULL, serve_signal},
	{SYS_execve, "running a program", NULL},
	{SYS_execveat, "running a program", NULL},
	{SYS_fork, "a further process", NULL},
	{SYS_vfork, "a further process", NULL},
	{SYS_clone, "a process in a namespace of its own", NULL},
	{SYS_setsid, "setsid", NULL},
	{SYS_setpgid, "setpgid", NULL},
	{SYS_socket, "socket", NULL},
	{SYS_socketpair, "socketpair", NULL},
	{SYS_connect, "connect", NULL},
	{SYS_bind, "bind", NULL},
	{SYS_listen, "listen", NULL},
	{SYS_link, "link", NULL},
	{SYS_linkat, "link", NULL},
	{SYS_symlink, "symlink", NULL},
	{SYS_symlinkat, "symlink", NULL},
	{SYS_mknod, "mknod", NULL},
	{SYS_mknodat, "mknod", NULL},
	{SYS_truncate, "truncate", NULL},
	{SYS_chmod, "chmod", NULL},
	{SYS_fchmod, "chmod", NULL},
	{SYS_fchmodat, "chmod", NULL},
	{SYS_chown, "chown", NULL},
	{SYS_lchown, "chown", NULL},
	{SYS_fchown, "chown", NULL},
	{SYS_fchownat, "chown", NULL},
	{SYS_utime, "utime", NULL},
	{SYS_utimes, "utime", NULL},
	{SYS_utimensat, "utime", NULL},
	{SYS_flock, "flock", NULL},
	{SYS_fcntl, "fcntl", NULL},
	{SYS_ioctl, "ioctl", NULL},
	{SYS_prctl, "prctl", NULL},
	{SYS_ptrace, "ptrace", NULL},
	{SYS_prlimit64, "limits of another process", NULL},
	{SYS_process_vm_readv, "memory of another process", NULL},
	{SYS_process_vm_writev, "memory of another process", NULL},
	{SYS_setpriority, "setpriority", NULL},
	{SYS_chroot, "chroot", NULL},
	{SYS_mount, "mount", NULL},
	{SYS_unshare, "unshare", NULL},
	{SYS_setuid, "setuid", NULL},
	{SYS_setgid, "setgid", NULL},
	{SYS_setgroups, "setgroups", NULL},
	{SYS_sethostname, "sethostname", NULL},
	{SYS_inotify_init1, "inotify", NULL},
	{SYS_shmget, "shmget", NULL},
	{SYS_semget, "semget", NULL},
	{SYS_msgget, "msgget", NULL},
	{SYS_bpf, "bpf", NULL},
	{SYS_io_uring_setup, "io_uring", NULL},
};

static void serve(struct cc_broker *broker, const struct seccomp_notif *asked)
{
	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++)
		if (changes[i].number == asked->data.nr) {
			serve_change(broker, asked, &changes[i]);
			return;
		}
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		if (calls[i].number == asked->data.nr) {
			if (calls[i].serve)
				calls[i].serve(broker, asked);
			else
				refuse(broker, asked, calls[i].name);
			return;
		}
	refuse(broker, asked, NULL);
}

/*
 * Who asks waits: so the broker is woken on the processor that is free then, and the answer comes
 * back to it (Linux 6.6; before, and where nobody can be asked on another processor, a request
 * takes some times as long).
 */
static void keep_close(int listener)
{
	uint64_t flags = 1; /* SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP */

	ioctl(listener, SECCOMP_IOW(4, uint64_t) /* SECCOMP_IOCTL_NOTIF_SET_FLAGS */, flags);
}

/* The kernel may know of more than we do, and writes as much. */
union room {
	struct seccomp_notif asked;
	char bytes[512];
};

static void *work(void *context)
{
	struct cc_broker *broker = context;
	json_t *message = cc_wire_receive(broker->socket, &broker->listener);
	struct pollfd wait = {.fd = broker->listener, .events = POLLIN};
	union room room;

	json_decref(message);
	if (broker->listener >= 0)
		keep_close(broker->listener);
	while (broker->listener >= 0) {
		if (poll(&wait, 1, -1) < 0 && errno != EINTR)
			break;
		if (wait.revents & (POLLHUP | POLLERR | POLLNVAL))
			break; /* the last process that could ask is gone */
		if (!(wait.revents & POLLIN))
			continue;
		memset(&room, 0, sizeof(room));
		if (!ioctl(broker->listener, SECCOMP_IOCTL_NOTIF_RECV, &room.asked))
			serve(broker, &room.asked);
	}
	return NULL;
}

struct cc_broker *cc_broker_start(const char *tool, const struct cc_allowed *allowed, int socket,
				  struct cc_error *error)
{
	struct cc_broker *broker = cc_allocate_zeros(1, sizeof(*broker));
	int failed;

	*broker = (struct cc_broker){.tool = tool,
				     .allowed = allowed,
				     .socket = socket,
				     .listener = -1};
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	failed = pthread_create(&broker->thread, NULL, work, broker);
	if (!failed)
		return broker;
	cc_fail(error, CC_EIO, "the broker of the replay gets no thread: %s", strerror(failed));
	free(broker);
	return NULL;
}

void cc_broker_end(struct cc_broker *broker)
{
	if (!broker)
		return;
	cc_end_descendants();
	pthread_join(broker->thread, NULL);
	close(broker->socket);
	if (broker->listener >= 0)
		close(broker->listener);
	for (size_t i = 0; i < broker->told_count; i++)
		free(broker->told[i]);
	free(broker);
}
