/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Throwaway copies of the process where the session stands, which do what is asked. */
#include <string.h>

#include "core/base/wire.h"
#include "core/session/inside.h"

/*
 * The program's output up to so many bytes, the last ones of which it has not written yet: how many
 * of those has the user not seen? They count as seen from now on.
 */
static json_t *note_shown(struct cc_session *session, const json_t *request)
{
	json_int_t stream = json_integer_value(json_object_get(request, "stream"));
	uint64_t bytes = (uint64_t)json_integer_value(json_object_get(request, "bytes")), before;

	if (stream < 1 || stream > 2)
		return json_object();
	before = session->shown[stream - 1];
	if (bytes > before)
		session->shown[stream - 1] = bytes;
	return json_pack("{s:I}", "unshown", bytes > before ? (json_int_t)(bytes - before) : 0);
}

static int is_request(const json_t *message, const char *name)
{
	const char *request = json_string_value(json_object_get(message, "request"));

	return request && (!name || !strcmp(request, name));
}

/* What the copy says next that is not for the session itself; NULL: it is gone. */
static json_t *hear(struct cc_session *session, const struct cc_process *copy)
{
	json_t *message;

	session->works = copy->pid;
	while (is_request(message = cc_wire_receive(copy->socket, NULL), "shown")) {
		json_t *answer = note_shown(session, message);

		json_decref(message);
		if (cc_process_send(copy, answer))
			return NULL;
	}
	session->works = 0;
	return message;
}

static json_t *listen_to(struct cc_session *session, const struct cc_process *copy,
			 cc_session_respond *respond, void *context)
{
	json_t *message, *answer;

	while (is_request(message = hear(session, copy), NULL) && respond) {
		session->asking = copy;
		answer = respond(context, message);
		session->asking = NULL;
		json_decref(message);
		if (cc_process_send(copy, answer ? answer : json_object()))
			return NULL;
	}
	return message;
}

json_t *cc_session_ask_back(struct cc_session *session, json_t *question)
{
	if (session->asking && !cc_process_send(session->asking, question))
		return hear(session, session->asking);
	return NULL;
}

json_t *cc_session_ask(struct cc_session *session, const char *what, const json_t *with,
		       cc_session_respond *respond, void *context)
{
	json_t *command = json_pack("{s:s, s:s}", "do", "ask", "what", what), *message = NULL;
	struct cc_process copy = CC_NO_PROCESS;
	int socket = -1;

	if (with)
		json_object_set(command, "with", (json_t *)with);
	if (!cc_process_send(&session->current, command))
		message = cc_wire_receive(session->current.socket, &socket);
	if (socket >= 0)
		copy = cc_process_from(message, socket);
	json_decref(message);
	if (copy.socket < 0)
		return json_pack("{s:s}", "error", "the replay cannot be copied");
	session->interrupted = 0;
	message = listen_to(session, &copy, respond, context);
	session->works = 0;
	cc_process_kill(&copy);
	if (message)
		return message;
	return json_pack("{s:s}", "error",
			 session->interrupted ? "interrupted"
					      : "the copy of the program has ended");
}
