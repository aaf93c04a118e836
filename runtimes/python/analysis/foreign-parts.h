/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading the program's objects: what the parts of foreign.h share. None of the program's code
 * runs. What is called foreign is the program's, and only read; other objects are the analysis
 * interpreter's, and what is returned is a new reference, or NULL with an exception set.
 */
#ifndef CC_PYTHON_FOREIGN_PARTS_H
#define CC_PYTHON_FOREIGN_PARTS_H

#include <Python.h>
#include <stdint.h>

#include "runtimes/python/analysis/foreign.h"
#include "runtimes/python/state/layout.h"

/* The program's own types and constants, by which its objects are known. */
struct cc_foreign_types {
	PyTypeObject *PyLong_Type, *PyBool_Type, *PyFloat_Type, *PyComplex_Type, *PyUnicode_Type,
		*PyBytes_Type, *PyByteArray_Type, *PyTuple_Type, *PyList_Type, *PyDict_Type,
		*PySet_Type, *PyFrozenSet_Type, *PyCode_Type, *PyCell_Type, *PyType_Type,
		*PyFunction_Type, *PyModule_Type, *PyMemberDescr_Type, *PyProperty_Type,
		*PyMethod_Type, *PyCFunction_Type, *PyMethodDescr_Type, *PyGen_Type, *PyCoro_Type,
		*PyAsyncGen_Type;
	PyObject *_Py_NoneStruct, *_Py_EllipsisObject, *_Py_NotImplementedStruct;
};

/* An object that tools may look at until the program goes on. */
struct cc_view {
	PyObject_HEAD
	PyObject *foreign;
	uint64_t moment; /* cc_foreign_moment, as the view was made */
};

#pragma GCC visibility push(hidden)

extern struct cc_foreign_types cc_foreign;
extern PyTypeObject cc_view_type;

/* foreign.c. All entries of a dict, copied, also of one that is an instance's values only. */
PyObject *cc_foreign_entries(const PyDictObject *dict);

/* foreign-exceptions.c. Before the first exception is made. 0, or -1 with an exception set. */
int cc_foreign_exceptions_begin(void);
/* The exception itself, made again; None if that cannot be done. */
PyObject *cc_foreign_exception_value(PyObject *foreign);

/*
 * foreign-attributes.c. An attribute of the object, copied; as getattr() finds it, but for
 * properties and __getattr__, which are code.
 */
PyObject *cc_foreign_attribute(PyObject *foreign, const char *name);
/*
 * What a dict or an instance has under this name, and an instance's dict: not copied, so a foreign
 * object. NULL, without an exception: there is none.
 */
PyObject *cc_foreign_dict_get(const PyObject *dict, const char *name);
PyObject *cc_foreign_instance_dict(PyObject *foreign);
PyObject *cc_foreign_instance_get(PyObject *foreign, const char *name);
/* A class's __name__, which is the program's text, its __module__ and its __qualname__. */
const char *cc_foreign_short_name(const PyTypeObject *type);
PyObject *cc_foreign_module_of(const PyTypeObject *type);
PyObject *cc_foreign_qualified_name(const PyTypeObject *type);

#pragma GCC visibility pop

/* A view of the object, from this moment. */
static inline PyObject *cc_view_new(PyObject *foreign)
{
	struct cc_view *self = PyObject_New(struct cc_view, &cc_view_type);

	if (self) {
		self->foreign = foreign;
		self->moment = cc_foreign_moment;
	}
	return (PyObject *)self;
}

/* A field of a struct, copied: NULL is None. */
static inline PyObject *cc_foreign_field(PyObject *foreign)
{
	return foreign ? cc_foreign_value(foreign) : Py_NewRef(Py_None);
}

/* Is the object a class? */
static inline int cc_foreign_is_type(const PyObject *foreign)
{
	return (foreign->ob_type->tp_flags & Py_TPFLAGS_TYPE_SUBCLASS) != 0;
}

/* Is the object an exception? */
static inline int cc_foreign_is_exception(const PyObject *foreign)
{
	return (foreign->ob_type->tp_flags & Py_TPFLAGS_BASE_EXC_SUBCLASS) != 0;
}

/* Is the object a builtin container, of no class of the program's? */
static inline int cc_foreign_is_container(const PyObject *foreign)
{
	const PyTypeObject *type = foreign->ob_type;

	return type == cc_foreign.PyTuple_Type || type == cc_foreign.PyList_Type ||
	       type == cc_foreign.PyDict_Type || type == cc_foreign.PySet_Type ||
	       type == cc_foreign.PyFrozenSet_Type;
}

/* Is the object this name, as a str? */
static inline int cc_foreign_is_named(const PyObject *foreign, const char *name)
{
	return foreign->ob_type == cc_foreign.PyUnicode_Type && cc_python_is_ascii(foreign, name);
}

#endif
