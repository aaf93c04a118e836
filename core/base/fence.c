/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/fence.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/confine.h"

/* ---- system calls ---- */

/*
 * What QEMU 10 and unsquashfs 4.5 call, and what stands for the same in other versions of the C
 * library. All else fails with ENOSYS, as on a kernel that lacks it: programs know how to go on
 * without io_uring or clone3, whose arguments a filter cannot see.
 * Landlock does not know all that changes a file: so no call takes a path to truncate, to link, or
 * to set modes, owners and times.
 */
static const uint16_t allowed[] = {
	/* memory */
	SYS_mmap, SYS_munmap, SYS_mprotect, SYS_mremap, SYS_madvise, SYS_brk, SYS_mincore,
	SYS_msync, SYS_mlock, SYS_munlock, SYS_membarrier, SYS_get_mempolicy, SYS_set_mempolicy,
	SYS_memfd_create,
	/* files */
	SYS_openat, SYS_close, SYS_close_range, SYS_read, SYS_write, SYS_readv, SYS_writev,
	SYS_pread64, SYS_pwrite64, SYS_preadv, SYS_pwritev, SYS_lseek, SYS_fstat, SYS_stat,
	SYS_lstat, SYS_newfstatat, SYS_statx, SYS_statfs, SYS_fstatfs, SYS_access, SYS_faccessat,
	SYS_faccessat2, SYS_readlink, SYS_readlinkat, SYS_getdents64, SYS_getcwd, SYS_chdir,
	SYS_fchdir, SYS_umask, SYS_fcntl, SYS_flock, SYS_dup, SYS_dup2, SYS_dup3, SYS_pipe2,
	SYS_ftruncate, SYS_fallocate, SYS_fadvise64, SYS_fsync, SYS_fdatasync, SYS_rename,
	SYS_renameat, SYS_renameat2, SYS_unlink, SYS_unlinkat,
	/* sockets that it has inherited */
	SYS_sendmsg, SYS_recvmsg, SYS_sendto, SYS_recvfrom, SYS_shutdown, SYS_getsockopt,
	SYS_setsockopt, SYS_getsockname, SYS_getpeername,
	/* threads, and itself */
	SYS_clone, SYS_futex, SYS_set_robust_list, SYS_set_tid_address, SYS_rseq, SYS_sched_yield,
	SYS_sched_getaffinity, SYS_getcpu, SYS_exit, SYS_exit_group, SYS_arch_prctl, SYS_prctl,
	SYS_seccomp, SYS_prlimit64, SYS_getrusage, SYS_sysinfo, SYS_uname, SYS_getrandom,
	SYS_getpid, SYS_getppid, SYS_gettid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid,
	/* only until QEMU's own filter stands; and what is executed stays fenced */
	SYS_execve,
	/* signals, time, waiting */
	SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_rt_sigpending,
	SYS_rt_sigtimedwait, SYS_rt_sigsuspend, SYS_sigaltstack, SYS_kill, SYS_tgkill,
	SYS_restart_syscall, SYS_clock_gettime, SYS_clock_getres, SYS_clock_nanosleep,
	SYS_nanosleep, SYS_gettimeofday, SYS_time, SYS_times, SYS_poll, SYS_ppoll, SYS_select,
	SYS_pselect6, SYS_epoll_create1, SYS_epoll_ctl, SYS_epoll_wait, SYS_epoll_pwait,
	SYS_eventfd2, SYS_signalfd4, SYS_timerfd_create, SYS_timerfd_settime, SYS_timerfd_gettime};

/* Of an argument: the bits of `mask` have to be `value`, or must not be. */
#define OWN_PID UINT32_MAX
static const struct condition {
	uint16_t number;
	uint8_t argument, must;
	uint32_t mask, value;
} conditions[] = {
	{SYS_clone, 0, 1, CLONE_THREAD, CLONE_THREAD},
	{SYS_kill, 0, 1, UINT32_MAX, OWN_PID},
	{SYS_tgkill, 0, 1, UINT32_MAX, OWN_PID},
	{SYS_prlimit64, 0, 1, UINT32_MAX, 0},
	{SYS_prctl, 0, 0, UINT32_MAX, PR_SET_PDEATHSIG}, /* it ends with us */
	{SYS_fcntl, 1, 0, UINT32_MAX, F_SETOWN},	 /* signals to others */
	{SYS_fcntl, 1, 0, UINT32_MAX, F_SETOWN_EX},
	/* Until its third version, Landlock takes an O_RDONLY | O_TRUNC for reading. */
	{SYS_openat, 2, 0, O_ACCMODE | O_TRUNC, O_RDONLY | O_TRUNC},
};

#define ALLOWED (sizeof(allowed) / sizeof(*allowed))
#define CONDITIONS (sizeof(conditions) / sizeof(*conditions))
#define CONDITION_CODE 6 /* instructions of one condition */
_Static_assert(ALLOWED < UINT8_MAX, "a jump goes over all of them");

#define LOAD (BPF_LD | BPF_W | BPF_ABS)
#define EQUAL (BPF_JMP | BPF_JEQ | BPF_K)
#define AND (BPF_ALU | BPF_AND | BPF_K)
#define RETURN (BPF_RET | BPF_K)
#define NUMBER offsetof(struct seccomp_data, nr)
#define REFUSAL (SECCOMP_RET_ERRNO | ENOSYS)

struct program {
	struct sock_filter code[4 + CONDITIONS * CONDITION_CODE + ALLOWED + 2];
	unsigned short length;
};

static void put(struct program *program, uint16_t code, uint32_t k, uint8_t yes, uint8_t no)
{
	program->code[program->length++] = (struct sock_filter){code, yes, no, k};
}

/* The kernel itself takes the lower half only of all that is compared here. */
static void put_condition(struct program *program, const struct condition *condition)
{
	size_t argument = offsetof(struct seccomp_data, args) + condition->argument * 8ul;
	uint32_t value = condition->value == OWN_PID ? (uint32_t)getpid() : condition->value;

	put(program, EQUAL, condition->number, 0, CONDITION_CODE - 1);
	put(program, LOAD, (uint32_t)argument, 0, 0);
	put(program, AND, condition->mask, 0, 0);
	put(program, EQUAL, value, condition->must, !condition->must);
	put(program, RETURN, REFUSAL, 0, 0);
	put(program, LOAD, NUMBER, 0, 0);
}

static int fence_calls(struct cc_error *error)
{
	struct program program = {.length = 0};
	struct sock_fprog given;

	/* i386's calls have numbers of their own; x32's are no number of the list. */
	put(&program, LOAD, offsetof(struct seccomp_data, arch), 0, 0);
	put(&program, EQUAL, AUDIT_ARCH_X86_64, 1, 0);
	put(&program, RETURN, SECCOMP_RET_KILL_PROCESS, 0, 0);
	put(&program, LOAD, NUMBER, 0, 0);
	for (size_t i = 0; i < CONDITIONS; i++)
		put_condition(&program, &conditions[i]);
	for (size_t i = 0; i < ALLOWED; i++)
		put(&program, EQUAL, allowed[i], (uint8_t)(ALLOWED - i), 0);
	put(&program, RETURN, REFUSAL, 0, 0);
	put(&program, RETURN, SECCOMP_RET_ALLOW, 0, 0);
	given = (struct sock_fprog){program.length, program.code};
	/* Before Linux 5.16 a filter slows the processor down (speculation), if one does not say
	   that it need not. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &given))
		return cc_fail(error, CC_EUNSUPPORTED,
			       "this kernel does not let a program be confined (seccomp: %s), and "
			       "what it would read is foreign",
			       strerror(errno));
	return 0;
}

/* ---- files ---- */

#define PATHS_MAX 32

static int fence_files(const struct cc_fence *fence, struct cc_error *error)
{
	const char *readable[PATHS_MAX] = {"/usr", "/lib", "/lib64", "/etc/ld.so.cache",
					   "/dev/urandom"};
	size_t count = 5;

	if (fence->program)
		readable[count++] = fence->program;
	for (size_t i = 0; fence->readable && fence->readable[i]; i++) {
		if (count + 1 >= PATHS_MAX)
			return cc_fail(error, CC_ELIMIT, "too many paths for one program");
		readable[count++] = fence->readable[i];
	}
	return cc_confine_files(readable, fence->writable, error);
}

static void limit(int resource, uint64_t most)
{
	struct rlimit limit;

	if (!most || getrlimit(resource, &limit))
		return;
	if (limit.rlim_cur > most)
		limit.rlim_cur = most;
	if (limit.rlim_max > most)
		limit.rlim_max = most;
	setrlimit(resource, &limit);
}

int cc_fence(const struct cc_fence *fence, struct cc_error *error)
{
	int status = fence_files(fence, error);

	if (status < 0)
		return status;
	limit(RLIMIT_FSIZE, fence->file_bytes);
	limit(RLIMIT_AS, fence->memory_bytes);
	limit(RLIMIT_CPU, fence->seconds);
	return fence_calls(error);
}
