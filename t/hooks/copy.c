/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copies the replay while it runs. A file `copies` here says when: FILE LINE, then at which times
 * of that statement (FILE without directories). Each copy goes on to its end: what it prints goes
 * into `copy-TIME`, its status to stderr.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/replay/hooks.h"

static struct {
	FILE *plan;
	char file[256];
	unsigned line;
	unsigned long next, reached; /* 0: there is no next */
} copies;

static void plan_next(void)
{
	if (fscanf(copies.plan, "%lu", &copies.next) != 1)
		copies.next = 0;
}

static void print_into(unsigned long time)
{
	char path[64];
	int out;

	snprintf(path, sizeof(path), "copy-%lu", time);
	out = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (out < 0 || dup2(out, STDOUT_FILENO) < 0)
		abort();
	close(out);
}

static void copy_replay(void)
{
	pid_t copy = cc_hook_fork();
	int status;

	if (!copy) {
		print_into(copies.next);
		copies.next = 0; /* it is not copied itself */
		return;
	}
	if (copy < 0 || waitpid(copy, &status, 0) != copy)
		abort();
	fprintf(stderr, "copy %lu: status %d\n", copies.next, status);
	plan_next();
}

static void statement(void *data, const char *file, unsigned line, const char *sub)
{
	const char *slash = strrchr(file, '/');

	if (line == copies.line && !strcmp(slash ? slash + 1 : file, copies.file) &&
	    ++copies.reached == copies.next)
		copy_replay();
}

int cc_hook_load(struct cc_hook *hook)
{
	copies.plan = fopen("copies", "r");
	if (!copies.plan || fscanf(copies.plan, "%255s %u", copies.file, &copies.line) != 2)
		return -1;
	plan_next();
	hook->statement = statement;
	return 0;
}
