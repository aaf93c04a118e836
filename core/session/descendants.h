/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The processes of a replay, which may fork as it likes: those that descend from this one. */
#ifndef CC_DESCENDANTS_H
#define CC_DESCENDANTS_H

#include <sys/types.h>

/*
 * Does this process, or one of its threads, descend from us? What a replay says of its processes is
 * not to be believed. 1 or 0.
 */
int cc_is_ours(pid_t pid);

/*
 * Ends all processes that descend from us: those of a replay that is over. We have to be the one to
 * whom orphans come (PR_SET_CHILD_SUBREAPER, prctl(2)).
 */
void cc_end_descendants(void);

#endif
