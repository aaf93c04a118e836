/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest's kernel: Debian's cloud kernel, from its package file, never installed. */
#ifndef CC_VM_KERNEL_H
#define CC_VM_KERNEL_H

#include "core/vm/vm.h"

/*
 * The path of a kernel package file in the cache, malloc'ed: the newest that `make deps` or an
 * earlier call left there; when there is none it is downloaded by apt-get. NULL on failure.
 */
char *cc_kernel_package(const char *cache, struct cc_error *error);

/*
 * Unpack what a guest needs from a kernel package into `directory`: `vmlinux`, and the modules of
 * cc_kernel_modules under their own names.
 */
int cc_kernel_unpack(const char *package, const char *directory, struct cc_error *error);

/* File names of the guest's modules; NULL-terminated. */
extern const char *const cc_kernel_modules[];

/* The offsets in struct task_struct, from the BTF of a vmlinux. The addresses stay zero. */
int cc_kernel_offsets(const char *vmlinux, struct cc_vm_kernel *kernel, struct cc_error *error);

#endif
