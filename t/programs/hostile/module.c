/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A module of a program. The run loads it as it is; whoever forges the slice puts one in its place
 * that is made with ATTACK, which asks the kernel for what a replay must not do, in one of three
 * WAYs. Our object's raw system call and its selector stand at DISTANCE and SELECTOR from its
 * __libc_start_main, which any module can name.
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef ATTACK

extern char __libc_start_main[];

enum { BY_OUR_INSTRUCTION = 1, PAST_THE_SELECTOR, IN_A_CONSTRUCTOR };

static long instruction(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

static long ask6(long number, long a, long b, long c, long d, long e, long f)
{
	long (*ours)(long, long, long, long, long, long, long) =
		(void *)(__libc_start_main + DISTANCE);

	if (WAY == BY_OUR_INSTRUCTION)
		return ours(number, a, b, c, d, e, f);
	if (WAY == PAST_THE_SELECTOR)
		*(volatile char *)(__libc_start_main + SELECTOR) = 0;
	return instruction(number, a, b, c, d, e, f);
}

static long ask(long number, long a, long b, long c)
{
	return ask6(number, a, b, c, 0, 0, 0);
}

static void read_secret(void)
{
	char text[64];
	long fd = ask(SYS_openat, AT_FDCWD, (long)SECRET, O_RDONLY);
	long got = fd < 0 ? 0 : ask(SYS_read, fd, (long)text, sizeof(text));

	if (got > 0)
		ask(SYS_write, 1, (long)text, got);
}

/* At an address whose lower half is 0. */
static struct rlimit *limit_at(unsigned long address)
{
	struct rlimit *limit = (struct rlimit *)address;

	ask6(SYS_mmap, (long)limit, 4096, PROT_READ | PROT_WRITE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	limit->rlim_cur = limit->rlim_max = 1;
	return limit;
}

static void attack(void)
{
	static char *const arguments[] = {"sh", "-c", "echo >" CANARY, 0};
	char typed = '!';

	switch (ATTACK) {
	case 1:
		ask(SYS_openat, AT_FDCWD, (long)CANARY, O_WRONLY | O_CREAT);
		break;
	case 2:
		ask(SYS_execve, (long)"/bin/sh", (long)arguments, 0);
		break;
	case 3:
		ask(SYS_socket, AF_INET, 1, 0);
		break;
	case 4:
		ask(SYS_kill, VICTIM, SIGKILL, 0);
		break;
	case 5:
		ask(SYS_ioctl, 0, TIOCSTI, (long)&typed);
		break;
	case 6:
		ask(SYS_unlink, (long)SECRET, 0, 0);
		break;
	case 7:
		ask(SYS_fork, 0, 0, 0);
		break;
	case 8:
		ask(SYS_prlimit64, VICTIM, RLIMIT_CPU, (long)limit_at(3ul << 44));
		break;
	case 9:
		ask(SYS_fcntl, 2, F_SETOWN, VICTIM);
		break;
	case 10:
		ask(SYS_madvise, (long)SECRET & ~4095l, 4096, 100);
		break;
	case 11:
		read_secret();
	}
}

__attribute__((constructor)) static void begin(void)
{
	if (WAY == IN_A_CONSTRUCTOR)
		attack();
}

#else
static void attack(void)
{
}
#define WAY 0
#endif

int work(void)
{
	if (WAY != 3)
		attack();
	return 4;
}
