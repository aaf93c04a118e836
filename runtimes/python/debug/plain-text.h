/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * str() and repr() of builtin objects of the program, without running it. Include Python.h first.
 */
#ifndef CC_PYTHON_PLAIN_TEXT_H
#define CC_PYTHON_PLAIN_TEXT_H

#include "core/print/plain.h"

/* The program's own types and constants, by which its objects are known. */
/* clang-format off */
#define CC_PYTHON_TYPES(X) \
	X(PyLong_Type) X(PyBool_Type) X(PyFloat_Type) X(PyUnicode_Type) X(PyBytes_Type) \
	X(PyTuple_Type) X(PyList_Type) X(PyDict_Type) X(PySet_Type) X(PyFrozenSet_Type) \
	X(PyCell_Type) X(PyModule_Type) X(PyMemberDescr_Type) X(PyCFunction_Type) X(PyType_Type) \
	X(PyBaseObject_Type) X(_Py_NoneStruct) X(_PyUnicode_IsPrintable)
/* clang-format on */

struct cc_python_types {
	PyTypeObject *PyLong_Type, *PyBool_Type, *PyFloat_Type, *PyUnicode_Type, *PyBytes_Type,
		*PyTuple_Type, *PyList_Type, *PyDict_Type, *PySet_Type, *PyFrozenSet_Type,
		*PyCell_Type, *PyModule_Type, *PyMemberDescr_Type, *PyCFunction_Type, *PyType_Type,
		*PyBaseObject_Type;
	PyObject *_Py_NoneStruct;
	int (*_PyUnicode_IsPrintable)(Py_UCS4);
};
extern struct cc_python_types cc_python_types;

/* An object of the program as a plain value. 0, or CC_PLAIN_NOT. */
int cc_python_read(PyObject *object, struct cc_plain_value *value);
/*
 * Appends what str() or, with `repr`, repr() gives of a value that stands in `depth` containers. 0,
 * or CC_PLAIN_NOT.
 */
int cc_python_show(struct cc_plain_text *text, const struct cc_plain_value *value, int repr,
		   unsigned depth);

#endif
