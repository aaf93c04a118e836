/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Taking bases out of the cache. A base that is open is locked (base.c), so none is taken from under
 * a machine that runs. One that goes is renamed first: half a base never stands under its name.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/vm/base.h"
#include "core/vm/files.h"

#define NEW "new-" /* as cc_base_new_directory names them */

/* The space that a directory's files take, holes not counted. */
static uint64_t space_of(const char *directory)
{
	DIR *list = opendir(directory);
	struct dirent *entry;
	struct stat status;
	uint64_t bytes = 0;

	while (list && (entry = readdir(list)))
		if (!fstatat(dirfd(list), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) &&
		    S_ISREG(status.st_mode))
			bytes += status.st_blocks * UINT64_C(512);
	if (list)
		closedir(list);
	return bytes;
}

void cc_base_remove_scraps(const char *cache)
{
	char *bases = cc_format("%s/bases", cache);
	DIR *list = opendir(bases);
	struct dirent *entry;

	while (list && (entry = readdir(list))) {
		char *path;

		if (strncmp(entry->d_name, NEW, strlen(NEW)))
			continue;
		path = cc_format("%s/%s", bases, entry->d_name);
		cc_remove_tree(path);
		free(path);
	}
	if (list)
		closedir(list);
	free(bases);
}

static int remove_base(const char *bases, const char *id, struct cc_prune_result *result,
		       struct cc_error *error)
{
	char *directory = cc_format("%s/%s", bases, id);
	char *manifest = cc_format("%s/" CC_BASE_MANIFEST, directory);
	char *doomed = cc_format("%s/" NEW "%s", bases, id);
	int lock = open(manifest, O_RDONLY | O_CLOEXEC), status = 0;

	if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB)) {
		result->busy++;
	} else if (rename(directory, doomed)) {
		status = cc_fail(error, CC_EIO, "%s: %s", directory, strerror(errno));
	} else {
		result->removed++;
		result->bytes += space_of(doomed);
		cc_remove_tree(doomed);
	}
	if (lock >= 0)
		close(lock);
	free(directory);
	free(manifest);
	free(doomed);
	return status;
}

/* Keys of bases that are gone: a base that came back by another way would be taken for them. */
static void remove_keys(const char *cache)
{
	char *keys = cc_format("%s/keys", cache);
	DIR *list = opendir(keys);
	struct dirent *entry;

	while (list && (entry = readdir(list))) {
		char *key = cc_format("%s/%s", keys, entry->d_name);
		char *id = cc_read_file(key, 65, NULL, NULL), *base;

		if (id && *entry->d_name != '.') {
			id[strcspn(id, "\n")] = 0;
			base = cc_format("%s/bases/%s", cache, id);
			if (access(base, F_OK))
				unlink(key);
			free(base);
		}
		free(id);
		free(key);
	}
	if (list)
		closedir(list);
	free(keys);
}

static int prune(const char *cache, const char *present, struct cc_prune_result *result,
		 struct cc_error *error)
{
	char *bases = cc_format("%s/bases", cache);
	DIR *list = opendir(bases);
	struct dirent *entry;
	int status = 0;

	while (list && !status && (entry = readdir(list))) {
		if (!cc_base_is_id(entry->d_name))
			continue;
		if (!strcmp(entry->d_name, present))
			result->present = 1;
		else
			status = remove_base(bases, entry->d_name, result, error);
	}
	if (list)
		closedir(list);
	remove_keys(cache);
	free(bases);
	return status;
}

int cc_base_prune(const struct cc_packages *packages, struct cc_prune_result *result,
		  struct cc_error *error)
{
	char *cache = cc_cache_directory(error), *path, present[65] = "";
	int lock, status;

	*result = (struct cc_prune_result){0};
	if (!cache)
		return CC_EIO;
	path = cc_format("%s/bases", cache);
	if (access(path, F_OK)) { /* nothing was ever made here */
		free(path);
		free(cache);
		return 0;
	}
	lock = cc_base_lock(cache, error); /* no base is being made while we look */
	status = lock < 0 ? lock : cc_base_current_id(packages, present, error);
	if (!status) {
		cc_base_remove_scraps(cache);
		status = prune(cache, present, result, error);
	}
	if (lock >= 0)
		close(lock);
	free(path);
	free(cache);
	return status;
}
