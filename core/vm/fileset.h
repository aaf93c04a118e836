/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A set of host files that go into a guest under the same paths, with what the paths need to work:
 * their directories, and the targets of symbolic links on the way. A path is kept in its one true
 * form (/usr/bin/sh where /bin is a link), so a file is never in a guest twice.
 */
#ifndef CC_VM_FILESET_H
#define CC_VM_FILESET_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "core/base/error.h"

struct cc_fileset;

struct cc_fileset_entry {
	const char *path;   /* absolute */
	struct stat status; /* mode, ids, size, times for the guest */
	const char *link;   /* target of a symbolic link, else NULL */
	const void *data;   /* content that is not on the host; NULL: the file at `path` */
};

/* An empty set, to be freed with cc_fileset_free. */
struct cc_fileset *cc_fileset_new(void);
/* Frees the set and all that it holds; NULL is fine. */
void cc_fileset_free(struct cc_fileset *set);

/*
 * Files for which `skip` says yes stay out, but their symbolic links are followed. At most one
 * such function; for a job it is "the base has it".
 */
void cc_fileset_skip(struct cc_fileset *set, int (*skip)(void *context, const char *path),
		     void *context);

/* What is below this directory stays out, whatever else is said. `path` must outlive the set. */
void cc_fileset_exclude(struct cc_fileset *set, const char *path);

/*
 * Nor does anything for which `left_out` says yes, by its path in its true form; nor what is below
 * it. At most one such function.
 */
void cc_fileset_leave_out(struct cc_fileset *set, int (*left_out)(void *context, const char *path),
			  void *context);

/* Fail in add_tree once the files are larger than this in all. */
void cc_fileset_limit(struct cc_fileset *set, uint64_t bytes);

/* Add one path (of a directory: only itself). Nothing happens when it does not exist. */
void cc_fileset_add(struct cc_fileset *set, const char *path);

/*
 * Add a directory with everything below it; sockets and devices stay out. CC_ELIMIT when
 * the limit is passed, found before anything is read.
 */
int cc_fileset_add_tree(struct cc_fileset *set, const char *path, struct cc_error *error);

/* Add a file with content of our own; the data is copied. A file of this path is replaced. */
void cc_fileset_put(struct cc_fileset *set, const char *path, mode_t mode, uid_t uid, gid_t gid,
		    const void *data, size_t length);

/* Is this path in the set? 1 or 0. */
int cc_fileset_has(const struct cc_fileset *set, const char *path);
/* The sizes of all regular files that were added, in bytes, replaced ones too. */
uint64_t cc_fileset_bytes(const struct cc_fileset *set);

/* Every entry, sorted by path: a directory comes before what it holds. Nonzero stops. */
int cc_fileset_each(struct cc_fileset *set,
		    int (*callback)(void *context, const struct cc_fileset_entry *entry),
		    void *context);

#endif
