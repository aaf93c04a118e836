/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- system calls ---- */

/* What an argument has to be; in which stages the call is allowed at all. */
enum condition {
	ANY,
	READS,	     /* openat: neither writes nor makes a file */
	OF_ITSELF,   /* kill and the like: the process that is confined */
	NOT_SIGSYS,  /* rt_sigaction: the tripwire's handler stays */
	ITS_LIMITS,  /* prlimit64: sets none of another process */
	DESCRIPTORS, /* fcntl: no signals (F_SETOWN, F_SETSIG), locks, leases */
	ADVICE,	     /* madvise: nothing that only root may (MADV_HWPOISON) */
};
#define LAUNCH (1u << CC_CONFINE_LAUNCH)
#define PROGRAM (1u << CC_CONFINE_PROGRAM)
#define BOTH (LAUNCH | PROGRAM)

static const struct rule {
	uint16_t number;
	uint8_t condition, stages;
} rules[] = {
	/* Each system call that the tripwire catches ends so. */
	{SYS_rt_sigreturn, ANY, BOTH},
	{SYS_read, ANY, BOTH},
	{SYS_write, ANY, BOTH},
	{SYS_writev, ANY, BOTH}, /* last words of the C library and its linker */
	{SYS_mmap, ANY, BOTH},
	{SYS_munmap, ANY, BOTH},
	{SYS_mprotect, ANY, BOTH},
	{SYS_mremap, ANY, BOTH},
	{SYS_brk, ANY, BOTH},
	{SYS_madvise, ADVICE, BOTH},
	{SYS_mincore, ANY, BOTH},
	{SYS_msync, ANY, BOTH},
	{SYS_mlock, ANY, BOTH},
	{SYS_munlock, ANY, BOTH},
	{SYS_futex, ANY, BOTH},
	{SYS_pread64, ANY, BOTH},
	{SYS_pwrite64, ANY, BOTH},
	{SYS_lseek, ANY, BOTH},
	{SYS_close, ANY, BOTH},
	{SYS_fstat, ANY, BOTH},
	{SYS_newfstatat, ANY, BOTH},
	{SYS_readlink, ANY, BOTH},
	{SYS_getdents64, ANY, BOTH},
	{SYS_access, ANY, BOTH},
	{SYS_getcwd, ANY, BOTH},
	{SYS_openat, READS, BOTH},
	{SYS_fcntl, DESCRIPTORS, BOTH},
	{SYS_memfd_create, ANY, BOTH},
	{SYS_ftruncate, ANY, BOTH},
	{SYS_getrandom, ANY, BOTH},
	{SYS_clock_gettime, ANY, BOTH},
	{SYS_nanosleep, ANY, BOTH},
	{SYS_clock_nanosleep, ANY, BOTH},
	{SYS_sched_yield, ANY, BOTH},
	{SYS_getpid, ANY, BOTH},
	{SYS_getppid, ANY, BOTH},
	{SYS_gettid, ANY, BOTH},
	{SYS_getuid, ANY, BOTH},
	{SYS_rt_sigaction, ANY, LAUNCH},
	{SYS_rt_sigaction, NOT_SIGSYS, PROGRAM},
	{SYS_rt_sigprocmask, ANY, BOTH},
	{SYS_sigaltstack, ANY, BOTH},
	{SYS_restart_syscall, ANY, BOTH},
	{SYS_kill, OF_ITSELF, PROGRAM}, /* the program ended by a signal */
	{SYS_tgkill, OF_ITSELF, PROGRAM},
	{SYS_process_vm_writev, OF_ITSELF, PROGRAM}, /* where it may not be writable */
	{SYS_arch_prctl, ANY, BOTH},
	{SYS_prlimit64, ITS_LIMITS, BOTH},
	{SYS_sysinfo, ANY, BOTH},
	{SYS_exit, ANY, BOTH},
	{SYS_exit_group, ANY, BOTH},
	{SYS_execve, ANY, LAUNCH},
	{SYS_set_tid_address, ANY, LAUNCH},
	{SYS_set_robust_list, ANY, LAUNCH},
	{SYS_rseq, ANY, LAUNCH},
	{SYS_prctl, ANY, LAUNCH},
	{SYS_seccomp, ANY, LAUNCH},
	{SYS_landlock_create_ruleset, ANY, LAUNCH},
	{SYS_landlock_add_rule, ANY, LAUNCH},
	{SYS_landlock_restrict_self, ANY, LAUNCH},
};
#define RULES (sizeof(rules) / sizeof(*rules))
#define RULE_MAX 10 /* instructions of one */

struct program {
	struct sock_filter code[4 + RULES * RULE_MAX + 1];
	unsigned short length;
};

static void put(struct program *program, uint16_t code, uint32_t k, uint8_t yes, uint8_t no)
{
	program->code[program->length++] = (struct sock_filter){code, yes, no, k};
}

#define LOAD (BPF_LD | BPF_W | BPF_ABS)
#define EQUAL (BPF_JMP | BPF_JEQ | BPF_K)
#define HAS (BPF_JMP | BPF_JSET | BPF_K)
#define RETURN (BPF_RET | BPF_K)
#define BELOW (BPF_JMP | BPF_JGE | BPF_K) /* with the ways exchanged */
#define ARGUMENT(i) ((uint32_t)(offsetof(struct seccomp_data, args) + (i) * sizeof(uint64_t)))
#define UPPER 4 /* of an argument, its other half */

/*
 * Behind this stands what allows the call; in front of that, the refusal, which is jumped over. The
 * kernel itself takes the lower half only of all that is compared here, but of a pointer.
 */
static void put_condition(struct program *program, enum condition condition, uint32_t refusal)
{
	switch (condition) {
	case READS:
		put(program, LOAD, ARGUMENT(2), 0, 0);
		put(program, HAS, O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY), 0, 1);
		break;
	case OF_ITSELF:
		put(program, LOAD, ARGUMENT(0), 0, 0);
		put(program, EQUAL, (uint32_t)getpid(), 1, 0);
		break;
	case NOT_SIGSYS:
		put(program, LOAD, ARGUMENT(0), 0, 0);
		put(program, EQUAL, SIGSYS, 0, 1);
		break;
	case ITS_LIMITS:
		put(program, LOAD, ARGUMENT(2) + UPPER, 0, 0);
		put(program, EQUAL, 0, 0, 2);
		put(program, LOAD, ARGUMENT(2), 0, 0);
		put(program, EQUAL, 0, 3, 0);
		put(program, LOAD, ARGUMENT(0), 0, 0); /* the pid: 0 is itself */
		put(program, EQUAL, 0, 1, 0);
		break;
	case DESCRIPTORS:
		put(program, LOAD, ARGUMENT(1), 0, 0);
		put(program, BELOW, F_SETFL + 1, 0, 4);
		put(program, EQUAL, F_DUPFD_CLOEXEC, 3, 0);
		put(program, EQUAL, F_ADD_SEALS, 2, 0);
		put(program, EQUAL, F_GET_SEALS, 1, 0);
		break;
	case ADVICE:
		put(program, LOAD, ARGUMENT(2), 0, 0);
		put(program, BELOW, 100, 0, 1);
		break;
	case ANY:
		return;
	}
	put(program, RETURN, refusal, 0, 0);
}

static void put_rule(struct program *program, const struct rule *rule, uint32_t refusal)
{
	struct sock_filter *number = &program->code[program->length];

	put(program, EQUAL, rule->number, 0, 0);
	put_condition(program, rule->condition, refusal);
	put(program, RETURN, SECCOMP_RET_ALLOW, 0, 0);
	number->jf = (uint8_t)(&program->code[program->length] - number - 1);
}

int cc_confine_calls(enum cc_confine_stage stage, struct cc_error *error)
{
	uint32_t refusal =
		stage == CC_CONFINE_PROGRAM ? SECCOMP_RET_TRAP : SECCOMP_RET_ERRNO | EPERM;
	struct program program;
	struct sock_fprog given;

	program.length = 0;
	/* i386's calls have numbers of their own; x32's are no number of the list. */
	put(&program, LOAD, offsetof(struct seccomp_data, arch), 0, 0);
	put(&program, EQUAL, AUDIT_ARCH_X86_64, 1, 0);
	put(&program, RETURN, SECCOMP_RET_KILL_PROCESS, 0, 0);
	put(&program, LOAD, offsetof(struct seccomp_data, nr), 0, 0);
	for (size_t i = 0; i < RULES; i++)
		if (rules[i].stages >> stage & 1)
			put_rule(&program, &rules[i], refusal);
	put(&program, RETURN, refusal, 0, 0);
	given = (struct sock_fprog){program.length, program.code};
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &given, 0, 0))
		return cc_fail(
			error, CC_EUNSUPPORTED,
			"this kernel does not let a replay confine itself (seccomp: %s), and "
			"a slice is foreign code",
			strerror(errno));
	return 0;
}

/* ---- files ---- */

#define READING                                                                                    \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
/* Of the first Landlock: later ones handle more, but what only they know is refused by calls. */
#define HANDLED                                                                                    \
	(READING | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                 \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |                           \
	 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |                               \
	 LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |                             \
	 LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM)

static int allow(int ruleset, const char *path)
{
	struct landlock_path_beneath_attr rule = {.allowed_access = READING};
	struct stat info;
	int failed;

	rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == EACCES ? 0 : -1;
	if (!fstat(rule.parent_fd, &info) && !S_ISDIR(info.st_mode))
		rule.allowed_access &= ~(uint64_t)LANDLOCK_ACCESS_FS_READ_DIR;
	failed = (int)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	close(rule.parent_fd);
	return failed;
}

int cc_confine_files(const char *const readable[], struct cc_error *error)
{
	struct landlock_ruleset_attr handled = {.handled_access_fs = HANDLED};
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof(handled), 0);
	int failed = 0;

	if (ruleset < 0 && (errno == ENOSYS || errno == EOPNOTSUPP || errno == EPERM))
		return 1;
	for (size_t i = 0; ruleset >= 0 && !failed && readable[i]; i++)
		failed = allow(ruleset, readable[i]);
	if (ruleset < 0 || failed || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_landlock_restrict_self, ruleset, 0))
		failed = cc_fail(error, CC_EUNSUPPORTED,
				 "files cannot be kept from a replay (landlock: %s)",
				 strerror(errno));
	if (ruleset >= 0)
		close(ruleset);
	return failed;
}
