/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exceptions of the program, made again in the analysis interpreter. */
#define Py_BUILD_CORE
#include "runtimes/python/analysis/foreign-parts.h"

static PyObject *exception_types; /* by address of the foreign class: our own of that name */

/* Builtin ones are our interpreter's; others are made, under what they derive from. */
static PyObject *exception_type(PyTypeObject *foreign)
{
	PyObject *key = PyLong_FromVoidPtr(foreign),
		 *type = PyDict_GetItemWithError(exception_types, key);
	PyObject *base, *module;

	if (type) {
		Py_INCREF(type);
	} else if (!(foreign->tp_flags & Py_TPFLAGS_HEAPTYPE)) {
		type = PyDict_GetItemString(PyEval_GetBuiltins(), cc_foreign_short_name(foreign));
		type = Py_NewRef(type ? type : PyExc_Exception);
	} else {
		base = exception_type(foreign->tp_base);
		module = cc_foreign_module_of(foreign);
		type = base && module ? PyObject_CallFunction((PyObject *)&PyType_Type, "s(O){s:O}",
							      cc_foreign_short_name(foreign), base,
							      "__module__", module)
				      : NULL;
		Py_XDECREF(base);
		Py_XDECREF(module);
		if (type)
			PyDict_SetItem(exception_types, key, type);
	}
	Py_DECREF(key);
	return type;
}

static int is_under(const PyTypeObject *class, const char *builtin)
{
	while (class && (class->tp_flags & Py_TPFLAGS_HEAPTYPE || strcmp(class->tp_name, builtin)))
		class = class->tp_base;
	return class != NULL;
}

PyObject *cc_foreign_exception_value(PyObject *foreign)
{
	PyObject *triple = cc_foreign_exception((PyObject *)foreign->ob_type, foreign);
	PyObject *value = triple ? Py_NewRef(PyTuple_GET_ITEM(triple, 1)) : NULL;

	Py_XDECREF(triple);
	return value;
}

static PyObject *group_arguments(const PyBaseExceptionGroupObject *group)
{
	const PyTupleObject *members = (const PyTupleObject *)group->excs;
	PyObject *list = PyList_New(0);

	for (Py_ssize_t i = 0; list && i < Py_SIZE(members); i++) {
		PyObject *member = cc_foreign_exception_value(members->ob_item[i]);

		if (!member || PyList_Append(list, member))
			Py_CLEAR(list);
		Py_XDECREF(member);
	}
	return list ? Py_BuildValue("(NN)", cc_foreign_field(group->msg), list) : NULL;
}

/* What its class is called with to make it again: an OSError has its file apart. */
static PyObject *arguments_of(const PyTypeObject *class, PyObject *value)
{
	const PyOSErrorObject *error = (const PyOSErrorObject *)value;
	PyObject *args;

	if (!value || value == cc_foreign._Py_NoneStruct)
		return PyTuple_New(0);
	if (cc_foreign_is_exception(value)) {
		if (is_under(class, "BaseExceptionGroup"))
			return group_arguments((PyBaseExceptionGroupObject *)value);
		if (is_under(class, "OSError") && error->myerrno && error->filename)
			return Py_BuildValue("(NNNON)", cc_foreign_field(error->myerrno),
					     cc_foreign_field(error->strerror),
					     cc_foreign_field(error->filename), Py_None,
					     cc_foreign_field(error->filename2));
		value = ((PyBaseExceptionObject *)value)->args;
	}
	args = cc_foreign_value(value);
	if (args && !PyTuple_Check(args))
		Py_SETREF(args, PyTuple_Pack(1, args));
	return args;
}

/* Makes an exception again, with the foreign one's own attributes, too. */
static PyObject *make_exception(PyObject *type, PyObject *args, PyObject *foreign)
{
	PyObject *value = PyObject_CallObject(type, args), *dict = NULL;

	if (!value) { /* what its class wants is not what it keeps */
		PyErr_Clear();
		value = PyObject_CallMethod(type, "__new__", "O", type);
		if (value)
			PyObject_SetAttrString(value, "args", args);
	}
	if (value && foreign && cc_foreign_is_exception(foreign) &&
	    ((PyBaseExceptionObject *)foreign)->dict) {
		dict = cc_foreign_value(((PyBaseExceptionObject *)foreign)->dict);
		if (dict)
			PyObject_SetAttrString(value, "__dict__", dict);
	}
	Py_XDECREF(dict);
	PyErr_Clear();
	return value ? value : Py_NewRef(Py_None);
}

PyObject *cc_foreign_exception(PyObject *foreign, PyObject *value)
{
	PyTypeObject *class = (PyTypeObject *)foreign;
	PyObject *type, *args, *made;

	if (value && cc_foreign_is_exception(value))
		class = value->ob_type;
	if (!class || !(class->tp_flags & Py_TPFLAGS_BASE_EXC_SUBCLASS))
		return Py_BuildValue("(OOO)", PyExc_Exception, Py_None, Py_None);
	type = exception_type(class);
	args = type ? arguments_of(class, value) : NULL;
	if (!args) {
		Py_XDECREF(type);
		return NULL;
	}
	made = make_exception(type, args, value);
	Py_DECREF(args);
	if (made != Py_None) /* OSError makes one of a class under it */
		Py_SETREF(type, Py_NewRef((PyObject *)Py_TYPE(made)));
	return Py_BuildValue("(NNO)", type, made, Py_None);
}

PyObject *cc_foreign_stop(PyObject *foreign)
{
	PyObject *value =
		foreign && foreign != cc_foreign._Py_NoneStruct ? cc_foreign_value(foreign) : NULL;
	PyObject *made = PyErr_Occurred()
				 ? NULL
				 : PyObject_CallFunctionObjArgs(PyExc_StopIteration, value, NULL);

	Py_XDECREF(value);
	return made ? Py_BuildValue("(ONO)", PyExc_StopIteration, made, Py_None) : NULL;
}

int cc_foreign_exceptions_begin(void)
{
	exception_types = PyDict_New();
	return exception_types ? 0 : -1;
}
