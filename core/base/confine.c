/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/files.h"

/* ---- system calls ---- */

/* What an argument has to be; in which stages the call is allowed at all. */
enum condition {
	ANY,
	READS,	     /* openat: neither writes nor makes a file */
	OF_ITSELF,   /* kill and the like: the process that is confined */
	NOT_SIGSYS,  /* rt_sigaction: the tripwire's handler stays */
	ITS_LIMITS,  /* prlimit64: its own */
	DESCRIPTORS, /* fcntl: no signals (F_SETOWN, F_SETSIG), locks, leases */
	ADVICE,	     /* madvise: nothing that only root may (MADV_HWPOISON) */
	PLAINLY,     /* clone: in no namespace of its own */
	OF_THREADS,  /* clone: a thread of the same process */
	OF_STREAMS,  /* socketpair: a datagram's could send to any socket that has a name */
	OWN_GROUP,   /* setpgid: a group of its own */
	STATE,	     /* ioctl: what a descriptor is, and close-on-exec; nothing of a terminal */
	CONTROLS,    /* prctl: of the process itself, and none that hides it from the broker */
	MISSING,     /* the caller goes another way */
	/* Until its third version, Landlock takes an O_RDONLY | O_TRUNC for reading. */
	NO_TRUNCATION, /* openat */
	NO_OWNER,      /* fcntl: no signals to others */
	WITH_PARENT,   /* prctl: it ends when its parent does */
	NEVER,
};
#define LAUNCH (1u << CC_CONFINE_LAUNCH)
#define PROGRAM (1u << CC_CONFINE_PROGRAM)
#define GUARDED (1u << CC_CONFINE_GUARDED)
#define OPENS (1u << CC_CONFINE_OPENS)
#define COPY (1u << CC_CONFINE_COPY)
#define TOOL (1u << CC_CONFINE_TOOL)
#define REPLAYS (PROGRAM | GUARDED)

static const struct rule {
	uint16_t number;
	uint8_t condition, stages;
} rules[] = {
	/* Each system call that the tripwire catches ends so. */
	{SYS_rt_sigreturn, ANY, REPLAYS | TOOL},
	{SYS_read, ANY, REPLAYS | TOOL},
	{SYS_write, ANY, REPLAYS | TOOL},
	{SYS_writev, ANY, REPLAYS | TOOL}, /* last words of the C library and its linker */
	{SYS_mmap, ANY, REPLAYS | TOOL},
	{SYS_munmap, ANY, REPLAYS | TOOL},
	{SYS_mprotect, ANY, REPLAYS | TOOL},
	{SYS_mremap, ANY, REPLAYS | TOOL},
	{SYS_brk, ANY, REPLAYS | TOOL},
	{SYS_madvise, ADVICE, REPLAYS},
	{SYS_mincore, ANY, REPLAYS | TOOL},
	{SYS_msync, ANY, REPLAYS | TOOL},
	{SYS_mlock, ANY, REPLAYS | TOOL},
	{SYS_munlock, ANY, REPLAYS | TOOL},
	{SYS_futex, ANY, REPLAYS | TOOL},
	{SYS_pread64, ANY, REPLAYS | TOOL},
	{SYS_pwrite64, ANY, REPLAYS | TOOL},
	{SYS_lseek, ANY, REPLAYS | TOOL},
	{SYS_close, ANY, REPLAYS | TOOL},
	{SYS_fstat, ANY, REPLAYS | TOOL},
	{SYS_newfstatat, ANY, REPLAYS | TOOL},
	{SYS_readlink, ANY, REPLAYS | TOOL},
	{SYS_getdents64, ANY, REPLAYS | TOOL},
	{SYS_access, ANY, REPLAYS | TOOL},
	{SYS_getcwd, ANY, REPLAYS | TOOL},
	{SYS_openat, READS, PROGRAM},
	{SYS_fcntl, DESCRIPTORS, REPLAYS},
	{SYS_memfd_create, ANY, REPLAYS | TOOL},
	{SYS_ftruncate, ANY, REPLAYS | TOOL},
	{SYS_getrandom, ANY, REPLAYS | TOOL},
	{SYS_clock_gettime, ANY, REPLAYS | TOOL},
	{SYS_nanosleep, ANY, REPLAYS | TOOL},
	{SYS_clock_nanosleep, ANY, REPLAYS | TOOL},
	{SYS_sched_yield, ANY, REPLAYS | TOOL},
	{SYS_getpid, ANY, REPLAYS | TOOL},
	{SYS_getppid, ANY, REPLAYS | TOOL},
	{SYS_gettid, ANY, REPLAYS | TOOL},
	{SYS_getuid, ANY, REPLAYS | TOOL},
	{SYS_rt_sigaction, ANY, LAUNCH | GUARDED | TOOL},
	{SYS_rt_sigaction, NOT_SIGSYS, PROGRAM},
	{SYS_rt_sigprocmask, ANY, REPLAYS | TOOL},
	{SYS_sigaltstack, ANY, REPLAYS | TOOL},
	{SYS_restart_syscall, ANY, REPLAYS | TOOL},
	{SYS_kill, OF_ITSELF, PROGRAM | GUARDED | TOOL}, /* the program ended by a signal */
	{SYS_tgkill, OF_ITSELF, PROGRAM | GUARDED | TOOL},
	{SYS_arch_prctl, ANY, REPLAYS | TOOL},
	{SYS_prlimit64, ITS_LIMITS, REPLAYS | TOOL},
	{SYS_sysinfo, ANY, REPLAYS | TOOL},
	{SYS_exit, ANY, REPLAYS | TOOL},
	{SYS_exit_group, ANY, REPLAYS | TOOL},
	{SYS_set_tid_address, ANY, LAUNCH | GUARDED | TOOL},
	{SYS_set_robust_list, ANY, LAUNCH | GUARDED | TOOL},
	{SYS_rseq, ANY, LAUNCH | GUARDED | TOOL},
	{SYS_seccomp, ANY, LAUNCH | GUARDED | TOOL},
	{SYS_landlock_create_ruleset, ANY, LAUNCH | GUARDED},
	{SYS_landlock_add_rule, ANY, LAUNCH},
	{SYS_landlock_restrict_self, ANY, LAUNCH | GUARDED},
	{SYS_execve, ANY, LAUNCH | TOOL},
	{SYS_prctl, ANY, LAUNCH},
	{SYS_sendmsg, ANY,
	 LAUNCH | TOOL}, /* the listener of the next stage, and a message with it */
	{SYS_sendto, ANY, LAUNCH | TOOL},
	{SYS_prctl, CONTROLS, GUARDED},
	/* What code beside the program needs. */
	{SYS_clone, PLAINLY, GUARDED},
	{SYS_clone3, MISSING, GUARDED}, /* its flags are in memory */
	{SYS_vfork, ANY, GUARDED},
	{SYS_openat2, MISSING, GUARDED},
	{SYS_wait4, ANY, GUARDED},
	{SYS_waitid, ANY, GUARDED},
	{SYS_setpgid, OWN_GROUP, GUARDED},
	{SYS_getpgid, ANY, GUARDED},
	{SYS_getpgrp, ANY, GUARDED},
	{SYS_getsid, ANY, GUARDED},
	{SYS_pipe, ANY, GUARDED},
	{SYS_pipe2, ANY, GUARDED | TOOL},
	{SYS_socketpair, OF_STREAMS, GUARDED},
	{SYS_sendmsg, ANY, GUARDED},
	{SYS_recvmsg, ANY, GUARDED | TOOL},
	{SYS_sendto, ANY, GUARDED},
	{SYS_recvfrom, ANY, GUARDED | TOOL},
	{SYS_shutdown, ANY, GUARDED | TOOL},
	{SYS_poll, ANY, GUARDED | TOOL},
	{SYS_ppoll, ANY, GUARDED | TOOL},
	{SYS_select, ANY, GUARDED | TOOL},
	{SYS_pselect6, ANY, GUARDED | TOOL},
	{SYS_epoll_create1, ANY, GUARDED | TOOL},
	{SYS_epoll_ctl, ANY, GUARDED | TOOL},
	{SYS_epoll_wait, ANY, GUARDED | TOOL},
	{SYS_epoll_pwait, ANY, GUARDED | TOOL},
	{SYS_eventfd2, ANY, GUARDED | TOOL},
	{SYS_timerfd_create, ANY, GUARDED | TOOL},
	{SYS_timerfd_settime, ANY, GUARDED | TOOL},
	{SYS_timerfd_gettime, ANY, GUARDED | TOOL},
	{SYS_dup, ANY, GUARDED | TOOL},
	{SYS_dup2, ANY, GUARDED | TOOL},
	{SYS_dup3, ANY, GUARDED | TOOL},
	{SYS_close_range, ANY, GUARDED | TOOL},
	{SYS_ioctl, STATE, GUARDED},
	{SYS_readv, ANY, GUARDED | TOOL},
	{SYS_preadv, ANY, GUARDED | TOOL},
	{SYS_pwritev, ANY, GUARDED | TOOL},
	{SYS_sendfile, ANY, GUARDED},
	{SYS_splice, ANY, GUARDED},
	{SYS_tee, ANY, GUARDED},
	{SYS_copy_file_range, ANY, GUARDED},
	{SYS_fsync, ANY, GUARDED | TOOL},
	{SYS_fdatasync, ANY, GUARDED | TOOL},
	{SYS_fallocate, ANY, GUARDED | TOOL},
	{SYS_fadvise64, ANY, GUARDED | TOOL},
	{SYS_readahead, ANY, GUARDED},
	{SYS_stat, ANY, GUARDED | TOOL},
	{SYS_lstat, ANY, GUARDED | TOOL},
	{SYS_statx, ANY, GUARDED | TOOL},
	{SYS_statfs, ANY, GUARDED | TOOL},
	{SYS_fstatfs, ANY, GUARDED | TOOL},
	{SYS_readlinkat, ANY, GUARDED | TOOL},
	{SYS_faccessat, ANY, GUARDED | TOOL},
	{SYS_faccessat2, ANY, GUARDED | TOOL},
	{SYS_chdir, ANY, GUARDED | TOOL},
	{SYS_fchdir, ANY, GUARDED | TOOL},
	{SYS_umask, ANY, GUARDED | TOOL},
	{SYS_gettimeofday, ANY, GUARDED | TOOL},
	{SYS_time, ANY, GUARDED | TOOL},
	{SYS_times, ANY, GUARDED | TOOL},
	{SYS_getrusage, ANY, GUARDED | TOOL},
	{SYS_clock_getres, ANY, GUARDED | TOOL},
	{SYS_alarm, ANY, GUARDED},
	{SYS_setitimer, ANY, GUARDED},
	{SYS_getitimer, ANY, GUARDED},
	{SYS_timer_create, ANY, GUARDED},
	{SYS_timer_settime, ANY, GUARDED},
	{SYS_timer_gettime, ANY, GUARDED},
	{SYS_timer_getoverrun, ANY, GUARDED},
	{SYS_timer_delete, ANY, GUARDED},
	{SYS_pause, ANY, GUARDED},
	{SYS_rt_sigpending, ANY, GUARDED | TOOL},
	{SYS_rt_sigsuspend, ANY, GUARDED | TOOL},
	{SYS_rt_sigtimedwait, ANY, GUARDED | TOOL},
	{SYS_signalfd4, ANY, GUARDED | TOOL},
	{SYS_tkill, OF_ITSELF, GUARDED},
	{SYS_membarrier, ANY, GUARDED | TOOL},
	{SYS_get_robust_list, ANY, GUARDED},
	{SYS_uname, ANY, GUARDED | TOOL},
	{SYS_getcpu, ANY, GUARDED | TOOL},
	{SYS_geteuid, ANY, GUARDED | TOOL},
	{SYS_getgid, ANY, GUARDED | TOOL},
	{SYS_getegid, ANY, GUARDED | TOOL},
	{SYS_getresuid, ANY, GUARDED},
	{SYS_getresgid, ANY, GUARDED},
	{SYS_getgroups, ANY, GUARDED},
	{SYS_getpriority, ANY, GUARDED},
	{SYS_capget, ANY, GUARDED},
	{SYS_getrlimit, ANY, GUARDED},
	{SYS_setrlimit, ANY, GUARDED},
	{SYS_sched_getaffinity, ANY, GUARDED | TOOL},
	{SYS_sched_getparam, ANY, GUARDED},
	{SYS_sched_getscheduler, ANY, GUARDED},
	{SYS_sched_get_priority_max, ANY, GUARDED},
	{SYS_sched_get_priority_min, ANY, GUARDED},
	{SYS_mlockall, ANY, GUARDED},
	{SYS_munlockall, ANY, GUARDED},
	{SYS_pkey_alloc, ANY, GUARDED},
	{SYS_pkey_free, ANY, GUARDED},
	{SYS_pkey_mprotect, ANY, GUARDED},
	/* What QEMU 10 and unsquashfs 4.5 call besides, or what stands for the same in other
	   versions of the C library. Landlock does not know all that changes a file: so no call
	   takes a path to truncate, to link, or to set modes, owners and times. */
	{SYS_madvise, ANY, TOOL},
	{SYS_get_mempolicy, ANY, TOOL},
	{SYS_set_mempolicy, ANY, TOOL},
	{SYS_openat, NO_TRUNCATION, TOOL},
	{SYS_fcntl, NO_OWNER, TOOL},
	{SYS_flock, ANY, TOOL},
	{SYS_rename, ANY, TOOL},
	{SYS_renameat, ANY, TOOL},
	{SYS_renameat2, ANY, TOOL},
	{SYS_unlink, ANY, TOOL},
	{SYS_unlinkat, ANY, TOOL},
	{SYS_getsockopt, ANY, TOOL},
	{SYS_setsockopt, ANY, TOOL},
	{SYS_getsockname, ANY, TOOL},
	{SYS_getpeername, ANY, TOOL},
	{SYS_prctl, WITH_PARENT, TOOL},
	/* What these stages take from another one. */
	{SYS_openat, NEVER, OPENS},
	{SYS_clone, OF_THREADS, COPY | TOOL},
	{SYS_vfork, NEVER, COPY},
	{SYS_setpgid, NEVER, COPY},
};
#define RULES (sizeof(rules) / sizeof(*rules))
#define RULE_MAX 14 /* instructions of one rule */

struct program {
	struct sock_filter code[5 + RULES * RULE_MAX + 1];
	unsigned short length;
};

static void put(struct program *program, uint16_t code, uint32_t k, uint8_t yes, uint8_t no)
{
	program->code[program->length++] = (struct sock_filter){code, yes, no, k};
}

#define LOAD (BPF_LD | BPF_W | BPF_ABS)
#define EQUAL (BPF_JMP | BPF_JEQ | BPF_K)
#define HAS (BPF_JMP | BPF_JSET | BPF_K)
#define NOT_BELOW (BPF_JMP | BPF_JGE | BPF_K)
#define AND (BPF_ALU | BPF_AND | BPF_K)
#define RETURN (BPF_RET | BPF_K)
#define ARGUMENT(i) ((uint32_t)(offsetof(struct seccomp_data, args) + (i) * sizeof(uint64_t)))
#define FAILS(error) (SECCOMP_RET_ERRNO | (error))

/*
 * What an argument has to be: below a bound, one of some values, or by its bits. The kernel itself
 * takes the lower half only of all that is compared here.
 */
struct test {
	uint8_t argument, count; /* of values */
	uint8_t is_own_pid;
	uint32_t mask;	/* what is compared of it; 0: all */
	uint32_t below; /* 0: no such bound */
	uint32_t values[9];
	uint32_t other_than;	/* 0: no such value */
	uint32_t without, with; /* bits: none of these, some of those; 0: it does not matter */
};

/* All tests of a condition have to be met; a second test that is all zeros is none. */
static const struct test tests[][2] = {
	[READS] = {{2, .without = O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY)}},
	[OF_ITSELF] = {{0, .is_own_pid = 1}},
	[NOT_SIGSYS] = {{0, .other_than = SIGSYS}},
	[ITS_LIMITS] = {{0, .count = 1, .values = {0}}},
	[DESCRIPTORS] = {{1, .below = F_SETFL + 1, .count = 3,
			  .values = {F_DUPFD_CLOEXEC, F_ADD_SEALS, F_GET_SEALS}}},
	[ADVICE] = {{2, .below = MADV_HWPOISON}},
	[PLAINLY] = {{0, .without = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
				    CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_PARENT}},
	[OF_THREADS] = {{0, .with = CLONE_THREAD}},
	[OF_STREAMS] = {{0, .count = 1, .values = {AF_UNIX}},
			{1, .mask = 0xf, .count = 2, .values = {SOCK_STREAM, SOCK_SEQPACKET}}},
	[OWN_GROUP] = {{0, .count = 1, .values = {0}}, {1, .count = 1, .values = {0}}},
	[STATE] = {{1, .count = 7,
		    .values = {TCGETS, TIOCGWINSZ, TIOCGPGRP, FIONREAD, FIONBIO, FIOCLEX,
			       FIONCLEX}}},
	[CONTROLS] = {{0, .count = 9,
		       .values = {PR_SET_PDEATHSIG, PR_GET_PDEATHSIG, PR_SET_NAME, PR_GET_NAME,
				  PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, PR_SET_CHILD_SUBREAPER,
				  PR_SET_SYSCALL_USER_DISPATCH, PR_SET_VMA}}},
	[NO_TRUNCATION] = {{2, .mask = O_ACCMODE | O_TRUNC, .other_than = O_TRUNC}},
	[NO_OWNER] = {{1, .other_than = F_SETOWN}, {1, .other_than = F_SETOWN_EX}},
	[WITH_PARENT] = {{0, .other_than = PR_SET_PDEATHSIG}},
	[NEVER] = {{0}},
};

/* An argument that meets the test jumps over the refusal. */
static void put_test(struct program *program, const struct test *test, uint32_t refusal)
{
	unsigned ways = test->count + (test->below > 0) + test->is_own_pid;

	put(program, LOAD, ARGUMENT(test->argument), 0, 0);
	if (test->mask)
		put(program, AND, test->mask, 0, 0);
	if (test->below)
		put(program, NOT_BELOW, test->below, 0, (uint8_t)ways--);
	for (unsigned i = 0; i < test->count; i++)
		put(program, EQUAL, test->values[i], (uint8_t)ways--, 0);
	if (test->is_own_pid)
		put(program, EQUAL, (uint32_t)getpid(), 1, 0);
	if (test->other_than)
		put(program, EQUAL, test->other_than, 0, 1);
	if (test->without)
		put(program, HAS, test->without, 0, 1);
	if (test->with)
		put(program, HAS, test->with, 1, 0);
	put(program, RETURN, refusal, 0, 0);
}

/* What stands behind the condition allows the call. */
static void put_condition(struct program *program, enum condition condition, uint32_t refusal)
{
	static const struct test none;
	const struct test *second = &tests[condition][1];

	if (condition == MISSING) {
		put(program, RETURN, FAILS(ENOSYS), 0, 0);
	} else if (condition != ANY) {
		put_test(program, &tests[condition][0], refusal);
		if (memcmp(second, &none, sizeof(none)))
			put_test(program, second, refusal);
	}
}

static void put_rule(struct program *program, const struct rule *rule, uint32_t refusal)
{
	struct sock_filter *number = &program->code[program->length];

	put(program, EQUAL, rule->number, 0, 0);
	put_condition(program, rule->condition, refusal);
	put(program, RETURN, SECCOMP_RET_ALLOW, 0, 0);
	number->jf = (uint8_t)(&program->code[program->length] - number - 1);
}

/*
 * Which rules a stage has, of which the first that names a call decides; what becomes of a call
 * that fails its condition, and of one that no rule names. Filters add up, and the strictest
 * decides: so the first stage lets through what the next one does.
 */
static const struct {
	unsigned rules;
	uint32_t refusal, others;
} stages[] = {
	[CC_CONFINE_LAUNCH] = {LAUNCH | PROGRAM, FAILS(EPERM), FAILS(EPERM)},
	[CC_CONFINE_PROGRAM] = {PROGRAM, SECCOMP_RET_TRAP, SECCOMP_RET_TRAP},
	[CC_CONFINE_OPENS] = {OPENS, SECCOMP_RET_USER_NOTIF, SECCOMP_RET_ALLOW},
	[CC_CONFINE_GUARDED] = {GUARDED, SECCOMP_RET_USER_NOTIF, SECCOMP_RET_USER_NOTIF},
	[CC_CONFINE_COPY] = {COPY, FAILS(EPERM), SECCOMP_RET_ALLOW},
	[CC_CONFINE_TOOL] = {TOOL, FAILS(ENOSYS), FAILS(ENOSYS)},
};

static void put_stage(struct program *program, enum cc_confine_stage stage)
{
	/* i386's calls have numbers of their own; x32's are no number of the list. */
	put(program, LOAD, offsetof(struct seccomp_data, arch), 0, 0);
	put(program, EQUAL, AUDIT_ARCH_X86_64, 1, 0);
	put(program, RETURN, SECCOMP_RET_KILL_PROCESS, 0, 0);
	put(program, LOAD, offsetof(struct seccomp_data, nr), 0, 0);
	for (size_t i = 0; i < RULES; i++)
		if (rules[i].stages & stages[stage].rules)
			put_rule(program, &rules[i], stages[stage].refusal);
	put(program, RETURN, stages[stage].others, 0, 0);
}

int cc_confine_calls(enum cc_confine_stage stage, int *listener, struct cc_error *error)
{
	/* Before Linux 5.16 a filter slows the processor down (speculation), if one does not say
	   that it need not. */
	unsigned flags =
		SECCOMP_FILTER_FLAG_SPEC_ALLOW | (listener ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0);
	struct program program;
	struct sock_fprog given;
	long made;

	program.length = 0;
	put_stage(&program, stage);
	given = (struct sock_fprog){program.length, program.code};
	made = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
		       ? -1
		       : syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &given);
	if (made < 0)
		return cc_fail(error, CC_EUNSUPPORTED,
			       "this kernel, or the container, does not let a program be confined "
			       "(seccomp: %s), and what it would read is foreign",
			       strerror(errno));
	if (listener)
		*listener = (int)made;
	return 0;
}

/* ---- resources ---- */

void cc_confine_resource(int resource, uint64_t soft, uint64_t hard)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit))
		return;
	if (limit.rlim_max > hard)
		limit.rlim_max = hard;
	if (limit.rlim_cur > soft)
		limit.rlim_cur = soft;
	if (limit.rlim_cur > limit.rlim_max)
		limit.rlim_cur = limit.rlim_max;
	setrlimit(resource, &limit);
}

/* ---- files ---- */

const char *const cc_confine_system[] = {"/usr",
					 "/lib",
					 "/lib64",
					 "/proc/self",
					 "/etc/ld.so.cache",
					 "/etc/localtime",
					 "/etc/ssl/certs",
					 "/etc/ssl/openssl.cnf",
					 "/etc/terminfo",
					 "/var/lib/dpkg",
					 "/dev/null",
					 "/dev/zero",
					 "/dev/random",
					 "/dev/urandom",
					 NULL};

int cc_confine_is_system(const char *path)
{
	for (const char *const *root = cc_confine_system; *root; root++)
		if (cc_is_in(path, *root))
			return 1;
	return 0;
}

#define READING                                                                                    \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITING                                                                                    \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |                              \
	 LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |                             \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE)
#define OF_DIRECTORIES                                                                             \
	(LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE)
/*
 * Rights of the first version of Landlock: later ones handle more, but what only they know is
 * refused by the filter of calls.
 */
#define HANDLED                                                                                    \
	(READING | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                 \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |                           \
	 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |                               \
	 LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |                             \
	 LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM)

static int allow(int ruleset, const char *path, uint64_t access)
{
	struct landlock_path_beneath_attr rule = {.allowed_access = access};
	struct stat info;
	int failed;

	rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == EACCES ? 0 : -1;
	if (!fstat(rule.parent_fd, &info) && !S_ISDIR(info.st_mode))
		rule.allowed_access &= ~(uint64_t)OF_DIRECTORIES;
	failed = (int)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	close(rule.parent_fd);
	return failed;
}

int cc_confine_has_files(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) > 0;
}

int cc_confine_files(const char *const readable[], const char *const writable[],
		     struct cc_error *error)
{
	struct landlock_ruleset_attr handled = {.handled_access_fs = HANDLED};
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof(handled), 0);
	int failed = 0;

	if (ruleset < 0 && (errno == ENOSYS || errno == EOPNOTSUPP || errno == EPERM))
		return 1;
	for (size_t i = 0; ruleset >= 0 && !failed && readable[i]; i++)
		failed = allow(ruleset, readable[i], READING);
	for (size_t i = 0; ruleset >= 0 && !failed && writable && writable[i]; i++)
		failed = allow(ruleset, writable[i], WRITING);
	if (ruleset < 0 || failed || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_landlock_restrict_self, ruleset, 0))
		failed = cc_fail(error, CC_EUNSUPPORTED,
				 "files cannot be kept from a replay (landlock: %s)",
				 strerror(errno));
	if (ruleset >= 0)
		close(ruleset);
	return failed;
}
