/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which calls of a copy are answered, and how. All others are real. */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "core/replay/copy.h"
#include "core/replay/heap.h"

static int64_t fail(int error)
{
	errno = error;
	return -1;
}

static int64_t put_text(uint64_t to, uint64_t size, const char *text)
{
	size_t length = strlen(text) + 1;

	if (length > size)
		return fail(ENAMETOOLONG);
	memcpy((void *)(uintptr_t)to, text, length);
	return 0;
}

/* ---- users and groups ---- */

/* `detail` of rows about ids: whose, and which. */
enum { REAL, EFFECTIVE, SAVED, GROUP = 8 };

static uint32_t *ids_of(const struct cc_copy_call *row)
{
	return row->detail & GROUP ? cc_copy_self.gids : cc_copy_self.uids;
}

static int64_t get_id(const struct cc_copy_call *row, uint64_t *args)
{
	return cc_copy_self.ids_known ? ids_of(row)[row->detail & ~GROUP] : cc_copy_real(row, args);
}

static int64_t get_ids(const struct cc_copy_call *row, uint64_t *args)
{
	if (!cc_copy_self.ids_known)
		return cc_copy_real(row, args);
	for (int i = 0; i < 3; i++)
		*(uint32_t *)(uintptr_t)args[i] = ids_of(row)[i];
	return 0;
}

static int64_t get_groups(const struct cc_copy_call *row, uint64_t *args)
{
	if (!cc_copy_self.ids_known)
		return cc_copy_real(row, args);
	if (args[0] && (int)args[0] < (int)cc_copy_self.group_count)
		return fail(EINVAL);
	if (args[0])
		memcpy((void *)(uintptr_t)args[1], cc_copy_self.groups,
		       cc_copy_self.group_count * sizeof(uint32_t));
	return cc_copy_self.group_count;
}

/* For qsort: the kernel keeps a process's groups in order. */
static int by_value(const void *one, const void *other)
{
	uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;

	return a < b ? -1 : a > b;
}

static void note_groups(const struct cc_copy_call *row, const uint64_t *args, int64_t ret)
{
	unsigned count = args[0] < CC_COPY_GROUPS ? (unsigned)args[0] : CC_COPY_GROUPS;

	if (count)
		memcpy(cc_copy_self.groups, (const void *)(uintptr_t)args[1],
		       count * sizeof(uint32_t));
	cc_copy_self.group_count = count;
	qsort(cc_copy_self.groups, count, sizeof(uint32_t), by_value);
}

/*
 * What set…id asks for, as setresuid(2) would: -1 is "as it is". `detail` is how many arguments, or
 * 0 for setuid.
 */
static void wanted_ids(const struct cc_copy_call *row, const uint64_t *args, uint32_t wanted[3])
{
	const uint32_t *ids = ids_of(row);
	int form = row->detail & ~GROUP, privileged = !cc_copy_self.uids[EFFECTIVE];

	for (int i = 0; i < 3; i++)
		wanted[i] = form > 1 && i < form ? (uint32_t)args[i] : UINT32_MAX;
	if (form < 2)
		wanted[EFFECTIVE] = (uint32_t)args[0];
	if (!form && privileged)
		wanted[REAL] = wanted[SAVED] = (uint32_t)args[0];
	if (form == 2 && (wanted[REAL] != UINT32_MAX ||
			  (wanted[EFFECTIVE] != UINT32_MAX && wanted[EFFECTIVE] != ids[REAL])))
		wanted[SAVED] =
			wanted[EFFECTIVE] != UINT32_MAX ? wanted[EFFECTIVE] : ids[EFFECTIVE];
}

static void note_ids(const struct cc_copy_call *row, const uint64_t *args, int64_t ret)
{
	uint32_t wanted[3];

	wanted_ids(row, args, wanted);
	for (int i = 0; i < 3; i++)
		if (wanted[i] != UINT32_MAX)
			ids_of(row)[i] = wanted[i];
}

/*
 * From then on the copy is told these ids; what it may do stays what the user of this machine may.
 */
static int64_t set_ids(const struct cc_copy_call *row, uint64_t *args)
{
	const uint32_t *ids = ids_of(row);
	uint32_t wanted[3];

	if (!cc_copy_self.ids_known)
		return cc_copy_real(row, args);
	wanted_ids(row, args, wanted);
	for (int i = 0; i < 3; i++)
		if (cc_copy_self.uids[EFFECTIVE] && wanted[i] != UINT32_MAX &&
		    wanted[i] != ids[REAL] && wanted[i] != ids[EFFECTIVE] &&
		    wanted[i] != ids[SAVED])
			return fail(EPERM);
	note_ids(row, args, 0);
	return 0;
}

static int64_t set_groups(const struct cc_copy_call *row, uint64_t *args)
{
	if (!cc_copy_self.ids_known)
		return cc_copy_real(row, args);
	if (cc_copy_self.uids[EFFECTIVE])
		return fail(EPERM);
	note_groups(row, args, 0);
	return 0;
}

/* ---- the machine ---- */

static int64_t get_name(const struct cc_copy_call *row, uint64_t *args)
{
	return *cc_copy_self.host ? put_text(args[0], args[1], cc_copy_self.host)
				  : cc_copy_real(row, args);
}

static int64_t get_domain(const struct cc_copy_call *row, uint64_t *args)
{
	return put_text(args[0], args[1], "(none)");
}

static void note_name(const struct cc_copy_call *row, const uint64_t *args, int64_t ret)
{
	size_t length =
		args[1] < sizeof(cc_copy_self.host) ? args[1] : sizeof(cc_copy_self.host) - 1;

	memcpy(cc_copy_self.host, (const void *)(uintptr_t)args[0], length);
	cc_copy_self.host[length] = '\0';
}

static int64_t set_name(const struct cc_copy_call *row, uint64_t *args)
{
	if (cc_copy_self.uids[EFFECTIVE] || !cc_copy_self.ids_known)
		return fail(EPERM);
	note_name(row, args, 0);
	return 0;
}

static int64_t get_uname(const struct cc_copy_call *row, uint64_t *args)
{
	struct utsname *to = (void *)(uintptr_t)args[0];
	int64_t got = cc_copy_real(row, args);

	if (got || !*cc_copy_self.host)
		return got;
	strcpy(to->nodename, cc_copy_self.host);
	if (*cc_copy_self.release) {
		strcpy(to->release, cc_copy_self.release);
		*to->version = '\0'; /* the slice does not say */
	}
	strcpy(to->domainname, "(none)");
	return 0;
}

static int64_t processors(const struct cc_copy_call *row, uint64_t *args)
{
	return cc_copy_self.processors ? cc_copy_self.processors : cc_copy_real(row, args);
}

static int64_t get_sysconf(const struct cc_copy_call *row, uint64_t *args)
{
	if (cc_copy_self.processors &&
	    ((int)args[0] == _SC_NPROCESSORS_ONLN || (int)args[0] == _SC_NPROCESSORS_CONF))
		return cc_copy_self.processors;
	return cc_copy_real(row, args);
}

static int64_t get_affinity(const struct cc_copy_call *row, uint64_t *args)
{
	uint8_t *mask = (void *)(uintptr_t)args[2];
	unsigned count = cc_copy_self.processors;

	if (!count || ((pid_t)args[0] && (pid_t)args[0] != cc_copy_self.pid) || args[1] * 8 < count)
		return cc_copy_of_pid(row, args);
	memset(mask, 0, args[1]);
	for (unsigned i = 0; i < count; i++)
		mask[i / 8] |= (uint8_t)(1 << i % 8);
	return row->number ? 8 : 0; /* the kernel says how many bytes it has set */
}

static int64_t zero(const struct cc_copy_call *row, uint64_t *args)
{
	return 0;
}

/* ---- limits ---- */

static int64_t get_limit(const struct cc_copy_call *row, uint64_t *args)
{
	struct rlimit *to = (void *)(uintptr_t)args[1];
	unsigned resource = (unsigned)args[0];

	if (resource >= CC_COPY_LIMITS || !(cc_copy_self.limits_known >> resource & 1))
		return cc_copy_real(row, args);
	*to = (struct rlimit){cc_copy_self.limits[resource].soft,
			      cc_copy_self.limits[resource].hard};
	return 0;
}

static void note_limit(const struct cc_copy_call *row, const uint64_t *args, int64_t ret)
{
	const struct rlimit *limit = (const void *)(uintptr_t)args[1];
	unsigned resource = (unsigned)args[0];

	if (resource >= CC_COPY_LIMITS || !limit)
		return;
	cc_copy_self.limits[resource] = (struct cc_copy_limit){limit->rlim_cur, limit->rlim_max};
	cc_copy_self.limits_known |= 1u << resource;
}

static void note_limit_of(const struct cc_copy_call *row, const uint64_t *args, int64_t ret)
{
	if (!args[0] || (pid_t)args[0] == cc_copy_self.pid)
		note_limit(row, args + 1, ret);
}

/* A copy may lower its own limits, for real. */
static int64_t set_limit(const struct cc_copy_call *row, uint64_t *args)
{
	int64_t got = cc_copy_real(row, args);

	if (!got)
		note_limit(row, args, 0);
	return got;
}

static int64_t limit_of(const struct cc_copy_call *row, uint64_t *args)
{
	uint64_t old[] = {args[1], args[3]};

	if ((!args[0] || (pid_t)args[0] == cc_copy_self.pid) && args[3] && !args[2] &&
	    args[1] < CC_COPY_LIMITS && cc_copy_self.limits_known >> args[1] & 1)
		return get_limit(row, old);
	return cc_copy_of_pid(row, args);
}

static void note_mask(const struct cc_copy_call *row, const uint64_t *args, int64_t ret)
{
	cc_copy_self.mask = (uint32_t)args[0] & 0777;
}

/* ---- where it is ---- */

static void go_to(const char *path)
{
	char *was = cc_copy_self.directory, *joined = NULL;

	if (*path == '/' && !strstr(path, "/."))
		joined = cc_heap_copy(path);
	else if (was && *path && *path != '.' && !strstr(path, "/."))
		joined = cc_heap_format("%s/%s", strcmp(was, "/") ? was : "", path);
	/* Through links and "..", the way is only known when the run asks where it has come to. */
	free(was);
	cc_copy_self.directory = joined;
}

static void note_chdir(const struct cc_copy_call *row, const uint64_t *args, int64_t ret)
{
	go_to((const char *)(uintptr_t)args[0]);
}

static void note_fchdir(const struct cc_copy_call *row, const uint64_t *args, int64_t ret)
{
	go_to("");
}

static void note_getcwd(const struct cc_copy_call *row, const uint64_t *args, int64_t ret)
{
	free(cc_copy_self.directory);
	cc_copy_self.directory = cc_heap_copy((const char *)(uintptr_t)ret);
}

/* A copy that changes its directory is really there, in one of this machine. */
static int64_t change_directory(const struct cc_copy_call *row, uint64_t *args)
{
	int64_t got = cc_copy_real(row, args);

	if (!got)
		go_to("");
	return got;
}

static int64_t get_directory(const struct cc_copy_call *row, uint64_t *args)
{
	const char *directory = cc_copy_self.directory;
	size_t length = directory ? strlen(directory) + 1 : 0;

	if (!directory)
		return cc_copy_real(row, args);
	if (row->detail || (!args[0] && !args[1]))
		return (int64_t)(uintptr_t)strdup(directory);
	if (args[1] < length) {
		errno = args[1] ? ERANGE : EINVAL;
		return row->number ? -1 : 0;
	}
	if (!args[0] && !(args[0] = (uint64_t)(uintptr_t)malloc(args[1])))
		return 0;
	memcpy((void *)(uintptr_t)args[0], directory, length);
	return row->number ? (int64_t)length : (int64_t)args[0];
}

/* ---- terminals: a run has none ---- */

static int64_t get_terminal(const struct cc_copy_call *row, uint64_t *args)
{
	if (args[0] > 2)
		return cc_copy_real(row, args);
	errno = ENOTTY;
	return row->detail; /* NULL, or the error's number */
}

static int64_t get_login(const struct cc_copy_call *row, uint64_t *args)
{
	errno = ENXIO;
	return row->detail;
}

/* ---- the table ---- */

static cc_copy_answer by_number;
#define ASKED .remembered = 1
#pragma GCC diagnostic ignored "-Wmissing-field-initializers" /* a row names what it has */

/* Sorted by name: of a call, the first name of its row in hostcalls.def. */
const struct cc_copy_call cc_copy_calls[] = {
	{"_Fork", cc_copy_fork},
	{"__fxstatat64", cc_copy_fstatat, .detail = 2},
	{"__lxstat64", cc_copy_stat, .detail = 1},
	{"__xstat64", cc_copy_stat, .detail = 1},
	{"access", cc_copy_access},
	{"chdir", change_directory, note_chdir},
	{"clock", cc_copy_clock, cc_copy_note_clock},
	{"clock_gettime", cc_copy_clock_gettime, cc_copy_note_clock_gettime},
	{"confstr", NULL, ASKED},
	{"cuserid", NULL, ASKED},
	{"dlclose", cc_copy_of_handle},
	{"dlsym", cc_copy_dlsym},
	{"eaccess", cc_copy_access},
	{"faccessat", cc_copy_faccessat, .detail = 1},
	{"fchdir", change_directory, note_fchdir},
	{"fcntl64", cc_copy_fcntl},
	{"fopen64", cc_copy_fopen},
	{"fork", cc_copy_fork},
	{"forkpty", cc_copy_forkpty},
	{"fstatat64", cc_copy_fstatat, .detail = 1},
	{"get_current_dir_name", get_directory, note_getcwd, .detail = 1},
	{"get_nprocs", processors, ASKED},
	{"get_nprocs_conf", processors, ASKED},
	{"getauxval", NULL, ASKED},
	{"getcwd", get_directory, note_getcwd},
	{"getdomainname", get_domain, ASKED},
	{"getegid", get_id, .detail = EFFECTIVE | GROUP},
	{"geteuid", get_id, .detail = EFFECTIVE},
	{"getgid", get_id, .detail = REAL | GROUP},
	{"getgrgid", NULL, ASKED},
	{"getgrgid_r", NULL, ASKED},
	{"getgrnam", NULL, ASKED},
	{"getgrnam_r", NULL, ASKED},
	{"getgrouplist", NULL, ASKED},
	{"getgroups", get_groups},
	{"gethostid", NULL, ASKED},
	{"gethostname", get_name},
	{"getloadavg", NULL, ASKED},
	{"getlogin", get_login, ASKED},
	{"getlogin_r", get_login, ASKED, .detail = ENXIO},
	{"getpgid", cc_copy_getpgid},
	{"getpgrp", cc_copy_getpgrp},
	{"getpid", cc_copy_getpid},
	{"getppid", cc_copy_getppid, cc_copy_note_parent},
	{"getpriority", cc_copy_of_which, .detail = PRIO_PROCESS},
	{"getpwnam", NULL, ASKED},
	{"getpwnam_r", NULL, ASKED},
	{"getpwuid", NULL, ASKED},
	{"getpwuid_r", NULL, ASKED},
	{"getresgid", get_ids, .detail = GROUP},
	{"getresuid", get_ids},
	{"getrlimit64", get_limit, ASKED},
	{"getrusage", cc_copy_getrusage, cc_copy_note_getrusage},
	{"getsid", cc_copy_getsid},
	{"gettid", cc_copy_gettid, cc_copy_note_gettid},
	{"gettimeofday", cc_copy_gettimeofday, cc_copy_note_gettimeofday},
	{"getuid", get_id, .detail = REAL},
	{"kill", cc_copy_kill},
	{"killpg", cc_copy_killpg},
	{"lstat64", cc_copy_stat},
	{"open64", cc_copy_open},
	{"openat64", cc_copy_open, .detail = 1},
	{"pidfd_open", cc_copy_of_pid},
	{"popen", cc_copy_program, .detail = 0},
	{"posix_spawn", cc_copy_spawn},
	{"posix_spawnp", cc_copy_spawn},
	{"prlimit64", limit_of, note_limit_of},
	{"process_vm_readv", cc_copy_of_pid},
	{"process_vm_writev", cc_copy_of_pid},
	{"ptrace", cc_copy_of_pid, .detail = 1},
	{"sched_getaffinity", get_affinity, ASKED},
	{"sched_getcpu", zero, ASKED},
	{"sched_getparam", cc_copy_of_pid},
	{"sched_getscheduler", cc_copy_of_pid},
	{"sched_rr_get_interval", cc_copy_of_pid},
	{"sched_setaffinity", cc_copy_of_pid},
	{"sched_setparam", cc_copy_of_pid},
	{"sched_setscheduler", cc_copy_of_pid},
	{"setegid", set_ids, note_ids, .detail = 1 | GROUP},
	{"seteuid", set_ids, note_ids, .detail = 1},
	{"setgid", set_ids, note_ids, .detail = GROUP},
	{"setgroups", set_groups, note_groups},
	{"sethostname", set_name, note_name},
	{"setpgid", cc_copy_setpgid, cc_copy_note_setpgid},
	{"setpgrp", cc_copy_setpgrp, cc_copy_note_setpgrp},
	{"setpriority", cc_copy_of_which, .detail = PRIO_PROCESS},
	{"setregid", set_ids, note_ids, .detail = 2 | GROUP},
	{"setresgid", set_ids, note_ids, .detail = 3 | GROUP},
	{"setresuid", set_ids, note_ids, .detail = 3},
	{"setreuid", set_ids, note_ids, .detail = 2},
	{"setrlimit64", set_limit, note_limit},
	{"setsid", cc_copy_setsid, cc_copy_note_setsid},
	{"setuid", set_ids, note_ids},
	{"sigqueue", cc_copy_of_pid},
	{"stat64", cc_copy_stat},
	{"syscall", by_number},
	{"sysconf", get_sysconf, ASKED},
	{"system", cc_copy_program, .detail = -1},
	{"tcgetpgrp", cc_copy_tcgetpgrp},
	{"tcsetpgrp", cc_copy_tcsetpgrp},
	{"tgkill", cc_copy_tgkill, .detail = 1},
	{"time", cc_copy_time, cc_copy_note_time},
	{"times", cc_copy_times, cc_copy_note_times},
	{"ttyname", get_terminal, ASKED},
	{"ttyname_r", get_terminal, ASKED, .detail = ENOTTY},
	{"umask", NULL, note_mask}, /* a copy has the run's from the beginning */
	{"uname", get_uname, ASKED},
	{"vfork", cc_copy_fork},
	{"wait", cc_copy_wait},
	{"wait3", cc_copy_wait},
	{"wait4", cc_copy_waitpid},
	{"waitid", cc_copy_waitid},
	{"waitpid", cc_copy_waitpid},
};
const unsigned cc_copy_call_count = sizeof(cc_copy_calls) / sizeof(*cc_copy_calls);

/* ---- syscall(2) ---- */

static const struct cc_copy_call by_syscall[] = {
	{"chdir", change_directory, .number = SYS_chdir},
	{"clock_gettime", cc_copy_clock_gettime, .number = SYS_clock_gettime},
	{"clone", cc_copy_wait, .number = SYS_clone}, /* a number comes out */
	{"clone3", cc_copy_wait, .number = SYS_clone3},
	{"fchdir", change_directory, .number = SYS_fchdir},
	{"fcntl", cc_copy_fcntl, .number = SYS_fcntl},
	{"fork", cc_copy_wait, .number = SYS_fork},
	{"getcwd", get_directory, .number = SYS_getcwd},
	{"getegid", get_id, .detail = EFFECTIVE | GROUP, .number = SYS_getegid},
	{"geteuid", get_id, .detail = EFFECTIVE, .number = SYS_geteuid},
	{"getgid", get_id, .detail = REAL | GROUP, .number = SYS_getgid},
	{"getgroups", get_groups, .number = SYS_getgroups},
	{"getpgid", cc_copy_getpgid, .number = SYS_getpgid},
	{"getpgrp", cc_copy_getpgrp, .number = SYS_getpgrp},
	{"getpid", cc_copy_getpid, .number = SYS_getpid},
	{"getppid", cc_copy_getppid, .number = SYS_getppid},
	{"getpriority", cc_copy_of_which, .detail = PRIO_PROCESS, .number = SYS_getpriority},
	{"getresgid", get_ids, .detail = GROUP, .number = SYS_getresgid},
	{"getresuid", get_ids, .number = SYS_getresuid},
	{"getrlimit", get_limit, .number = SYS_getrlimit},
	{"getrusage", cc_copy_getrusage, .number = SYS_getrusage},
	{"getsid", cc_copy_getsid, .number = SYS_getsid},
	{"gettid", cc_copy_gettid, .number = SYS_gettid},
	{"gettimeofday", cc_copy_gettimeofday, .number = SYS_gettimeofday},
	{"getuid", get_id, .detail = REAL, .number = SYS_getuid},
	{"ioprio_get", cc_copy_of_which, .detail = 1, .number = SYS_ioprio_get},
	{"ioprio_set", cc_copy_of_which, .detail = 1, .number = SYS_ioprio_set},
	{"kill", cc_copy_kill, .number = SYS_kill},
	{"migrate_pages", cc_copy_of_pid, .number = SYS_migrate_pages},
	{"move_pages", cc_copy_of_pid, .number = SYS_move_pages},
	{"perf_event_open", cc_copy_of_pid, .detail = 1, .number = SYS_perf_event_open},
	{"pidfd_open", cc_copy_of_pid, .number = SYS_pidfd_open},
	{"prlimit64", limit_of, .number = SYS_prlimit64},
	{"process_vm_readv", cc_copy_of_pid, .number = SYS_process_vm_readv},
	{"process_vm_writev", cc_copy_of_pid, .number = SYS_process_vm_writev},
	{"ptrace", cc_copy_of_pid, .detail = 1, .number = SYS_ptrace},
	{"rt_sigqueueinfo", cc_copy_of_pid, .number = SYS_rt_sigqueueinfo},
	{"rt_tgsigqueueinfo", cc_copy_of_pid, .number = SYS_rt_tgsigqueueinfo},
	{"sched_getaffinity", get_affinity, .number = SYS_sched_getaffinity},
	{"sched_getattr", cc_copy_of_pid, .number = SYS_sched_getattr},
	{"sched_getparam", cc_copy_of_pid, .number = SYS_sched_getparam},
	{"sched_getscheduler", cc_copy_of_pid, .number = SYS_sched_getscheduler},
	{"sched_rr_get_interval", cc_copy_of_pid, .number = SYS_sched_rr_get_interval},
	{"sched_setaffinity", cc_copy_of_pid, .number = SYS_sched_setaffinity},
	{"sched_setattr", cc_copy_of_pid, .number = SYS_sched_setattr},
	{"sched_setparam", cc_copy_of_pid, .number = SYS_sched_setparam},
	{"sched_setscheduler", cc_copy_of_pid, .number = SYS_sched_setscheduler},
	{"setgid", set_ids, .detail = GROUP, .number = SYS_setgid},
	{"setgroups", set_groups, .number = SYS_setgroups},
	{"sethostname", set_name, .number = SYS_sethostname},
	{"setpgid", cc_copy_setpgid, .number = SYS_setpgid},
	{"setpriority", cc_copy_of_which, .detail = PRIO_PROCESS, .number = SYS_setpriority},
	{"setregid", set_ids, .detail = 2 | GROUP, .number = SYS_setregid},
	{"setresgid", set_ids, .detail = 3 | GROUP, .number = SYS_setresgid},
	{"setresuid", set_ids, .detail = 3, .number = SYS_setresuid},
	{"setreuid", set_ids, .detail = 2, .number = SYS_setreuid},
	{"setrlimit", set_limit, .number = SYS_setrlimit},
	{"setsid", cc_copy_setsid, .number = SYS_setsid},
	{"setuid", set_ids, .number = SYS_setuid},
	{"tgkill", cc_copy_tgkill, .detail = 1, .number = SYS_tgkill},
	{"time", cc_copy_time, .number = SYS_time},
	{"times", cc_copy_times, .number = SYS_times},
	{"tkill", cc_copy_tgkill, .number = SYS_tkill},
	{"uname", get_uname, .number = SYS_uname},
	{"wait4", cc_copy_waitpid, .number = SYS_wait4},
	{"waitid", cc_copy_waitid, .number = SYS_waitid},
};

static int64_t by_number(const struct cc_copy_call *row, uint64_t *args)
{
	for (size_t i = 0; i < sizeof(by_syscall) / sizeof(*by_syscall); i++)
		if (by_syscall[i].number == (long)args[0])
			return by_syscall[i].answer(&by_syscall[i], args + 1);
	return cc_copy_kernel((long)args[0], args + 1);
}
