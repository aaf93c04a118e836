/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a file is, by how it begins: who names the wrong one is told what it is, and what opens it.
 */
#ifndef CC_CMD_KINDS_H
#define CC_CMD_KINDS_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"

enum cc_kind_wanted {
	CC_WANTED_SLICE,
	CC_WANTED_MACHINE,
	CC_WANTED_LOG, /* either */
	CC_WANTED_HOOK,
};

/*
 * Fails with CC_EFORMAT, or CC_EIO for a directory, if the file is something else by all looks. 0
 * if it may be what is wanted, whole or damaged, or cannot be read: who opens it says so. `kind`:
 * the kind of slice that is wanted ("plog"); NULL: any.
 */
int cc_kind_check(const char *path, enum cc_kind_wanted wanted, const char *kind,
		  struct cc_error *error);

/* By a file's first bytes, 512 if it has them. 1 or 0. */
int cc_kind_is_slice(const uint8_t *head, size_t length);
int cc_kind_is_machine(const uint8_t *head, size_t length);

#endif
