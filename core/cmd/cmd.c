/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/cmd/cmd.h"
#include "core/base/memory.h"
#include "core/base/progress.h"

#include <argp.h>
#include <errno.h>
#include <ftw.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *version_tool;

static void print_version(FILE *to, struct argp_state *state)
{
	fprintf(to, "%s (Crosscut) %s\n", version_tool, CC_VERSION);
}

/* At the end: a full disk is often met only here. */
static void check_stdout(void)
{
	int failed = ferror(stdout);

	errno = 0;
	if (!fflush(stdout) && !failed)
		return;
	fprintf(stderr, "%s: standard output: %s: what was printed is not complete\n", version_tool,
		errno ? strerror(errno) : "a write failed");
	_exit(125);
}

void cc_cmd_begin(const char *tool)
{
	version_tool = tool;
	signal(SIGXFSZ, SIG_IGN); /* ulimit -f: the write fails, and that is said */
	atexit(check_stdout);
	argp_program_version_hook = print_version;
	argp_err_exit_status = 125;
}

int cc_cmd_fail(const char *tool, const struct cc_error *error)
{
	fflush(stdout);
	cc_progress_clear();
	fprintf(stderr, "%s: %s\n", tool, error->text);
	return 125;
}

void cc_cmd_library(const char *name, char *path, size_t size)
{
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (length > 0) {
		self[length] = '\0';
		slash = strrchr(self, '/');
		*slash = '\0';
		snprintf(path, size, "%s/../lib/%s", self, name);
		if (!access(path, R_OK))
			return;
		snprintf(path, size, "%s/../lib/crosscut/%s", self, name);
		if (!access(path, R_OK))
			return;
	}
	snprintf(path, size, "%s/%s", CC_LIBDIR, name);
}

void cc_cmd_catch_interrupts(void (*handler)(int signal))
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	const struct sigaction action = {.sa_handler = handler};
	struct sigaction before;

	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		if (!sigaction(signals[i], NULL, &before) && before.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk)
{
	return remove(path);
}

void cc_cmd_remove_directory(const char *path)
{
	nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/*
 * /dev/stdout and its like are links that lead to whatever is open, also to a file: the name would
 * be replaced, not what it leads to.
 */
static int leads_to_device(const char *path, const char *directory)
{
	char *real = realpath(directory, NULL);
	struct stat there;
	int is = real && (!strcmp(real, "/dev") || !strncmp(real, "/proc/", 6)) &&
		 !lstat(path, &there) && !S_ISREG(there.st_mode);

	free(real);
	return is;
}

int cc_cmd_check_output(const char *path, struct cc_error *error)
{
	char *copy = cc_copy(path), *directory = dirname(copy);
	struct stat there;
	int status = 0;

	if (!*path)
		status = cc_fail(error, CC_EUSAGE, "-o: an empty name is no file's");
	else if (access(directory, W_OK | X_OK))
		status = cc_fail(error, CC_EIO, "%s: %s: %s", path, directory, strerror(errno));
	else if (!stat(path, &there) && S_ISDIR(there.st_mode))
		status = cc_fail(error, CC_EUSAGE, "%s: is a directory: name a file in it", path);
	else if ((!stat(path, &there) && !S_ISREG(there.st_mode)) ||
		 leads_to_device(path, directory))
		status = cc_fail(error, CC_EUSAGE, "%s: is not a regular file: name another", path);
	else if (!access(path, F_OK) && access(path, W_OK))
		status = cc_fail(error, CC_EIO, "%s: %s", path, strerror(errno));
	free(copy);
	return status;
}
