/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of this machine that a replay may open, besides those of the system (cc_confine_system,
 * core/base/confine.h): what its language has elsewhere, and what the user named on the command
 * line.
 */
#ifndef CC_ALLOWED_H
#define CC_ALLOWED_H

#include <stddef.h>

struct cc_allowed {
	/* Resolved paths: of a file, or of a directory and what is below it. */
	char **readable, **writable;
	size_t readable_count, writable_count;
	/* What may be written, as the user named it: a pipe, a descriptor, a link, as well. */
	char **named;
	size_t named_count;
};

/*
 * `path` may be read, or written; what does not exist may not be read, and may be made where its
 * directory exists. An empty path is none.
 */
void cc_allow_reading(struct cc_allowed *allowed, const char *path);
void cc_allow_writing(struct cc_allowed *allowed, const char *path);

/*
 * May the file at this resolved path (realpath(3); of one that is to be made: with its directory
 * resolved) be read, or written? 1 or 0.
 */
int cc_may_read(const struct cc_allowed *allowed, const char *path);
/* As it was named: is it of the system's? There, only administrators make links that lead out. */
int cc_is_of_system(const char *named);
int cc_may_write(const struct cc_allowed *allowed, const char *path);
/* Has the user named this very path to be written? 1 or 0. */
int cc_is_named(const struct cc_allowed *allowed, const char *path);
/* May it be made, removed or renamed: is it in a directory that the user named? */
int cc_may_change(const struct cc_allowed *allowed, const char *path);

/*
 * The path with its directory resolved, and the last name as it stands. To be freed; NULL with
 * errno.
 */
char *cc_resolve_directory(const char *path);

#endif
