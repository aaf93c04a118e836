/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of a recorded guest: those of the job's image over those of the base. */
#ifndef CC_VM_GUESTFS_H
#define CC_VM_GUESTFS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/error.h"

struct cc_guestfs_entry {
	char *path; /* absolute, in the guest */
	mode_t mode;
	uint64_t size;
	char *link; /* target of a symbolic link, or NULL */
};

/* The listing of a job's image. */
struct cc_guestfs {
	struct cc_guestfs_entry *entries; /* sorted by path */
	size_t count;
};

/* List what is below /root in a squashfs image. */
int cc_guestfs_list(struct cc_guestfs *files, const char *image, struct cc_error *error);
void cc_guestfs_free(struct cc_guestfs *files);
const struct cc_guestfs_entry *cc_guestfs_find(const struct cc_guestfs *files, const char *path);

/* Write the content of one regular file of the image, `most` bytes at most, to a descriptor. */
int cc_guestfs_read(const char *image, const char *path, uint64_t most, int to,
		    struct cc_error *error);

/* ---- for those who may start no program: the stage, which is in QEMU ---- */

/* A connected pair of sockets, close-on-exec. */
int cc_guestfs_pair(int ends[2], struct cc_error *error);
/*
 * Ask at one end for a file's content: a descriptor without a name that holds it, to be closed by
 * the caller, or a CC_E….
 */
int cc_guestfs_ask(int end, const char *path, struct cc_error *error);
/* Answer at the other end, if somebody asks. Whoever that is gets the image's files and no others.
 */
void cc_guestfs_answer(int end, const char *image);

#endif
