/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a replay stopped that a session runs: between its processes, as a word of a message. */
#ifndef CC_STOP_H
#define CC_STOP_H

enum cc_stop_why {
	CC_STOP_NOWHERE,     /* the replay has not been run yet, or the message says nothing that is
				known */
	CC_STOP_RULE,	     /* the rule holds */
	CC_STOP_LIMIT,	     /* the moment is reached */
	CC_STOP_INTERRUPTED, /* by the user */
	CC_STOP_START,	     /* at the first stop, to which it was told to go */
	CC_STOP_END,	     /* the program is over */
	CC_STOP_DIED,	     /* the log ends here, or the replay diverged */
	CC_STOP_HERE,	     /* it has stopped before; what was looked for is not there */
};

/* Can the replay not go on from there: is the program over, or the log? 1 or 0. */
static inline int cc_stop_is_over(enum cc_stop_why why)
{
	return why == CC_STOP_END || why == CC_STOP_DIED;
}

const char *cc_stop_name(enum cc_stop_why why); /* "rule" */
/* The reason of that name; CC_STOP_NOWHERE: no name of one, or NULL. */
enum cc_stop_why cc_stop_named(const char *name);

#endif
