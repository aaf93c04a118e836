/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/vm/fileset.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/files.h"
#include "core/base/memory.h"
#include "core/base/work.h"

#define LINKS_MAX 40
#define EXCLUDES_MAX 8

/* A directory as it was named, and what it is. */
struct alias {
	char *name, *real;
};

struct cc_fileset {
	void *entries; /* tsearch trees */
	void *aliases;
	uint64_t bytes, limit;
	int (*skip)(void *context, const char *path);
	void *skip_context;
	int (*left_out)(void *context, const char *path);
	void *left_out_context;
	const char *excludes[EXCLUDES_MAX];
	size_t exclude_count;
};

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct cc_fileset_entry *)a)->path,
		      ((const struct cc_fileset_entry *)b)->path);
}

static int by_alias(const void *a, const void *b)
{
	return strcmp(((const struct alias *)a)->name, ((const struct alias *)b)->name);
}

struct cc_fileset *cc_fileset_new(void)
{
	struct cc_fileset *set = cc_allocate_zeros(1, sizeof(*set));

	set->limit = UINT64_MAX;
	return set;
}

static void free_entry(void *node)
{
	struct cc_fileset_entry *entry = node;

	free((char *)entry->path);
	free((char *)entry->link);
	free((void *)entry->data);
	free(entry);
}

static void free_alias(void *node)
{
	struct alias *alias = node;

	free(alias->name);
	free(alias->real);
	free(alias);
}

void cc_fileset_free(struct cc_fileset *set)
{
	if (!set)
		return;
	tdestroy(set->entries, free_entry);
	tdestroy(set->aliases, free_alias);
	free(set);
}

void cc_fileset_skip(struct cc_fileset *set, int (*skip)(void *context, const char *path),
		     void *context)
{
	set->skip = skip;
	set->skip_context = context;
}

void cc_fileset_leave_out(struct cc_fileset *set, int (*left_out)(void *context, const char *path),
			  void *context)
{
	set->left_out = left_out;
	set->left_out_context = context;
}

void cc_fileset_exclude(struct cc_fileset *set, const char *path)
{
	if (set->exclude_count < EXCLUDES_MAX)
		set->excludes[set->exclude_count++] = path;
}

void cc_fileset_limit(struct cc_fileset *set, uint64_t bytes)
{
	set->limit = bytes;
}

static int is_excluded(const struct cc_fileset *set, const char *path)
{
	/* the guest's own kernel makes these; only the mount points go in */
	if (!strncmp(path, "/proc/", 6) || !strncmp(path, "/sys/", 5))
		return 1;
	for (size_t i = 0; i < set->exclude_count; i++)
		if (cc_is_in(path, set->excludes[i]))
			return 1;
	return set->left_out && set->left_out(set->left_out_context, path);
}

/* Find or make the entry of a path that is in its true form. */
static struct cc_fileset_entry *enter(struct cc_fileset *set, const char *path)
{
	struct cc_fileset_entry key = {.path = path}, *entry;
	struct cc_fileset_entry **found = tfind(&key, &set->entries, by_path);

	if (found)
		return *found;
	entry = cc_allocate_zeros(1, sizeof(*entry));
	entry->path = cc_copy(path);
	if (!tsearch(entry, &set->entries, by_path))
		cc_no_memory(0);
	return entry;
}

static void insert(struct cc_fileset *set, const char *path, const struct stat *status,
		   const char *link)
{
	struct cc_fileset_entry *entry;

	if (set->skip && !S_ISDIR(status->st_mode) && set->skip(set->skip_context, path))
		return;
	entry = enter(set, path);
	if (entry->status.st_mode)
		return;
	entry->status = *status;
	entry->link = link ? cc_copy(link) : NULL;
	if (S_ISREG(status->st_mode))
		set->bytes += status->st_size;
}

static char *read_link(const char *path)
{
	char target[PATH_MAX];
	ssize_t n = readlink(path, target, sizeof(target) - 1);

	if (n < 0)
		return NULL;
	target[n] = 0;
	return cc_copy(target);
}

static char *join(const char *directory, const char *name)
{
	return cc_format("%s/%s", strcmp(directory, "/") ? directory : "", name);
}

/* The directory part of an absolute path, malloc'ed; "/" is its own. */
static char *directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == path ? cc_copy("/") : cc_format("%.*s", (int)(slash - path), path);
}

static char *resolve(struct cc_fileset *set, const char *directory, int links);

/* What the last part of `directory` is, when everything before it is `parent`. */
static char *resolve_last(struct cc_fileset *set, const char *parent, const char *name, int links)
{
	char *full, *link, *target, *real = NULL;
	struct stat status;

	if (!*name || !strcmp(name, "."))
		return cc_copy(parent);
	if (!strcmp(name, ".."))
		return directory_of(parent);
	full = join(parent, name);
	if (is_excluded(set, full) || lstat(full, &status))
		goto out;
	if (S_ISDIR(status.st_mode)) {
		insert(set, full, &status, NULL);
		return full;
	}
	link = S_ISLNK(status.st_mode) && links < LINKS_MAX ? read_link(full) : NULL;
	if (link) {
		insert(set, full, &status, link);
		target = *link == '/' ? cc_copy(link) : join(parent, link);
		real = resolve(set, target, links + 1);
		free(target);
	}
	free(link);
out:
	free(full);
	return real;
}

/* The true form of a directory, entering it and every link on the way. NULL: there is none. */
static char *resolve(struct cc_fileset *set, const char *directory, int links)
{
	struct alias key = {.name = (char *)directory}, *alias, **found;
	char *above, *parent, *real;
	struct stat status;

	if (!strcmp(directory, "/") || !*directory) {
		if (!lstat("/", &status))
			insert(set, "/", &status, NULL);
		return cc_copy("/");
	}
	found = tfind(&key, &set->aliases, by_alias);
	if (found)
		return (*found)->real ? cc_copy((*found)->real) : NULL;
	above = directory_of(directory);
	parent = resolve(set, above, links);
	real = parent ? resolve_last(set, parent, strrchr(directory, '/') + 1, links) : NULL;
	free(above);
	free(parent);
	alias = cc_allocate_zeros(1, sizeof(*alias));
	alias->name = cc_copy(directory);
	alias->real = real ? cc_copy(real) : NULL;
	if (!tsearch(alias, &set->aliases, by_alias))
		cc_no_memory(0);
	return real;
}

static void add(struct cc_fileset *set, const char *path, int links)
{
	char *above = directory_of(path), *parent = resolve(set, above, links), *full = NULL;
	const char *name = strrchr(path, '/') + 1;
	struct stat status;
	char *link;

	free(above);
	if (!parent)
		return;
	if (!*name || !strcmp(name, ".") || !strcmp(name, "..")) {
		free(resolve(set, path, links));
		goto out;
	}
	full = join(parent, name);
	if (is_excluded(set, full) || lstat(full, &status))
		goto out;
	if (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode) || S_ISFIFO(status.st_mode)) {
		insert(set, full, &status, NULL);
	} else if (S_ISLNK(status.st_mode) && (link = read_link(full))) {
		insert(set, full, &status, link);
		if (links < LINKS_MAX) {
			char *target = *link == '/' ? cc_copy(link) : join(parent, link);

			add(set, target, links + 1);
			free(target);
		}
		free(link);
	}
out:
	free(full);
	free(parent);
}

void cc_fileset_add(struct cc_fileset *set, const char *path)
{
	add(set, path, 0);
}

static int over_limit(const struct cc_fileset *set, const char *path, struct cc_error *error)
{
	return cc_fail(error, CC_ELIMIT, "%s: more than %.1f GB of files", path, set->limit / 1e9);
}

/*
 * What this process lacks, rather than what the directory is, keeps it from being read: then a part
 * would be missing.
 */
static int is_our_lack(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOMEM;
}

/* The names in a directory, all at once: it is closed again before those below it are opened. */
static int read_names(const char *path, char ***names, size_t *count, struct cc_error *error)
{
	DIR *directory = opendir(path);
	struct dirent *entry;

	*names = NULL;
	*count = 0;
	if (!directory && is_our_lack(errno))
		return cc_fail(error, CC_EIO, "%s: %s", path, strerror(errno));
	while (directory && (entry = readdir(directory))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
		    cc_is_work_name(entry->d_name))
			continue;
		cc_array_room(*names, *count);
		(*names)[(*count)++] = cc_copy(entry->d_name);
	}
	if (directory)
		closedir(directory);
	return 0;
}

static int add_below(struct cc_fileset *set, const char *path, struct cc_error *error);

static int add_one_below(struct cc_fileset *set, const char *path, const char *full,
			 struct cc_error *error)
{
	struct cc_fileset_entry key = {.path = full}, **found;

	if (is_excluded(set, full))
		return 0;
	add(set, full, 0);
	found = tfind(&key, &set->entries, by_path);
	if (set->bytes > set->limit)
		return over_limit(set, path, error);
	return found && S_ISDIR((*found)->status.st_mode) ? add_below(set, full, error) : 0;
}

/* `path` is in its true form and entered. */
static int add_below(struct cc_fileset *set, const char *path, struct cc_error *error)
{
	size_t count;
	char **names;
	int status = read_names(path, &names, &count, error);

	for (size_t i = 0; i < count; i++) {
		char *full = join(path, names[i]);

		if (!status)
			status = add_one_below(set, path, full, error);
		free(full);
		free(names[i]);
	}
	free(names);
	return status;
}

int cc_fileset_add_tree(struct cc_fileset *set, const char *path, struct cc_error *error)
{
	char *real = realpath(path, NULL);
	int status = 0;
	struct stat what;

	cc_fileset_add(set, path);
	if (real && !stat(real, &what) && S_ISDIR(what.st_mode) && !is_excluded(set, real))
		status = add_below(set, real, error);
	free(real);
	return status;
}

void cc_fileset_put(struct cc_fileset *set, const char *path, mode_t mode, uid_t uid, gid_t gid,
		    const void *data, size_t length)
{
	char *above = directory_of(path), *parent = resolve(set, above, 0);
	struct cc_fileset_entry *entry = enter(set, path);
	void *copy = cc_copy_bytes(data, length);

	free((void *)entry->data);
	free((char *)entry->link);
	entry->link = NULL;
	entry->data = copy;
	entry->status = (struct stat){
		.st_mode = mode, .st_uid = uid, .st_gid = gid, .st_size = length, .st_nlink = 1};
	set->bytes += length;
	free(above);
	free(parent);
}

int cc_fileset_has(const struct cc_fileset *set, const char *path)
{
	struct cc_fileset_entry key = {.path = path};

	return tfind(&key, &set->entries, by_path) != NULL;
}

uint64_t cc_fileset_bytes(const struct cc_fileset *set)
{
	return set->bytes;
}

struct walk {
	int (*callback)(void *context, const struct cc_fileset_entry *entry);
	void *context;
	int status;
};

static void visit(const void *node, VISIT when, void *closure)
{
	struct walk *walk = closure;
	const struct cc_fileset_entry *entry = *(struct cc_fileset_entry *const *)node;

	if ((when == postorder || when == leaf) && !walk->status && entry->status.st_mode)
		walk->status = walk->callback(walk->context, entry);
}

int cc_fileset_each(struct cc_fileset *set,
		    int (*callback)(void *context, const struct cc_fileset_entry *entry),
		    void *context)
{
	struct walk walk = {callback, context, 0};

	twalk_r(set->entries, visit, &walk);
	return walk.status;
}
