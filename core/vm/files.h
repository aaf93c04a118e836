/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small things about files and programs that everything in core/vm needs. */
#ifndef CC_VM_FILES_H
#define CC_VM_FILES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/error.h"

/* printf into fresh memory; ends the program when there is none. */
char *cc_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *cc_copy(const char *text);

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
 * A fresh private directory below `parent`, named so and six letters; malloc'ed. NULL with errno on
 * failure. Those that killed processes have left there are removed.
 */
char *cc_work_directory(const char *parent, const char *prefix);
extern const char *const cc_work_names[]; /* the names that there are, NULL-terminated */
int cc_is_work_name(const char *name);	  /* of such a directory */
/* One below $TMPDIR. NULL on failure. */
char *cc_temporary_directory(struct cc_error *error);

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

/*
 * Run a program to its end, its stdin from `in` and stdout to `out` (-1: /dev/null). What it writes
 * to stderr goes into the error when it fails. `hint` says what to do when it is not installed.
 */
int cc_run_program(const char *const argv[], int in, int out, const char *hint,
		   struct cc_error *error);

/* The program's full path by PATH, malloc'ed, or NULL. A name with a slash is taken as it is. */
char *cc_find_program(const char *name, const char *path);

/* SHA-256 as 64 hex digits and a NUL. */
struct cc_sha256;
struct cc_sha256 *cc_sha256_new(void);
void cc_sha256_add(struct cc_sha256 *sha, const void *data, size_t length);
void cc_sha256_end(struct cc_sha256 *sha, char digest[65]); /* frees it; digest may be NULL */

/*
 * SHA-256 of the pages of a sparse file that are not zero: for each 4096-byte page with anything
 * in it, its number (8 bytes, little-endian) and its bytes. Holes cost nothing.
 */
int cc_sha256_sparse(const char *path, char digest[65], struct cc_error *error);

double cc_seconds(void); /* monotonic */

#endif
