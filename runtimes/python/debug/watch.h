/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * On the way back to where the value of an expression changed: the value is looked at from event to
 * event, and each event is noted behind which it was another one (cc_agent_hit_at).
 *
 *   {"back": "change", "watch": EXPR, "frame": ID}
 *   {"back": "change", "watch": EXPR, "module": NAME}
 *
 * The first may have "object": {"name", "address", "type", "watch": EXPR}: before the activation
 * was there this EXPR is followed, in which the name means the object at that address.
 *
 * EXPR is of an activation, from its call on, whatever runs; or of a module's globals.
 */
#ifndef CC_PYTHON_WATCH_H
#define CC_PYTHON_WATCH_H

#include <jansson.h>

#include "runtimes/python/replay/events.h"

/* 0, or -1: the rule lacks something. */
int cc_python_watch_begin(const json_t *rule);
void cc_python_watch_end(void);
/* At each event. */
void cc_python_watch_event(void);
void cc_python_watch_over(const struct cc_python_activation *activation); /* the activation ends */

#endif
