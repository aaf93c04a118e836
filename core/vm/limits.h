/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a guest's machine needs of the host: files, address space, room on a disk. */
#ifndef CC_VM_LIMITS_H
#define CC_VM_LIMITS_H

#include <stdint.h>

#include "core/base/error.h"

/*
 * Do the process's limits let a machine with so much memory run (0: not known yet)? 0, or CC_ELIMIT
 * with the limit that does not.
 */
int cc_limits_check(uint64_t ram, struct cc_error *error);

/* Bytes that the disk of a directory has left for us; UINT64_MAX: not known. */
uint64_t cc_space_left(const char *path);
int cc_space_full(const char *path); /* is next to nothing left? 1 or 0 */

/* Fill in "the disk that holds PATH is full; VARIABLE names another directory". CC_EIO. */
int cc_fail_full(struct cc_error *error, const char *path, const char *variable);

#endif
