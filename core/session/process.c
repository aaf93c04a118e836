/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/session/process.h"

#include <limits.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "core/base/wire.h"
#include "core/session/descendants.h"

/*
 * Processes are reaped by the kernel: see cc_session_start. A process that waits is ended by the
 * end of its socket.
 */
void cc_process_kill(struct cc_process *process)
{
	if (process->socket < 0)
		return;
	if (process->pid > 0) /* a process that was never started is -1: that would be everybody */
		kill(process->pid, SIGKILL);
	close(process->socket);
	*process = CC_NO_PROCESS;
}

int cc_process_send(const struct cc_process *process, json_t *command)
{
	int status = cc_wire_send(process->socket, command, -1);

	json_decref(command);
	return status;
}

int cc_process_moment(const json_t *message, const char *key, struct cc_moment *moment)
{
	const json_t *pair = json_object_get(message, key);

	if (!json_is_array(pair))
		return -1;
	moment->calls = (uint64_t)json_integer_value(json_array_get(pair, 0));
	moment->events = (uint64_t)json_integer_value(json_array_get(pair, 1));
	return 0;
}

/*
 * The process that a message names, if it descends from us; else -1: a replay may tell anybody's
 * number.
 */
static pid_t descendant(const json_t *message)
{
	json_int_t pid = json_integer_value(json_object_get(message, "pid"));

	return pid > 1 && pid <= INT_MAX && cc_is_ours((pid_t)pid) ? (pid_t)pid : -1;
}

struct cc_process cc_process_from(const json_t *message, int socket)
{
	struct cc_process process = {
		.socket = socket,
		.pid = descendant(message),
		.ran = (uint64_t)json_integer_value(json_object_get(message, "ran")),
	};

	cc_process_moment(message, "at", &process.at);
	return process;
}

struct cc_process cc_process_clone(const struct cc_process *process)
{
	struct cc_process clone = CC_NO_PROCESS;
	json_t *message;
	int socket;

	if (cc_process_send(process, json_pack("{s:s}", "do", "clone")))
		return clone;
	message = cc_wire_receive(process->socket, &socket);
	if (message && socket >= 0)
		clone = cc_process_from(message, socket);
	json_decref(message);
	return clone;
}
