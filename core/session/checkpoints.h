/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paused copies of a replay by moment, dense where the user is, and sparse far from there. */
#ifndef CC_CHECKPOINTS_H
#define CC_CHECKPOINTS_H

#include <stddef.h>

#include "core/session/process.h"

/*
 * So many at most. Half of them go when less than a quarter of the machine's memory is available: a
 * copy takes what the program wrote since.
 */
#define CC_CHECKPOINTS_MAX 256

struct cc_checkpoints {
	/* Sorted by moment; those made while one command runs exceed the bound */
	struct cc_process at[CC_CHECKPOINTS_MAX + 64];
	size_t count;
};

/* Takes the process; a second one of the same moment is ended. */
void cc_checkpoints_add(struct cc_checkpoints *checkpoints, struct cc_process process);
/* Index of the last checkpoint before `moment`, or at it when `inclusive`; -1: none. */
int cc_checkpoints_before(const struct cc_checkpoints *checkpoints, struct cc_moment moment,
			  int inclusive);
/* Keep to the bound; the first checkpoint stays. `ran`: of where the user is. */
void cc_checkpoints_thin(struct cc_checkpoints *checkpoints, uint64_t ran);
void cc_checkpoints_end(struct cc_checkpoints *checkpoints);

#endif
