/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * without landlock|seccomp|listener ERRNO COMMAND…: runs the command as on a kernel, or in a
 * container, where this fails so: landlock_create_ruleset(2), all of seccomp(2), or its filters
 * that come with a broker.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
	const char *name;
	int number;
	unsigned bits; /* of the second argument; 0: whatever it is */
} missing[] = {
	{"landlock", SYS_landlock_create_ruleset, 0},
	{"seccomp", SYS_seccomp, 0},
	{"listener", SYS_seccomp, SECCOMP_FILTER_FLAG_NEW_LISTENER},
};

static int forbid(int number, unsigned bits, unsigned error)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
		BPF_JUMP(BPF_JMP | (bits ? BPF_JSET : BPF_JGE) | BPF_K, bits, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof(code) / sizeof(*code), code};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 3 && i < sizeof(missing) / sizeof(*missing); i++)
		if (!strcmp(argv[1], missing[i].name)) {
			if (forbid(missing[i].number, missing[i].bits, (unsigned)atoi(argv[2])))
				break;
			execvp(argv[3], argv + 3);
		}
	perror(argc > 1 ? argv[1] : "without");
	return 125;
}
