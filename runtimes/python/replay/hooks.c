/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hooks on a python: the events of events.c under the names of hooks.h. */
#define Py_BUILD_CORE
#include <Python.h>

#include "core/replay/agent.h"
#include "core/replay/heap.h"
#include "core/replay/preload.h"
#include "core/replay/threads.h"
#include "runtimes/python/replay/events.h"
#include "runtimes/python/replay/hooks.h"
#include "runtimes/python/replay/units.h"
#include "runtimes/python/state/layout.h"
#include "runtimes/python/state/opnames.h"

static const struct cc_interpreter *interpreter;

/* Where the program is during an event: its frame does not yet say so. */
static struct {
	_PyInterpreterFrame *frame;
	int line;
} here;

/* What was told of an activation. */
struct told {
	struct cc_hook_call call, c_call;
	int entered;
};

/* An exception passes frame after frame: it is told where it is raised. */
static struct {
	int on;
	unsigned thread;
} passing;

/*
 * Where the last exception was raised, and where the main program's code was left: by that, or at
 * its end. What the interpreter does later without a frame, it does because of that line.
 */
static struct cc_hook_frame raising, ended;

static unsigned line_from(int line)
{
	return line < 0 ? 0 : (unsigned)line;
}

static struct cc_hook_frame frame_of(const struct cc_python_activation *activation)
{
	const PyCodeObject *code = activation->code;

	return (struct cc_hook_frame){cc_python_stays(code->co_filename),
				      line_from(activation->line),
				      cc_python_stays(code->co_qualname)};
}

static struct cc_hook_frame caller_of(const struct cc_python_activation *activation)
{
	if (activation->caller)
		return frame_of(activation->caller);
	return (struct cc_hook_frame){cc_hooks_text(""), 0, cc_hooks_text("")};
}

static int is_code(const PyObject *object)
{
	return !strcmp(object->ob_type->tp_name, "code");
}

static void report_code(PyCodeObject *code)
{
	const PyTupleObject *constants = (const PyTupleObject *)code->co_consts;
	size_t units = (size_t)cc_python_unit_count(code), count = 0;
	unsigned *lines = cc_heap_malloc((units + 1) * sizeof(*lines));
	struct cc_hook_code told = {cc_python_stays(code->co_qualname),
				    cc_python_stays(code->co_filename),
				    line_from(code->co_firstlineno), lines, 0};

	for (size_t i = (size_t)cc_python_first_traced(code) + 1; i < units; i++)
		if (cc_python_line(code, (int)i) > 0)
			lines[count++] = (unsigned)cc_python_line(code, (int)i);
	told.count = cc_hooks_sort_lines(lines, count);
	cc_hooks_code(&told);
	free(lines);
	for (Py_ssize_t i = 0; i < Py_SIZE(constants); i++)
		if (is_code(constants->ob_item[i]))
			report_code((PyCodeObject *)constants->ob_item[i]);
}

/* A module begins: all of its code is below its own. */
static void load(PyCodeObject *code)
{
	static struct cc_hooks_met files;

	if (strcmp(cc_python_stays(code->co_qualname), "<module>") ||
	    *cc_python_stays(code->co_filename) == '<' ||
	    !cc_hooks_meet(&files, cc_python_stays(code->co_filename)))
		return;
	report_code(code);
}

static void enter(struct cc_python_activation *activation)
{
	struct told *told = activation->user;
	const PyCodeObject *code = activation->code;

	if (!told)
		activation->user = told = cc_heap_zeros(1, sizeof(*told));
	told->entered = 1;
	told->call = (struct cc_hook_call){cc_python_stays(code->co_qualname),
					   cc_python_stays(code->co_filename),
					   line_from(code->co_firstlineno), caller_of(activation)};
	activation->lines = (cc_hooks_wanted & (CC_WANT_STATEMENTS | CC_WANT_MOMENTS)) != 0;
	activation->opcodes = (cc_hooks_wanted & CC_WANT_OPS) != 0;
	if (cc_hooks_wanted & CC_WANT_CODE)
		load(activation->code);
	if (cc_hooks_wanted & CC_WANT_CALLS)
		cc_hooks_enter(&told->call);
}

static int is_main(const struct cc_python_activation *activation)
{
	const struct told *told = activation->user;
	struct cc_hook_value name = {0};

	return !cc_thread && *told->call.sub == '<' && !strcmp(told->call.sub, "<module>") &&
	       !cc_python_variable(activation->frame, "__name__", &name) &&
	       name.kind == CC_HOOK_TEXT && !strcmp(name.text, "__main__");
}

static void leave(struct cc_python_activation *activation, int unwound)
{
	struct told *told = activation->user;

	if (is_main(activation))
		ended = unwound ? raising : frame_of(activation);
	if (cc_hooks_wanted & CC_WANT_CALLS)
		cc_hooks_leave(&told->call, unwound);
	told->entered = 0;
}

/* "len", "str.join", "posix.stat" */
static const char *name_of_c(const PyObject *function)
{
	const PyCFunctionObject *in_c = (const PyCFunctionObject *)function;
	const PyMethodDescrObject *method = (const PyMethodDescrObject *)function;
	const char *of = "", *name;
	char text[512];

	if (!strcmp(function->ob_type->tp_name, "method_descriptor")) {
		of = method->d_common.d_type->tp_name;
		name = method->d_method->ml_name;
	} else {
		name = in_c->m_ml->ml_name;
		if (in_c->m_module &&
		    in_c->m_module->ob_type->tp_flags & Py_TPFLAGS_UNICODE_SUBCLASS)
			of = cc_python_stays(in_c->m_module);
		else if (in_c->m_self)
			of = in_c->m_self->ob_type->tp_name;
	}
	if (!strcmp(of, "builtins"))
		of = "";
	snprintf(text, sizeof(text), "%.200s%s%.200s", of, *of ? "." : "", name);
	return cc_hooks_text(text);
}

static void c_call(struct cc_python_activation *activation, const PyObject *function)
{
	struct told *told = activation->user;

	told->c_call = (struct cc_hook_call){name_of_c(function), cc_hooks_text(""), 0,
					     frame_of(activation)};
	cc_hooks_enter(&told->c_call);
}

static void c_leave(struct cc_python_activation *activation, int unwound)
{
	struct told *told = activation->user;

	if (told->c_call.sub)
		cc_hooks_leave(&told->c_call, unwound);
	told->c_call.sub = NULL;
}

static void raised(const struct cc_python_activation *activation, PyObject *class)
{
	int passes = passing.on && passing.thread == cc_thread;

	passing.on = 0;
	if (!passes)
		raising = frame_of(activation);
	if (!passes && cc_hooks_wanted & CC_WANT_EXCEPTIONS)
		cc_hooks_exception(((PyTypeObject *)class)->tp_name,
				   cc_python_exception_text(class, activation->value));
}

static void op(const struct cc_python_activation *activation)
{
	uint16_t unit = cc_python_first_unit(activation->code)[activation->unit];

	cc_hooks_op(cc_python_opname(cc_python_base_op(cc_python_opcode(unit))));
}

static void event(enum cc_python_what what, struct cc_python_activation *activation, PyObject *arg,
		  PyObject **stack_pointer)
{
	struct told *told = activation->user;

	cc_agent.now.events += what <= CC_PYTHON_STOP;
	here.frame = activation->frame;
	here.line = activation->line;
	cc_hooks_chain(activation->chain);
	/* Some generators go on without a call */
	if (what == CC_PYTHON_CALL || !told || !told->entered)
		enter(activation);
	if (what != CC_PYTHON_EXCEPTION)
		passing.on = 0;
	switch (what) {
	case CC_PYTHON_LINE:
		if (!(cc_hooks_wanted & CC_WANT_STATEMENTS))
			break; /* only counted */
		cc_hooks_statement(cc_python_stays(activation->code->co_filename),
				   line_from(activation->line),
				   cc_python_stays(activation->code->co_qualname));
		break;
	case CC_PYTHON_OPCODE:
		op(activation);
		break;
	case CC_PYTHON_RETURN:
		leave(activation, !arg);
		if (!arg) {
			passing.on = 1;
			passing.thread = cc_thread;
		}
		break;
	case CC_PYTHON_EXCEPTION:
		raised(activation, arg);
		break;
	case CC_PYTHON_C_CALL:
		c_call(activation, arg);
		break;
	case CC_PYTHON_C_RETURN:
	case CC_PYTHON_C_EXCEPTION:
		c_leave(activation, what == CC_PYTHON_C_EXCEPTION);
		break;
	default:
		break;
	}
	here.frame = NULL;
}

static void over(struct cc_python_activation *activation)
{
	free(activation->user);
	activation->user = NULL;
}

static void rest(struct cc_python_activation *activation)
{
}

static void switched(struct cc_python_activation *activation)
{
	cc_hooks_chain(activation->chain);
}

static struct cc_python_tracer tracer = {.event = event,
					 .over = over,
					 .rest = rest,
					 .switched = switched};

/* ---- what hooks ask ---- */

/* The frame at that depth, and the line where it is. */
static _PyInterpreterFrame *frame_at(unsigned depth, int *line)
{
	_PyInterpreterFrame *frame =
		here.frame ? here.frame : cc_python_current_frame(&cc_own_memory, interpreter->at);

	for (; frame; frame = cc_python_caller(frame)) {
		if (frame != here.frame && cc_python_is_incomplete(frame))
			continue;
		if (depth--)
			continue;
		*line = frame == here.frame
				? here.line
				: cc_python_line(cc_python_code(frame), cc_python_unit(frame));
		break;
	}
	return frame;
}

static int frame(unsigned depth, struct cc_hook_frame *frame)
{
	int line = 0;
	const _PyInterpreterFrame *found = frame_at(depth, &line);
	const PyCodeObject *code = found ? cc_python_code(found) : NULL;

	if (!code && !depth && ended.file && !cc_thread) {
		*frame = ended;
		return 0;
	}
	if (!code)
		return -1;
	*frame = (struct cc_hook_frame){cc_python_stays(code->co_filename), line_from(line),
					cc_python_stays(code->co_qualname)};
	return 0;
}

static int variable(unsigned depth, const char *name, struct cc_hook_value *value)
{
	int line;
	_PyInterpreterFrame *found = frame_at(depth, &line);

	return found ? cc_python_variable(found, name, value) : -1;
}

const struct cc_hooked cc_python_hooked = {
	.frame = frame,
	.variable = variable,
	.element = cc_python_element,
};

void cc_python_hooks_begin(const struct cc_interpreter *given)
{
	interpreter = given;
	cc_python_variables_begin();
	if (!(cc_hooks_wanted & (CC_WANT_STATEMENTS | CC_WANT_OPS | CC_WANT_CALLS |
				 CC_WANT_EXCEPTIONS | CC_WANT_CODE | CC_WANT_MOMENTS)))
		return;
	if (cc_python_tracer)
		cc_die("--hook does not go with --print, --trace or --profile: replay the slice "
		       "once for each");
	tracer.c_functions = (cc_hooks_wanted & CC_WANT_CALLS) != 0;
	cc_python_trace(&tracer);
}
