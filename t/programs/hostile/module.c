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
#include <sys/syscall.h>
#include <unistd.h>

#ifdef ATTACK

extern char __libc_start_main[];

enum { BY_OUR_INSTRUCTION = 1, PAST_THE_SELECTOR, IN_A_CONSTRUCTOR };

static long instruction(long number, long a, long b, long c)
{
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return result;
}

static long ask(long number, long a, long b, long c)
{
	long (*ours)(long, long, long, long, long, long, long) =
		(void *)(__libc_start_main + DISTANCE);

	if (WAY == BY_OUR_INSTRUCTION)
		return ours(number, a, b, c, 0, 0, 0);
	if (WAY == PAST_THE_SELECTOR)
		*(volatile char *)(__libc_start_main + SELECTOR) = 0;
	return instruction(number, a, b, c);
}

static void read_secret(void)
{
	char text[64];
	long fd = ask(SYS_openat, AT_FDCWD, (long)SECRET, O_RDONLY);
	long got = fd < 0 ? 0 : ask(SYS_read, fd, (long)text, sizeof(text));

	if (got > 0)
		ask(SYS_write, 1, (long)text, got);
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
