/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/vm/qmp.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/files.h"
#include "core/base/memory.h"

#define ANSWER_MS 30000
#define TEXT_MAX (16u << 20)

void cc_qmp_init(struct cc_qmp *qmp, int fd)
{
	*qmp = (struct cc_qmp){.fd = fd};
}

void cc_qmp_close(struct cc_qmp *qmp)
{
	if (qmp->fd >= 0)
		close(qmp->fd);
	free(qmp->text);
	*qmp = (struct cc_qmp){.fd = -1};
}

int cc_qmp_send(struct cc_qmp *qmp, const char *command, json_t *arguments)
{
	json_t *message = json_pack("{s:s,s:i}", "execute", command, "id", ++qmp->last_id);
	char *text;
	ssize_t sent;

	if (arguments)
		json_object_set_new(message, "arguments", arguments);
	text = json_dumps(message, JSON_COMPACT);
	if (!text)
		abort();
	sent = send(qmp->fd, text, strlen(text), MSG_NOSIGNAL);
	if (sent == (ssize_t)strlen(text))
		sent = send(qmp->fd, "\n", 1, MSG_NOSIGNAL) - 1;
	else
		sent = -1;
	free(text);
	json_decref(message);
	return sent ? -1 : 0;
}

/* Take one whole line out of what was received. */
static json_t *take_line(struct cc_qmp *qmp)
{
	char *newline = qmp->length ? memchr(qmp->text, '\n', qmp->length) : NULL;
	size_t length;
	json_t *line;

	if (!newline)
		return NULL;
	length = newline + 1 - qmp->text;
	line = json_loadb(qmp->text, length, 0, NULL);
	qmp->length -= length;
	memmove(qmp->text, newline + 1, qmp->length);
	return line ? line : json_object();
}

/* 1 when something was received, 0 when nothing came in time, -1 at the end. */
static int receive_more(struct cc_qmp *qmp, int timeout)
{
	struct pollfd set = {qmp->fd, POLLIN, 0};
	ssize_t n;

	if (poll(&set, 1, timeout) <= 0)
		return 0;
	if (qmp->room - qmp->length < 4096) {
		if (qmp->room > TEXT_MAX)
			return -1;
		qmp->room += 65536;
		qmp->text = cc_reallocate(qmp->text, qmp->room, 1);
	}
	n = recv(qmp->fd, qmp->text + qmp->length, qmp->room - qmp->length, 0);
	if (n > 0)
		qmp->length += n;
	return n > 0 ? 1 : n < 0 && errno == EINTR ? 0 : -1;
}

json_t *cc_qmp_receive(struct cc_qmp *qmp, int timeout)
{
	double until = cc_seconds() + timeout / 1e3;

	for (;;) {
		json_t *line;
		double left;

		while ((line = take_line(qmp))) {
			if (json_object_get(line, "return") || json_object_get(line, "error"))
				return line;
			json_decref(line);
		}
		left = until - cc_seconds();
		if (receive_more(qmp, left > 0 ? (int)(left * 1e3) + 1 : 0) < 0)
			return NULL;
		if (left <= 0 && !(qmp->length && memchr(qmp->text, '\n', qmp->length)))
			return NULL;
	}
}

json_t *cc_qmp_ask(struct cc_qmp *qmp, const char *command, json_t *arguments,
		   struct cc_error *error)
{
	json_t *answer = NULL, *result;
	int sent = cc_qmp_send(qmp, command, arguments);

	while (!sent && (answer = cc_qmp_receive(qmp, ANSWER_MS)) &&
	       json_integer_value(json_object_get(answer, "id")) != qmp->last_id)
		json_decref(answer); /* of an earlier command */
	if (!answer) {
		cc_fail(error, CC_EIO, "QEMU does not answer %s", command);
		return NULL;
	}
	result = json_incref(json_object_get(answer, "return"));
	if (!result) {
		json_t *why = json_object_get(json_object_get(answer, "error"), "desc");

		cc_fail(error, CC_EIO, "QEMU refuses %s: %s", command,
			json_is_string(why) ? json_string_value(why) : "no reason given");
	}
	json_decref(answer);
	return result;
}
