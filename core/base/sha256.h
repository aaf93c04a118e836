/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SHA-256, by libcrypto. */
#ifndef CC_SHA256_H
#define CC_SHA256_H

#include <stddef.h>

#include "core/base/error.h"

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

/* Of a whole file: names logs and images in provenance. 0, or CC_EIO with *error. */
int cc_sha256_file(const char *path, char digest[65], struct cc_error *error);

#endif
