/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session's end in the process that replays. It waits for commands of the controller
 * (core/session/session.h), runs the program from event to event, and makes copies of the replay:
 * paused ones to come back to, and throwaway ones, in which what the user asks for is done for
 * real.
 */
#ifndef CC_AGENT_H
#define CC_AGENT_H

#include <jansson.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/replay/moment.h"

#pragma GCC visibility push(hidden)

/* ---- what a runtime does for a session ---- */

struct cc_debuggee {
	/* Before main(): events are to be told from now on, by cc_agent_event. */
	void (*begin)(void);
	/*
	 * What stops the program from now on, as the runtime's own front end wrote it; NULL:
	 * nothing does. A rule that is not understood is an error: 0 or CC_E…. Of general use are
	 * {"step": "in" | "over" | "out" | "start" | "forked"} and {"breaks": [{"file", "line",
	 * "condition"?}…]}; "start" is where the program begins, "forked" where it goes on behind
	 * the fork with which a forked child's own run begins (core/replay/past.h), in who called
	 * that, or, with "anywhere": true, in whatever runs then; and to
	 * find the last event of such a kind
	 * {"back": "in" | "over" | "out" | "breaks"}.
	 */
	int (*rule)(const json_t *rule, struct cc_error *error);
	/*
	 * Nothing is to stop this process before the program's end: events need not be told nor
	 * counted any more. NULL: they cost nothing.
	 */
	void (*stop_events)(void);
	/*
	 * At an event: {"file", "line", "function", "depth", "event"}, and "here", what a rule that
	 * leads back from there has to know of it: the session adds that to such rules, where it is
	 * missing. A new reference.
	 */
	json_t *(*place)(void);
	/*
	 * What the front end has to know of the event at which the rule has just held, and which
	 * cannot be told from the place alone. A new reference, or NULL. May itself be NULL.
	 */
	json_t *(*found)(void);
	/*
	 * In a throwaway copy, where host calls are real: do what is asked. `what` is "prompt" (the
	 * debugger's own dialogue), "evaluate", "stack", "variables" or a word of the runtime's
	 * own. The answer, a new reference; it may be {"error": TEXT}.
	 */
	json_t *(*ask)(const char *what, const json_t *arguments);
	/* For users: which expressions are read from memory, without a copy. NULL: none are. */
	const char *plain;
};

/* ---- what the runtime calls, in our own context ---- */

/*
 * Where the program is: `now` is the moment of prints, of debuggers and of hooks. The runtime
 * counts `events` up at each event, if anybody wants to know, calls cc_agent_hit if its rule holds,
 * and then cc_agent_due if `events` is `due` or more; for speed it counts and compares in place.
 * Host calls set events to 0.
 */
struct cc_agent {
	int on;
	struct cc_moment now;
	uint64_t due;
};
extern struct cc_agent cc_agent;

/*
 * cc_agent.due is reached: stops at the limit, or where the user has interrupted; makes a
 * checkpoint if it is time; else only sets the next `due`.
 */
void cc_agent_due(void);
/*
 * The rule holds at this event: the program stops here, or, on the way to the last such event, this
 * one is noted.
 */
void cc_agent_hit(void);
/* The same where the event to stop at, or to note, is an earlier one, at `moment`. */
void cc_agent_hit_at(struct cc_moment moment);

/*
 * In a throwaway copy: ask the controller something ({"request": …}), and wait for its answer. A
 * new reference.
 */
json_t *cc_agent_request(json_t *request);

/*
 * In a throwaway copy: the program has made so many bytes of output that it has not written yet.
 * How many of them, its last ones, are to be shown? They count as shown from then on.
 */
size_t cc_agent_pending(unsigned stream, size_t length);

/*
 * Outside of commands, for conditions: have `ask` done in a throwaway copy, and wait. Its answer,
 * or {"error": TEXT} if the copy died. A new reference. Works without a controller, too. What is
 * printed in the copy is seen if `aloud`.
 */
json_t *cc_agent_copy(const char *what, const json_t *arguments, int aloud);

/* ---- core/replay's side ---- */

/*
 * Before main(): takes the controller's socket, a descriptor, and obeys it until the first "run";
 * -1: there is no controller. 0, or CC_EUNSUPPORTED: `debuggee` is NULL.
 */
int cc_agent_begin(const struct cc_debuggee *debuggee, int socket, struct cc_error *error);
void cc_agent_called(void); /* a host call is over: cc_calls has gone up */
/*
 * Bytes of the program's output that are still to be shown: those that an earlier pass has shown
 * are not.
 */
size_t cc_agent_unshown(unsigned stream, size_t length);
/* The program is over, by this status, or by the signal -status; returns when the session is, too.
 */
void cc_agent_end(int status);
void cc_agent_died(const char *message); /* diverged, or the log ends here; likewise */

#pragma GCC visibility pop

#endif
