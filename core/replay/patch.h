/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Functions of the interpreter's that are watched, though nothing leads around them. */
#ifndef CC_PATCH_H
#define CC_PATCH_H

#include <stdint.h>

#pragma GCC visibility push(hidden)

#define CC_PATCH_SIZE 16 /* bytes of the function that are replaced */

/*
 * From now on a call of the function leads to `entry`, which does what the function's first bytes
 * did, and goes on at *rest. 0; -1: there is no such function, or it does not begin with
 * `prologue`. Ends the replay where its memory cannot be written.
 */
int cc_patch(const char *function, const uint8_t prologue[CC_PATCH_SIZE], const uint8_t *entry,
	     uint64_t *rest);

#pragma GCC visibility pop

#endif
