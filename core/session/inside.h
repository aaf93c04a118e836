/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a session is made of, for the files of this directory that work on it. */
#ifndef CC_SESSION_INSIDE_H
#define CC_SESSION_INSIDE_H

#include <signal.h>

#include "core/session/checkpoints.h"
#include "core/session/session.h"

struct cc_session {
	struct cc_process current;
	struct cc_checkpoints checkpoints;
	struct cc_stop stop;
	char *text;		/* what stop points to */
	struct cc_moment first; /* which it can go back to */
	int has_past;		/* there is a parent's run before the child's */
	struct cc_moment home;	/* where it began; in a forked child, where that did */
	json_t *found;		/* what stop.found is, or will be; or NULL */
	uint64_t shown[2];	/* bytes of the program's output that the user has seen */
	/* For cc_session_interrupt: the process that runs, the copy that is at work; 0: none */
	volatile pid_t runs, works;
	volatile sig_atomic_t interrupted;
	struct cc_search search;
	int searched;			 /* by the last command */
	cc_session_busy *busy;		 /* NULL: nobody is told */
	const struct cc_process *asking; /* the copy that waits for an answer; NULL: none does */
	struct cc_broker *broker;	 /* NULL: there is none */
};

#endif
