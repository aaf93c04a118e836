/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copies of the program's objects and variables. */
#define Py_BUILD_CORE
#include "runtimes/python/analysis/foreign-parts.h"

#include "runtimes/python/analysis/codes.h"

#define DEPTH_MAX 40

uint64_t cc_foreign_moment = 1;
struct cc_foreign_types cc_foreign;

/* clang-format off */
#define SYMBOLS(X) \
	X(PyLong_Type) X(PyBool_Type) X(PyFloat_Type) X(PyComplex_Type) X(PyUnicode_Type) \
	X(PyBytes_Type) X(PyByteArray_Type) X(PyTuple_Type) X(PyList_Type) X(PyDict_Type) \
	X(PySet_Type) X(PyFrozenSet_Type) X(PyCode_Type) X(PyCell_Type) X(PyType_Type) \
	X(PyFunction_Type) X(PyModule_Type) X(PyMemberDescr_Type) X(PyProperty_Type) \
	X(PyMethod_Type) X(PyCFunction_Type) X(PyMethodDescr_Type) X(PyGen_Type) X(PyCoro_Type) \
	X(PyAsyncGen_Type) X(_Py_NoneStruct) X(_Py_EllipsisObject) X(_Py_NotImplementedStruct)
/* clang-format on */

/* ---- copies ---- */

/* Containers that are being copied: one within itself is shown as a view. */
struct within {
	const PyObject *foreign;
	const struct within *outer;
	unsigned depth;
};

static PyObject *copy(PyObject *foreign, const struct within *outer);

static PyObject *copy_text(const PyObject *foreign)
{
	return PyUnicode_FromKindAndData((int)cc_python_kind(foreign),
					 cc_python_characters(foreign), cc_python_length(foreign));
}

static PyObject *copy_long(const PyObject *foreign)
{
	PyLongObject *number;
	int64_t value;

	if (cc_python_int(foreign, CC_PYTHON_DIGIT_BITS, &value)) /* small ones are shared */
		return PyLong_FromLong(value);
	number = _PyLong_New(cc_python_digit_count(foreign));
	if (number)
		cc_python_copy_int(number, foreign);
	return (PyObject *)number;
}

static PyObject *copy_sequence(PyObject *const *items, Py_ssize_t count, int as_list,
			       const struct within *within)
{
	PyObject *result = as_list ? PyList_New(count) : PyTuple_New(count);

	for (Py_ssize_t i = 0; result && i < count; i++) {
		PyObject *item = items[i] ? copy(items[i], within) : Py_NewRef(Py_None);

		if (!item) {
			Py_DECREF(result);
			return NULL;
		}
		if (as_list)
			PyList_SET_ITEM(result, i, item);
		else
			PyTuple_SET_ITEM(result, i, item);
	}
	return result;
}

static PyObject *copy_dict(const PyDictObject *dict, const struct within *within)
{
	PyObject *result = PyDict_New(), *key, *value;
	Py_ssize_t at = 0;

	while (result && cc_python_next_entry(dict, &at, &key, &value)) {
		PyObject *own_key = copy(key, within),
			 *own_value = own_key ? copy(value, within) : NULL;

		if (!own_value || PyDict_SetItem(result, own_key, own_value))
			Py_CLEAR(result);
		Py_XDECREF(own_key);
		Py_XDECREF(own_value);
	}
	return result;
}

PyObject *cc_foreign_entries(const PyDictObject *dict)
{
	return copy_dict(dict, NULL);
}

static PyObject *copy_set(const PyObject *set, int frozen, const struct within *within)
{
	PyObject *list = PyList_New(0), *member, *result;
	Py_ssize_t at = 0;

	while (list && (member = cc_python_next_member(set, &at))) {
		PyObject *own = copy(member, within);

		if (!own || PyList_Append(list, own))
			Py_CLEAR(list);
		Py_XDECREF(own);
	}
	if (!list)
		return NULL;
	result = frozen ? PyFrozenSet_New(list) : PySet_New(list);
	Py_DECREF(list);
	return result;
}

static PyObject *copy_container(PyObject *foreign, const struct within *outer)
{
	const PyTypeObject *type = foreign->ob_type;
	struct within within = {foreign, outer, outer ? outer->depth + 1 : 0};

	for (const struct within *seen = outer; seen; seen = seen->outer)
		if (seen->foreign == foreign)
			return cc_view_new(foreign);
	if (within.depth > DEPTH_MAX)
		return cc_view_new(foreign);
	if (type == cc_foreign.PyTuple_Type)
		return copy_sequence(((PyTupleObject *)foreign)->ob_item, Py_SIZE(foreign), 0,
				     &within);
	if (type == cc_foreign.PyList_Type)
		return copy_sequence(((PyListObject *)foreign)->ob_item, Py_SIZE(foreign), 1,
				     &within);
	if (type == cc_foreign.PyDict_Type)
		return copy_dict((PyDictObject *)foreign, &within);
	return copy_set(foreign, type == cc_foreign.PyFrozenSet_Type, &within);
}

/* NULL without an exception: it is none of these. */
static PyObject *copy_simple(PyObject *foreign)
{
	const PyTypeObject *type = foreign->ob_type;

	if (foreign == cc_foreign._Py_NoneStruct)
		return Py_NewRef(Py_None);
	if (type == cc_foreign.PyBool_Type)
		return PyBool_FromLong(cc_python_is_true(foreign));
	if (type == cc_foreign.PyLong_Type)
		return copy_long(foreign);
	if (type == cc_foreign.PyUnicode_Type)
		return copy_text(foreign);
	if (type == cc_foreign.PyFloat_Type)
		return PyFloat_FromDouble(((PyFloatObject *)foreign)->ob_fval);
	if (type == cc_foreign.PyBytes_Type)
		return PyBytes_FromStringAndSize(((PyBytesObject *)foreign)->ob_sval,
						 Py_SIZE(foreign));
	if (type == cc_foreign.PyByteArray_Type)
		return PyByteArray_FromStringAndSize(((PyByteArrayObject *)foreign)->ob_start,
						     Py_SIZE(foreign));
	if (type == cc_foreign.PyComplex_Type)
		return PyComplex_FromCComplex(((PyComplexObject *)foreign)->cval);
	if (type == cc_foreign.PyCode_Type)
		return cc_analysis_code((PyCodeObject *)foreign);
	if (foreign == cc_foreign._Py_EllipsisObject)
		return Py_NewRef(Py_Ellipsis);
	if (foreign == cc_foreign._Py_NotImplementedStruct)
		return Py_NewRef(Py_NotImplemented);
	return NULL;
}

static PyObject *copy(PyObject *foreign, const struct within *outer)
{
	PyObject *simple = copy_simple(foreign);

	if (simple || PyErr_Occurred())
		return simple;
	return cc_foreign_is_container(foreign) ? copy_container(foreign, outer)
						: cc_view_new(foreign);
}

PyObject *cc_foreign_value(PyObject *foreign)
{
	return copy(foreign, NULL);
}

PyObject *cc_foreign_view(PyObject *foreign)
{
	PyObject *simple = copy_simple(foreign);

	return simple || PyErr_Occurred() ? simple : cc_view_new(foreign);
}

/* ---- variables ---- */

static PyObject *fast_locals(const _PyInterpreterFrame *frame)
{
	const PyCodeObject *code = cc_python_code(frame);
	PyObject *result = PyDict_New();

	for (int i = 0; result && i < cc_python_variable_count(code); i++) {
		PyObject *value = cc_python_variable_value(frame, i, cc_foreign.PyCell_Type), *name,
			 *own;

		if (!value)
			continue;
		name = cc_foreign_value(cc_python_variable_name(code, i));
		own = cc_foreign_value(value);
		if (!name || !own || PyDict_SetItem(result, name, own))
			Py_CLEAR(result);
		Py_XDECREF(name);
		Py_XDECREF(own);
	}
	return result;
}

PyObject *cc_foreign_globals(PyObject *dict)
{
	PyObject *result = PyDict_New(), *key, *value;
	Py_ssize_t at = 0;

	while (result && cc_python_next_entry((PyDictObject *)dict, &at, &key, &value)) {
		PyObject *name, *own;

		if (cc_foreign_is_named(key, "__builtins__"))
			continue;
		name = cc_foreign_value(key);
		own = cc_foreign_value(value);
		if (!name || !own || PyDict_SetItem(result, name, own))
			Py_CLEAR(result);
		Py_XDECREF(name);
		Py_XDECREF(own);
	}
	if (result)
		PyDict_SetItemString(result, "__builtins__", PyEval_GetBuiltins());
	return result;
}

PyObject *cc_foreign_locals(_PyInterpreterFrame *frame)
{
	PyObject *namespace = cc_python_namespace(frame);

	if (cc_python_code(frame)->co_flags & CO_OPTIMIZED)
		return fast_locals(frame);
	return namespace ? cc_foreign_globals(namespace) : PyDict_New();
}

int cc_foreign_begin(const struct cc_analysis *host)
{
#define X(name) cc_foreign.name = host->symbol(#name);
	SYMBOLS(X)
#undef X
	return cc_foreign_exceptions_begin() || PyType_Ready(&cc_view_type) ? -1 : 0;
}
