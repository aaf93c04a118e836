/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logical time: a position in a past run. */
#ifndef CC_MOMENT_H
#define CC_MOMENT_H

#include <stdint.h>

/*
 * So many host calls are over (those of signal handlers aside), and so many events came since the
 * last. Events are what a debugger of the language can stop at: statements; or lines, calls,
 * returns and exceptions. Users write CALLS.EVENTS.
 */
struct cc_moment {
	uint64_t calls, events;
};

static inline int cc_moment_compare(struct cc_moment a, struct cc_moment b)
{
	if (a.calls != b.calls)
		return a.calls < b.calls ? -1 : 1;
	return a.events < b.events ? -1 : a.events > b.events;
}

#endif
