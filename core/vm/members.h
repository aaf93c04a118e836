/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The members of a .vmlog: zstd streams in a tar. Specified in doc/vmlog-format.md. */
#ifndef CC_VM_MEMBERS_H
#define CC_VM_MEMBERS_H

#include <jansson.h>
#include <signal.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/base/sha256.h"

#define CC_VMLOG_VERSION 1
#define CC_VMLOG_MANIFEST "manifest.json"
#define CC_VMLOG_DIGEST "manifest.sha256"
#define CC_VMLOG_MEMBER_MAX (UINT64_C(4) << 30) /* bytes of content that one may have */

enum cc_member {
	CC_MEMBER_RR,
	CC_MEMBER_JOB,
	CC_MEMBER_START,
	CC_MEMBER_STDOUT,
	CC_MEMBER_STDERR,
	CC_MEMBERS
};
extern const char *const cc_member_names[CC_MEMBERS]; /* in the manifest; the tar's add ".zst" */

/* ---- writing ---- */

struct cc_vmlog_writer;

/* Start a log under a temporary name beside `path`. */
struct cc_vmlog_writer *cc_vmlog_create(const char *path, const volatile sig_atomic_t *interrupted,
					struct cc_error *error);

/*
 * Compress the first `length` bytes of a file (all of it: UINT64_MAX) into a member; what stands in
 * the tar comes in the order of these calls, behind the manifest. The manifest's entry ({"sha256",
 * "bytes"}) comes back in *entry, a new reference; NULL when it is not wanted.
 */
int cc_vmlog_add(struct cc_vmlog_writer *writer, const char *name, const char *file,
		 uint64_t length, json_t **entry, struct cc_error *error);

/* Add a member as it is: bytes, or the open stream of another tar's (what pack copies). */
int cc_vmlog_add_bytes(struct cc_vmlog_writer *writer, const char *name, const void *data,
		       size_t length, struct cc_error *error);

/*
 * Put the manifest in front, finish, rename. Frees the writer in any case. With `name` nothing is
 * replaced: *name, to be freed, is where the log stands, its path or the next that is free.
 */
int cc_vmlog_finish(struct cc_vmlog_writer *writer, const json_t *manifest, char **name,
		    struct cc_error *error);
void cc_vmlog_abandon(struct cc_vmlog_writer *writer);

/* ---- reading ---- */

/*
 * A small member as it stands in the tar, with a NUL behind it; NULL on failure (CC_EMISSING: not
 * in the tar, CC_ECUT, CC_EFORMAT).
 */
char *cc_vmlog_read_small(const char *path, const char *name, size_t limit, size_t *length,
			  struct cc_error *error);

/*
 * Decompress the member `name`.zst, checking it against a manifest's entry, to the file `to` (NULL:
 * only check). Runs of zeros become holes.
 */
int cc_vmlog_unpack(const char *path, const char *name, const json_t *entry, const char *to,
		    struct cc_error *error);

/* The same for an image of a base; the entry's digest may be that of cc_sha256_sparse. */
int cc_vmlog_unpack_image(const char *path, const char *name, const json_t *entry, int sparse,
			  const char *to, struct cc_error *error);

/* What libarchive's last failure was: the kernel's reason where there is one. */
struct archive;
const char *cc_archive_error(struct archive *tar);

#endif
