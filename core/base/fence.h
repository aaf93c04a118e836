/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a program of the system's is held to that works on what somebody else has made: QEMU on a
 * recording, unsquashfs on its image. It computes, starts threads, reads and writes files below
 * what is named here, and uses what it has inherited. It opens no socket, starts no other process
 * and has no way to one that is there.
 */
#ifndef CC_FENCE_H
#define CC_FENCE_H

#include <stdint.h>

#include "core/base/error.h"

struct cc_fence {
	/*
	 * NULL-terminated, or NULL. What programs are loaded from can be read in any case: /usr,
	 * /lib, /lib64.
	 */
	const char *const *readable, *const *writable;
	const char *program; /* the file that is executed next; NULL: it is below those */
	/* At most; 0: as it is. */
	uint64_t file_bytes; /* in each file that it writes */
	uint64_t memory_bytes;
	uint64_t seconds; /* of the processor's time */
};

/*
 * For the calling process, which executes the program next, and cannot be undone. On a kernel
 * without Landlock (core/base/confine.h) files are as before; without seccomp filters it fails with
 * CC_EUNSUPPORTED.
 */
int cc_fence(const struct cc_fence *fence, struct cc_error *error);

#endif
