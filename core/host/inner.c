/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/host/inner.h"

#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#define NOTHING 0xff

/*
 * What is written: `size` bytes, or where that is 0 as many as the result says, at most what
 * argument `room` says.
 */
static const struct inner {
	uint16_t number;
	uint8_t argument, room;
	uint16_t size;
	uint8_t descriptor; /* argument 0 is one */
} known[] = {
	{SYS_read, 1, 2, 0, 1},
	{SYS_pread64, 1, 2, 0, 1},
	{SYS_fstat, 1, 0, 144, 1},
	{SYS_newfstatat, 2, 0, 144, 1},
	{SYS_fstatfs, 1, 0, 120, 1},
	{SYS_getdents64, 1, 2, 0, 1},
	{SYS_ioctl, 2, 0, 36, 1}, /* TCGETS: struct termios of the kernel */
	{SYS_stat, 1, 0, 144, 0},
	{SYS_lstat, 1, 0, 144, 0},
	{SYS_statfs, 1, 0, 120, 0},
	{SYS_readlink, 1, 2, 0, 0},
	{SYS_readlinkat, 2, 3, 0, 0},
	{SYS_getcwd, 0, 1, 0, 0},
	{SYS_getrandom, 0, 1, 0, 0},
	{SYS_prlimit64, 3, 0, 16, 0},
	{SYS_getrlimit, 1, 0, 16, 0},
	{SYS_getrusage, 1, 0, 144, 0},
	{SYS_uname, 0, 0, 390, 0},
	{SYS_sysinfo, 0, 0, 112, 0},
	{SYS_times, 0, 0, 32, 0},
	{SYS_clock_gettime, 1, 0, 16, 0},
	{SYS_clock_getres, 1, 0, 16, 0},
	{SYS_gettimeofday, 0, 0, 16, 0},
	{SYS_time, 0, 0, 8, 0},
	{SYS_rt_sigpending, 0, 0, 8, 0},
	{SYS_sched_getparam, 1, 0, 4, 0},
	{SYS_open, NOTHING, 0, 0, 0},
	{SYS_openat, NOTHING, 0, 0, 0},
	{SYS_close, NOTHING, 0, 0, 1},
	{SYS_chdir, NOTHING, 0, 0, 0},
	{SYS_fchdir, NOTHING, 0, 0, 0},
	{SYS_socket, NOTHING, 0, 0, 0},
	{SYS_connect, NOTHING, 0, 0, 0},
	{SYS_pkey_mprotect, NOTHING, 0, 0, 0},
	{SYS_lseek, NOTHING, 0, 0, 1},
	{SYS_write, NOTHING, 0, 0, 1},
	{SYS_writev, NOTHING, 0, 0, 1},
	{SYS_access, NOTHING, 0, 0, 0},
	{SYS_faccessat, NOTHING, 0, 0, 0},
	{SYS_faccessat2, NOTHING, 0, 0, 0},
	{SYS_fcntl, NOTHING, 0, 0, 1},
	{SYS_getpid, NOTHING, 0, 0, 0},
	{SYS_gettid, NOTHING, 0, 0, 0},
	{SYS_getppid, NOTHING, 0, 0, 0},
	{SYS_getuid, NOTHING, 0, 0, 0},
	{SYS_geteuid, NOTHING, 0, 0, 0},
	{SYS_getgid, NOTHING, 0, 0, 0},
	{SYS_getegid, NOTHING, 0, 0, 0},
	{SYS_getpriority, NOTHING, 0, 0, 0},
	{SYS_sched_getscheduler, NOTHING, 0, 0, 0},
	{SYS_sched_get_priority_max, NOTHING, 0, 0, 0},
	{SYS_sched_get_priority_min, NOTHING, 0, 0, 0},
	{SYS_sched_yield, NOTHING, 0, 0, 0},
	{SYS_kill, NOTHING, 0, 0, 0},
	{SYS_tkill, NOTHING, 0, 0, 0},
	{SYS_tgkill, NOTHING, 0, 0, 0},
};

static const struct inner *find(uint64_t number)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (known[i].number == number)
			return &known[i];
	return NULL;
}

int cc_inner_known(uint64_t number, const uint64_t args[6])
{
	switch (number) {
	case SYS_ioctl:
		return (uint32_t)args[1] == TCGETS;
	case SYS_fcntl: /* locks are told in memory */
		return args[1] == F_GETFD || args[1] == F_SETFD || args[1] == F_GETFL ||
		       args[1] == F_SETFL || args[1] == F_DUPFD || args[1] == F_DUPFD_CLOEXEC;
	default:
		return find(number) != NULL;
	}
}

size_t cc_inner_out(uint64_t number, const uint64_t args[6], int64_t result, unsigned *argument)
{
	const struct inner *inner = find(number);
	uint64_t length;

	if (!inner || inner->argument == NOTHING || result < 0 || !args[inner->argument])
		return 0;
	*argument = inner->argument;
	length = inner->size ? inner->size : (uint64_t)result;
	return !inner->size && length > args[inner->room] ? args[inner->room] : length;
}

int cc_inner_signals(uint64_t number)
{
	return number == SYS_kill || number == SYS_tkill || number == SYS_tgkill;
}

int64_t cc_inner_descriptor(uint64_t number, const uint64_t args[6])
{
	const struct inner *inner = find(number);

	if (number == SYS_mmap)
		return (int32_t)args[4];
	return inner && inner->descriptor ? (int32_t)args[0] : -1;
}

int cc_inner_is_data(const uint64_t bits[], int64_t descriptor)
{
	return descriptor >= 0 && descriptor < CC_INNER_DESCRIPTORS &&
	       bits[descriptor / 64] >> descriptor % 64 & 1;
}

void cc_inner_set_data(uint64_t bits[], int64_t descriptor, int is)
{
	uint64_t bit = 1ull << descriptor % 64;

	if (descriptor < 0 || descriptor >= CC_INNER_DESCRIPTORS)
		return;
	bits[descriptor / 64] = (bits[descriptor / 64] & ~bit) | (is ? bit : 0);
}

/*
 * Asked amidst the C library's own work on locales: fnmatch would wait for a lock that this work
 * holds.
 */
int cc_inner_object(const char *path)
{
	const char *directory = strstr(path, "/gconv/");
	size_t length = strlen(path);

	return directory && length > 3 && !strcmp(path + length - 3, ".so");
}
