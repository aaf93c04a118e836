/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Taking bases out of the cache. A base that is open is locked (base.c), so none is taken from
 * under a machine that runs. One that goes is renamed first: half a base never stands under its
 * name.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/files.h"
#include "core/base/memory.h"
#include "core/vm/base.h"
#include "core/vm/recordings.h"
#include "core/vm/request.h"

#define NEW "new-" /* as cc_base_new_directory names them */
#define ROOM 8.0   /* GB */
/* seconds: two sets of packages that are used in turn must not drive each other out */
#define LATELY 3600

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

/* ---- all that are of no use, when the user says so ---- */

/* A base that recordings need stays, and is told of. 1: it does. */
static int is_needed(const struct cc_prune_options *options, const char *bases, const char *id,
		     struct cc_prune_result *result)
{
	char *directory = cc_format("%s/%s", bases, id);
	char **recordings = cc_recordings_of(directory, id, NULL);
	int stays = *recordings && !options->force;

	if (stays) {
		result->needed++;
		if (options->needed)
			options->needed(id, space_of(directory), recordings);
	}
	cc_free_list(recordings);
	free(directory);
	return stays;
}

static int prune(const char *cache, const char *present, const struct cc_prune_options *options,
		 struct cc_prune_result *result, struct cc_error *error)
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
		else if (!is_needed(options, bases, entry->d_name, result))
			status = remove_base(bases, entry->d_name, result, error);
	}
	if (list)
		closedir(list);
	remove_keys(cache);
	free(bases);
	return status;
}

int cc_base_prune(const struct cc_packages *packages, const struct cc_prune_options *options,
		  struct cc_prune_result *result, struct cc_error *error)
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
	status = lock < 0 ? lock : cc_base_current_id(options->languages, packages, present, error);
	if (!status) {
		cc_base_remove_scraps(cache);
		status = prune(cache, present, options, result, error);
	}
	if (lock >= 0)
		close(lock);
	free(path);
	free(cache);
	return status;
}

/* ---- those that nothing was recorded from, when the cache is large ---- */

static uint64_t room(void)
{
	const char *text = getenv("CROSSCUT_CACHE_GB");
	char *end;
	double gigabytes = text ? strtod(text, &end) : ROOM;

	if (text && (end == text || *end || !(gigabytes >= 0)))
		gigabytes = ROOM;
	return gigabytes > 1e6 ? UINT64_MAX : gigabytes * 1e9;
}

struct unused {
	char id[65];
	time_t used;
};

static int by_use(const void *a, const void *b)
{
	const struct unused *one = a, *other = b;

	return (one->used > other->used) - (one->used < other->used);
}

/* Whether nothing was ever recorded from it that is still there, and nobody has used it lately. */
static int is_unused(const char *directory, const char *id, struct unused *unused)
{
	struct stat status;
	char **recordings;
	int all, is;

	if (stat(directory, &status) || time(NULL) - status.st_mtime < LATELY)
		return 0;
	recordings = cc_recordings_of(directory, id, &all);
	is = all && !*recordings;
	cc_free_list(recordings);
	strcpy(unused->id, id);
	unused->used = status.st_mtime;
	return is;
}

/* The bases, but `present`, that may go; all that there are take `bytes`. malloc'ed. */
static struct unused *find_unused(const char *bases, const char *present, size_t *count,
				  uint64_t *bytes)
{
	struct unused *list = NULL;
	DIR *entries = opendir(bases);
	struct dirent *entry;

	*count = 0;
	*bytes = 0;
	while (entries && (entry = readdir(entries))) {
		char *directory = cc_format("%s/%s", bases, entry->d_name);

		if (cc_base_is_id(entry->d_name)) {
			*bytes += space_of(directory);
			cc_array_room(list, *count);
			*count += strcmp(entry->d_name, present) &&
				  is_unused(directory, entry->d_name, list + *count);
		}
		free(directory);
	}
	if (entries)
		closedir(entries);
	if (*count)
		qsort(list, *count, sizeof(*list), by_use);
	return list;
}

static void report_removed(const char *id, uint64_t bytes, void (*notice)(const char *text))
{
	char *text = cc_format(
		"the guest base %.12s (%.1f GB), from which nothing was recorded, was removed: the "
		"cache had more than %.1f GB (CROSSCUT_CACHE_GB sets another bound)",
		id, bytes / 1e9, room() / 1e9);

	if (notice)
		notice(text);
	free(text);
}

static void make_room(const struct cc_base *present, void (*notice)(const char *text))
{
	char *bases = cc_format("%s/bases", present->cache);
	uint64_t bytes, most = room();
	size_t count;
	struct unused *list = find_unused(bases, present->id, &count, &bytes);

	for (size_t i = 0; i < count && bytes > most; i++) {
		struct cc_prune_result result = {0};

		if (remove_base(bases, list[i].id, &result, NULL) || !result.removed)
			continue;
		bytes -= result.bytes < bytes ? result.bytes : bytes;
		report_removed(list[i].id, result.bytes, notice);
	}
	remove_keys(present->cache);
	free(list);
	free(bases);
}

void cc_base_make_room(const struct cc_base *present, void (*notice)(const char *text))
{
	char *path = cc_format("%s/lock", present->cache);
	int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	/* Else another one is made just now: next time */
	if (lock >= 0 && !flock(lock, LOCK_EX | LOCK_NB))
		make_room(present, notice);
	if (lock >= 0)
		close(lock);
	free(path);
}
