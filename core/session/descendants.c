/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/session/descendants.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t parent_of(pid_t pid)
{
	char path[32], text[512], *end;
	FILE *file;
	int parent = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	end = strrchr(text, ')'); /* of the command's name, which may hold anything */
	return end && sscanf(end + 1, " %*c %d", &parent) == 1 ? parent : 0;
}

int cc_is_ours(pid_t pid)
{
	pid_t us = getpid();

	for (int depth = 0; pid > 1 && depth < 1000; depth++) {
		pid = parent_of(pid);
		if (pid == us)
			return 1;
	}
	return 0;
}

#define ROUNDS_MAX 1000

/* Each of our children, and then those that these leave to us. 0 when there is none. */
static int end_children(void)
{
	int count = 0, child;
	FILE *file;
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	file = fopen(path, "re");
	while (file && fscanf(file, "%d", &child) == 1) {
		kill(child, SIGKILL);
		count++;
	}
	if (file)
		fclose(file);
	return count;
}

void cc_end_descendants(void)
{
	for (int round = 0; round < ROUNDS_MAX && end_children(); round++) {
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		usleep(round ? 1000 : 0);
	}
}
