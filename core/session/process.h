/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One process of a session: a replay that waits at an event, as the controller sees it. */
#ifndef CC_PROCESS_H
#define CC_PROCESS_H

#include <jansson.h>
#include <sys/types.h>

#include "core/replay/moment.h"

struct cc_process {
	int socket; /* -1: there is none */
	pid_t pid;
	struct cc_moment at;
	uint64_t ran; /* nanoseconds of replay up to the event, about */
};

#define CC_NO_PROCESS ((struct cc_process){.socket = -1})

/*
 * Kills the process and closes its socket (the kernel reaps it: cc_session_start); *process is
 * CC_NO_PROCESS then. Nothing happens to CC_NO_PROCESS.
 */
void cc_process_kill(struct cc_process *process);

/* Sends {"do": …}; takes the reference. 0, or -1. */
int cc_process_send(const struct cc_process *process, json_t *command);

/* The moment that a message holds: its pair under `key`. 0, or -1. */
int cc_process_moment(const json_t *message, const char *key, struct cc_moment *moment);

/* A process that came with a message: `socket` is what was passed along. */
struct cc_process cc_process_from(const json_t *message, int socket);

/* A copy of the process, which waits at the same event. CC_NO_PROCESS when the process is gone. */
struct cc_process cc_process_clone(const struct cc_process *process);

#endif
