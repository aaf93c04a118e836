/* SPDX-License-Identifier: GPL-2.0-or-later */
/* temporary: events for prints */
#define Py_BUILD_CORE
#include <Python.h>
#include "core/preload/preload.h"
#include "core/session/agent.h"
#include "core/session/print.h"
#include "runtimes/python/evaluate.h"
#include "runtimes/python/plain.h"
#include "runtimes/python/print.h"
#include "runtimes/python/trace.h"

static PyObject **stack;
static int unit;

static void event(enum cc_python_what what, struct cc_python_activation *activation, PyObject *arg,
		  PyObject **stack_pointer)
{
	if (what == CC_PYTHON_CALL)
		activation->lines = 1;
	cc_agent.now.events++;
	stack = stack_pointer;
	unit = activation->unit;
	if (what == CC_PYTHON_CALL || what == CC_PYTHON_LINE)
		cc_python_print_event(what, activation);
}
static const struct cc_python_tracer tracer = {.event = event};

static void begin(void)
{
	cc_python_plain_begin();
	cc_python_trace(&tracer);
}
void cc_python_untrace(void);
static json_t *ask(const char *what, const json_t *arguments)
{
	cc_python_untrace();
	return cc_python_evaluate(arguments, stack, unit);
}
const struct cc_debuggee cc_python_debuggee = {.begin = begin, .ask = ask};
