/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <Python.h>

#include "runtimes/python/analysis/hook-module.h"

#define DEPTH_MAX 6
#define COUNT_MAX 10000

static const struct cc_hook_functions *functions;

/* Of crosscut_hook.py. */
static PyObject *frame_class, *call_class, *object_class;

/* ---- values ---- */

static PyObject *value_of(const struct cc_hook_value *value, int depth);

/* What a container holds, as a list or a dict. */
static PyObject *elements(const struct cc_hook_value *container, int as_dict, int depth)
{
	PyObject *result = as_dict ? PyDict_New() : PyList_New(0);
	struct cc_hook_value key, element;

	for (size_t i = 0; result && depth < DEPTH_MAX && i < COUNT_MAX; i++) {
		PyObject *own_key, *own;
		int failed;

		if (functions->element(container, i, &key, &element))
			break;
		own_key = value_of(&key, depth + 1);
		own = value_of(&element, depth + 1);
		failed = !own_key || !own ||
			 (as_dict ? PyDict_SetItem(result, own_key, own)
				  : PyList_Append(result, own));
		if (failed)
			Py_CLEAR(result);
		Py_XDECREF(own_key);
		Py_XDECREF(own);
	}
	return result;
}

static PyObject *container_of(const struct cc_hook_value *value, int depth)
{
	static PyTypeObject *const types[] = {&PyTuple_Type, &PySet_Type, &PyFrozenSet_Type};
	PyObject *list, *result;

	if (!strcmp(value->text, "list") || !strcmp(value->text, "strings"))
		return elements(value, 0, depth);
	if (!strcmp(value->text, "dict"))
		return elements(value, 1, depth);
	for (int i = 0; i < 3; i++)
		if (!strcmp(value->text, types[i]->tp_name)) {
			list = elements(value, 0, depth);
			result = list ? PyObject_CallOneArg((PyObject *)types[i], list) : NULL;
			Py_XDECREF(list);
			return result;
		}
	list = elements(value, 1, depth);
	result =
		list ? PyObject_CallFunction(object_class, "sKO", value->text, value->address, list)
		     : NULL;
	Py_XDECREF(list);
	return result;
}

static PyObject *value_of(const struct cc_hook_value *value, int depth)
{
	switch (value->kind) {
	case CC_HOOK_INTEGER:
		return PyLong_FromLongLong(value->integer);
	case CC_HOOK_UNSIGNED:
		return PyLong_FromUnsignedLongLong(value->unsigned_integer);
	case CC_HOOK_NUMBER:
		return PyFloat_FromDouble(value->number);
	case CC_HOOK_TEXT:
		return PyUnicode_DecodeUTF8(value->text, (Py_ssize_t)value->length,
					    "surrogateescape");
	case CC_HOOK_BYTES:
		return PyBytes_FromStringAndSize(value->text, (Py_ssize_t)value->length);
	case CC_HOOK_OTHER:
		return container_of(value, depth);
	default:
		Py_RETURN_NONE;
	}
}

static PyObject *text_of(const char *text)
{
	return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "surrogateescape");
}

static PyObject *frame_of(const struct cc_hook_frame *frame)
{
	return PyObject_CallFunction(frame_class, "NIN", text_of(frame->file), frame->line,
				     text_of(frame->sub));
}

static PyObject *call_of(const struct cc_hook_call *call)
{
	return PyObject_CallFunction(call_class, "NNIN", text_of(call->sub), text_of(call->file),
				     call->line, frame_of(&call->caller));
}

/* ---- what users ask ---- */

static PyObject *ask_frame(PyObject *self, PyObject *args)
{
	struct cc_hook_frame frame;
	unsigned depth;

	if (!PyArg_ParseTuple(args, "I", &depth))
		return NULL;
	if (functions->frame(depth, &frame))
		Py_RETURN_NONE;
	return frame_of(&frame);
}

static PyObject *count_moments(PyObject *self, PyObject *args)
{
	if (!functions->count_moments())
		Py_RETURN_NONE;
	PyErr_SetString(PyExc_RuntimeError,
			"count_moments: it is too late: call it while the hook's file is run");
	return NULL;
}

static PyObject *ask_moment(PyObject *self, PyObject *args)
{
	struct cc_hook_moment moment;

	if (!functions->moment(&moment))
		return Py_BuildValue("(KK)", moment.calls, moment.events);
	PyErr_SetString(PyExc_RuntimeError, "moment: they are not counted: call count_moments() "
					    "while the hook's file is run");
	return NULL;
}

/* A tuple of one, or None: the variable may be None. */
static PyObject *ask_variable(PyObject *self, PyObject *args)
{
	struct cc_hook_value value;
	const char *name;
	unsigned depth;

	if (!PyArg_ParseTuple(args, "sI", &name, &depth))
		return NULL;
	if (functions->variable(depth, name, &value))
		Py_RETURN_NONE;
	return Py_BuildValue("(N)", value_of(&value, 0));
}

static PyObject *ask_argument(PyObject *self, PyObject *args)
{
	struct cc_hook_value value;
	const char *name;
	unsigned number;

	if (!PyArg_ParseTuple(args, "I", &number))
		return NULL;
	if (functions->argument(number, &name, &value))
		Py_RETURN_NONE;
	return Py_BuildValue("(sN)", name, value_of(&value, 0));
}

static PyObject *ask_result(PyObject *self, PyObject *args)
{
	struct cc_hook_value value;
	int error;

	if (functions->result(&value, &error))
		Py_RETURN_NONE;
	return Py_BuildValue("(Ni)", value_of(&value, 0), error);
}

/* fail(TEXT): cc_complain's. */
static PyObject *say_fail(PyObject *self, PyObject *arguments)
{
	const char *text;

	if (!PyArg_ParseTuple(arguments, "s", &text))
		return NULL;
	functions->fail(text);
	Py_RETURN_NONE;
}

static PyObject *ask_past(PyObject *self, PyObject *args)
{
	return PyBool_FromLong(functions->past());
}

static PyObject *ask_process(PyObject *self, PyObject *args)
{
	return PyLong_FromLong(functions->process());
}

static PyObject *ask_prefix(PyObject *self, PyObject *args)
{
	return text_of(functions->prefix());
}

static PyMethodDef methods[] = {
	{"count_moments", count_moments, METH_NOARGS, NULL},
	{"fail", say_fail, METH_VARARGS, NULL},
	{"frame", ask_frame, METH_VARARGS, NULL},
	{"moment", ask_moment, METH_NOARGS, NULL},
	{"variable", ask_variable, METH_VARARGS, NULL},
	{"argument", ask_argument, METH_VARARGS, NULL},
	{"result", ask_result, METH_NOARGS, NULL},
	{"past", ask_past, METH_NOARGS, NULL},
	{"process", ask_process, METH_NOARGS, NULL},
	{"prefix", ask_prefix, METH_NOARGS, NULL},
	{0},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "_crosscut_hook",
					.m_size = -1, .m_methods = methods};

static PyObject *make_module(void)
{
	return PyModule_Create(&definition);
}

void cc_hook_module_add(const struct cc_hook_functions *given)
{
	functions = given;
	PyImport_AppendInittab("_crosscut_hook", make_module);
}

/* ---- events ---- */

/* `data` of all functions is none: the lists of what is to be called stand here. */
enum { STATEMENT, OP, ENTER, LEAVE, EXCEPTION, HOST_CALL, HOST_CALLED, FORKED, END, EVENTS };
static const char *const names[] = {"statement", "op",		"enter",  "leave", "exception",
				    "host_call", "host_called", "forked", "end"};
static PyObject *listeners[EVENTS];

/* What fails as a disk does, rather than as a program does: crosscut.py looks. */
void cc_hook_module_note(void)
{
	PyObject *type, *value, *trace, *module, *result;

	PyErr_Fetch(&type, &value, &trace);
	PyErr_NormalizeException(&type, &value, &trace);
	module = PyImport_ImportModule("crosscut");
	result = module && value ? PyObject_CallMethod(module, "note", "O", value) : NULL;
	Py_XDECREF(result);
	Py_XDECREF(module);
	PyErr_Clear();
	PyErr_Restore(type, value, trace);
}

/* PyErr_Print would end the process for sys.exit's exception. */
static void complain(void)
{
	if (!PyErr_ExceptionMatches(PyExc_SystemExit)) {
		cc_hook_module_note();
		PyErr_Print();
		return;
	}
	PyErr_Clear();
	PySys_WriteStderr("SystemExit in a hook\n");
}

/* Takes the arguments. One that raises is called no more. */
static void tell(int which, PyObject *arguments)
{
	if (!arguments) {
		complain();
		return;
	}
	for (Py_ssize_t i = 0; i < PyList_GET_SIZE(listeners[which]); i++) {
		PyObject *function = Py_NewRef(PyList_GET_ITEM(listeners[which], i));
		PyObject *result = PyObject_CallObject(function, arguments);

		if (!result) {
			complain();
			PySys_WriteStderr("cc-python-replay: the %s hook raised an exception: it "
					  "is called no "
					  "more; the replay goes on\n",
					  names[which]);
			PySequence_DelItem(listeners[which], i--);
		}
		Py_XDECREF(result);
		Py_DECREF(function);
	}
	Py_DECREF(arguments);
}

static void statement(void *data, const char *file, unsigned line, const char *sub)
{
	tell(STATEMENT, Py_BuildValue("(NIN)", text_of(file), line, text_of(sub)));
}

static void op(void *data, const char *name)
{
	tell(OP, Py_BuildValue("(s)", name));
}

static void enter(void *data, const struct cc_hook_call *call)
{
	tell(ENTER, Py_BuildValue("(N)", call_of(call)));
}

static void leave(void *data, const struct cc_hook_call *call, int unwound)
{
	tell(LEAVE, Py_BuildValue("(NN)", call_of(call), PyBool_FromLong(unwound)));
}

static void exception(void *data, const char *class_name, const char *text)
{
	tell(EXCEPTION, Py_BuildValue("(NN)", text_of(class_name), text_of(text)));
}

static void host_call(void *data, const char *name, uint64_t ordinal)
{
	tell(HOST_CALL, Py_BuildValue("(sK)", name, ordinal));
}

static void host_called(void *data, const char *name, uint64_t ordinal)
{
	tell(HOST_CALLED, Py_BuildValue("(sK)", name, ordinal));
}

static void forked(void *data, pid_t process)
{
	tell(FORKED, Py_BuildValue("(i)", (int)process));
}

static void end(void *data, int status)
{
	tell(END, Py_BuildValue("(i)", status));
}

void cc_hook_module_end(void)
{
	for (int i = 0; i < EVENTS; i++)
		Py_CLEAR(listeners[i]);
}

int cc_hook_module_take(struct cc_hook *hook)
{
	PyObject *name = PyUnicode_FromString("crosscut_hook"), *module = PyImport_GetModule(name);
	PyObject *all = module ? PyObject_GetAttrString(module, "_listeners") : NULL;
	unsigned wanted = 0;

	Py_DECREF(name);
	if (!module && !PyErr_Occurred())
		return 0; /* nobody has imported it */
	if (!all)
		return -1;
	frame_class = PyObject_GetAttrString(module, "Frame");
	call_class = PyObject_GetAttrString(module, "Call");
	object_class = PyObject_GetAttrString(module, "Object");
	for (int i = 0; i < EVENTS; i++) {
		listeners[i] = PyDict_GetItemString(all, names[i]);
		if (!listeners[i])
			return -1;
		Py_INCREF(listeners[i]);
		wanted |= (unsigned)(PyList_GET_SIZE(listeners[i]) > 0) << i;
	}
#define X(event, number)                                                                           \
	if (wanted & 1u << (number))                                                               \
		hook->event = event;
	X(statement, STATEMENT)
	X(op, OP)
	X(enter, ENTER)
	X(leave, LEAVE)
	X(exception, EXCEPTION)
	X(host_call, HOST_CALL)
	X(host_called, HOST_CALLED)
	X(forked, FORKED)
	X(end, END)
#undef X
	Py_DECREF(all);
	Py_DECREF(module);
	return 0;
}
