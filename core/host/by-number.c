/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * syscall(2) is many functions. Where the C library has one that takes the same arguments, fails in the same way and
 * does the same, a call by number is a call of that one: its row says what goes in, what comes out, and what it does.
 * Not listed: what differs from the kernel's (getcwd, sched_getaffinity, ppoll, eventfd, clock_nanosleep, timer_create),
 * and what runs the program's own functions (fork, exit). Those that have no function at all stand in variant.c.
 */
#include <string.h>
#include <sys/syscall.h>

#include "core/host/walk.h"

#define FUNCTION(name) [SYS_##name] = #name
#define NAMED(name, function) [SYS_##name] = #function

static const char *const functions[] = {
	FUNCTION(read), FUNCTION(write), FUNCTION(open), FUNCTION(close), FUNCTION(stat), FUNCTION(fstat),
	FUNCTION(lstat), FUNCTION(poll), FUNCTION(lseek), FUNCTION(ioctl), FUNCTION(pread64), FUNCTION(pwrite64),
	FUNCTION(readv), FUNCTION(writev), FUNCTION(access), FUNCTION(pipe), FUNCTION(select), FUNCTION(sched_yield),
	FUNCTION(dup), FUNCTION(dup2), FUNCTION(pause), FUNCTION(nanosleep), FUNCTION(getitimer), FUNCTION(alarm),
	FUNCTION(setitimer), FUNCTION(getpid), FUNCTION(sendfile), FUNCTION(socket), FUNCTION(connect),
	FUNCTION(accept), FUNCTION(sendto), FUNCTION(recvfrom), FUNCTION(sendmsg), FUNCTION(recvmsg),
	FUNCTION(shutdown), FUNCTION(bind), FUNCTION(listen), FUNCTION(getsockname), FUNCTION(getpeername),
	FUNCTION(socketpair), FUNCTION(setsockopt), FUNCTION(getsockopt), FUNCTION(execve), FUNCTION(wait4),
	FUNCTION(kill), FUNCTION(uname), FUNCTION(semget), FUNCTION(semop), FUNCTION(msgget), FUNCTION(msgsnd),
	FUNCTION(msgrcv), FUNCTION(fcntl), FUNCTION(flock), FUNCTION(fsync), FUNCTION(fdatasync), FUNCTION(truncate),
	FUNCTION(ftruncate), FUNCTION(chdir), FUNCTION(fchdir), FUNCTION(rename), FUNCTION(mkdir), FUNCTION(rmdir),
	FUNCTION(creat), FUNCTION(link), FUNCTION(unlink), FUNCTION(symlink), FUNCTION(readlink), FUNCTION(chmod),
	FUNCTION(fchmod), FUNCTION(chown), FUNCTION(fchown), FUNCTION(lchown), FUNCTION(umask),
	FUNCTION(gettimeofday), FUNCTION(getrlimit), FUNCTION(getrusage), FUNCTION(sysinfo), FUNCTION(times),
	FUNCTION(getuid), FUNCTION(getgid), FUNCTION(setuid), FUNCTION(setgid), FUNCTION(geteuid), FUNCTION(getegid),
	FUNCTION(setpgid), FUNCTION(getppid), FUNCTION(getpgrp), FUNCTION(setsid), FUNCTION(setreuid),
	FUNCTION(setregid), FUNCTION(getgroups), FUNCTION(setgroups), FUNCTION(setresuid), FUNCTION(getresuid),
	FUNCTION(setresgid), FUNCTION(getresgid), FUNCTION(getpgid), FUNCTION(setfsuid), FUNCTION(setfsgid),
	FUNCTION(getsid), FUNCTION(capget), FUNCTION(capset), FUNCTION(sigaltstack), FUNCTION(utime),
	FUNCTION(mknod), FUNCTION(personality), FUNCTION(statfs), FUNCTION(fstatfs), FUNCTION(getpriority),
	FUNCTION(setpriority), FUNCTION(sched_setparam), FUNCTION(sched_getparam), FUNCTION(sched_setscheduler),
	FUNCTION(sched_getscheduler), FUNCTION(sched_get_priority_max), FUNCTION(sched_get_priority_min),
	FUNCTION(sched_rr_get_interval), FUNCTION(prctl), FUNCTION(setrlimit), FUNCTION(chroot), FUNCTION(sync),
	FUNCTION(mount), FUNCTION(umount2), FUNCTION(sethostname), FUNCTION(gettid), FUNCTION(readahead),
	FUNCTION(setxattr), FUNCTION(lsetxattr), FUNCTION(fsetxattr), FUNCTION(getxattr), FUNCTION(lgetxattr),
	FUNCTION(fgetxattr), FUNCTION(listxattr), FUNCTION(llistxattr), FUNCTION(flistxattr), FUNCTION(removexattr),
	FUNCTION(lremovexattr), FUNCTION(fremovexattr), FUNCTION(time), FUNCTION(sched_setaffinity),
	FUNCTION(epoll_create), FUNCTION(clock_settime), FUNCTION(clock_gettime), FUNCTION(clock_getres),
	FUNCTION(epoll_wait), FUNCTION(epoll_ctl), FUNCTION(tgkill), FUNCTION(utimes), FUNCTION(inotify_init),
	FUNCTION(inotify_add_watch), FUNCTION(inotify_rm_watch), FUNCTION(openat), FUNCTION(mkdirat),
	FUNCTION(mknodat), FUNCTION(fchownat), FUNCTION(futimesat), FUNCTION(unlinkat), FUNCTION(renameat),
	FUNCTION(linkat), FUNCTION(symlinkat), FUNCTION(readlinkat), FUNCTION(unshare), FUNCTION(splice),
	FUNCTION(tee), FUNCTION(sync_file_range), FUNCTION(vmsplice), FUNCTION(utimensat), FUNCTION(timerfd_create),
	FUNCTION(fallocate), FUNCTION(timerfd_settime), FUNCTION(timerfd_gettime), FUNCTION(accept4),
	FUNCTION(epoll_create1), FUNCTION(dup3), FUNCTION(pipe2), FUNCTION(inotify_init1), FUNCTION(preadv),
	FUNCTION(pwritev), FUNCTION(fanotify_init), FUNCTION(fanotify_mark), FUNCTION(prlimit64), FUNCTION(syncfs),
	FUNCTION(setns), FUNCTION(getcpu), FUNCTION(process_vm_readv), FUNCTION(process_vm_writev),
	FUNCTION(renameat2), FUNCTION(getrandom), FUNCTION(memfd_create), FUNCTION(execveat), FUNCTION(membarrier),
	FUNCTION(copy_file_range), FUNCTION(statx), FUNCTION(pidfd_send_signal), FUNCTION(pidfd_open),
	FUNCTION(close_range), FUNCTION(pidfd_getfd),
	FUNCTION(getdents64), FUNCTION(semtimedop), FUNCTION(semctl), FUNCTION(msgctl), FUNCTION(shmget), FUNCTION(shmctl),
	FUNCTION(shmat), FUNCTION(shmdt), FUNCTION(sendmmsg), FUNCTION(recvmmsg), FUNCTION(ptrace), FUNCTION(adjtimex),
	FUNCTION(clock_adjtime), FUNCTION(settimeofday), FUNCTION(name_to_handle_at), FUNCTION(open_by_handle_at),
	FUNCTION(quotactl), FUNCTION(pivot_root), FUNCTION(setdomainname), FUNCTION(fsopen), FUNCTION(fsmount),
	FUNCTION(fsconfig), FUNCTION(fspick), FUNCTION(move_mount), FUNCTION(open_tree), FUNCTION(mount_setattr),
	FUNCTION(pkey_alloc), FUNCTION(pkey_free), FUNCTION(mlockall), FUNCTION(munlockall), FUNCTION(epoll_pwait2),
	FUNCTION(acct), FUNCTION(swapon), FUNCTION(swapoff), FUNCTION(reboot), FUNCTION(iopl), FUNCTION(ioperm),
	FUNCTION(init_module), FUNCTION(delete_module), FUNCTION(vhangup), FUNCTION(mq_unlink), FUNCTION(mq_timedsend),
	FUNCTION(mq_timedreceive), FUNCTION(timer_getoverrun), FUNCTION(timer_delete), FUNCTION(process_mrelease),
	NAMED(syslog, klogctl), NAMED(rt_sigpending, sigpending), NAMED(rt_sigsuspend, sigsuspend),
	NAMED(rt_sigtimedwait, sigtimedwait), NAMED(newfstatat, fstatat), NAMED(eventfd2, eventfd), NAMED(faccessat2, faccessat), NAMED(exit_group, _exit),
};

const struct cc_hostcall *cc_call_meant(const struct cc_hostcall *call, const uint64_t args[CC_MAXARGS],
					uint64_t meant[CC_MAXARGS])
{
	const char *name = NULL;

	if (cc_call_does(call, CC_EFFECT_BY_NUMBER) && args[0] < sizeof(functions) / sizeof(*functions))
		name = functions[args[0]];
	memcpy(meant, args + (name != NULL), (CC_MAXARGS - (name != NULL)) * sizeof(*meant));
	if (!name)
		return call;
	meant[CC_MAXARGS - 1] = 0;
	return cc_hostcall_find(name);
}
