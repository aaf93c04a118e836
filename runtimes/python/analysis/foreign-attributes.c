/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attributes are looked up in instance and class dictionaries and slots; a property cannot be
 * asked.
 */
#define Py_BUILD_CORE
#include "runtimes/python/analysis/foreign-parts.h"

#include <structmember.h>

static PyObject *entry_get(const PyDictObject *dict, const char *name)
{
	PyObject *key, *value;
	Py_ssize_t at = 0;

	while (cc_python_next_entry(dict, &at, &key, &value))
		if (cc_foreign_is_named(key, name))
			return value;
	return NULL;
}

PyObject *cc_foreign_dict_get(const PyObject *dict, const char *name)
{
	return dict && dict->ob_type->tp_flags & Py_TPFLAGS_DICT_SUBCLASS
		       ? entry_get((const PyDictObject *)dict, name)
		       : NULL;
}

static PyObject *class_get(const PyTypeObject *type, const char *name)
{
	const PyTupleObject *order = (const PyTupleObject *)type->tp_mro;

	for (Py_ssize_t i = 0; order && i < Py_SIZE(order); i++) {
		PyObject *found =
			cc_foreign_dict_get(((PyTypeObject *)order->ob_item[i])->tp_dict, name);

		if (found)
			return found;
	}
	return NULL;
}

PyObject *cc_foreign_instance_dict(PyObject *foreign)
{
	PyObject *dict;

	return cc_python_own_dict(foreign, &dict) ? NULL : dict;
}

PyObject *cc_foreign_instance_get(PyObject *foreign, const char *name)
{
	PyDictObject dict;
	PyObject *found = cc_python_inline_dict(foreign, &dict) ? entry_get(&dict, name) : NULL;

	return found ? found : cc_foreign_dict_get(cc_foreign_instance_dict(foreign), name);
}

/* NULL without an exception: it has none of its own. */
static PyObject *attributes(PyObject *foreign)
{
	PyDictObject made;
	PyObject *dict;

	if (cc_python_inline_dict(foreign, &made))
		return cc_foreign_entries(&made);
	dict = cc_foreign_instance_dict(foreign);
	return dict ? cc_foreign_value(dict) : NULL;
}

const char *cc_foreign_short_name(const PyTypeObject *type)
{
	const char *dot = strrchr(type->tp_name, '.');

	return dot && !(type->tp_flags & Py_TPFLAGS_HEAPTYPE) ? dot + 1 : type->tp_name;
}

PyObject *cc_foreign_module_of(const PyTypeObject *type)
{
	PyObject *module = type->tp_flags & Py_TPFLAGS_HEAPTYPE
				   ? cc_foreign_dict_get(type->tp_dict, "__module__")
				   : NULL;
	const char *dot = strrchr(type->tp_name, '.');

	if (module)
		return cc_foreign_value(module);
	return dot ? PyUnicode_FromStringAndSize(type->tp_name, dot - type->tp_name)
		   : PyUnicode_FromString("builtins");
}

PyObject *cc_foreign_qualified_name(const PyTypeObject *type)
{
	return type->tp_flags & Py_TPFLAGS_HEAPTYPE
		       ? cc_foreign_value(((PyHeapTypeObject *)type)->ht_qualname)
		       : PyUnicode_FromString(cc_foreign_short_name(type));
}

/* What is no entry of a dictionary. NULL without an exception: nothing. */
static PyObject *special(PyObject *foreign, const char *name)
{
	const PyFunctionObject *function = (const PyFunctionObject *)foreign;

	if (!strcmp(name, "__class__"))
		return cc_view_new((PyObject *)foreign->ob_type);
	if (cc_foreign_is_type(foreign)) {
		if (!strcmp(name, "__name__"))
			return PyUnicode_FromString(cc_foreign_short_name((PyTypeObject *)foreign));
		if (!strcmp(name, "__qualname__"))
			return cc_foreign_qualified_name((PyTypeObject *)foreign);
		if (!strcmp(name, "__module__"))
			return cc_foreign_module_of((PyTypeObject *)foreign);
		if (!strcmp(name, "__mro__"))
			return cc_foreign_value(((PyTypeObject *)foreign)->tp_mro);
	} else if (foreign->ob_type == cc_foreign.PyFunction_Type) {
		if (!strcmp(name, "__name__"))
			return cc_foreign_value(function->func_name);
		if (!strcmp(name, "__qualname__"))
			return cc_foreign_value(function->func_qualname);
		if (!strcmp(name, "__code__"))
			return cc_foreign_value(function->func_code);
		if (!strcmp(name, "__module__") && function->func_module)
			return cc_foreign_value(function->func_module);
	} else if (foreign->ob_type == cc_foreign.PyCFunction_Type && !strcmp(name, "__name__")) {
		return PyUnicode_FromString(((PyCFunctionObject *)foreign)->m_ml->ml_name);
	} else if (foreign->ob_type == cc_foreign.PyMethod_Type) {
		if (!strcmp(name, "__func__"))
			return cc_foreign_value(((PyMethodObject *)foreign)->im_func);
		if (!strcmp(name, "__self__"))
			return cc_foreign_value(((PyMethodObject *)foreign)->im_self);
	}
	if (!strcmp(name, "__dict__"))
		return attributes(foreign);
	return NULL;
}

static PyObject *slot(PyObject *foreign, const PyMemberDef *member)
{
	PyObject *value;

	if (member->type != T_OBJECT_EX && member->type != T_OBJECT)
		return NULL;
	value = *(PyObject **)((char *)foreign + member->offset);
	return value ? cc_foreign_value(value) : NULL;
}

PyObject *cc_foreign_attribute(PyObject *foreign, const char *name)
{
	PyObject *special_value = special(foreign, name), *found;

	if (special_value || PyErr_Occurred())
		return special_value;
	found = cc_foreign_is_type(foreign) ? class_get((PyTypeObject *)foreign, name)
					    : cc_foreign_instance_get(foreign, name);
	if (found)
		return cc_foreign_value(found);
	found = class_get(foreign->ob_type, name);
	if (found && found->ob_type == cc_foreign.PyMemberDescr_Type) {
		PyObject *value = slot(foreign, ((PyMemberDescrObject *)found)->d_member);

		if (value || PyErr_Occurred())
			return value;
	} else if (found && found->ob_type == cc_foreign.PyProperty_Type) {
		return PyErr_Format(PyExc_AttributeError,
				    "'%s' is a property of '%s': code of the past run "
				    "does not run again",
				    name, foreign->ob_type->tp_name);
	} else if (found) {
		return cc_foreign_value(found);
	}
	return PyErr_Format(PyExc_AttributeError, "'%s' object has no attribute '%s'",
			    foreign->ob_type->tp_name, name);
}
