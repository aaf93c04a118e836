/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Constants by name, in small lists, each under the header that it comes from. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <dlfcn.h>
#include <locale.h>

#include "core/host/show.h"

/* Lists of constants are read in lines of many. */
/* clang-format off */
#define N(constant) {(uint64_t)(int64_t)(constant), #constant}
#define END {0, NULL}

/* <fcntl.h> */
static const struct cc_name oflags[] = {
	N(O_RDONLY), N(O_WRONLY), N(O_RDWR), N(O_CREAT), N(O_EXCL), N(O_NOCTTY), N(O_TRUNC),
	N(O_APPEND), N(O_NONBLOCK), N(O_SYNC), N(O_DSYNC), N(O_ASYNC), N(O_DIRECT), N(O_NOFOLLOW),
	N(O_NOATIME), N(O_CLOEXEC), N(O_PATH), N(O_TMPFILE), N(O_DIRECTORY),
	{0100000, "O_LARGEFILE"},
	END};
static const struct cc_name dirfd_names[] = {N(AT_FDCWD), END};
static const struct cc_name atflags[] = {
	N(AT_SYMLINK_NOFOLLOW), N(AT_SYMLINK_FOLLOW), N(AT_REMOVEDIR), N(AT_EACCESS),
	N(AT_EMPTY_PATH), N(AT_NO_AUTOMOUNT), END};
static const struct cc_name fcntl_names[] = {
	N(F_DUPFD), N(F_GETFD), N(F_SETFD), N(F_GETFL), N(F_SETFL), N(F_GETLK), N(F_SETLK),
	N(F_SETLKW), N(F_SETOWN), N(F_GETOWN), N(F_SETSIG), N(F_GETSIG), N(F_DUPFD_CLOEXEC),
	N(F_SETPIPE_SZ), N(F_GETPIPE_SZ), N(F_ADD_SEALS), N(F_GET_SEALS), N(F_OFD_GETLK),
	N(F_OFD_SETLK), N(F_OFD_SETLKW), N(F_SETLEASE), N(F_GETLEASE), N(F_NOTIFY),
	N(F_SETOWN_EX), N(F_GETOWN_EX), END};
static const struct cc_name fdflags_names[] = {N(FD_CLOEXEC), END};
static const struct cc_name lock_names[] = {N(F_RDLCK), N(F_WRLCK), N(F_UNLCK), END};

/* <sys/file.h> */
static const struct cc_name flock_names[] = {
	{1, "LOCK_SH"}, {2, "LOCK_EX"}, {8, "LOCK_UN"}, {4, "LOCK_NB"}, END};

/* <sys/stat.h> */
static const struct cc_name mode_names[] = {
	N(S_IFREG), N(S_IFDIR), N(S_IFLNK), N(S_IFIFO), N(S_IFSOCK), N(S_IFCHR), N(S_IFBLK),
	N(S_ISUID), N(S_ISGID), N(S_ISVTX), END};

/* <dirent.h> */
static const struct cc_name dtype_names[] = {
	N(DT_UNKNOWN), N(DT_REG), N(DT_DIR), N(DT_LNK), N(DT_FIFO), N(DT_SOCK), N(DT_CHR),
	N(DT_BLK), END};

/* <unistd.h> */
static const struct cc_name whence_names[] = {
	N(SEEK_SET), N(SEEK_CUR), N(SEEK_END), N(SEEK_DATA), N(SEEK_HOLE), END};
static const struct cc_name access_names[] = {N(F_OK), N(R_OK), N(W_OK), N(X_OK), END};
static const struct cc_name lockf_names[] = {N(F_ULOCK), N(F_LOCK), N(F_TLOCK), N(F_TEST), END};
static const struct cc_name sysconf_names[] = {
	N(_SC_ARG_MAX), N(_SC_CHILD_MAX), N(_SC_CLK_TCK), N(_SC_NGROUPS_MAX), N(_SC_OPEN_MAX),
	N(_SC_PAGESIZE), N(_SC_IOV_MAX), N(_SC_NPROCESSORS_CONF), N(_SC_NPROCESSORS_ONLN),
	N(_SC_PHYS_PAGES), N(_SC_GETGR_R_SIZE_MAX), N(_SC_GETPW_R_SIZE_MAX), N(_SC_LOGIN_NAME_MAX),
	N(_SC_TTY_NAME_MAX), N(_SC_SYMLOOP_MAX), N(_SC_HOST_NAME_MAX), END};

/* <poll.h>, and <sys/epoll.h>, which has the same values */
static const struct cc_name poll_names[] = {
	N(POLLIN), N(POLLPRI), N(POLLOUT), N(POLLERR), N(POLLHUP), N(POLLNVAL), N(POLLRDNORM),
	N(POLLRDBAND), N(POLLWRNORM), N(POLLWRBAND), N(POLLRDHUP), {EPOLLONESHOT, "EPOLLONESHOT"},
	{EPOLLET, "EPOLLET"}, {EPOLLEXCLUSIVE, "EPOLLEXCLUSIVE"}, END};
static const struct cc_name epollop_names[] = {
	N(EPOLL_CTL_ADD), N(EPOLL_CTL_DEL), N(EPOLL_CTL_MOD), END};

/* <time.h>, <sys/time.h>, <sys/resource.h> */
static const struct cc_name clock_names[] = {
	N(CLOCK_REALTIME), N(CLOCK_MONOTONIC), N(CLOCK_PROCESS_CPUTIME_ID),
	N(CLOCK_THREAD_CPUTIME_ID), N(CLOCK_MONOTONIC_RAW), N(CLOCK_REALTIME_COARSE),
	N(CLOCK_MONOTONIC_COARSE), N(CLOCK_BOOTTIME), N(CLOCK_REALTIME_ALARM),
	N(CLOCK_BOOTTIME_ALARM), N(CLOCK_TAI), END};
static const struct cc_name timerflag_names[] = {N(TIMER_ABSTIME), END};
static const struct cc_name itimer_names[] = {
	N(ITIMER_REAL), N(ITIMER_VIRTUAL), N(ITIMER_PROF), END};
static const struct cc_name rlimit_names[] = {
	N(RLIMIT_AS), N(RLIMIT_CORE), N(RLIMIT_CPU), N(RLIMIT_DATA), N(RLIMIT_FSIZE),
	N(RLIMIT_LOCKS), N(RLIMIT_MEMLOCK), N(RLIMIT_MSGQUEUE), N(RLIMIT_NICE), N(RLIMIT_NOFILE),
	N(RLIMIT_NPROC), N(RLIMIT_RSS), N(RLIMIT_RTPRIO), N(RLIMIT_RTTIME), N(RLIMIT_SIGPENDING),
	N(RLIMIT_STACK), END};
static const struct cc_name rusage_names[] = {
	N(RUSAGE_SELF), N(RUSAGE_CHILDREN), {1, "RUSAGE_THREAD"}, END};
static const struct cc_name priority_names[] = {
	N(PRIO_PROCESS), N(PRIO_PGRP), N(PRIO_USER), END};

/* <signal.h> */
static const struct cc_name signal_names[] = {
	N(SIGHUP), N(SIGINT), N(SIGQUIT), N(SIGILL), N(SIGTRAP), N(SIGABRT), N(SIGBUS), N(SIGFPE),
	N(SIGKILL), N(SIGUSR1), N(SIGSEGV), N(SIGUSR2), N(SIGPIPE), N(SIGALRM), N(SIGTERM),
	N(SIGSTKFLT), N(SIGCHLD), N(SIGCONT), N(SIGSTOP), N(SIGTSTP), N(SIGTTIN), N(SIGTTOU),
	N(SIGURG), N(SIGXCPU), N(SIGXFSZ), N(SIGVTALRM), N(SIGPROF), N(SIGWINCH), N(SIGIO),
	N(SIGPWR), N(SIGSYS), END};
static const struct cc_name sigmask_names[] = {N(SIG_BLOCK), N(SIG_UNBLOCK), N(SIG_SETMASK), END};
static const struct cc_name saflag_names[] = {
	N(SA_NOCLDSTOP), N(SA_NOCLDWAIT), N(SA_SIGINFO), N(SA_ONSTACK), N(SA_RESTART),
	N(SA_NODEFER), {(uint64_t)(int64_t)(int)SA_RESETHAND, "SA_RESETHAND"},
	{0x04000000, "SA_RESTORER"}, END};
static const struct cc_name handler_names[] = {{0, "SIG_DFL"}, {1, "SIG_IGN"}, END};

/* <sys/wait.h> */
static const struct cc_name waitopt_names[] = {
	N(WNOHANG), N(WUNTRACED), N(WCONTINUED), N(WEXITED), N(WNOWAIT), END};
static const struct cc_name idtype_names[] = {N(P_ALL), N(P_PID), N(P_PGID), END};

/* <sys/socket.h>, <netdb.h> */
static const struct cc_name family_names[] = {
	N(AF_UNSPEC), N(AF_UNIX), N(AF_INET), N(AF_INET6), N(AF_NETLINK), N(AF_PACKET), END};
static const struct cc_name socktype_names[] = {
	N(SOCK_STREAM), N(SOCK_DGRAM), N(SOCK_RAW), N(SOCK_RDM), N(SOCK_SEQPACKET),
	N(SOCK_CLOEXEC), N(SOCK_NONBLOCK), END};
static const struct cc_name msgflag_names[] = {
	N(MSG_OOB), N(MSG_PEEK), N(MSG_DONTROUTE), N(MSG_CTRUNC), N(MSG_TRUNC), N(MSG_DONTWAIT),
	N(MSG_EOR), N(MSG_WAITALL), N(MSG_ERRQUEUE), N(MSG_NOSIGNAL), N(MSG_MORE),
	N(MSG_CMSG_CLOEXEC), END};
static const struct cc_name sockopt_names[] = {
	N(SO_DEBUG), N(SO_REUSEADDR), N(SO_TYPE), N(SO_ERROR), N(SO_DONTROUTE), N(SO_BROADCAST),
	N(SO_SNDBUF), N(SO_RCVBUF), N(SO_KEEPALIVE), N(SO_OOBINLINE), N(SO_PRIORITY), N(SO_LINGER),
	N(SO_REUSEPORT), N(SO_PASSCRED), N(SO_PEERCRED), N(SO_RCVLOWAT), N(SO_SNDLOWAT),
	N(SO_ACCEPTCONN), N(SO_PROTOCOL), N(SO_DOMAIN), END};
static const struct cc_name solevel_names[] = {
	N(SOL_SOCKET), {0, "IPPROTO_IP"}, {6, "IPPROTO_TCP"}, {17, "IPPROTO_UDP"},
	{41, "IPPROTO_IPV6"}, END};
static const struct cc_name shutdown_names[] = {N(SHUT_RD), N(SHUT_WR), N(SHUT_RDWR), END};
static const struct cc_name aiflag_names[] = {
	N(AI_PASSIVE), N(AI_CANONNAME), N(AI_NUMERICHOST), N(AI_V4MAPPED), N(AI_ALL),
	N(AI_ADDRCONFIG), N(AI_NUMERICSERV), END};
static const struct cc_name eai_names[] = {
	N(EAI_BADFLAGS), N(EAI_NONAME), N(EAI_AGAIN), N(EAI_FAIL), N(EAI_FAMILY), N(EAI_SOCKTYPE),
	N(EAI_SERVICE), N(EAI_MEMORY), N(EAI_SYSTEM), N(EAI_OVERFLOW), END};
static const struct cc_name niflag_names[] = {
	N(NI_NUMERICHOST), N(NI_NUMERICSERV), N(NI_NOFQDN), N(NI_NAMEREQD), N(NI_DGRAM), END};

/* <sys/ioctl.h>, <termios.h> */
static const struct cc_name ioctl_names[] = {
	N(TCGETS), N(TCSETS), N(TCSETSW), N(TCSETSF), N(TIOCGWINSZ), N(TIOCSWINSZ), N(TIOCGPGRP),
	N(TIOCSPGRP), N(TIOCSCTTY), N(TIOCNOTTY), N(TIOCGSID), N(TIOCOUTQ), N(TIOCSTI), N(TIOCEXCL),
	N(TIOCNXCL), N(TIOCMGET), N(TIOCGPTN), N(TIOCSPTLCK), N(FIONREAD), N(FIONBIO), N(FIOASYNC),
	N(FIOCLEX), N(FIONCLEX), {0x8905, "SIOCATMARK"}, {0x8912, "SIOCGIFCONF"}, END};
static const struct cc_name tcset_names[] = {N(TCSANOW), N(TCSADRAIN), N(TCSAFLUSH), END};

/* <sys/mman.h> */
static const struct cc_name prot_names[] = {
	N(PROT_NONE), N(PROT_READ), N(PROT_WRITE), N(PROT_EXEC), END};
static const struct cc_name mapflag_names[] = {
	N(MAP_SHARED), N(MAP_PRIVATE), N(MAP_FIXED), N(MAP_ANONYMOUS), N(MAP_NORESERVE),
	N(MAP_POPULATE), N(MAP_STACK), END};
static const struct cc_name remapflag_names[] = {
	N(MREMAP_MAYMOVE), N(MREMAP_FIXED), N(MREMAP_DONTUNMAP), END};

/* <dlfcn.h> */
static const struct cc_name rtld_names[] = {
	N(RTLD_LAZY), N(RTLD_NOW), N(RTLD_GLOBAL), N(RTLD_NODELETE), N(RTLD_NOLOAD), END};

/* <locale.h> */
static const struct cc_name locale_names[] = {
	N(LC_CTYPE), N(LC_NUMERIC), N(LC_TIME), N(LC_COLLATE), N(LC_MONETARY), N(LC_MESSAGES),
	N(LC_ALL), N(LC_PAPER), N(LC_NAME), N(LC_ADDRESS), N(LC_TELEPHONE), N(LC_MEASUREMENT),
	N(LC_IDENTIFICATION), END};

/* <sys/prctl.h>, <sys/syscall.h>, <sys/sem.h> */
static const struct cc_name prctl_names[] = {
	N(PR_SET_NAME), N(PR_GET_NAME), N(PR_SET_PDEATHSIG), N(PR_GET_PDEATHSIG),
	N(PR_SET_DUMPABLE), N(PR_GET_DUMPABLE), N(PR_SET_NO_NEW_PRIVS), N(PR_SET_CHILD_SUBREAPER),
	END};
static const struct cc_name sysno_names[] = {
	N(SYS_getpid), N(SYS_gettid), N(SYS_getppid), N(SYS_getuid), N(SYS_geteuid), N(SYS_getgid),
	N(SYS_getegid), N(SYS_sync), N(SYS_pidfd_open), N(SYS_pidfd_send_signal), N(SYS_kill),
	N(SYS_write), N(SYS_read), N(SYS_futex), N(SYS_getdents64), N(SYS_getrandom),
	N(SYS_sched_getaffinity), N(SYS_sched_getattr), N(SYS_sched_setattr), N(SYS_get_mempolicy),
	N(SYS_set_mempolicy), N(SYS_mbind), N(SYS_perf_event_open), N(SYS_rt_sigprocmask),
	N(SYS_signalfd4), N(SYS_fadvise64), N(SYS_tkill), N(SYS_ioprio_get), N(SYS_ioprio_set),
	N(SYS_kcmp), N(SYS_openat2), N(SYS_landlock_create_ruleset), N(SYS_landlock_add_rule),
	N(SYS_landlock_restrict_self), N(SYS_io_uring_setup), N(SYS_io_uring_enter),
	N(SYS_io_uring_register), END};
static const struct cc_name ipc_names[] = {
	N(IPC_RMID), N(IPC_SET), N(IPC_STAT), N(GETPID), N(GETVAL), N(GETALL), N(GETNCNT),
	N(GETZCNT), N(SETVAL), N(SETALL), END};
static const struct cc_name sigev_names[] = {
	N(SIGEV_SIGNAL), N(SIGEV_NONE), N(SIGEV_THREAD), {4, "SIGEV_THREAD_ID"}, END};
static const struct cc_name ipcflag_names[] = {N(IPC_CREAT), N(IPC_EXCL), N(IPC_NOWAIT), END};

/* clang-format on */

/* ---- values that are no list ---- */

static void format_wait(int64_t value, char *text, size_t size)
{
	int status = (int)value;

	if (WIFEXITED(status))
		snprintf(text, size, "exit %d", WEXITSTATUS(status));
	else if (WIFSIGNALED(status))
		snprintf(text, size, "SIG%s", sigabbrev_np(WTERMSIG(status)) ?: "?");
	else
		snprintf(text, size, "0x%x", (unsigned)status);
}

static void format_sigset(int64_t value, char *text, size_t size)
{
	size_t used = (size_t)snprintf(text, size, "[");

	for (int i = 1; i <= 64; i++) {
		const char *name = sigabbrev_np(i);

		if (!((uint64_t)value >> (i - 1) & 1) || used >= size)
			continue;
		used += (size_t)(name ? snprintf(text + used, size - used, "%s%s",
						 used > 1 ? " " : "", name)
				      : snprintf(text + used, size - used, "%s%d",
						 used > 1 ? " " : "", i));
	}
	if (used < size)
		snprintf(text + used, size - used, "]");
}

#define ENUM UINT64_MAX
#define FLAGS 0

static const struct cc_names lists[] = {
	{"oflags", O_ACCMODE, oflags, 0, NULL},
	{"mode", S_IFMT, mode_names, 1, NULL},
	{"dirfd", ENUM, dirfd_names, 0, NULL},
	{"atflags", FLAGS, atflags, 0, NULL},
	{"fcntl", ENUM, fcntl_names, 0, NULL},
	{"fdflags", FLAGS, fdflags_names, 0, NULL},
	{"lock", ENUM, lock_names, 0, NULL},
	{"flock", FLAGS, flock_names, 0, NULL},
	{"dtype", ENUM, dtype_names, 0, NULL},
	{"whence", ENUM, whence_names, 0, NULL},
	{"access", FLAGS, access_names, 0, NULL},
	{"lockf", ENUM, lockf_names, 0, NULL},
	{"sysconf", ENUM, sysconf_names, 0, NULL},
	{"poll", FLAGS, poll_names, 0, NULL},
	{"epollop", ENUM, epollop_names, 0, NULL},
	{"clock", ENUM, clock_names, 0, NULL},
	{"timerflags", FLAGS, timerflag_names, 0, NULL},
	{"itimer", ENUM, itimer_names, 0, NULL},
	{"rlimit", ENUM, rlimit_names, 0, NULL},
	{"rusage", ENUM, rusage_names, 0, NULL},
	{"priority", ENUM, priority_names, 0, NULL},
	{"signal", ENUM, signal_names, 0, NULL},
	{"sigmask", ENUM, sigmask_names, 0, NULL},
	{"saflags", FLAGS, saflag_names, 0, NULL},
	{"handler", ENUM, handler_names, 0, NULL},
	{"waitopt", FLAGS, waitopt_names, 0, NULL},
	{"idtype", ENUM, idtype_names, 0, NULL},
	{"family", ENUM, family_names, 0, NULL},
	{"socktype", 0xf, socktype_names, 0, NULL},
	{"msgflags", FLAGS, msgflag_names, 0, NULL},
	{"sockopt", ENUM, sockopt_names, 0, NULL},
	{"solevel", ENUM, solevel_names, 0, NULL},
	{"shutdown", ENUM, shutdown_names, 0, NULL},
	{"aiflags", FLAGS, aiflag_names, 0, NULL},
	{"eai", ENUM, eai_names, 0, NULL},
	{"niflags", FLAGS, niflag_names, 0, NULL},
	{"ioctl", ENUM, ioctl_names, 0, NULL},
	{"tcset", ENUM, tcset_names, 0, NULL},
	{"prot", FLAGS, prot_names, 0, NULL},
	{"mapflags", FLAGS, mapflag_names, 0, NULL},
	{"remapflags", FLAGS, remapflag_names, 0, NULL},
	{"rtld", FLAGS, rtld_names, 0, NULL},
	{"locale", ENUM, locale_names, 0, NULL},
	{"prctl", ENUM, prctl_names, 0, NULL},
	{"sysno", ENUM, sysno_names, 0, NULL},
	{"ipc", ENUM, ipc_names, 0, NULL},
	{"sigev", ENUM, sigev_names, 0, NULL},
	{"ipcflags", FLAGS, ipcflag_names, 1, NULL},
	{"wait", 0, NULL, 0, format_wait},
	{"sigset", 0, NULL, 0, format_sigset},
};

#define LISTS (sizeof(lists) / sizeof(*lists))

int cc_names_index(const char *name)
{
	for (unsigned i = 0; i < LISTS; i++)
		if (!strcmp(lists[i].name, name))
			return (int)i;
	return -1;
}

const struct cc_names *cc_names_at(unsigned index)
{
	return &lists[index];
}

const struct cc_names *cc_names_find(const char *name)
{
	int index = cc_names_index(name);

	return index < 0 ? NULL : &lists[index];
}

struct writer {
	char *text;
	size_t size, used;
};

static void add(struct writer *writer, const char *name)
{
	if (writer->used < writer->size)
		writer->used +=
			(size_t)snprintf(writer->text + writer->used, writer->size - writer->used,
					 "%s%s", writer->used ? "|" : "", name);
}

static void add_rest(struct writer *writer, const char *format, uint64_t rest)
{
	char text[32];

	snprintf(text, sizeof(text), format, (unsigned long long)rest);
	add(writer, text);
}

/* Is the constant what the value's bits in the mask say, or, outside the mask, a flag of it? */
static int has(const struct cc_names *names, const struct cc_name *name, uint64_t value,
	       uint64_t left)
{
	if (!name->value || (name->value & names->mask) == name->value)
		return (value & names->mask) == name->value &&
		       (names->mask || !value); /* a zero among flags: none is set */
	return (left & name->value) == name->value;
}

int cc_names_format(const struct cc_names *names, int64_t number, char *text, size_t size)
{
	struct writer writer = {text, size, 0};
	uint64_t value = (uint64_t)number, left = value;

	if (names->format) {
		names->format(number, text, size);
		return 1;
	}
	text[0] = 0;
	for (const struct cc_name *name = names->list; name->text; name++) {
		if (!has(names, name, value, left))
			continue;
		add(&writer, name->text);
		left &= ~name->value;
		if (names->mask == ENUM)
			return 1;
	}
	if (names->octal && (left || !writer.used))
		add_rest(&writer, "0%llo", left);
	else if (left && writer.used)
		add_rest(&writer, "0x%llx", left);
	return writer.used != 0;
}
