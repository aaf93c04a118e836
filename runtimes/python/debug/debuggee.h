/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A python program in a session (core/replay/agent.h): its events counted, the rules that stop it,
 * and what is done in copies of it.
 */
#ifndef CC_PYTHON_DEBUGGEE_H
#define CC_PYTHON_DEBUGGEE_H

#include <jansson.h>

#include "core/replay/agent.h"
#include "runtimes/python/replay/events.h"

extern const struct cc_debuggee cc_python_debuggee;

/* The event at which the program is; `activation` NULL: at none. */
struct cc_python_event {
	enum cc_python_what what;
	struct cc_python_activation *activation;
	struct _object *argument;
	struct _object **stack_pointer; /* NULL: the frame has it */
};
extern struct cc_python_event cc_python_event;

/* ---- rule.c ---- */

/* The rule (doc/session.md) that holds from now on. 0, or a CC_E… with *error: it is malformed. */
int cc_python_set_rule(const json_t *rule, struct cc_error *error);
/* Does the rule hold at this event? */
int cc_python_rule_holds(void);
/*
 * What the front end is told of the stop: "breakpoint", "temporary", "hits", "finished". Into `to`.
 */
void cc_python_rule_describe(json_t *to);
/* The id of the activation of the main program's module; 0: it has not been called yet. */
extern uint64_t cc_python_main;

/* ---- copy.c ---- */

/* In a copy of the replay, where host calls are real: struct cc_debuggee.ask. */
json_t *cc_python_ask(const char *what, const json_t *arguments);
const char *cc_python_event_name(enum cc_python_what what);

/* ---- replay.c's side ---- */

void cc_python_replay_stop_events(void); /* as cc_debuggee.stop_events */
void cc_python_table_restore(void);	 /* CPython's own dispatch table, for good */

#endif
