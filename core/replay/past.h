/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The past of a forked child. Its slice begins where its parent's does, as a replay has to run
 * through what the parent did before the fork; the child's own run begins in the fork that it
 * returned from, of which the last one counts. What came before is told to nobody as the child's:
 * prints, hooks, tracers and the debugger begin there, unless --with-parent is given.
 */
#ifndef CC_PAST_H
#define CC_PAST_H

#include <sys/types.h>

#pragma GCC visibility push(hidden)

extern struct cc_past {
	int child;     /* the slice is a forked child's */
	int before;    /* what runs is the past */
	int on;	       /* and not to be told of */
	int unread;    /* so many forks before the child's own part of the log */
	pid_t process; /* that runs here, in the run: the child's parents, one by one, and it */
	int shown;     /* --show-process: lines are to name it */
} cc_past;

/*
 * As the replay begins, in this process. `forks`: how many of them the log holds from here to the
 * child's own part; 0: the slice is no forked child's.
 */
void cc_past_begin(int forks, pid_t process);
/* The log's next records are a child's, which this process becomes in the fork that is next. */
void cc_past_read(pid_t child);
/*
 * The records that come next are those of what happens in this host call: if they are a child's,
 * the call is the fork, and the process has become the child.
 */
void cc_past_reached(void);

/*
 * With --show-process what a line that names its process begins with: "[pid 75] "; else "". Good
 * until the next fork.
 */
const char *cc_past_prefix(void);

#pragma GCC visibility pop

#endif
