/* SPDX-License-Identifier: GPL-2.0-or-later */
#define Py_BUILD_CORE
#include <Python.h>

#include "core/replay/agent.h"
#include "core/replay/preload.h"
#include "core/replay/print.h"
#include "core/replay/threads.h"
#include "logs/text.h"
#include "runtimes/python/analysis/text.h"
#include "runtimes/python/debug/debuggee.h"
#include "runtimes/python/debug/plain.h"
#include "runtimes/python/debug/print.h"
#include "runtimes/python/debug/watch.h"

struct cc_python_event cc_python_event;

static void event(enum cc_python_what what, struct cc_python_activation *activation,
		  PyObject *argument, PyObject **stack_pointer)
{
	int error = errno;

	if (what > CC_PYTHON_STOP)
		return;
	activation->lines = 1;
	/* A generator that rests is to be the same activation when it goes on. */
	if (what == CC_PYTHON_CALL &&
	    activation->code->co_flags & (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR))
		activation->user = activation;
	cc_python_event = (struct cc_python_event){what, activation, argument, stack_pointer};
	cc_agent.now.events++;
	if (cc_prints.on && (what == CC_PYTHON_CALL || what == CC_PYTHON_LINE))
		cc_python_print_event(what, activation);
	if (cc_python_rule_holds())
		cc_agent_hit();
	if (cc_agent.now.events >= cc_agent.due)
		cc_agent_due();
	cc_python_event.activation = NULL;
	errno = error;
}

static void over(struct cc_python_activation *activation)
{
	cc_python_watch_over(activation);
	activation->user = NULL;
}

/* A generator that has yielded is to be the same activation when it goes on. */
static void rest(struct cc_python_activation *activation)
{
}

static void begin(void)
{
	static const struct cc_python_tracer tracer = {.event = event, .over = over, .rest = rest};

	cc_python_plain_begin();
	cc_python_trace(&tracer);
}

const char *cc_python_event_name(enum cc_python_what what)
{
	static const char *const names[] = {
		[CC_PYTHON_CALL] = "call",	[CC_PYTHON_LINE] = "line",
		[CC_PYTHON_RETURN] = "return",	[CC_PYTHON_EXCEPTION] = "exception",
		[CC_PYTHON_STOP] = "exception",
	};

	return names[what];
}

static json_t *text_json(const PyObject *object)
{
	char text[4096];
	json_t *json = cc_python_text(&cc_own_memory, object, text, sizeof(text)) < 0
			       ? NULL
			       : cc_json_text(text);

	return json ? json : json_string("");
}

static json_t *place(void)
{
	const struct cc_python_activation *activation = cc_python_event.activation;

	json_t *frames;

	if (!activation)
		return NULL;
	frames = json_array();
	for (const struct cc_python_activation *at = activation; at; at = at->caller)
		json_array_append_new(frames, json_integer((json_int_t)at->id));
	return json_pack("{s:o, s:i, s:o, s:i, s:s, s:{s:o, s:i, s:i}}", "file",
			 text_json(activation->code->co_filename), "line", activation->line,
			 "function", text_json(activation->code->co_qualname), "depth",
			 activation->depth, "event", cc_python_event_name(cc_python_event.what),
			 "here", "frames", frames, "depth", activation->depth, "thread",
			 (int)cc_thread);
}

const struct cc_debuggee cc_python_debuggee = {
	.begin = begin,
	.rule = cc_python_set_rule,
	.stop_events = cc_python_replay_stop_events,
	.place = place,
	.ask = cc_python_ask,
	.plain =
		"names, attributes, elements, comparisons, arithmetic, and, or, not, in, f\"{x}\", "
		"len(), of numbers, texts and builtin containers",
};
