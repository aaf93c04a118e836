/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that stay out of a guest because the user said so, and files that he may not want in one.
 *
 * Globs are as in gitignore(5): without a slash for a name at any depth, else for the path from the
 * working directory; a slash at the end means directories only, two stars any number of
 * directories, an exclamation mark that it is not left out after all; the last one that fits
 * counts, and what is in a directory that stays out stays out.
 */
#ifndef CC_VM_EXCLUDE_H
#define CC_VM_EXCLUDE_H

#include <stddef.h>

#include "core/base/error.h"
#include "core/vm/fileset.h"

struct cc_exclude;

/* `cwd` is absolute, without symbolic links, and must outlive it. */
struct cc_exclude *cc_exclude_new(const char *cwd);
void cc_exclude_free(struct cc_exclude *exclude); /* NULL is fine */

/* The glob counts more than those before. */
void cc_exclude_add(struct cc_exclude *exclude, const char *glob);
/* One in each line of a file, but for empty lines and those with a #. There may be no such file. */
int cc_exclude_read(struct cc_exclude *exclude, const char *path, struct cc_error *error);

/*
 * Does this file stay out? 1 or 0. `path` is absolute; below the working directory the part behind
 * that counts. The working directory itself and those above it do not stay out.
 */
int cc_exclude_has(struct cc_exclude *exclude, const char *path);

/* The next glob of cc_exclude_add that has left nothing out, after *at ones; NULL: no more. */
const char *cc_exclude_unused(const struct cc_exclude *exclude, size_t *at);

/*
 * What of the set, below the working directory, is mostly nobody else's: in `names`, for people,
 * the first ones. 1; 0: nothing.
 */
int cc_privates_in(struct cc_fileset *set, const char *cwd, char *names, size_t size);

#endif
