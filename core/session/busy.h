/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a user at a terminal is told while nothing else happens: how far a run has come, and why it
 * takes long. On standard error; the line that changes only if that is a terminal.
 */
#ifndef CC_BUSY_H
#define CC_BUSY_H

#include "core/session/session.h"

/* What is told from here on begins with a command of the user's. */
void cc_busy_begin(const char *tool);
/* A cc_session_busy. */
void cc_busy_note(const json_t *message);
/* A dialogue is over in which no line was asked for: so actions of the user's have been done. */
void cc_busy_action(struct cc_moment at);

/* Where the session stands that the user has just interrupted: to be freed. */
char *cc_busy_interrupted(const struct cc_session *session);

#endif
