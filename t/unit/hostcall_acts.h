/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Real calls for the tests of the walks: how their arguments come about, and how one is logged out
 * of our own memory.
 */
#ifndef CC_HOSTCALL_ACTS_H
#define CC_HOSTCALL_ACTS_H

#include <arpa/inet.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <resolv.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#include <cmocka.h>

#include "core/host/hostcall.h"

/* What opendir, getaddrinfo and the like gave is not given back. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

#define MEMORY_MAX 24
#define TEXT "first line\nsecond \"line\"\n"

/* The arguments of one call, each buffer of its own and not a byte larger than it must be. */
struct scene {
	uint64_t args[CC_MAXARGS];
	void *memory[MEMORY_MAX];
	unsigned used;
};

struct act {
	const char *call;
	void (*fill)(struct scene *scene);
	const char *text; /* how it is printed, as far as that is the same on every machine */
};

static struct {
	char directory[32], file[64], template[64], remove[64];
	int fd, sockets[2], pipe[2], ready;
} stage;

static void *buffer(struct scene *scene, const void *data, size_t size)
{
	void *memory = malloc(size);

	assert_true(scene->used < MEMORY_MAX);
	scene->memory[scene->used++] = memory;
	if (data)
		memcpy(memory, data, size);
	else
		memset(memory, 0x55, size);
	return memory;
}

static uint64_t bytes(struct scene *scene, const void *data, size_t size)
{
	return (uintptr_t)buffer(scene, data, size);
}

static uint64_t string(struct scene *scene, const char *text)
{
	return bytes(scene, text, strlen(text) + 1);
}

static void clear(struct scene *scene)
{
	while (scene->used)
		free(scene->memory[--scene->used]);
	memset(scene, 0, sizeof(*scene));
}

/* ---- the calls ---- */

static void fill_open(struct scene *s)
{
	s->args[0] = string(s, stage.file);
	s->args[1] = O_RDONLY | O_CLOEXEC;
	s->args[2] = 0xdeadbeef; /* whatever is in the register */
}

static void fill_open_create(struct scene *s)
{
	fill_open(s);
	s->args[1] = O_RDWR | O_CREAT;
	s->args[2] = 0xdead000000000000 | 0644;
}

static void fill_open_missing(struct scene *s)
{
	fill_open(s);
	s->args[0] = string(s, "/no/such\tfile");
}

static void fill_read(struct scene *s)
{
	lseek(stage.fd, 0, SEEK_SET);
	s->args[0] = 0xbad00000000u | (unsigned)stage.fd; /* only 32 bits are the argument */
	s->args[1] = bytes(s, NULL, 100);
	s->args[2] = 100;
}

static void fill_write(struct scene *s)
{
	s->args[0] = (unsigned)stage.pipe[1];
	s->args[1] = bytes(s, "out", 3);
	s->args[2] = 3;
}

static void fill_stat(struct scene *s)
{
	s->args[0] = string(s, stage.file);
	s->args[1] = bytes(s, NULL, sizeof(struct stat));
}

static void fill_readlink(struct scene *s)
{
	s->args[0] = string(s, "/proc/self/exe");
	s->args[1] = bytes(s, NULL, 256);
	s->args[2] = 256;
}

static void fill_getcwd(struct scene *s)
{
	s->args[0] = bytes(s, NULL, 4096);
	s->args[1] = 4096;
}

static void fill_mkstemp(struct scene *s)
{
	s->args[0] = string(s, stage.template);
}

static void fill_readv(struct scene *s)
{
	struct iovec iov[3] = {{buffer(s, NULL, 4), 4}, {NULL, 0}, {buffer(s, NULL, 50), 50}};

	lseek(stage.fd, 0, SEEK_SET);
	s->args[0] = (unsigned)stage.fd;
	s->args[1] = bytes(s, iov, sizeof(iov));
	s->args[2] = 3;
}

static void fill_writev(struct scene *s)
{
	struct iovec iov[2] = {{buffer(s, "ab", 2), 2}, {buffer(s, "cde", 3), 3}};

	s->args[0] = (unsigned)stage.pipe[1];
	s->args[1] = bytes(s, iov, sizeof(iov));
	s->args[2] = 2;
}

static void fill_pipe(struct scene *s)
{
	s->args[0] = bytes(s, NULL, 8);
}

static void fill_fcntl_getfl(struct scene *s)
{
	s->args[0] = (unsigned)stage.fd;
	s->args[1] = F_GETFL;
	s->args[2] = 0x1234;
}

static void fill_fcntl_setlk(struct scene *s)
{
	struct flock lock;

	memset(&lock, s->used ? 0x11 : 0x22, sizeof(lock)); /* padding and pid may be anything */
	lock.l_type = F_RDLCK;
	lock.l_whence = SEEK_SET;
	lock.l_start = 0;
	lock.l_len = 10;
	s->args[0] = (unsigned)stage.fd;
	s->args[1] = F_SETLK;
	s->args[2] = bytes(s, &lock, sizeof(lock));
}

static void fill_fcntl_getlk(struct scene *s)
{
	fill_fcntl_setlk(s);
	s->args[1] = F_GETLK;
}

static void fill_ioctl_fionread(struct scene *s)
{
	s->args[0] = (unsigned)stage.fd;
	s->args[1] = FIONREAD;
	s->args[2] = bytes(s, NULL, 4);
}

static void fill_ioctl_unknown(struct scene *s)
{
	s->args[0] = (unsigned)stage.fd;
	s->args[1] = _IOWR('z', 7, char[12]);
	s->args[2] = bytes(s, "request text", 12);
}

static void fill_ioctl_flags(struct scene *s)
{
	struct ifreq request;

	memset(&request, 0x77, sizeof(request));
	memset(request.ifr_name, 0, sizeof(request.ifr_name));
	strcpy(request.ifr_name, "lo");
	s->args[0] = (unsigned)stage.sockets[0];
	s->args[1] = SIOCGIFFLAGS;
	s->args[2] = bytes(s, &request, sizeof(request));
}

static void fill_epoll_ctl(struct scene *s)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = 7};
	static int epoll = -1;

	if (epoll < 0)
		epoll = epoll_create1(EPOLL_CLOEXEC);
	s->args[0] = (unsigned)epoll;
	s->args[1] = EPOLL_CTL_ADD;
	s->args[2] = (unsigned)stage.ready;
	s->args[3] = bytes(s, &event, sizeof(event));
}

/* Of one that is deleted, nothing is looked at. */
static void fill_epoll_ctl_delete(struct scene *s)
{
	fill_epoll_ctl(s);
	s->args[1] = EPOLL_CTL_DEL;
	s->args[3] = bytes(s, NULL, 1);
}

static void fill_syscall_sched_getattr(struct scene *s)
{
	s->args[0] = SYS_sched_getattr;
	s->args[1] = 0;
	s->args[2] = bytes(s, NULL, 48);
	s->args[3] = 48;
}

static void fill_select(struct scene *s)
{
	uint64_t set[2] = {1ull << stage.ready, 0};
	struct timeval zero = {0, 0};

	s->args[0] = 70; /* two words of the set */
	s->args[1] = bytes(s, set, sizeof(set));
	s->args[4] = bytes(s, &zero, sizeof(zero));
}

static void fill_poll(struct scene *s)
{
	struct pollfd fds[2] = {{stage.ready, POLLIN, (short)s->used}, {-1, POLLOUT, 77}};

	s->args[0] = bytes(s, fds, sizeof(fds));
	s->args[1] = 2;
	s->args[2] = 0;
}

static void fill_getsockname(struct scene *s)
{
	uint32_t length = 110;

	s->args[0] = (unsigned)stage.sockets[0];
	s->args[1] = bytes(s, NULL, length);
	s->args[2] = bytes(s, &length, 4);
}

static void fill_getsockname_short(struct scene *s)
{
	uint32_t length = 1;

	s->args[0] = (unsigned)stage.sockets[0];
	s->args[1] = bytes(s, NULL, length);
	s->args[2] = bytes(s, &length, 4);
}

static void fill_recvfrom(struct scene *s)
{
	assert_int_equal(write(stage.sockets[1], "datagram", 8), 8);
	s->args[0] = (unsigned)stage.sockets[0];
	s->args[1] = bytes(s, NULL, 5);
	s->args[2] = 5;
	s->args[3] = MSG_TRUNC | MSG_DONTWAIT; /* the result is 8, the buffer holds 5 */
}

static void fill_sendmsg(struct scene *s)
{
	struct iovec iov = {buffer(s, "message", 7), 7};
	struct msghdr message = {.msg_iov = buffer(s, &iov, sizeof(iov)), .msg_iovlen = 1};

	s->args[0] = (unsigned)stage.sockets[0];
	s->args[1] = bytes(s, &message, sizeof(message));
}

static void fill_recvmsg(struct scene *s)
{
	struct iovec iov[2] = {{buffer(s, NULL, 3), 3}, {buffer(s, NULL, 30), 30}};
	struct msghdr message = {.msg_name = buffer(s, NULL, 20),
				 .msg_namelen = 20,
				 .msg_iov = buffer(s, iov, sizeof(iov)),
				 .msg_iovlen = 2,
				 .msg_control = buffer(s, NULL, 64),
				 .msg_controllen = 64};

	assert_int_equal(write(stage.sockets[1], "datagram", 8), 8);
	s->args[0] = (unsigned)stage.sockets[0];
	s->args[1] = bytes(s, &message, sizeof(message));
	s->args[2] = MSG_DONTWAIT;
}

static void fill_sendmmsg(struct scene *s)
{
	struct iovec iov[2] = {{buffer(s, "message", 7), 7}, {buffer(s, "another", 7), 6}};
	struct mmsghdr messages[2] = {
		{.msg_hdr = {.msg_iov = buffer(s, &iov[0], sizeof(*iov)), .msg_iovlen = 1}},
		{.msg_hdr = {.msg_iov = buffer(s, &iov[1], sizeof(*iov)), .msg_iovlen = 1}}};

	s->args[0] = (unsigned)stage.sockets[0];
	s->args[1] = bytes(s, messages, sizeof(messages));
	s->args[2] = 2;
}

static void fill_recvmmsg(struct scene *s)
{
	struct iovec iov[2] = {{buffer(s, NULL, 3), 3}, {buffer(s, NULL, 30), 30}};
	struct mmsghdr messages[2] = {
		{.msg_hdr = {.msg_iov = buffer(s, &iov[0], sizeof(*iov)), .msg_iovlen = 1}},
		{.msg_hdr = {.msg_iov = buffer(s, &iov[1], sizeof(*iov)), .msg_iovlen = 1}}};

	assert_int_equal(write(stage.sockets[1], "datagram", 8), 8);
	s->args[0] = (unsigned)stage.sockets[0];
	s->args[1] = bytes(s, messages, sizeof(messages));
	s->args[2] = 2;
	s->args[3] = MSG_DONTWAIT;
}

static void fill_dprintf(struct scene *s)
{
	s->args[0] = (unsigned)stage.pipe[1];
	s->args[1] = string(s, "%s %hhd %.*s%n %ls %p\n");
	s->args[2] = string(s, "text");
	s->args[3] = 0xdead0041;
	s->args[4] = 2;
	s->args[5] = bytes(s, "ab", 2);
	s->args[6] = bytes(s, NULL, 4);
	s->args[7] = bytes(s, L"wide", sizeof(L"wide"));
	s->args[8] = 0x1234;
}

/* As va_start makes one: of two arguments in registers, and one that is on the stack. */
static void fill_vdprintf(struct scene *s)
{
	uint64_t saved[22] = {0, 0, 0, 0, 7, string(s, "last")};
	uint64_t stack[1] = {99};
	struct {
		uint32_t words, vectors;
		uint64_t stack, saved;
	} list = {32, 48, bytes(s, stack, sizeof(stack)), 0};

	memcpy(&saved[6], &(double){2.5}, sizeof(double));
	list.saved = bytes(s, saved, sizeof(saved));
	s->args[0] = (unsigned)stage.pipe[1];
	s->args[1] = string(s, "%d %s %g %d\n");
	s->args[2] = bytes(s, &list, sizeof(list));
}

static FILE *scanned(void)
{
	static FILE *stream;

	if (!stream) {
		stream = tmpfile();
		fputs("12 word 3.5 0x10 abcdef", stream);
	}
	rewind(stream);
	return stream;
}

static void fill_fscanf(struct scene *s)
{
	s->args[0] = (uintptr_t)scanned();
	s->args[1] = string(s, "%hd %6s %*f %lx %n %3c %ms%d");
	s->args[2] = bytes(s, NULL, sizeof(short));
	s->args[3] = bytes(s, NULL, 7);
	s->args[4] = bytes(s, NULL, sizeof(long));
	s->args[5] = bytes(s, NULL, sizeof(int));
	s->args[6] = bytes(s, NULL, 3);
	s->args[7] = bytes(s, NULL, sizeof(char *));
	s->args[8] = bytes(s, NULL, sizeof(int)); /* nothing is left for it */
}

static void fill_bind(struct scene *s)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons(1),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	s->args[0] = (unsigned)stage.fd; /* no socket: it fails */
	s->args[1] = bytes(s, &address, sizeof(address));
	s->args[2] = sizeof(address);
}

static void fill_sigaction(struct scene *s)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	/* the program is somewhere else in each replay */
	action.sa_handler = (void (*)(int))(uintptr_t)(0x1000 + s->used);
	sigaddset(&action.sa_mask, SIGINT);
	s->args[0] = SIGURG;
	s->args[1] = bytes(s, &action, sizeof(action));
	s->args[2] = bytes(s, NULL, sizeof(action));
}

static void fill_sigprocmask(struct scene *s)
{
	s->args[0] = SIG_BLOCK;
	s->args[2] = bytes(s, NULL, sizeof(sigset_t));
}

static void fill_opendir(struct scene *s)
{
	s->args[0] = string(s, "/proc/self/fd");
}

static void fill_readdir(struct scene *s)
{
	static DIR *dir;

	if (!dir)
		dir = opendir("/");
	rewinddir(dir);
	s->args[0] = (uintptr_t)dir;
}

static void fill_getpwnam(struct scene *s)
{
	s->args[0] = string(s, "root");
}

static void fill_getpwnam_r(struct scene *s)
{
	s->args[0] = string(s, "root");
	s->args[1] = bytes(s, NULL, sizeof(struct passwd));
	s->args[2] = bytes(s, NULL, 1024);
	s->args[3] = 1024;
	s->args[4] = bytes(s, NULL, 8);
}

static void fill_getpwnam_r_missing(struct scene *s)
{
	fill_getpwnam_r(s);
	s->args[0] = string(s, "nobody-has-this-name");
}

static void fill_getgrgid(struct scene *s)
{
	s->args[0] = 0;
}

static void fill_gethostbyname_r(struct scene *s)
{
	s->args[0] = string(s, "localhost");
	s->args[1] = bytes(s, NULL, sizeof(struct hostent));
	s->args[2] = bytes(s, NULL, 4096);
	s->args[3] = 4096;
	s->args[4] = bytes(s, NULL, 8);
	s->args[5] = bytes(s, NULL, 4);
}

static void fill_getaddrinfo(struct scene *s)
{
	struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM};

	s->args[0] = string(s, "127.0.0.1");
	s->args[2] = bytes(s, &hints, sizeof(hints));
	s->args[3] = bytes(s, NULL, 8);
}

static void fill_getnameinfo(struct scene *s)
{
	fill_bind(s);
	s->args[0] = s->args[1];
	s->args[1] = sizeof(struct sockaddr_in);
	s->args[2] = bytes(s, NULL, 40);
	s->args[3] = 40;
	s->args[4] = bytes(s, NULL, 10);
	s->args[5] = 10;
	s->args[6] = NI_NUMERICHOST | NI_NUMERICSERV;
}

static void fill_getgroups(struct scene *s)
{
	s->args[0] = 64;
	s->args[1] = bytes(s, NULL, 256);
}

static void fill_getgrouplist(struct scene *s)
{
	uint32_t room = 8;

	s->args[0] = string(s, "root");
	s->args[1] = 17;
	s->args[2] = bytes(s, NULL, 32);
	s->args[3] = bytes(s, &room, 4);
}

static void fill_time(struct scene *s)
{
	s->args[0] = bytes(s, NULL, 8);
}

static void fill_nothing(struct scene *s)
{
	(void)s;
}

static void fill_localtime(struct scene *s)
{
	time_t when = 86400 * 365;

	s->args[0] = bytes(s, &when, sizeof(when));
}

static void fill_localtime_r(struct scene *s)
{
	fill_localtime(s);
	s->args[1] = bytes(s, NULL, sizeof(struct tm));
}

static void fill_mktime(struct scene *s)
{
	struct tm tm;

	memset(&tm, s->used ? 1 : 2, sizeof(tm)); /* wday, yday, gmtoff and zone do not matter */
	tm.tm_sec = 1;
	tm.tm_min = 2;
	tm.tm_hour = 3;
	tm.tm_mday = 4;
	tm.tm_mon = 5;
	tm.tm_year = 106;
	tm.tm_isdst = 0;
	s->args[0] = bytes(s, &tm, sizeof(tm));
}

static void fill_strftime(struct scene *s)
{
	struct tm tm = {.tm_year = 110, .tm_mday = 17};

	s->args[0] = bytes(s, NULL, 40);
	s->args[1] = 40;
	s->args[2] = string(s, "%Y-%m-%d");
	s->args[3] = bytes(s, &tm, sizeof(tm));
}

static void fill_wcsftime(struct scene *s)
{
	struct tm tm = {.tm_year = 110, .tm_mday = 17};

	s->args[0] = bytes(s, NULL, 40 * sizeof(wchar_t));
	s->args[1] = 40;
	s->args[2] = bytes(s, L"%Y é", sizeof(L"%Y é"));
	s->args[3] = bytes(s, &tm, sizeof(tm));
}

static void fill_nanosleep(struct scene *s)
{
	struct timespec wish = {0, 1000};

	s->args[0] = bytes(s, &wish, sizeof(wish));
}

static void fill_uname(struct scene *s)
{
	s->args[0] = bytes(s, NULL, sizeof(struct utsname));
}

static void fill_gethostname(struct scene *s)
{
	s->args[0] = bytes(s, NULL, 65);
	s->args[1] = 65;
}

static void fill_getloadavg(struct scene *s)
{
	s->args[0] = bytes(s, NULL, 24);
	s->args[1] = 3;
}

static void fill_execv(struct scene *s)
{
	char *argv[] = {buffer(s, "x", 2), buffer(s, "-c", 3), NULL};

	s->args[0] = string(s, "/no/such/program");
	s->args[1] = bytes(s, argv, sizeof(argv));
}

static void fill_execl(struct scene *s)
{
	s->args[0] = string(s, "/no/such/program");
	s->args[1] = string(s, "sh");
	s->args[2] = string(s, "-c");
	s->args[3] = string(s, "echo");
	s->args[4] = 0;
	s->args[5] = 0x777; /* behind the end */
}

static void fill_waitpid(struct scene *s)
{
	pid_t pid = fork();

	if (!pid)
		_exit(3);
	s->args[0] = (uint64_t)pid;
	s->args[1] = bytes(s, NULL, 4);
}

static void fill_waitpid_any(struct scene *s)
{
	fill_waitpid(s);
	s->args[0] = (uint64_t)-1;
}

static void fill_ctermid(struct scene *s)
{
	s->args[0] = bytes(s, NULL, 9);
}

static void fill_fread(struct scene *s)
{
	static FILE *stream;

	if (!stream)
		stream = fopen(stage.file, "r");
	rewind(stream);
	s->args[0] = bytes(s, NULL, 40);
	s->args[1] = 4;
	s->args[2] = 10;
	s->args[3] = (uintptr_t)stream;
}

static void fill_fgets(struct scene *s)
{
	fill_fread(s);
	s->args[1] = 40;
	s->args[2] = s->args[3];
}

static void fill_statx(struct scene *s)
{
	s->args[0] = (unsigned)AT_FDCWD;
	s->args[1] = string(s, stage.file);
	s->args[3] = STATX_BASIC_STATS;
	s->args[4] = bytes(s, NULL, sizeof(struct statx));
}

static void fill_glob(struct scene *s)
{
	s->args[0] = string(s, "/no/such/*");
	s->args[3] = bytes(s, NULL, 72);
}

static void fill_sysinfo(struct scene *s)
{
	s->args[0] = bytes(s, NULL, 112);
}

static void fill_list(struct scene *s)
{
	s->args[0] = bytes(s, NULL, 8);
}

static void fill_getmntent(struct scene *s)
{
	static FILE *stream;

	if (!stream) {
		stream = tmpfile();
		fputs("/dev/x / ext4 rw,noatime 0 1\n", stream);
	}
	rewind(stream);
	s->args[0] = (uintptr_t)stream;
}

static void fill_mincore(struct scene *s)
{
	static char *page;

	if (!page)
		page = aligned_alloc(4096, 4096);
	*page = 1;
	s->args[0] = (uintptr_t)page;
	s->args[1] = 4096;
	s->args[2] = bytes(s, NULL, 1);
}

static void fill_affinity(struct scene *s)
{
	s->args[0] = (uintptr_t)pthread_self();
	s->args[1] = 128;
	s->args[2] = bytes(s, NULL, 128);
}

static void fill_getname(struct scene *s)
{
	s->args[0] = (uintptr_t)pthread_self();
	s->args[1] = bytes(s, NULL, 16);
	s->args[2] = 16;
}

static void fill_res_mkquery(struct scene *s)
{
	s->args[1] = string(s, "localhost");
	s->args[2] = s->args[3] = 1; /* IN, A */
	s->args[7] = bytes(s, NULL, 512);
	s->args[8] = 512;
}

static void fill_ninit(struct scene *s)
{
	s->args[0] = bytes(s, NULL, sizeof(struct __res_state));
	memset((void *)(uintptr_t)s->args[0], 0, sizeof(struct __res_state));
}

static void fill_prctl(struct scene *s)
{
	s->args[0] = 16; /* PR_GET_NAME */
	s->args[1] = bytes(s, NULL, 16);
}

static const struct act acts[] = {
	{"open64", fill_open, NULL},
	{"open64", fill_open_create, NULL},
	{"open64", fill_open_missing,
	 "open64(\"/no/such\\tfile\", O_RDONLY|O_CLOEXEC) = -1 ENOENT (No such file or directory)"},
	{"read", fill_read, NULL},
	{"write", fill_write, NULL},
	{"stat64", fill_stat, NULL},
	{"readlink", fill_readlink, NULL},
	{"getcwd", fill_getcwd, NULL},
	{"mkstemp64", fill_mkstemp, NULL},
	{"readv", fill_readv, NULL},
	{"writev", fill_writev, NULL},
	{"pipe", fill_pipe, NULL},
	{"fcntl64", fill_fcntl_getfl, NULL},
	{"fcntl64", fill_fcntl_setlk, NULL},
	{"fcntl64", fill_fcntl_getlk, NULL},
	{"ioctl", fill_ioctl_fionread, NULL},
	{"ioctl", fill_ioctl_unknown, NULL},
	{"ioctl", fill_ioctl_flags, NULL},
	{"epoll_ctl", fill_epoll_ctl, NULL},
	{"epoll_ctl", fill_epoll_ctl_delete, NULL},
	{"syscall", fill_syscall_sched_getattr, NULL},
	{"select", fill_select, NULL},
	{"poll", fill_poll, NULL},
	{"getsockname", fill_getsockname, NULL},
	{"getsockname", fill_getsockname_short, NULL},
	{"recvfrom", fill_recvfrom, NULL},
	{"sendmsg", fill_sendmsg, NULL},
	{"recvmsg", fill_recvmsg, NULL},
	{"sendmmsg", fill_sendmmsg, NULL},
	{"recvmmsg", fill_recvmmsg, NULL},
	{"dprintf", fill_dprintf, NULL},
	{"vdprintf", fill_vdprintf, NULL},
	{"__isoc99_fscanf", fill_fscanf, NULL},
	{"bind", fill_bind, NULL},
	{"sigaction", fill_sigaction, NULL},
	{"sigprocmask", fill_sigprocmask, "sigprocmask(SIG_BLOCK, NULL) = 0 → []"},
	{"opendir", fill_opendir, NULL},
	{"readdir64", fill_readdir, NULL},
	{"getpwnam", fill_getpwnam,
	 "getpwnam(\"root\") = {name=\"root\", uid=0, gid=0, dir=\"/root\"}"},
	{"getpwnam_r", fill_getpwnam_r,
	 "getpwnam_r(\"root\", size=1024) = 0 → pwd={name=\"root\", uid=0, gid=0, dir=\"/root\"}, "
	 "result=&pwd"},
	{"getpwnam_r", fill_getpwnam_r_missing,
	 "getpwnam_r(\"nobody-has-this-name\", size=1024) = 0 → result=NULL"},
	{"getgrgid", fill_getgrgid, "getgrgid(gid=0) = {name=\"root\", gid=0, mem=[]}"},
	{"gethostbyname_r", fill_gethostbyname_r, NULL},
	{"getaddrinfo", fill_getaddrinfo, NULL},
	{"getnameinfo", fill_getnameinfo,
	 "getnameinfo({family=AF_INET, addr=\"127.0.0.1\", port=1}, length=16, hostsize=40, "
	 "servsize=10, NI_NUMERICHOST|NI_NUMERICSERV) = 0 → host=\"127.0.0.1\", service=\"1\""},
	{"getgroups", fill_getgroups, NULL},
	{"getgrouplist", fill_getgrouplist, NULL},
	{"time", fill_time, NULL},
	{"time", fill_nothing, NULL},
	{"localtime", fill_localtime, NULL},
	{"localtime_r", fill_localtime_r, NULL},
	{"mktime", fill_mktime, NULL},
	{"strftime", fill_strftime, NULL},
	{"wcsftime", fill_wcsftime, NULL},
	{"nanosleep", fill_nanosleep, "nanosleep({sec=0, nsec=1000}) = 0"},
	{"uname", fill_uname, NULL},
	{"gethostname", fill_gethostname, NULL},
	{"getloadavg", fill_getloadavg, NULL},
	{"execv", fill_execv,
	 "execv(\"/no/such/program\", [\"x\", \"-c\"]) = -1 ENOENT (No such file or directory)"},
	{"execl", fill_execl,
	 "execl(\"/no/such/program\", [\"sh\", \"-c\", \"echo\"]) = -1 ENOENT (No such file or "
	 "directory)"},
	{"waitpid", fill_waitpid_any, NULL},
	{"ctermid", fill_ctermid, "ctermid() = &buf → \"/dev/tty\""},
	{"ctermid", fill_nothing, "ctermid() = \"/dev/tty\""},
	{"fread", fill_fread, NULL},
	{"fgets", fill_fgets, NULL},
	{"prctl", fill_prctl, NULL},
	{"statx", fill_statx, NULL},
	{"glob64", fill_glob, NULL},
	{"sysinfo", fill_sysinfo, NULL},
	{"getifaddrs", fill_list, NULL},
	{"getmntent", fill_getmntent, NULL},
	{"mincore", fill_mincore, NULL},
	{"pthread_getaffinity_np", fill_affinity, NULL},
	{"pthread_getname_np", fill_getname, NULL},
	{"sched_getcpu", fill_nothing, NULL},
	{"__res_ninit", fill_ninit, NULL},
	{"res_mkquery", fill_res_mkquery, NULL},
	{"tzset", fill_nothing, NULL},
};

#define ACTS (sizeof(acts) / sizeof(*acts))

/* ---- what is done with each ---- */

struct logged {
	const struct cc_hostcall *call;
	struct cc_buffer in, out;
	int64_t ret;
	int error;
};

typedef uint64_t function(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t,
			  uint64_t, uint64_t, uint64_t);

static int64_t call_real(const struct cc_hostcall *call, const uint64_t *a, int *error)
{
	function *real = (function *)dlsym(RTLD_DEFAULT, call->name);
	uint64_t rax;

	assert_non_null(real);
	errno = 0;
	rax = real(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9]);
	*error = errno;
	return cc_call_result(call, rax);
}

/* Record the call, out of the memory of `scene`. */
static void record(const struct act *act, struct scene *scene, struct logged *log)
{
	uint32_t before[CC_MAXARGS];

	memset(log, 0, sizeof(*log));
	log->call = cc_hostcall_find(act->call);
	assert_non_null(log->call);
	act->fill(scene);
	assert_int_equal(cc_call_encode_in(log->call, scene->args, &cc_own_memory, NULL, &log->in),
			 0);
	cc_call_lengths(log->call, scene->args, &cc_own_memory, before);
	log->ret = call_real(log->call, scene->args, &log->error);
	assert_int_equal(cc_call_encode_out(log->call, scene->args, before, log->ret,
					    &cc_own_memory, NULL, &log->out),
			 0);
}

static void forget(struct logged *log)
{
	cc_buffer_free(&log->in);
	cc_buffer_free(&log->out);
}

/* A copy in memory of its very size, so that ASan sees a step behind it. */
static struct cc_cursor cursor_of(struct scene *keep, const struct cc_buffer *buffer, size_t length)
{
	const uint8_t *data;

	if (!buffer->length)
		return (struct cc_cursor){0};
	data = (const uint8_t *)(uintptr_t)bytes(keep, buffer->data, length ?: 1);
	return (struct cc_cursor){data, data + length, 0};
}

static int print(const struct logged *log, struct cc_cursor in, struct cc_cursor out, char **text)
{
	size_t length;
	FILE *to = open_memstream(text, &length);
	int status = cc_call_print_in(log->call, NULL, &in, 40, to);

	if (!status)
		status = cc_call_print_out(log->call, log->ret, log->error, NULL, &out, 40, to);
	fclose(to);
	return status;
}

static int json(const struct logged *log, struct cc_cursor in, struct cc_cursor out, json_t *object)
{
	return cc_call_json_in(log->call, NULL, &in, object) ||
	       cc_call_json_out(log->call, log->ret, log->error, NULL, &out, object);
}

/* Some calls leave something behind that the next one must not meet. */
static void tidy(void)
{
	char rest[64];

	while (recv(stage.sockets[0], rest, sizeof(rest), MSG_DONTWAIT) > 0)
		;
	while (recv(stage.sockets[1], rest, sizeof(rest), MSG_DONTWAIT) > 0)
		;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

static int set_stage(void **state)
{
	cc_hostcall_init();
	setenv("TZ", "UTC0", 1);
	tzset();
	strcpy(stage.directory, "/tmp/cc-unit-XXXXXX");
	if (!mkdtemp(stage.directory))
		return -1;
	snprintf(stage.file, sizeof(stage.file), "%s/file", stage.directory);
	snprintf(stage.template, sizeof(stage.template), "%s/XXXXXX", stage.directory);
	snprintf(stage.remove, sizeof(stage.remove), "rm -r %s", stage.directory);
	stage.fd = open(stage.file, O_RDWR | O_CREAT, 0600);
	if (stage.fd < 0 || write(stage.fd, TEXT, strlen(TEXT)) < 0 ||
	    socketpair(AF_UNIX, SOCK_DGRAM, 0, stage.sockets) || pipe(stage.pipe))
		return -1;
	stage.ready = stage.fd;
	return 0;
}

static int strike_stage(void **state)
{
	return system(stage.remove) ? -1 : 0;
}

#endif
