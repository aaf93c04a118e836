/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the guest's kernel says of its own types, in the memory of a base that has booted. */
#ifndef CC_VM_KERNEL_TYPES_H
#define CC_VM_KERNEL_TYPES_H

#include <stddef.h>
#include <stdint.h>

#include "core/vm/vm.h"

struct cc_kernel_wanted {
	const char *type, *member; /* `member` "": the size of the struct */
	uint32_t *to;		   /* in bytes */
};

/* Errors: those of finding the log's base; CC_EFORMAT, CC_EMISSING (which member). */
int cc_vm_kernel_types(struct cc_vmlog *log, const struct cc_kernel_wanted *wanted, size_t count,
		       struct cc_error *error);

#endif
