/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/session/console.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "core/base/memory.h"
#include "core/base/progress.h"
#include "core/session/busy.h"
#include "core/session/complete.h"
#include "core/session/session.h"
#include "core/session/sources.h"
#include "logs/text.h"

/* Where a dialogue was that has gone elsewhere. */
struct place {
	struct cc_moment at;
	int at_end; /* of the program, or of the log */
};

struct console {
	struct cc_session *session;
	const char *log; /* the slice's path */
	const char *tool;
	struct place *trail; /* the last one is where the last move began */
	size_t trail_count;
	json_t *state;
	char *text;    /* for the next prompt, or NULL */
	int asked;     /* this dialogue has come as far as to ask for a line */
	int edits;     /* a person types: with GNU readline */
	pid_t process; /* whose run the last dialogue was in; 0: there was none */
};

/* The session of the console: a signal handler has no other way to it. */
static struct cc_session *interrupted_session;
/* ^C was pressed, and no line was asked for since: also where nothing ran at that moment. */
static volatile sig_atomic_t pressed;

static void interrupt(int signal)
{
	pressed = 1;
	if (interrupted_session)
		cc_session_interrupt(interrupted_session);
}

/* A line without its newline, from malloc; NULL at the end. */
static char *read_line(const struct console *console, const char *prompt)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t length;

	if (console->edits) {
		line = readline(prompt);
		if (line && *line)
			add_history(line);
		return line;
	}
	fputs(prompt, stdout);
	fflush(stdout);
	length = getline(&line, &room, stdin);
	if (length < 0) {
		free(line);
		return NULL;
	}
	if (length && line[length - 1] == '\n')
		line[length - 1] = '\0';
	return line;
}

static json_t *respond_line(const struct console *console, const json_t *request)
{
	const char *prompt = json_string_value(json_object_get(request, "prompt"));
	char *line;
	json_t *answer;

	cc_complete_for(console->session, request);
	line = read_line(console, prompt ? prompt : "");
	if (!line)
		return json_pack("{s:b}", "end", 1);
	answer = cc_json_pack("{s:o}", "line", cc_json_characters(line, strlen(line)));
	free(line);
	return answer;
}

static json_t *respond(void *context, const json_t *request)
{
	struct console *console = context;
	const char *what = json_string_value(json_object_get(request, "request"));
	const char *end = json_string_value(json_object_get(request, "end"));

	if (!strcmp(what, "readline")) {
		console->asked = 1;
		return respond_line(console, request);
	}
	if (!strcmp(what, "sources") && end)
		return cc_session_sources(console->log, end);
	if (!strcmp(what, "keep")) { /* before the dialogue reads a line by itself */
		console->asked = 1;
		json_decref(console->state);
		console->state = json_incref(json_object_get(request, "state"));
	}
	return NULL;
}

/*
 * Whose run it is, to be said where a forked child's session begins, and whenever a move has led
 * over a fork. NULL: there is nothing to say.
 */
static char *process_note(const struct console *console)
{
	const struct cc_stop *stop = cc_session_stop(console->session);
	int process = (int)stop->process;

	if (stop->process == console->process)
		return NULL;
	if (stop->past)
		return cc_format("(process %d: before the fork)", process);
	if (console->process)
		return cc_format("(process %d: after the fork)", process);
	if (!cc_session_has_past(console->session))
		return NULL;
	return cc_format("(process %d %s: to go back leads into what its parent did before the "
			 "fork)",
			 process, stop->why == CC_STOP_END ? "ran no statement" : "begins here");
}

static json_t *prompt(struct console *console)
{
	const struct cc_stop *stop = cc_session_stop(console->session);
	const char *text = console->text ? console->text : stop->text;
	enum cc_stop_why why =
		pressed && !cc_stop_is_over(stop->why) ? CC_STOP_INTERRUPTED : stop->why;
	char at[CC_MOMENT_TEXT], *note = process_note(console);
	json_t *with, *answer;

	with = json_pack("{s:O, s:s, s:s, s:i}", "state", console->state, "why", cc_stop_name(why),
			 "at", cc_moment_print(stop->at, at), "status", stop->status);
	if (text)
		json_object_set_new(with, "text", cc_json_shown(text));
	if (stop->found)
		json_object_set(with, "found", stop->found);
	if (note)
		json_object_set_new(with, "note", json_string(note));
	console->asked = 0;
	pressed = 0;
	cc_progress_clear();
	answer = cc_session_ask(console->session, "prompt", with, respond, console);
	if (console->asked)
		console->process = stop->process;
	free(note);
	json_decref(with);
	free(console->text);
	console->text = NULL;
	return answer;
}

static int go(struct console *console, const char *at, struct cc_error *error)
{
	struct cc_moment moment;

	if (!at || cc_moment_parse(at, &moment))
		return cc_fail(error, CC_EUSAGE, "%s: a moment is CALLS.EVENTS, as `when` tells it",
			       at ? at : "");
	return cc_session_visit(console->session, moment, error);
}

static struct place place_now(const struct console *console)
{
	const struct cc_stop *stop = cc_session_stop(console->session);

	return (struct place){stop->at, cc_stop_is_over(stop->why)};
}

/* A move has begun at `from`: if it led anywhere, it can be undone. */
static void note_move(struct console *console, struct place from)
{
	struct place now = place_now(console);

	if (now.at_end == from.at_end && !cc_moment_compare(now.at, from.at))
		return;
	cc_array_room(console->trail, console->trail_count);
	console->trail[console->trail_count++] = from;
}

static int undo(struct console *console, struct cc_error *error)
{
	const struct place *to;

	if (!console->trail_count)
		return cc_fail(error, CC_EUSAGE,
			       "nothing to undo: it has not moved since it began: staying here");
	to = &console->trail[--console->trail_count];
	return to->at_end ? cc_session_run(console->session, NULL, error)
			  : cc_session_go(console->session, to->at, error);
}

static int go_back(struct console *console, const json_t *answer, const json_t *rule,
		   struct cc_error *error)
{
	const char *nothing = json_string_value(json_object_get(answer, "nothing"));
	int status = cc_session_back(console->session, rule, error);

	return status == 1 ? cc_fail(error, CC_EUSAGE, "%s: staying here",
				     nothing ? nothing : "nothing before this")
			   : status;
}

/* Does what the dialogue ended with. 1: it was the last dialogue. */
static int proceed(struct console *console, const json_t *answer)
{
	const char *what = json_string_value(json_object_get(answer, "do"));
	const char *failed = json_string_value(json_object_get(answer, "error"));
	const json_t *rule = json_object_get(answer, "rule");
	struct cc_session *session = console->session;
	struct place from = place_now(console);
	struct cc_error error = {0};
	int status = 0;

	if (failed) { /* the copy died: another dialogue goes on with what was kept */
		if (console->asked)
			pressed = 0;
		console->text = pressed ? cc_busy_interrupted(session) : cc_copy(failed);
		return 0;
	}
	if (!what || !strcmp(what, "quit"))
		return 1;
	if (!strcmp(what, "run"))
		status = cc_session_run(session, rule, &error);
	else if (!strcmp(what, "back"))
		status = go_back(console, answer, rule, &error);
	else if (!strcmp(what, "restart"))
		status = cc_session_restart(session, &error);
	else if (!strcmp(what, "go"))
		status = go(console, json_string_value(json_object_get(answer, "at")), &error);
	if (!strcmp(what, "undo"))
		status = undo(console, &error);
	else if (!status && !json_is_true(json_object_get(answer, "goes-on")))
		note_move(console, from);
	if (status < 0)
		console->text = cc_copy(error.text);
	else if (cc_session_stop(session)->why == CC_STOP_INTERRUPTED)
		console->text = cc_busy_interrupted(session);
	return 0;
}

/* A dialogue that cannot even begin does not begin again and again. */
#define FAILURES_MAX 3

static int converse(struct console *console)
{
	int failures = 0, over = 0;

	while (!over && failures < FAILURES_MAX) {
		json_t *answer = prompt(console), *state = json_object_get(answer, "state");

		if (state) {
			json_decref(console->state);
			console->state = json_incref(state);
		}
		failures = json_object_get(answer, "error") && !console->asked ? failures + 1 : 0;
		if (failures == FAILURES_MAX)
			fprintf(stderr, "%s\n",
				json_string_value(json_object_get(answer, "error")));
		if (console->asked) {
			pressed = 0;
			cc_busy_begin(console->tool);
		} else
			cc_busy_action(cc_session_stop(console->session)->at);
		over = proceed(console, answer);
		json_decref(answer);
	}
	return failures ? 125 : 0;
}

int cc_console(const struct cc_launch *launch, const char *at, struct cc_error *error)
{
	struct console console = {.log = launch->log, .tool = launch->tool, .state = json_null()};
	struct sigaction action = {.sa_handler = interrupt, .sa_flags = SA_RESTART};
	json_t *first = json_pack("{s:s}", "step", "start");
	int status;

	console.edits = isatty(0) && isatty(1);
	console.session = cc_session_start(launch, first, error);
	json_decref(first);
	if (!console.session)
		return *error->text ? error->status : 125;
	if (cc_session_stop(console.session)->why == CC_STOP_DIED) {
		/* The replay died before there was anything to stop at. */
		fprintf(stderr, "%s\n", cc_session_stop(console.session)->text);
		cc_session_end(console.session);
		return 125;
	}
	cc_busy_begin(console.tool);
	cc_session_tell(console.session, cc_busy_note);
	interrupted_session = console.session;
	sigaction(SIGINT, &action, NULL);
	status = at ? go(&console, at, error) : 0;
	if (!status)
		status = converse(&console);
	interrupted_session = NULL;
	cc_session_end(console.session);
	json_decref(console.state);
	free(console.trail);
	free(console.text);
	return status;
}
