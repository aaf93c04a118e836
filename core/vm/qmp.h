/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client of QEMU's monitor protocol (QMP), over one end of a socket pair. */
#ifndef CC_VM_QMP_H
#define CC_VM_QMP_H

#include <jansson.h>
#include <stddef.h>

#include "core/base/error.h"

struct cc_qmp {
	int fd;
	char *text; /* received, not yet a whole line */
	size_t length, room;
	int last_id; /* of the commands sent */
};

/* Takes the connected socket, which cc_qmp_close closes. */
void cc_qmp_init(struct cc_qmp *qmp, int fd);
/* Closes the connection and frees what was received. */
void cc_qmp_close(struct cc_qmp *qmp);

/* Send a command; `arguments` (stolen) may be NULL. Its answer comes by cc_qmp_receive. */
int cc_qmp_send(struct cc_qmp *qmp, const char *command, json_t *arguments);

/*
 * The next answer ({"return": …} or {"error": …}), waiting up to `timeout` ms; greetings and events
 * are passed over. NULL when none came. A new reference.
 */
json_t *cc_qmp_receive(struct cc_qmp *qmp, int timeout);

/* Send, and wait up to 30 s for the answer: its "return", a new reference. NULL with the error. */
json_t *cc_qmp_ask(struct cc_qmp *qmp, const char *command, json_t *arguments,
		   struct cc_error *error);

#endif
