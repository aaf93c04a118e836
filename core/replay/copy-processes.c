/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes, as a copy sees them. The copy is the run's process, under that process's number. What
 * it forks is real, under numbers that no process of a run can have. There are no other processes:
 * a signal that is sent to one of the run's, by its number, must not reach whoever has that number
 * here.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/replay/copy.h"
#include "core/replay/raw.h"
#include "core/replay/state.h"
#include "core/replay/threads.h"

#define BEYOND (1 << 22) /* the kernel's PID_MAX_LIMIT */

static struct {
	pid_t pid, group; /* of the copy itself, here */
	pid_t (*fork)(void);
} copy CC_STATE;

static pid_t kernel(long number, long a, long b, long c)
{
	return (pid_t)cc_raw(number, a, b, c, 0, 0, 0);
}

static pid_t own_pid(void)
{
	return kernel(SYS_getpid, 0, 0, 0);
}

static int64_t fail(int error)
{
	errno = error;
	return -1;
}

/* ---- numbers ---- */

static pid_t parent_of(pid_t pid)
{
	char path[32], text[512], *end;
	long length;
	int file, parent = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = (int)cc_raw(SYS_openat, AT_FDCWD, (long)path, O_RDONLY | O_CLOEXEC, 0, 0, 0);
	if (file < 0)
		return 0;
	length = cc_raw(SYS_read, file, (long)text, sizeof(text) - 1, 0, 0, 0);
	cc_raw(SYS_close, file, 0, 0, 0, 0, 0);
	text[length > 0 ? length : 0] = '\0';
	end = strrchr(text, ')'); /* of the command's name, which may hold anything */
	return end && sscanf(end + 1, " %*c %d", &parent) == 1 ? parent : 0;
}

/* Does the process descend from the copy? Orphans come to the copy, which is their reaper. */
static int is_descendant(pid_t pid)
{
	for (int depth = 0; pid > 1 && depth < 1000; depth++, pid = parent_of(pid))
		if (pid == copy.pid)
			return 1;
	return 0;
}

/* The kernel's number of a process that the copy names; 0: there is none for it. */
static pid_t inwards(int64_t named)
{
	pid_t pid = (pid_t)named;

	if (pid == cc_copy_self.pid)
		return copy.pid;
	return pid > BEYOND && is_descendant(pid - BEYOND) ? pid - BEYOND : 0;
}

static int64_t outwards(int64_t pid)
{
	if ((pid_t)pid <= 0)
		return pid;
	return (pid_t)pid == copy.pid ? cc_copy_self.pid : (pid_t)pid + BEYOND;
}

static int64_t group_outwards(int64_t group)
{
	if ((pid_t)group <= 0)
		return group;
	return (pid_t)group == copy.group ? cc_copy_self.group : (pid_t)group + BEYOND;
}

/* The kernel's number of a process group that the copy names; 0: there is none for it. */
static pid_t group_inwards(pid_t group)
{
	if (group == cc_copy_self.group)
		return copy.group;
	return group > BEYOND && is_descendant(group - BEYOND) ? group - BEYOND : 0;
}

void cc_copy_processes_begin(void)
{
	copy.pid = own_pid();
	copy.group = kernel(SYS_getpgid, 0, 0, 0);
	cc_raw(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0, 0);
	for (unsigned i = 0; i < cc_copy_call_count; i++)
		if (cc_copy_calls[i].answer == cc_copy_fork &&
		    !strcmp(cc_copy_calls[i].name, "fork"))
			copy.fork = cc_copy_real_function(&cc_copy_calls[i]);
}

/* ---- who the copy is ---- */

/*
 * Threads have numbers of their own, which they learn in the run: the first thread's is the
 * process's.
 */
#define THREADS_NOTED 256
static int32_t thread_ids[THREADS_NOTED] CC_STATE;

void cc_copy_note_gettid(const struct cc_copy_call *row, const uint64_t *args, int64_t ret)
{
	if (cc_thread < THREADS_NOTED)
		thread_ids[cc_thread] = (int32_t)ret;
}

/* One of the threads goes on in the child, and its number is the new process's. */
void cc_copy_processes_forked(void)
{
	memset(thread_ids, 0, sizeof(thread_ids));
}

int64_t cc_copy_getpid(const struct cc_copy_call *row, uint64_t *args)
{
	return outwards(own_pid());
}

int64_t cc_copy_gettid(const struct cc_copy_call *row, uint64_t *args)
{
	pid_t thread = kernel(SYS_gettid, 0, 0, 0);

	if (thread != copy.pid)
		return thread + BEYOND;
	return cc_thread < THREADS_NOTED && thread_ids[cc_thread] ? thread_ids[cc_thread]
								  : cc_copy_self.pid;
}

int64_t cc_copy_getppid(const struct cc_copy_call *row, uint64_t *args)
{
	pid_t parent = kernel(SYS_getppid, 0, 0, 0);

	if (own_pid() == copy.pid)
		return cc_copy_self.parent;
	return is_descendant(parent) ? outwards(parent) : 1;
}

void cc_copy_note_parent(const struct cc_copy_call *row, const uint64_t *args, int64_t ret)
{
	cc_copy_self.parent = (pid_t)ret;
}

/* ---- groups and sessions ---- */

static int64_t of_process(long number, int64_t pid, pid_t own)
{
	pid_t here = pid ? inwards(pid) : own_pid();
	pid_t got;

	if (!here)
		return fail(ESRCH);
	if (here == copy.pid)
		return own;
	got = kernel(number, here, 0, 0);
	if (got < 0)
		return fail(-got);
	return got == kernel(number, copy.pid, 0, 0) ? own : got + BEYOND;
}

int64_t cc_copy_getpgid(const struct cc_copy_call *row, uint64_t *args)
{
	return of_process(SYS_getpgid, (pid_t)args[0], cc_copy_self.group);
}

int64_t cc_copy_getpgrp(const struct cc_copy_call *row, uint64_t *args)
{
	return of_process(SYS_getpgid, 0, cc_copy_self.group);
}

int64_t cc_copy_getsid(const struct cc_copy_call *row, uint64_t *args)
{
	return of_process(SYS_getsid, (pid_t)args[0], cc_copy_self.session);
}

/* The copy's own change of group is only noted: so it keeps the terminal from which it is led. */
static int64_t set_group(pid_t pid, pid_t group)
{
	pid_t here = pid ? inwards(pid) : own_pid(), to = 0;

	if (!here)
		return fail(ESRCH);
	if (here == copy.pid) {
		if (group && group != cc_copy_self.pid && group != cc_copy_self.group)
			return fail(EPERM);
		cc_copy_self.group = group ? group : cc_copy_self.pid;
		return 0;
	}
	if (group) {
		to = group_inwards(group);
		if (!to)
			return fail(EPERM);
	}
	to = kernel(SYS_setpgid, here, to, 0);
	return to < 0 ? fail(-to) : 0;
}

int64_t cc_copy_setpgid(const struct cc_copy_call *row, uint64_t *args)
{
	return set_group((pid_t)args[0], (pid_t)args[1]);
}

int64_t cc_copy_setpgrp(const struct cc_copy_call *row, uint64_t *args)
{
	return set_group(0, 0);
}

int64_t cc_copy_setsid(const struct cc_copy_call *row, uint64_t *args)
{
	pid_t session;

	if (own_pid() != copy.pid) {
		session = kernel(SYS_setsid, 0, 0, 0);
		return session < 0 ? fail(-session) : session + BEYOND;
	}
	if (cc_copy_self.group == cc_copy_self.pid)
		return fail(EPERM);
	cc_copy_self.session = cc_copy_self.group = cc_copy_self.pid;
	return cc_copy_self.pid;
}

void cc_copy_note_setsid(const struct cc_copy_call *row, const uint64_t *args, int64_t ret)
{
	cc_copy_self.session = cc_copy_self.group = cc_copy_self.pid;
}

void cc_copy_note_setpgid(const struct cc_copy_call *row, const uint64_t *args, int64_t ret)
{
	if (!(pid_t)args[0] || (pid_t)args[0] == cc_copy_self.pid)
		cc_copy_self.group = (pid_t)args[1] ? (pid_t)args[1] : cc_copy_self.pid;
}

void cc_copy_note_setpgrp(const struct cc_copy_call *row, const uint64_t *args, int64_t ret)
{
	cc_copy_self.group = cc_copy_self.pid;
}

int64_t cc_copy_tcgetpgrp(const struct cc_copy_call *row, uint64_t *args)
{
	return group_outwards(cc_copy_real(row, args));
}

int64_t cc_copy_tcsetpgrp(const struct cc_copy_call *row, uint64_t *args)
{
	args[1] = (uint64_t)group_inwards((pid_t)args[1]);
	return args[1] ? cc_copy_real(row, args) : fail(EPERM);
}

/* ---- signals ---- */

static int64_t send(pid_t to, int signal)
{
	pid_t got = to ? kernel(SYS_kill, to, signal, 0) : -ESRCH;

	return got < 0 ? fail(-got) : 0;
}

/*
 * Of the run's group, the copy is the only member here. What a copy has forked into a group of its
 * own is real.
 */
static int64_t send_group(pid_t group, int signal)
{
	pid_t here = group ? group_inwards(group) : kernel(SYS_getpgid, 0, 0, 0);

	if (here == copy.group)
		return send(own_pid(), signal);
	return send(-here, signal);
}

int64_t cc_copy_kill(const struct cc_copy_call *row, uint64_t *args)
{
	pid_t to = (pid_t)args[0];

	if (to == -1) /* to all others: there are none */
		return fail(ESRCH);
	return to > 0 ? send(inwards(to), (int)args[1]) : send_group(-to, (int)args[1]);
}

int64_t cc_copy_killpg(const struct cc_copy_call *row, uint64_t *args)
{
	return (pid_t)args[0] < 0 ? fail(EINVAL) : send_group((pid_t)args[0], (int)args[1]);
}

/*
 * tkill(thread, signal), or tgkill(process, thread, signal): `detail` is where the thread stands.
 */
int64_t cc_copy_tgkill(const struct cc_copy_call *row, uint64_t *args)
{
	uint64_t self[CC_MAXARGS] = {0};
	pid_t thread = (pid_t)args[row->detail];
	pid_t here = thread == (pid_t)cc_copy_gettid(row, self) ? kernel(SYS_gettid, 0, 0, 0)
		     : thread > BEYOND				? thread - BEYOND
								: 0;
	pid_t got;

	if (row->detail && !inwards((pid_t)args[0]))
		here = 0;
	/* Only a thread of the process that calls, or of one that the copy has forked. */
	got = here && (kernel(SYS_tgkill, own_pid(), here, 0) == 0 || is_descendant(here))
		      ? kernel(SYS_tkill, here, (long)args[row->detail + 1], 0)
		      : -ESRCH;
	return got < 0 ? fail(-got) : 0;
}

/* ---- calls that name a process ---- */

/* A call whose argument `detail` is the number of a process; 0 is the caller. */
int64_t cc_copy_of_pid(const struct cc_copy_call *row, uint64_t *args)
{
	pid_t pid = (pid_t)args[row->detail];

	if (pid) {
		args[row->detail] = (uint64_t)inwards(pid);
		if (!args[row->detail])
			return fail(ESRCH);
	}
	return cc_copy_real(row, args);
}

/*
 * getpriority, setpriority, ioprio_get, ioprio_set: "which" and "who". Only of processes, each by
 * itself.
 */
int64_t cc_copy_of_which(const struct cc_copy_call *row, uint64_t *args)
{
	pid_t who = (pid_t)args[1], here = who ? inwards(who) : own_pid();

	if (args[0] != (uint64_t)row->detail)
		here = who && !(args[0] == (uint64_t)row->detail + 1 && who == cc_copy_self.group)
			       ? 0
			       : own_pid();
	if (!here)
		return fail(ESRCH);
	args[0] = (uint64_t)row->detail;
	args[1] = (uint64_t)here;
	return cc_copy_real(row, args);
}

/* F_SETOWN: who is told by a signal. */
int64_t cc_copy_fcntl(const struct cc_copy_call *row, uint64_t *args)
{
	pid_t owner = (pid_t)args[2], here = owner < 0 ? group_inwards(-owner) : inwards(owner);

	if ((int)args[1] == F_SETOWN_EX)
		return fail(ESRCH);
	if ((int)args[1] == F_SETOWN && owner) {
		if (!here)
			return fail(ESRCH);
		args[2] = (uint64_t)(owner < 0 ? -here : here);
	}
	return cc_copy_real(row, args);
}

/* ---- children ---- */

int64_t cc_copy_wait(const struct cc_copy_call *row, uint64_t *args)
{
	return outwards(cc_copy_real(row, args));
}

int64_t cc_copy_waitpid(const struct cc_copy_call *row, uint64_t *args)
{
	pid_t pid = (pid_t)args[0], here = pid;

	if (pid > 0)
		here = inwards(pid);
	else if (pid < -1)
		here = -group_inwards(-pid);
	if (!here && pid)
		return fail(ECHILD);
	args[0] = (uint64_t)(int64_t)here;
	return outwards(cc_copy_real(row, args));
}

int64_t cc_copy_waitid(const struct cc_copy_call *row, uint64_t *args)
{
	siginfo_t *info = (void *)(uintptr_t)args[2];
	pid_t id = (pid_t)args[1];
	int64_t got;

	if (args[0] == P_PID || (args[0] == P_PGID && id)) {
		args[1] = (uint64_t)(args[0] == P_PID ? inwards(id) : group_inwards(id));
		if (!args[1])
			return fail(ECHILD);
	}
	got = cc_copy_real(row, args);
	if (!got && info)
		info->si_pid = (pid_t)outwards(info->si_pid);
	return got;
}

/* The broker is asked, who tells the user. 1, with errno: there is no further process. */
static int refused(void)
{
	const uint64_t nothing[6] = {0};

	return cc_copy_is_guarded() && cc_copy_kernel(SYS_fork, nothing) < 0;
}

/* A call that runs a program: it returns `detail` if no further process is allowed. */
int64_t cc_copy_program(const struct cc_copy_call *row, uint64_t *args)
{
	return refused() ? row->detail : cc_copy_real(row, args);
}

/*
 * vfork's child would return through this function, and overwrite what its parent needs: a fork
 * does as well.
 */
int64_t cc_copy_fork(const struct cc_copy_call *row, uint64_t *args)
{
	return refused() ? -1 : outwards(copy.fork());
}

int64_t cc_copy_forkpty(const struct cc_copy_call *row, uint64_t *args)
{
	return refused() ? -1 : outwards(cc_copy_real(row, args));
}

int64_t cc_copy_spawn(const struct cc_copy_call *row, uint64_t *args)
{
	pid_t pid = 0, *to = (void *)(uintptr_t)args[0];
	int64_t got;

	if (refused())
		return errno;
	args[0] = (uint64_t)(uintptr_t)&pid;
	got = cc_copy_real(row, args);
	if (!got && to)
		*to = (pid_t)outwards(pid);
	return got;
}
