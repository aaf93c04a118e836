/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/cmd/cmd.h"

#include <argp.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *version_tool;

static void print_version(FILE *to, struct argp_state *state)
{
	fprintf(to, "%s (Crosscut) %s\n", version_tool, CC_VERSION);
}

void cc_cmd_begin(const char *tool)
{
	version_tool = tool;
	argp_program_version_hook = print_version;
	argp_err_exit_status = 125;
}

int cc_cmd_fail(const char *tool, const struct cc_error *error)
{
	fflush(stdout);
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

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk)
{
	return remove(path);
}

void cc_cmd_remove_directory(const char *path)
{
	nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}
