/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * measure REPORT COMMAND [ARG]...: runs a command and writes what it took to REPORT: seconds
 * passed, of user and of system time, the resident set in KiB of the largest process in it, and how
 * it ended.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double of(const struct timeval *time)
{
	return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

static int run(char **command)
{
	int status = -1;
	pid_t child = fork();

	if (!child) {
		execvp(command[0], command);
		fprintf(stderr, "measure: %s: %s\n", command[0], strerror(errno));
		_exit(127);
	}
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	struct rusage usage;
	double begin, passed;
	FILE *report;
	int status;

	if (argc < 3) {
		fprintf(stderr, "usage: measure REPORT COMMAND [ARG]...\n");
		return 125;
	}
	begin = seconds();
	status = run(argv + 2);
	passed = seconds() - begin;
	getrusage(RUSAGE_CHILDREN, &usage);
	report = fopen(argv[1], "w");
	if (!report) {
		fprintf(stderr, "measure: %s: %s\n", argv[1], strerror(errno));
		return 125;
	}
	fprintf(report, "%.6f %.6f %.6f %ld %d\n", passed, of(&usage.ru_utime), of(&usage.ru_stime),
		usage.ru_maxrss, status);
	return fclose(report) ? 125 : 0;
}
