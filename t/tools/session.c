/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session by hand: session OBJECT KIND SLICE, then one command a line, each answered by one line of JSON.
 *
 *	run RULE    back RULE    go CALLS.EVENTS    restart    ask WHAT ARGUMENTS
 *
 * RULE and ARGUMENTS are JSON objects. The program's output goes to where ours goes, as it is shown.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/session/session.h"

static void print(json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS);

	puts(text);
	fflush(stdout);
	free(text);
	json_decref(value);
}

static void print_stop(const struct cc_session *session)
{
	const struct cc_stop *stop = cc_session_stop(session);
	json_t *line = json_pack("{s:s, s:[I,I]}", "why", stop->why, "at", (json_int_t)stop->at.calls,
				 (json_int_t)stop->at.events);

	if (stop->place)
		json_object_set(line, "place", stop->place);
	if (stop->text)
		json_object_set_new(line, "text", json_string(stop->text));
	print(line);
}

static int obey(struct cc_session *session, const char *command, char *rest, struct cc_error *error)
{
	char *what = NULL;
	struct cc_moment moment;
	json_t *object;
	int status = 0;

	if (!strcmp(command, "ask"))
		what = strsep(&rest, " ");
	object = rest ? json_loads(rest, 0, NULL) : NULL;
	if (what)
		print(cc_session_ask(session, what, object, NULL, NULL));
	else if (!strcmp(command, "run"))
		status = cc_session_run(session, object, error);
	else if (!strcmp(command, "back"))
		status = cc_session_back(session, object, error);
	else if (!strcmp(command, "restart"))
		status = cc_session_restart(session, error);
	else if (!strcmp(command, "go") && rest && !cc_moment_parse(rest, &moment))
		status = cc_session_go(session, moment, error);
	else
		status = cc_fail(error, CC_EUSAGE, "no such command: %s", command);
	json_decref(object);
	return status ? status : what != NULL;
}

int main(int argc, char **argv)
{
	struct cc_launch launch = {.tool = "session"};
	struct cc_session *session;
	struct cc_error error;
	char *line = NULL;
	size_t room = 0;
	json_t *first = json_pack("{s:s}", "step", "start");

	if (argc != 4)
		return 125;
	launch.object = argv[1];
	launch.kind = argv[2];
	launch.log = argv[3];
	session = cc_session_start(&launch, first, &error);
	json_decref(first);
	if (!session) {
		fprintf(stderr, "session: %s\n", error.text);
		return 125;
	}
	print_stop(session);
	while (getline(&line, &room, stdin) > 0) {
		char *rest = line, *command;
		int status;

		line[strcspn(line, "\n")] = '\0';
		command = strsep(&rest, " ");
		status = obey(session, command, rest, &error);
		if (status < 0)
			print(json_pack("{s:s}", "error", error.text));
		else if (!status)
			print_stop(session);
	}
	free(line);
	cc_session_end(session);
	return 0;
}
