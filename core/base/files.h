/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files and the clock: small things that everything needs. */
#ifndef CC_FILES_H
#define CC_FILES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include "core/base/error.h"

/*
 * The whole of a file with a NUL behind it; *length may be NULL. Errors: CC_EMISSING when it does
 * not exist, CC_EIO, CC_ELIMIT over `limit` bytes.
 */
char *cc_read_file(const char *path, size_t limit, size_t *length, struct cc_error *error);
int cc_write_file(const char *path, const void *data, size_t length, struct cc_error *error);

/* Write everything or fail; `path` is for the message. */
int cc_write_all(int fd, const void *data, size_t length, const char *path, struct cc_error *error);

/* mkdir -p with mode 0755. */
int cc_make_directories(const char *path, struct cc_error *error);
/* rm -r of what we made ourselves. Quiet: it runs in clean-up. */
void cc_remove_tree(const char *path);

/*
 * The directory of our caches: $CROSSCUT_CACHE, else crosscut in $XDG_CACHE_HOME or ~/.cache. It
 * exists when this returns. malloc'ed; NULL on failure.
 */
char *cc_cache_directory(struct cc_error *error);

/*
 * Hold `path` as a lock file, waiting for whoever holds it; `waiting` (may be NULL) is called once
 * when there is a wait. The descriptor to close, or a CC_E….
 */
int cc_lock(const char *path, void (*waiting)(void), struct cc_error *error);

double cc_seconds(void); /* monotonic */

/*
 * Is `path` the file or directory `root`, or in it? Both are texts only: nothing is resolved. In
 * the header, as replay objects are not linked with the rest of this file.
 */
static inline int cc_is_in(const char *path, const char *root)
{
	size_t length = strlen(root);

	if (length && root[length - 1] == '/') /* the root of all files */
		length--;
	return !strncmp(path, root, length) && (!path[length] || path[length] == '/');
}

#endif
