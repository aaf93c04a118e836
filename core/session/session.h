/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session: a past run that can be gone to and fro. It owns the processes that replay it: one that
 * is where the user is, and paused copies at earlier moments, to begin from when it goes back.
 * Front ends ask for runs, in words that the runtime understands (core/replay/agent.h, `rule`),
 * and have things done in throwaway copies. Nothing here knows a language or a terminal.
 */
#ifndef CC_SESSION_H
#define CC_SESSION_H

#include <jansson.h>
#include <sys/types.h>

#include "core/base/error.h"
#include "core/base/stop.h"
#include "core/replay/moment.h"
#include "core/session/launch.h"

struct cc_session;

/* Where the program is, and why it stopped there. Owned by the session, until it goes on. */
struct cc_stop {
	enum cc_stop_why why;
	const char *text;	       /* why it died; or NULL */
	struct cc_moment at, previous; /* the event before `at` */
	int status;		       /* the program's, at its end */
	uint64_t written[2];	       /* bytes of its standard output and error so far */
	int child;		       /* the slice is a forked child's */
	int past;      /* it is what a forked child's parent did (core/replay/past.h) */
	pid_t process; /* that runs there, in the run; 0: not known */
	json_t *place; /* struct cc_debuggee.place; NULL: nowhere */
	json_t *found; /* struct cc_debuggee.found, after a way back; or NULL */
};

/*
 * Starts a replay and runs it to the first event for which `first` holds, which is the first one
 * that the session goes back to; of a forked child on to where its own run begins. NULL with
 * *error, whose text is empty if the replay has said itself why it ended; launch->session is set
 * here.
 */
struct cc_session *cc_session_start(const struct cc_launch *launch, const json_t *first,
				    struct cc_error *error);
void cc_session_end(struct cc_session *session); /* NULL is fine */

/* Where the session stands; borrowed, until the next command. */
const struct cc_stop *cc_session_stop(const struct cc_session *session);
/* Is it a forked child's, whose parent's run can be gone back to? 1 or 0. */
int cc_session_has_past(const struct cc_session *session);
/* The process that waits there, for who looks at its memory; it is another one after each move. */
pid_t cc_session_process(const struct cc_session *session);

/*
 * From now on `busy` is told, while a process runs, of each message of it that is no stop: of a
 * checkpoint, and {"is": "busy", "at", "asked", "expression", "plain"}: so often it has had the
 * expression evaluated in copies, which takes the time; `plain` says what would not need one.
 */
typedef void cc_session_busy(const json_t *message);
void cc_session_tell(struct cc_session *session, cc_session_busy *busy);

/*
 * How far the last command has come, where the user has interrupted it, if that was a way back;
 * else NULL.
 */
struct cc_search {
	struct cc_moment from, at; /* the stretch that was looked at: its beginning, and the end */
	struct cc_moment seen;	   /* from here on nothing was found */
	struct cc_moment found;	   /* in the stretch, so far: maybe not the last one */
	int is_found;
};
const struct cc_search *cc_session_search(const struct cc_session *session);

/* Each gives 0, or a CC_E…: then the program is where it was. `rule` NULL: to the end. */
int cc_session_run(struct cc_session *session, const json_t *rule, struct cc_error *error);
/*
 * To the last event before this one for which the rule holds. 1: there is none, and the program is
 * where it was.
 */
int cc_session_back(struct cc_session *session, const json_t *rule, struct cc_error *error);
/* To the first event that is not before `moment`. */
int cc_session_go(struct cc_session *session, struct cc_moment moment, struct cc_error *error);
/*
 * To the last event that is not after `moment`: what begins there is what the program is at, then.
 * To its end, if that is not after it either.
 */
int cc_session_visit(struct cc_session *session, struct cc_moment moment, struct cc_error *error);
/* To where cc_session_start has led. */
int cc_session_restart(struct cc_session *session, struct cc_error *error);

/*
 * Have the runtime do something in a throwaway copy. `respond` answers what the copy asks
 * meanwhile: a new reference. The result, a new reference, or {"error": TEXT}. `with` may be NULL.
 */
typedef json_t *cc_session_respond(void *context, const json_t *request);
json_t *cc_session_ask(struct cc_session *session, const char *what, const json_t *with,
		       cc_session_respond *respond, void *context);

/*
 * In `respond`: asks the copy something, which waits for an answer: the question, a reference that
 * is taken, is what it gets in place of one, and its next request is what is returned: a new
 * reference, to be answered by what `respond` returns. NULL: it is gone.
 */
json_t *cc_session_ask_back(struct cc_session *session, json_t *question);

/* For a signal handler: stops a run at the next event, and ends a copy that is at work. */
void cc_session_interrupt(struct cc_session *session);

/*
 * "CALLS.EVENTS"; or CALLS alone, as far as the program gets before that host call is over: behind
 * all of the call's events. 0, or -1.
 */
int cc_moment_parse(const char *text, struct cc_moment *moment);
/* Writes "CALLS.EVENTS", which is what it returns. */
#define CC_MOMENT_TEXT 48 /* bytes */
const char *cc_moment_print(struct cc_moment moment, char text[CC_MOMENT_TEXT]);

#endif
