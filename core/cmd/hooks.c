/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/cmd/hooks.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "core/cmd/cmd.h"

char *cc_hook_find(const char *name)
{
	char file[PATH_MAX], path[PATH_MAX];

	if (strpbrk(name, "/.") && (strchr(name, '/') || !access(name, F_OK)))
		return realpath(name, NULL);
	snprintf(file, sizeof(file), "hooks/%s%s", name, strchr(name, '.') ? "" : ".so");
	cc_cmd_library(file, path, sizeof(path));
	return realpath(path, NULL);
}

struct cc_near_names cc_hook_names(void)
{
	struct cc_near_names names = {0};
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *directory;

	cc_cmd_library("hooks", path, sizeof(path));
	directory = opendir(path);
	while (directory && (entry = readdir(directory))) {
		char *dot = strstr(entry->d_name, ".so");

		if (dot)
			*dot = '\0';
		if (*entry->d_name != '.')
			cc_near_add(&names, entry->d_name);
	}
	if (directory)
		closedir(directory);
	return names;
}

char *cc_hook_near(const char *name)
{
	struct cc_near_names names = cc_hook_names();

	return cc_near_take(&names, name);
}
