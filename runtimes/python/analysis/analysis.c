/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The analysis's side (analysis.h). Everything named Py… here is the second interpreter's; what
 * belongs to the program is only read, by pointer, and called foreign.
 */
#define Py_BUILD_CORE
#include <Python.h>
#include <frameobject.h>
#include <internal/pycore_ceval.h>

#include "runtimes/python/analysis/analysis.h"
#include "runtimes/python/analysis/foreign.h"
#include "runtimes/python/analysis/frames.h"
#include "runtimes/python/analysis/hook-module.h"
#include "runtimes/python/analysis/interpreter.h"
#include "runtimes/python/state/layout.h"

static const struct cc_analysis *host;
static PyThreadState *thread;
static Py_tracefunc trace_trampoline, profile_trampoline;
static PyObject *names[8]; /* of events, as sys.settrace passes them */

/* ---- events ---- */

int cc_tool_is_in_c(void)
{
	Py_tracefunc trace = cc_python_trace_function(thread);
	Py_tracefunc profile = cc_python_profile_function(thread);

	return (trace && trace != trace_trampoline) || (profile && profile != profile_trampoline);
}

static const int number_of[] = {
	[CC_PYTHON_CALL] = PyTrace_CALL,
	[CC_PYTHON_LINE] = PyTrace_LINE,
	[CC_PYTHON_RETURN] = PyTrace_RETURN,
	[CC_PYTHON_EXCEPTION] = PyTrace_EXCEPTION,
	[CC_PYTHON_STOP] = PyTrace_EXCEPTION,
	[CC_PYTHON_OPCODE] = PyTrace_OPCODE,
	[CC_PYTHON_C_CALL] = PyTrace_C_CALL,
	[CC_PYTHON_C_RETURN] = PyTrace_C_RETURN,
	[CC_PYTHON_C_EXCEPTION] = PyTrace_C_EXCEPTION,
};

static void complain(const char *which)
{
	cc_hook_module_note();
	PyErr_Print();
	PySys_WriteStderr(
		"cc-python-replay: the %s function raised an exception: it is called no more; the "
		"replay goes on\n",
		which);
}

/* A function that is def name(frame, event, argument) and no more. */
static int is_simple(PyObject *callback)
{
	const PyCodeObject *code =
		Py_IS_TYPE(callback, &PyFunction_Type)
			? (PyCodeObject *)((PyFunctionObject *)callback)->func_code
			: NULL;

	return code && code->co_argcount == 3 && !code->co_kwonlyargcount &&
	       (code->co_flags & (CO_OPTIMIZED | CO_NEWLOCALS | CO_VARARGS | CO_VARKEYWORDS)) ==
		       (CO_OPTIMIZED | CO_NEWLOCALS);
}

/*
 * As CALL_PY_EXACT_ARGS of Python/ceval.c calls it: PyObject_Vectorcall looks at what is known
 * here.
 */
static PyObject *call_simple(PyFunctionObject *function, PyObject *const arguments[3])
{
	_PyInterpreterFrame *frame = cc_python_push_frame(thread, function, arguments, 3);
	PyObject *result;

	if (!frame)
		return NULL;
	result = _PyEval_EvalFrame(thread, frame, 0);
	cc_python_pop_frame(thread, frame);
	return result;
}

static inline int drop_result(PyObject *result)
{
	if (!result)
		return -1;
	Py_DECREF(result);
	return 0;
}

/* The function that traces this frame from now on. */
static inline int keep_result(PyFrameObject *frame, PyObject *result)
{
	if (!result || result == Py_None || result == cc_python_frame_tracer(frame))
		return drop_result(result);
	cc_python_set_frame_tracer(frame, result);
	return 0;
}

/* What sys.settrace's trampoline does, but for writing locals back. */
static int call_python(PyObject *callback, PyFrameObject *frame, int what, PyObject *arg, int keep)
{
	PyObject *arguments[] = {(PyObject *)frame, names[what], arg}, *result;

	if (is_simple(callback))
		result = call_simple((PyFunctionObject *)callback, arguments);
	else
		result = PyObject_Vectorcall(callback, arguments, 3, NULL);
	return keep ? keep_result(frame, result) : drop_result(result);
}

static void give_up_tracing(void)
{
	complain("trace");
	PyEval_SetTrace(NULL, NULL);
}

static void trace_event(PyFrameObject *frame, int what, PyObject *arg)
{
	PyObject *callback = what == PyTrace_CALL ? cc_python_trace_object(thread)
						  : cc_python_frame_tracer(frame);
	Py_tracefunc function = cc_python_trace_function(thread);
	int status = 0;

	if (function != trace_trampoline)
		status = function(cc_python_trace_object(thread), frame, what, arg);
	else if (callback) {
		Py_INCREF(callback);
		status = call_python(callback, frame, what, arg, 1);
		Py_DECREF(callback);
	}
	if (status < 0)
		give_up_tracing();
}

static void profile_event(PyFrameObject *frame, int what, PyObject *arg)
{
	PyObject *callback = cc_python_profile_object(thread);
	Py_tracefunc function = cc_python_profile_function(thread);
	int status = function != profile_trampoline ? function(callback, frame, what, arg)
						    : call_python(callback, frame, what, arg, 0);

	if (status < 0) {
		complain("profile");
		PyEval_SetProfile(NULL, NULL);
	}
}

/* What the frame is told of next. */
static inline void take_wishes(struct cc_python_activation *activation, const PyFrameObject *frame)
{
	Py_tracefunc function = cc_python_trace_function(thread);

	activation->lines =
		function && (function != trace_trampoline ||
			     (cc_python_frame_tracer(frame) && cc_python_wants_lines(frame)));
	activation->opcodes = function && cc_python_wants_opcodes(frame);
}

/*
 * Most events are lines, told to a simple function that has been called with this frame before:
 * then there is less to be looked at. 0: it is not like that.
 */
static int report_line(struct cc_python_activation *activation)
{
	static const PyObject *callback, *code; /* of a function that is simple */
	struct cc_shown *own = activation->user;
	PyObject *traces = own && cc_python_trace_function(thread) == trace_trampoline
				   ? cc_python_frame_tracer(own->frame)
				   : NULL;
	PyFrameObject *frame;

	if (!traces || !Py_IS_TYPE(traces, &PyFunction_Type) ||
	    (!cc_python_back(own->frame) && activation->caller))
		return 0;
	if (traces != callback || ((PyFunctionObject *)traces)->func_code != code) {
		if (!is_simple(traces))
			return 0;
		callback = traces;
		code = ((PyFunctionObject *)traces)->func_code;
	}
	frame = own->frame;
	cc_foreign_moment++;
	cc_frame_place(frame, activation);
	cc_python_enter_tool(thread);
	if (keep_result(frame, call_simple((PyFunctionObject *)traces,
					   (PyObject *[]){(PyObject *)frame, names[PyTrace_LINE],
							  Py_None})))
		give_up_tracing();
	cc_python_leave_tool(thread);
	take_wishes(activation, frame);
	return 1;
}

static PyObject *argument_of(enum cc_python_what kind,
			     const struct cc_python_activation *activation, PyObject *foreign)
{
	if (kind == CC_PYTHON_EXCEPTION)
		return cc_foreign_exception(foreign, activation->value);
	if (kind == CC_PYTHON_STOP)
		return cc_foreign_stop(foreign);
	return foreign ? cc_foreign_view(foreign) : Py_NewRef(Py_None);
}

static void event(enum cc_python_what kind, struct cc_python_activation *activation,
		  PyObject *foreign, PyObject **stack_pointer)
{
	int what = number_of[kind];
	int for_trace = cc_python_trace_function(thread) &&
			(what <= PyTrace_RETURN || what == PyTrace_OPCODE);
	int for_profile = cc_python_profile_function(thread) && what != PyTrace_LINE &&
			  what != PyTrace_EXCEPTION && what != PyTrace_OPCODE;
	PyFrameObject *frame;
	PyObject *arg;

	if (!for_trace && !for_profile)
		return;
	cc_foreign_moment++;
	frame = cc_frame_of(activation);
	if (kind == CC_PYTHON_LINE)
		arg = Py_NewRef(Py_None);
	else
		arg = frame ? argument_of(kind, activation, foreign) : NULL;
	if (!frame || !arg) {
		PyErr_Print();
		return;
	}
	cc_frame_place(frame, activation);
	if (what == PyTrace_CALL && activation->caller)
		cc_frame_place(((struct cc_shown *)activation->caller->user)->frame,
			       activation->caller);
	cc_python_enter_tool(thread);
	if (for_trace)
		trace_event(frame, what, arg);
	if (for_profile)
		profile_event(frame, what, arg);
	cc_python_leave_tool(thread);
	Py_DECREF(arg);
	take_wishes(activation, frame);
}

/* ---- beginning and end ---- */

static struct cc_python_tracer tracer = {.event = event,
					 .line = report_line,
					 .over = cc_frame_over,
					 .rest = cc_frame_rest,
					 .in_namespace = 1};

/*
 * A file that closes when its last reference goes tells of a failure only so. Nothing else asks for
 * this any more.
 */
static void enable_close_errors(void)
{
	((PyConfig *)_Py_GetConfig())->dev_mode = 1;
}

/* What sys.settrace and sys.setprofile install, to be told from tools in C. */
static void find_trampolines(void)
{
	PyThreadState_EnterTracing(thread);
	PyRun_SimpleString("import sys; sys.settrace(len); sys.setprofile(len)");
	trace_trampoline = cc_python_trace_function(thread);
	profile_trampoline = cc_python_profile_function(thread);
	PyEval_SetTrace(NULL, NULL);
	PyEval_SetProfile(NULL, NULL);
	PyThreadState_LeaveTracing(thread);
}

/* crosscut.py's begin(): it installs what the options ask for. */
static int run_options(char *error, size_t size)
{
	PyObject *module = NULL, *result = NULL;
	PyObject *path = PySys_GetObject("path"),
		 *directory = PyUnicode_DecodeFSDefault(host->directory);

	PyList_Insert(path, 0, directory);
	Py_DECREF(directory);
	PyThreadState_EnterTracing(thread);
	module = PyImport_ImportModule("crosscut");
	if (module)
		result = PyObject_CallMethod(module, "begin", "NN",
					     PyUnicode_DecodeFSDefault(host->path),
					     PyUnicode_DecodeFSDefault(host->options));
	PyThreadState_LeaveTracing(thread);
	Py_XDECREF(module);
	if (!result || result != Py_None) {
		const char *text = result ? PyUnicode_AsUTF8(result) : NULL;

		if (!result)
			PyErr_Print();
		snprintf(error, size, "%s", text ? text : "the analysis does not begin");
		return -1;
	}
	Py_DECREF(result);
	return 0;
}

__attribute__((visibility("default"))) const struct cc_python_tracer *cc_analysis_begin(
	const struct cc_analysis *given, char *error, size_t size)
{
	static const char *const texts[] = {"call",   "exception",   "line",	 "return",
					    "c_call", "c_exception", "c_return", "opcode"};

	host = given;
	cc_hook_module_add(given->functions);
	if (cc_interpreter_start(error, size))
		return NULL;
	thread = PyThreadState_Get();
	PyGC_Disable(); /* what is made now stays */
	for (int i = 0; i < 8; i++)
		names[i] = PyUnicode_InternFromString(texts[i]);
	find_trampolines();
	enable_close_errors();
	cc_frames_begin(thread);
	if (cc_foreign_begin(given) || run_options(error, size))
		return NULL;
	if (cc_hook_module_take(given->hook)) {
		PyErr_Print();
		snprintf(error, size, "hooks in Python do not begin");
		return NULL;
	}
	PyGC_Enable();
	tracer.c_functions = cc_python_profile_function(thread) != NULL;
	if (!cc_python_trace_function(thread) && !cc_python_profile_function(thread))
		tracer.event = NULL;
	return &tracer;
}

__attribute__((visibility("default"))) void cc_analysis_end(void)
{
	PyEval_SetTrace(NULL, NULL);
	PyEval_SetProfile(NULL, NULL);
	cc_frames_end();
	cc_hook_module_end();
	PyThreadState_EnterTracing(thread);
	PyRun_SimpleString("import crosscut; crosscut.end()");
	Py_FinalizeEx();
}
