/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Python's own evaluation of an expression. The functions are the program's interpreter's. */
#define Py_BUILD_CORE
#include <Python.h>
#include <math.h>

#include "runtimes/python/debug/evaluate.h"
#include "runtimes/python/state/layout.h"

/* ---- what came of it ---- */

static json_t *json_of_text(PyObject *text)
{
	PyObject *bytes =
		text ? PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace") : NULL;
	json_t *json =
		bytes ? json_stringn(PyBytes_AS_STRING(bytes), (size_t)PyBytes_GET_SIZE(bytes))
		      : NULL;

	return json ? json : json_string("");
}

static json_t *json_value(PyObject *value, PyObject *text)
{
	int overflows = 0;
	long long number;

	if (value == Py_None)
		return json_null();
	if (PyBool_Check(value))
		return json_boolean(value == Py_True);
	if (PyLong_CheckExact(value)) {
		number = PyLong_AsLongLongAndOverflow(value, &overflows);
		if (!overflows)
			return json_integer(number);
	}
	if (PyFloat_CheckExact(value) && isfinite(PyFloat_AS_DOUBLE(value)))
		return json_real(PyFloat_AS_DOUBLE(value));
	return json_of_text(text);
}

/* As the last line of a traceback. */
static json_t *error_now(void)
{
	PyObject *type, *value, *traceback, *text;
	const char *name, *dot;
	json_t *shown, *error;

	PyErr_Fetch(&type, &value, &traceback);
	PyErr_NormalizeException(&type, &value, &traceback);
	text = value ? PyObject_Str(value) : NULL;
	PyErr_Clear();
	name = type ? ((PyTypeObject *)type)->tp_name : "unknown";
	dot = strrchr(name, '.');
	shown = json_of_text(text);
	error = json_string_length(shown)
			? json_sprintf("%s: %s", dot ? dot + 1 : name, json_string_value(shown))
			: json_string(dot ? dot + 1 : name);
	json_decref(shown);
	return json_pack("{s:o}", "error", error);
}

/* ---- evaluation ---- */

static PyObject *evaluate_in(PyObject *globals, PyObject *locals, int flags_there,
			     const char *expression)
{
	PyCompilerFlags flags = {.cf_flags = flags_there & PyCF_MASK,
				 .cf_feature_version = PY_MINOR_VERSION};
	PyObject *code;

	if (!locals)
		return NULL;
	expression += strspn(expression, " \t\n");
	code = Py_CompileStringExFlags(expression, "--print", Py_eval_input, &flags, -1);
	return code ? PyEval_EvalCode(code, globals, locals) : NULL;
}

static PyObject *evaluate(PyFrameObject *frame, const char *expression)
{
	const _PyInterpreterFrame *own = cc_python_frame_of(frame);

	return evaluate_in(cc_python_globals(own), PyFrame_GetLocals(frame),
			   cc_python_code(own)->co_flags, expression);
}

static json_t *answer(PyFrameObject *frame, const json_t *arguments)
{
	const char *condition = json_string_value(json_object_get(arguments, "condition"));
	PyObject *value, *text;
	int holds = 1;

	if (condition) {
		value = evaluate(frame, condition);
		holds = value ? PyObject_IsTrue(value) : -1;
	}
	if (!holds)
		return json_pack("{s:b}", "holds", 0);
	value = holds < 0 ? NULL
			  : evaluate(frame,
				     json_string_value(json_object_get(arguments, "expression")));
	text = value ? PyObject_Str(value) : NULL;
	if (!text)
		return error_now();
	return json_pack("{s:o, s:b, s:o}", "text", json_of_text(text), "wide", 1, "value",
			 json_value(value, text));
}

static PyFrameObject *calm_frame(void)
{
	PyThreadState *thread = PyThreadState_Get();

	PyGC_Disable();
	cc_python_hold_breaks(thread); /* no signal of the program's comes */
	return PyThreadState_GetFrame(thread);
}

json_t *cc_python_evaluate_watched(const json_t *arguments, unsigned up)
{
	const char *name = json_string_value(json_object_get(arguments, "module"));
	const char *expression = json_string_value(json_object_get(arguments, "watch"));
	PyFrameObject *frame = calm_frame();
	PyObject *value = NULL, *text;

	for (; up && frame; up--)
		frame = PyFrame_GetBack(frame);
	if (name) {
		PyObject *module = PyDict_GetItemString(PyImport_GetModuleDict(), name);
		PyObject *globals = module ? PyModule_GetDict(module) : NULL;

		value = evaluate_in(globals, globals, 0, expression);
	} else if (frame) {
		value = evaluate(frame, expression);
	}
	text = value ? PyObject_Repr(value) : NULL;
	return json_pack("{s:o}", "value", text ? json_of_text(text) : json_null());
}

json_t *cc_python_evaluate(const json_t *arguments)
{
	PyFrameObject *frame = calm_frame();

	return frame ? answer(frame, arguments) : error_now();
}
