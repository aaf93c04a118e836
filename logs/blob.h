/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The blobs that a log already holds, by content: what lets the writer put one file that was read
 * twice into the log once. The content itself is not kept, so equality is judged by 128 bits of
 * hash under a key that is drawn for each log: a recorded program cannot make two blobs look alike.
 */
#ifndef CC_BLOB_H
#define CC_BLOB_H

#include <stddef.h>
#include <stdint.h>

#include "logs/siphash.h"

#define CC_BLOB_MIN 256		 /* shorter blobs are always inline */
#define CC_BLOB_SLOTS (2u << 20) /* at most; 24 bytes each. Three quarters are ever filled. */

struct cc_blobs;

struct cc_blobs *cc_blobs_new(void);			      /* NULL: no memory, or no key */
struct cc_blobs *cc_blobs_copy(const struct cc_blobs *blobs); /* NULL: no memory */
/* NULL is fine. */
void cc_blobs_free(struct cc_blobs *blobs);

/* What a blob is known by in this table and its copies. */
struct cc_siphash cc_blob_hash(const struct cc_blobs *blobs, const void *data, size_t length);

/* Is there a blob with this hash? Then 1, and *offset is where the blob stands; 0. */
int cc_blobs_find(const struct cc_blobs *blobs, const struct cc_siphash *hash, uint64_t *offset);

/* The first blob of a hash stays. When the table is full nothing is added. */
void cc_blobs_add(struct cc_blobs *blobs, const struct cc_siphash *hash, uint64_t offset);

#endif
