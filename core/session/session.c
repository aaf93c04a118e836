/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/session/session.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "core/base/stop.h"
#include "core/base/wire.h"
#include "core/session/inside.h"

/*
 * Microseconds of replay between two checkpoints: on the way forward, and where the session looks
 * back.
 */
#define EVERY 15000
#define EVERY_BACK 5000

/* ---- what a process says ---- */

/* Bytes of the program's output, by stream. */
static void get_bytes(const json_t *message, const char *key, uint64_t bytes[2])
{
	const json_t *pair = json_object_get(message, key);

	for (size_t i = 0; i < 2; i++)
		bytes[i] = (uint64_t)json_integer_value(json_array_get(pair, i));
}

static void take_stop(struct cc_session *session, const json_t *message)
{
	struct cc_stop *stop = &session->stop;
	const char *why = json_string_value(json_object_get(message, "why"));
	const char *text = json_string_value(json_object_get(message, "text"));

	json_decref(stop->place);
	free(session->text);
	session->text = text ? cc_copy(text) : NULL;
	*stop = (struct cc_stop){.why = cc_stop_named(why), .text = session->text};
	cc_process_moment(message, "at", &stop->at);
	cc_process_moment(message, "previous", &stop->previous);
	get_bytes(message, "written", stop->written);
	stop->status = (int)json_integer_value(json_object_get(message, "status"));
	stop->past = json_is_true(json_object_get(message, "past"));
	stop->child = json_is_true(json_object_get(message, "child"));
	stop->process = (pid_t)json_integer_value(json_object_get(message, "process"));
	stop->place = json_incref(json_object_get(message, "place"));
}

static void take_shown(struct cc_session *session, const json_t *message)
{
	uint64_t shown[2];

	get_bytes(message, "shown", shown);
	for (size_t i = 0; i < 2; i++)
		if (shown[i] > session->shown[i])
			session->shown[i] = shown[i];
}

/*
 * Waits for the process's message that it has stopped: a new reference, or NULL with *error.
 * Checkpoints that it makes on the way are kept.
 */
static json_t *follow(struct cc_session *session, struct cc_process *process,
		      struct cc_error *error)
{
	json_t *message = NULL;
	const char *is;
	int socket;

	session->runs = process->pid;
	for (;;) {
		message = cc_wire_receive(process->socket, &socket);
		is = json_string_value(json_object_get(message, "is"));
		if (!is || (strcmp(is, "checkpoint") && strcmp(is, "busy")))
			break;
		if (!strcmp(is, "checkpoint"))
			cc_checkpoints_add(&session->checkpoints, cc_process_from(message, socket));
		if (session->busy)
			session->busy(message);
		json_decref(message);
	}
	session->runs = 0;
	if (!is)
		cc_fail(error, CC_EIO, "the replay ended by itself, and nobody knows why");
	else if (!strcmp(is, "refused"))
		cc_fail(error, CC_EUSAGE, "%s",
			json_string_value(json_object_get(message, "text")));
	else if (!strcmp(is, "stopped")) {
		cc_process_moment(message, "at", &process->at);
		process->ran = (uint64_t)json_integer_value(json_object_get(message, "ran"));
		take_shown(session, message);
		return message;
	}
	json_decref(message);
	return NULL;
}

/* Run a process until the rule holds (`last`: note where it did), or to `limit`. As `follow`. */
static json_t *run(struct cc_session *session, struct cc_process *process, const json_t *rule,
		   const struct cc_moment *limit, int last, struct cc_error *error)
{
	int every = last ? EVERY_BACK : rule || limit ? EVERY : 0;
	json_t *command =
		json_pack("{s:s, s:b, s:i, s:[I,I]}", "do", "run", "last", last, "every", every,
			  "shown", (json_int_t)session->shown[0], (json_int_t)session->shown[1]);

	if (rule)
		json_object_set(command, "rule", (json_t *)rule);
	if (limit)
		json_object_set_new(command, "limit",
				    json_pack("[I,I]", (json_int_t)limit->calls,
					      (json_int_t)limit->events));
	if (cc_process_send(process, command)) {
		cc_fail(error, CC_EIO, "the replay is gone");
		return NULL;
	}
	return follow(session, process, error);
}

/* ---- moving ---- */

/* Be where this process is. Where the user was stays as a checkpoint. */
static void move_to(struct cc_session *session, struct cc_process process)
{
	if (cc_stop_is_over(session->stop.why))
		cc_process_kill(&session->current);
	else
		cc_checkpoints_add(&session->checkpoints, session->current);
	session->current = process;
}

static int run_current(struct cc_session *session, const json_t *rule,
		       const struct cc_moment *limit, struct cc_error *error)
{
	json_t *message = run(session, &session->current, rule, limit, 0, error);

	if (!message)
		return error->status;
	take_stop(session, message);
	json_decref(message);
	cc_checkpoints_thin(&session->checkpoints, session->current.ran);
	return 0;
}

/*
 * A process that cannot be run again is replaced by one that can, at the last moment known before
 * it.
 */
static int recover(struct cc_session *session, struct cc_error *error)
{
	struct cc_error other;

	cc_process_kill(&session->current);
	session->stop.why = CC_STOP_DIED;
	cc_session_go(session, session->stop.at, &other);
	return error->status;
}

/*
 * A process that runs to the end without a rule does not count events and leaves no checkpoints.
 * Where the user stops it, it cannot say at which event it is: another process goes to the moment
 * that it knows.
 */
static int settle(struct cc_session *session, struct cc_error *error)
{
	int status;

	if (session->stop.why != CC_STOP_INTERRUPTED)
		return 0;
	session->stop.why = CC_STOP_END; /* of use for nothing more */
	status = cc_session_go(session, session->stop.at, error);
	if (!status)
		session->stop.why = CC_STOP_INTERRUPTED;
	return status;
}

int cc_session_run(struct cc_session *session, const json_t *rule, struct cc_error *error)
{
	if (cc_stop_is_over(session->stop.why))
		return 0;
	session->interrupted = session->searched = 0;
	if (!rule)
		cc_checkpoints_add(&session->checkpoints, cc_process_clone(&session->current));
	if (!run_current(session, rule, NULL, error))
		return rule ? 0 : settle(session, error);
	return error->status == CC_EIO ? recover(session, error) : error->status;
}

int cc_session_go(struct cc_session *session, struct cc_moment moment, struct cc_error *error)
{
	const struct cc_process *from;
	struct cc_process process;
	json_t *message;
	int base;

	session->searched = 0;
	/* before its first stop the program is not there yet, nor perhaps its interpreter */
	if (cc_moment_compare(moment, session->first) < 0)
		moment = session->first;
	base = cc_checkpoints_before(&session->checkpoints, moment, 1);
	if (base < 0)
		return cc_fail(error, CC_EUSAGE, "there is no such moment");
	from = &session->checkpoints.at[base];
	if (cc_stop_is_over(session->stop.why) ||
	    cc_moment_compare(session->current.at, moment) > 0 ||
	    cc_moment_compare(session->current.at, from->at) < 0) {
		process = cc_process_clone(from);
		if (process.socket < 0)
			return cc_fail(error, CC_EIO, "the replay cannot be copied");
		process.ran = from->ran;
		move_to(session, process);
	}
	if (cc_moment_compare(session->current.at, moment) < 0)
		return run_current(session, NULL, &moment, error);
	cc_process_send(&session->current, json_pack("{s:s}", "do", "where"));
	message = follow(session, &session->current, error);
	if (!message)
		return error->status;
	take_stop(session, message);
	session->stop.why = CC_STOP_LIMIT;
	json_decref(message);
	return 0;
}

int cc_session_visit(struct cc_session *session, struct cc_moment moment, struct cc_error *error)
{
	const struct cc_stop *stop = &session->stop;
	int status = cc_session_go(session, moment, error), after;

	after = !status && cc_moment_compare(stop->at, moment) > 0;
	if (!after || stop->why == CC_STOP_INTERRUPTED)
		return status;
	return cc_session_go(session, stop->previous, error);
}

int cc_session_restart(struct cc_session *session, struct cc_error *error)
{
	int status = cc_session_go(session, session->home, error);

	if (!status)
		session->stop.why = CC_STOP_START;
	return status;
}

/*
 * The last event in [checkpoint i, limit) for which the rule holds. 1: *found; 0: there is none, or
 * the user has interrupted; or a CC_E….
 */
static int look_back(struct cc_session *session, int i, struct cc_moment limit, const json_t *rule,
		     struct cc_moment *found, struct cc_error *error)
{
	struct cc_process scout = cc_process_clone(&session->checkpoints.at[i]);
	json_t *message;
	int status;

	if (scout.socket < 0)
		return cc_fail(error, CC_EIO, "the replay cannot be copied");
	session->search.from = scout.at;
	message = run(session, &scout, rule, &limit, 1, error);
	status = message ? !cc_process_moment(message, "last", found) : error->status;
	session->search.at = scout.at;
	session->search.is_found = status > 0;
	if (status > 0)
		session->search.found = *found;
	json_decref(session->found);
	session->found = json_incref(json_object_get(message, "found"));
	json_decref(message);
	cc_process_kill(&scout);
	return status;
}

/*
 * The event that is looked for is mostly near. To run with a rule takes some times as long as
 * without one: so the way from the last checkpoint is first run without, and gets checkpoints that
 * are closer together.
 */
static int refine(struct cc_session *session, struct cc_moment limit, struct cc_error *error)
{
	int i = cc_checkpoints_before(&session->checkpoints, limit, 0);
	struct cc_moment found;
	int status;

	if (i < 0 || session->current.ran < session->checkpoints.at[i].ran + 2 * EVERY_BACK * 1000)
		return 0;
	status = look_back(session, i, limit, NULL, &found, error);
	return status < 0 ? status : 0;
}

/*
 * A rule that leads back has to know of the place where it begins; its maker may have said it
 * already.
 */
static json_t *from_here(const struct cc_session *session, const json_t *rule)
{
	json_t *whole = json_copy((json_t *)rule),
	       *here = json_object_get(session->stop.place, "here");

	if (here && json_object_get(rule, "back"))
		json_object_update_missing(whole, here);
	return whole;
}

/* As cc_session_back. */
static int go_back(struct cc_session *session, const json_t *rule, struct cc_error *error)
{
	struct cc_moment limit = session->stop.at, from, found;
	int status, stretches = 1;

	if (cc_stop_is_over(session->stop.why))
		limit.events = INT64_MAX; /* the last stretch may not have been counted */
	session->search = (struct cc_search){.from = limit, .at = limit, .seen = limit};
	from = limit;
	session->interrupted = 0;
	status = refine(session, limit, error);
	while (!status && !session->interrupted && cc_moment_compare(session->first, limit) < 0) {
		int i = cc_checkpoints_before(&session->checkpoints, from, 0);

		if (i < 0)
			break;
		/*
		 * A stretch costs a copy: so where nothing is found, more and more stretches are
		 * done in one. All end where the way began: what holds at an event may depend on an
		 * event before the seam of two stretches.
		 */
		session->search.seen = from;
		i = i < stretches ? 0 : i - (stretches - 1);
		stretches *= 2;
		from = session->checkpoints.at[i].at;
		status = look_back(session, i, limit, rule, &found, error);
		if (i == 0)
			break;
	}
	if (session->interrupted && status >= 0) {
		session->stop.why = CC_STOP_INTERRUPTED;
		status = 0;
	} else if (status > 0 && cc_moment_compare(found, session->first) >= 0) {
		status = cc_session_go(session, found, error);
		if (!status) {
			session->stop.why = CC_STOP_RULE;
			session->stop.found = session->found;
		}
	} else if (status >= 0) {
		if (!cc_stop_is_over(session->stop.why))
			session->stop.why = CC_STOP_HERE;
		session->stop.found = NULL;
		status = 1;
	}
	cc_checkpoints_thin(&session->checkpoints, session->current.ran);
	return status;
}

int cc_session_back(struct cc_session *session, const json_t *rule, struct cc_error *error)
{
	json_t *whole = from_here(session, rule);
	int status;

	session->searched = 1;
	status = go_back(session, whole, error);

	json_decref(whole);
	return status;
}

void cc_session_interrupt(struct cc_session *session)
{
	session->interrupted = 1;
	if (session->works > 0)
		kill(session->works, SIGKILL);
	else if (session->runs > 0)
		kill(session->runs, SIGURG);
}

/* ---- beginning and end ---- */

const struct cc_search *cc_session_search(const struct cc_session *session)
{
	return session->searched ? &session->search : NULL;
}

void cc_session_tell(struct cc_session *session, cc_session_busy *busy)
{
	session->busy = busy;
}

const struct cc_stop *cc_session_stop(const struct cc_session *session)
{
	return &session->stop;
}

int cc_session_has_past(const struct cc_session *session)
{
	return session->has_past;
}

pid_t cc_session_process(const struct cc_session *session)
{
	return session->current.pid;
}

#define PATIENCE 100 /* times 10 ms */

/* Has the first process ended as one does that has told the user why it cannot go on? */
static int has_said_why(pid_t pid)
{
	int status = 0;
	pid_t over = 0;

	for (int i = 0; pid > 0 && !over && i < PATIENCE; i++) {
		over = waitpid(pid, &status, WNOHANG);
		if (!over)
			usleep(10000);
	}
	return over == pid && WIFEXITED(status) && WEXITSTATUS(status) == 125;
}

/* The replay that has come to its end gives way to one that is where all replays begin. */
static int begin_again(struct cc_session *session, struct cc_error *error)
{
	struct cc_process process = cc_process_clone(&session->checkpoints.at[0]);

	if (process.socket < 0)
		return cc_fail(error, CC_EIO, "the replay cannot be copied");
	move_to(session, process);
	return 0;
}

/*
 * A forked child's session begins behind the fork: in who called that, or else wherever the child
 * does anything. If it does nothing, the session begins where the child ends.
 */
static int open_child(struct cc_session *session, struct cc_error *error)
{
	int was_over = cc_stop_is_over(session->stop.why), status = 0;

	for (int anywhere = 0; anywhere < 2; anywhere++) {
		json_t *rule = json_pack("{s:s, s:b}", "step", "forked", "anywhere", anywhere);

		if (cc_stop_is_over(session->stop.why))
			status = begin_again(session, error);
		else
			cc_checkpoints_add(&session->checkpoints,
					   cc_process_clone(&session->current));
		if (!status)
			status = run_current(session, rule, NULL, error);
		json_decref(rule);
		if (status || !cc_stop_is_over(session->stop.why))
			break;
	}
	if (!status && !cc_stop_is_over(session->stop.why))
		session->home = session->stop.at;
	if (was_over) { /* it was forked before the program's first stop */
		session->first = session->stop.at;
		session->has_past = 0;
	}
	return status;
}

struct cc_session *cc_session_start(const struct cc_launch *launch, const json_t *first,
				    struct cc_error *error)
{
	struct cc_session *session = cc_allocate_zeros(1, sizeof(*session));
	struct cc_launch own = *launch;
	int ends[2];

	session->current = CC_NO_PROCESS;
	if (cc_wire_pair(ends)) {
		cc_fail(error, CC_EIO, "a session gets no socket");
		goto fail;
	}
	/* The copies' parents are other copies, which may be gone: so we are to reap them, */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	own.session = ends[1];
	session->current.socket = ends[0];
	session->current.pid = cc_launch_start(&own, &session->broker, error);
	close(ends[1]);
	if (session->current.pid < 0)
		goto fail;
	cc_checkpoints_add(&session->checkpoints, cc_process_clone(&session->current));
	if (run_current(session, first, NULL, error)) {
		if (has_said_why(session->current.pid))
			*error->text = '\0';
		goto fail;
	}
	signal(SIGCHLD, SIG_IGN); /* and the kernel does, once the first has come to a stop. */
	session->first = session->home = session->stop.at;
	session->has_past = session->stop.child;
	if (session->has_past && !launch->with_parent && open_child(session, error))
		goto fail;
	return session;
fail:
	cc_session_end(session);
	return NULL;
}

void cc_session_end(struct cc_session *session)
{
	if (!session)
		return;
	cc_process_kill(&session->current);
	cc_checkpoints_end(&session->checkpoints);
	cc_broker_end(session->broker);
	json_decref(session->stop.place);
	json_decref(session->found);
	free(session->text);
	free(session);
}

int cc_moment_parse(const char *text, struct cc_moment *moment)
{
	char rest;
	unsigned long long calls, events = INT64_MAX;
	int got = sscanf(text, "%llu.%llu%c", &calls, &events, &rest);

	if (got == 1 && strchr(text, '.'))
		got = 0;
	if (got == 0 || got == 3)
		return -1;
	if (got == 1 && sscanf(text, "%llu%c", &calls, &rest) != 1)
		return -1;
	*moment = (struct cc_moment){calls, events};
	return got < 0 ? -1 : 0;
}

const char *cc_moment_print(struct cc_moment moment, char text[CC_MOMENT_TEXT])
{
	snprintf(text, CC_MOMENT_TEXT, "%llu.%llu", (unsigned long long)moment.calls,
		 (unsigned long long)moment.events);
	return text;
}
