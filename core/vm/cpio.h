/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cpio archives of the "newc" kind: the guest's initramfs, and the store of the base's files. */
#ifndef CC_VM_CPIO_H
#define CC_VM_CPIO_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#include "core/base/error.h"
#include "core/vm/fileset.h"

/* ---- writing: to a stdio stream; write errors are the stream's ---- */

/* One entry, with so many bytes of content. */
void cc_cpio_put(FILE *to, const char *name, const struct stat *status, const void *data,
		 size_t length);
/* The trailer that ends an archive. */
void cc_cpio_end(FILE *to);
/* All files of a set, without the leading slash. A file that became shorter ends in zeros. */
int cc_cpio_put_set(FILE *to, struct cc_fileset *set, struct cc_error *error);

/* ---- reading: a mapped archive ---- */

struct cc_cpio_entry {
	const char *name; /* without leading slash; the index's own copy */
	mode_t mode;
	uint64_t size;
	const char *data; /* a symlink's target is not NUL-terminated */
};

struct cc_cpio {
	char *map;
	size_t length;
	struct cc_cpio_entry *entries; /* sorted by name */
	size_t count;
};

/* CC_EIO, CC_EMISSING, CC_EFORMAT. */
int cc_cpio_open(struct cc_cpio *cpio, const char *path, struct cc_error *error);
void cc_cpio_close(struct cc_cpio *cpio);
const struct cc_cpio_entry *cc_cpio_find(const struct cc_cpio *cpio, const char *name);

#endif
