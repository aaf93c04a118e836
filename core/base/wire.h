/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages between the processes of a session: one JSON object each, behind its length, over a
 * stream socket. A descriptor may travel with one (unix(7), SCM_RIGHTS).
 */
#ifndef CC_WIRE_H
#define CC_WIRE_H

#include <jansson.h>
#include <sys/types.h>

/* A connected pair, close-on-exec. 0, or -1 with errno. */
int cc_wire_pair(int ends[2]);

/*
 * One send or receive of bytes with which a descriptor may travel; `passed` is -1 for none, *taken
 * is -1 where none came. Descriptors arrive close-on-exec; where more than one came, all but the
 * first are closed. What sendmsg(2) and recvmsg(2) return, but for EINTR.
 */
ssize_t cc_wire_pass(int socket, const void *data, size_t length, int flags, int passed);
ssize_t cc_wire_take(int socket, void *data, size_t size, int *taken);

/* `passed`: a descriptor to give along, or -1. 0, or -1: nobody is there. */
int cc_wire_send(int socket, const json_t *message, int passed);

/*
 * The next message, a new reference; NULL at the end or when what comes is no message. *passed, if
 * asked for, is the descriptor that came along, or -1.
 */
json_t *cc_wire_receive(int socket, int *passed);

/*
 * Is something there to be received? Waits so many milliseconds, -1: for ever. 1, 0, or -1 with
 * errno (EINTR).
 */
int cc_wire_wait(int socket, int milliseconds);

#endif
