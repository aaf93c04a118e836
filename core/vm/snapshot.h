/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one boot of a base: from its kernel and files to a machine that waits for a job. */
#ifndef CC_VM_SNAPSHOT_H
#define CC_VM_SNAPSHOT_H

#include "core/vm/vm.h"

struct cc_snapshot {
	const char *directory;	 /* holds vmlinux and init.cpio; a place to run in */
	const char *files;	 /* the base's files, a cpio archive */
	const char *ram, *state; /* to be made */
	uint64_t ram_bytes;
	char qemu[64]; /* QEMU's version, filled in */
};

/* Boot, wait for the guest to be ready, save the machine. Fills in the addresses of `kernel`. */
int cc_snapshot_make(struct cc_snapshot *snapshot, struct cc_vm_kernel *kernel,
		     struct cc_error *error);

#endif
