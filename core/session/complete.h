/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What TAB does at the prompt: the dialogue's copy knows commands and names, and is asked for them
 * (core/session/console.h, "complete"). Names of files of this machine are none of the program's.
 */
#ifndef CC_COMPLETE_H
#define CC_COMPLETE_H

#include <jansson.h>

#include "core/session/session.h"

/*
 * For the line that this request asks for, a copy's "readline". Until the next one, the request is
 * to stay where it is.
 */
void cc_complete_for(struct cc_session *session, const json_t *request);

#endif
