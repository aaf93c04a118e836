/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading the program's objects. None of its code runs: attributes are looked up here, in instance
 * and class dictionaries and slots; a property cannot be asked.
 */
#define Py_BUILD_CORE
#include <Python.h>
#include <internal/pycore_code.h>
#include <internal/pycore_dict.h>
#include <internal/pycore_frame.h>
#include <internal/pycore_long.h>
#include <internal/pycore_object.h>
#include <structmember.h>

#include "runtimes/python/analysis/codes.h"
#include "runtimes/python/analysis/foreign.h"

#define DEPTH_MAX 40

uint64_t cc_foreign_moment = 1;

/* The program's own, by which its objects are known. */
static struct {
	PyTypeObject *PyLong_Type, *PyBool_Type, *PyFloat_Type, *PyComplex_Type, *PyUnicode_Type,
		*PyBytes_Type, *PyByteArray_Type, *PyTuple_Type, *PyList_Type, *PyDict_Type,
		*PySet_Type, *PyFrozenSet_Type, *PyCode_Type, *PyCell_Type, *PyType_Type,
		*PyFunction_Type, *PyModule_Type, *PyMemberDescr_Type, *PyProperty_Type,
		*PyMethod_Type, *PyCFunction_Type, *PyMethodDescr_Type, *PyGen_Type, *PyCoro_Type,
		*PyAsyncGen_Type;
	PyObject *_Py_NoneStruct, *_Py_EllipsisObject, *_Py_NotImplementedStruct;
} program;

/* clang-format off */
#define SYMBOLS(X) \
	X(PyLong_Type) X(PyBool_Type) X(PyFloat_Type) X(PyComplex_Type) X(PyUnicode_Type) \
	X(PyBytes_Type) X(PyByteArray_Type) X(PyTuple_Type) X(PyList_Type) X(PyDict_Type) \
	X(PySet_Type) X(PyFrozenSet_Type) X(PyCode_Type) X(PyCell_Type) X(PyType_Type) \
	X(PyFunction_Type) X(PyModule_Type) X(PyMemberDescr_Type) X(PyProperty_Type) \
	X(PyMethod_Type) X(PyCFunction_Type) X(PyMethodDescr_Type) X(PyGen_Type) X(PyCoro_Type) \
	X(PyAsyncGen_Type) X(_Py_NoneStruct) X(_Py_EllipsisObject) X(_Py_NotImplementedStruct)
/* clang-format on */

typedef struct {
	PyObject_HEAD
	PyObject *foreign;
	uint64_t moment;
} View;
static PyTypeObject View_Type;

static PyObject *view(PyObject *foreign)
{
	View *self = PyObject_New(View, &View_Type);

	if (self) {
		self->foreign = foreign;
		self->moment = cc_foreign_moment;
	}
	return (PyObject *)self;
}

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
	const PyASCIIObject *ascii = (const PyASCIIObject *)foreign;
	const void *data = ascii->state.ascii
				   ? (const void *)(ascii + 1)
				   : (const void *)((const PyCompactUnicodeObject *)foreign + 1);

	if (!ascii->state.compact)
		data = ((const PyUnicodeObject *)foreign)->data.any;
	return PyUnicode_FromKindAndData((int)ascii->state.kind, data, ascii->length);
}

static PyObject *copy_long(const PyObject *foreign)
{
	Py_ssize_t size = Py_SIZE(foreign), digits = size < 0 ? -size : size;
	long value = digits ? (long)((const PyLongObject *)foreign)->ob_digit[0] : 0;
	PyLongObject *number = digits < 2 ? NULL : _PyLong_New(digits);

	if (digits < 2) /* small ones are shared objects */
		return PyLong_FromLong(size < 0 ? -value : value);
	if (!number)
		return NULL;
	memcpy(number->ob_digit, ((const PyLongObject *)foreign)->ob_digit,
	       (size_t)digits * sizeof(digit));
	Py_SET_SIZE(number, size);
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

/* Entries of a dict, also of one that shares its keys. */
static int next_entry(const PyDictObject *dict, Py_ssize_t *at, PyObject **key, PyObject **value)
{
	const PyDictKeysObject *keys = dict->ma_keys;

	while (*at < keys->dk_nentries) {
		Py_ssize_t i = (*at)++;

		if (keys->dk_kind == DICT_KEYS_GENERAL) {
			const PyDictKeyEntry *entry = &DK_ENTRIES(keys)[i];

			*key = entry->me_key;
			*value = entry->me_value;
		} else {
			const PyDictUnicodeEntry *entry = &DK_UNICODE_ENTRIES(keys)[i];

			*key = entry->me_key;
			*value = dict->ma_values ? dict->ma_values->values[i] : entry->me_value;
		}
		if (*key && *value)
			return 1;
	}
	return 0;
}

static PyObject *copy_dict(const PyDictObject *dict, const struct within *within)
{
	PyObject *result = PyDict_New(), *key, *value;
	Py_ssize_t at = 0;

	while (result && next_entry(dict, &at, &key, &value)) {
		PyObject *own_key = copy(key, within),
			 *own_value = own_key ? copy(value, within) : NULL;

		if (!own_value || PyDict_SetItem(result, own_key, own_value))
			Py_CLEAR(result);
		Py_XDECREF(own_key);
		Py_XDECREF(own_value);
	}
	return result;
}

static PyObject *copy_set(const PySetObject *set, int frozen, const struct within *within)
{
	PyObject *list = PyList_New(0), *result;

	for (Py_ssize_t i = 0; list && i <= set->mask; i++) {
		PyObject *key = set->table[i].key, *own;

		if (!key || set->table[i].hash == -1) /* a dummy */
			continue;
		own = copy(key, within);
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
			return view(foreign);
	if (within.depth > DEPTH_MAX)
		return view(foreign);
	if (type == program.PyTuple_Type)
		return copy_sequence(((PyTupleObject *)foreign)->ob_item, Py_SIZE(foreign), 0,
				     &within);
	if (type == program.PyList_Type)
		return copy_sequence(((PyListObject *)foreign)->ob_item, Py_SIZE(foreign), 1,
				     &within);
	if (type == program.PyDict_Type)
		return copy_dict((PyDictObject *)foreign, &within);
	return copy_set((PySetObject *)foreign, type == program.PyFrozenSet_Type, &within);
}

static int is_container(const PyObject *foreign)
{
	const PyTypeObject *type = foreign->ob_type;

	return type == program.PyTuple_Type || type == program.PyList_Type ||
	       type == program.PyDict_Type || type == program.PySet_Type ||
	       type == program.PyFrozenSet_Type;
}

/* NULL without an exception: it is none of these. */
static PyObject *copy_simple(PyObject *foreign)
{
	const PyTypeObject *type = foreign->ob_type;

	if (foreign == program._Py_NoneStruct)
		return Py_NewRef(Py_None);
	if (type == program.PyBool_Type)
		return PyBool_FromLong(Py_SIZE(foreign) != 0);
	if (type == program.PyLong_Type)
		return copy_long(foreign);
	if (type == program.PyUnicode_Type)
		return copy_text(foreign);
	if (type == program.PyFloat_Type)
		return PyFloat_FromDouble(((PyFloatObject *)foreign)->ob_fval);
	if (type == program.PyBytes_Type)
		return PyBytes_FromStringAndSize(((PyBytesObject *)foreign)->ob_sval,
						 Py_SIZE(foreign));
	if (type == program.PyByteArray_Type)
		return PyByteArray_FromStringAndSize(((PyByteArrayObject *)foreign)->ob_start,
						     Py_SIZE(foreign));
	if (type == program.PyComplex_Type)
		return PyComplex_FromCComplex(((PyComplexObject *)foreign)->cval);
	if (type == program.PyCode_Type)
		return cc_analysis_code((PyCodeObject *)foreign);
	if (foreign == program._Py_EllipsisObject)
		return Py_NewRef(Py_Ellipsis);
	if (foreign == program._Py_NotImplementedStruct)
		return Py_NewRef(Py_NotImplemented);
	return NULL;
}

static PyObject *copy(PyObject *foreign, const struct within *outer)
{
	PyObject *simple = copy_simple(foreign);

	if (simple || PyErr_Occurred())
		return simple;
	return is_container(foreign) ? copy_container(foreign, outer) : view(foreign);
}

PyObject *cc_foreign_value(PyObject *foreign)
{
	return copy(foreign, NULL);
}

PyObject *cc_foreign_view(PyObject *foreign)
{
	PyObject *simple = copy_simple(foreign);

	return simple || PyErr_Occurred() ? simple : view(foreign);
}

/* ---- attributes ---- */

static int is_named(const PyObject *foreign, const char *name)
{
	const PyASCIIObject *text = (const PyASCIIObject *)foreign;

	return foreign->ob_type == program.PyUnicode_Type && text->state.ascii &&
	       text->length == (Py_ssize_t)strlen(name) &&
	       !memcmp(text + 1, name, (size_t)text->length);
}

static PyObject *dict_get(const PyObject *dict, const char *name)
{
	PyObject *key, *value;
	Py_ssize_t at = 0;

	if (dict && dict->ob_type->tp_flags & Py_TPFLAGS_DICT_SUBCLASS)
		while (next_entry((const PyDictObject *)dict, &at, &key, &value))
			if (is_named(key, name))
				return value;
	return NULL;
}

static PyObject *class_get(const PyTypeObject *type, const char *name)
{
	const PyTupleObject *order = (const PyTupleObject *)type->tp_mro;

	for (Py_ssize_t i = 0; order && i < Py_SIZE(order); i++) {
		PyObject *found = dict_get(((PyTypeObject *)order->ob_item[i])->tp_dict, name);

		if (found)
			return found;
	}
	return NULL;
}

/* The values of an instance that has no dict yet stand before it. */
static PyObject *inline_get(PyObject *foreign, const char *name)
{
	const PyDictValues *values = *_PyObject_ValuesPointer(foreign);
	const PyDictKeysObject *keys = ((PyHeapTypeObject *)foreign->ob_type)->ht_cached_keys;

	for (Py_ssize_t i = 0; values && i < keys->dk_nentries; i++) {
		PyObject *key = DK_UNICODE_ENTRIES(keys)[i].me_key;

		if (key && values->values[i] && is_named(key, name))
			return values->values[i];
	}
	return NULL;
}

static PyObject *instance_dict(PyObject *foreign)
{
	const PyTypeObject *type = foreign->ob_type;

	if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT)
		return *_PyObject_ManagedDictPointer(foreign);
	if (type == program.PyModule_Type)
		return ((PyObject **)foreign)[2]; /* md_dict follows the head */
	if (type->tp_dictoffset > 0)
		return *(PyObject **)((char *)foreign + type->tp_dictoffset);
	return NULL;
}

static PyObject *instance_get(PyObject *foreign, const char *name)
{
	PyObject *found = foreign->ob_type->tp_flags & Py_TPFLAGS_MANAGED_DICT
				  ? inline_get(foreign, name)
				  : NULL;

	return found ? found : dict_get(instance_dict(foreign), name);
}

/* NULL without an exception: it has none of its own. */
static PyObject *attributes(PyObject *foreign)
{
	const PyDictValues *values = foreign->ob_type->tp_flags & Py_TPFLAGS_MANAGED_DICT
					     ? *_PyObject_ValuesPointer(foreign)
					     : NULL;
	PyDictObject dict = {.ma_values = (PyDictValues *)values};

	if (!values)
		return instance_dict(foreign) ? cc_foreign_value(instance_dict(foreign)) : NULL;
	dict.ma_keys = ((PyHeapTypeObject *)foreign->ob_type)->ht_cached_keys;
	return copy_dict(&dict, NULL);
}

static int is_type(const PyObject *foreign)
{
	return (foreign->ob_type->tp_flags & Py_TPFLAGS_TYPE_SUBCLASS) != 0;
}

static const char *short_name(const PyTypeObject *type)
{
	const char *dot = strrchr(type->tp_name, '.');

	return dot && !(type->tp_flags & Py_TPFLAGS_HEAPTYPE) ? dot + 1 : type->tp_name;
}

static PyObject *module_of(const PyTypeObject *type)
{
	PyObject *module =
		type->tp_flags & Py_TPFLAGS_HEAPTYPE ? dict_get(type->tp_dict, "__module__") : NULL;
	const char *dot = strrchr(type->tp_name, '.');

	if (module)
		return cc_foreign_value(module);
	return dot ? PyUnicode_FromStringAndSize(type->tp_name, dot - type->tp_name)
		   : PyUnicode_FromString("builtins");
}

static PyObject *qualified_name(const PyTypeObject *type)
{
	return type->tp_flags & Py_TPFLAGS_HEAPTYPE
		       ? cc_foreign_value(((PyHeapTypeObject *)type)->ht_qualname)
		       : PyUnicode_FromString(short_name(type));
}

/* What is no entry of a dictionary. NULL without an exception: nothing. */
static PyObject *special(PyObject *foreign, const char *name)
{
	const PyFunctionObject *function = (const PyFunctionObject *)foreign;

	if (!strcmp(name, "__class__"))
		return view((PyObject *)foreign->ob_type);
	if (is_type(foreign)) {
		if (!strcmp(name, "__name__"))
			return PyUnicode_FromString(short_name((PyTypeObject *)foreign));
		if (!strcmp(name, "__qualname__"))
			return qualified_name((PyTypeObject *)foreign);
		if (!strcmp(name, "__module__"))
			return module_of((PyTypeObject *)foreign);
		if (!strcmp(name, "__mro__"))
			return cc_foreign_value(((PyTypeObject *)foreign)->tp_mro);
	} else if (foreign->ob_type == program.PyFunction_Type) {
		if (!strcmp(name, "__name__"))
			return cc_foreign_value(function->func_name);
		if (!strcmp(name, "__qualname__"))
			return cc_foreign_value(function->func_qualname);
		if (!strcmp(name, "__code__"))
			return cc_foreign_value(function->func_code);
		if (!strcmp(name, "__module__") && function->func_module)
			return cc_foreign_value(function->func_module);
	} else if (foreign->ob_type == program.PyCFunction_Type && !strcmp(name, "__name__")) {
		return PyUnicode_FromString(((PyCFunctionObject *)foreign)->m_ml->ml_name);
	} else if (foreign->ob_type == program.PyMethod_Type) {
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

/* ---- views ---- */

static int is_gone(const View *self)
{
	if (self->moment == cc_foreign_moment)
		return 0;
	PyErr_SetString(PyExc_RuntimeError, "the program has gone on since this object was shown");
	return 1;
}

static PyObject *view_getattr(PyObject *object, PyObject *name)
{
	View *self = (View *)object;
	const char *text = PyUnicode_AsUTF8(name);
	PyObject *found, *special_value;

	if (!text || is_gone(self))
		return NULL;
	special_value = special(self->foreign, text);
	if (special_value || PyErr_Occurred())
		return special_value;
	found = is_type(self->foreign) ? class_get((PyTypeObject *)self->foreign, text)
				       : instance_get(self->foreign, text);
	if (found)
		return cc_foreign_value(found);
	found = class_get(self->foreign->ob_type, text);
	if (found && found->ob_type == program.PyMemberDescr_Type) {
		PyObject *value = slot(self->foreign, ((PyMemberDescrObject *)found)->d_member);

		if (value || PyErr_Occurred())
			return value;
	} else if (found && found->ob_type == program.PyProperty_Type) {
		return PyErr_Format(PyExc_AttributeError,
				    "'%s' is a property of '%s': code of the past run "
				    "does not run again",
				    text, self->foreign->ob_type->tp_name);
	} else if (found) {
		return cc_foreign_value(found);
	}
	return PyErr_Format(PyExc_AttributeError, "'%s' object has no attribute '%s'",
			    self->foreign->ob_type->tp_name, text);
}

static PyObject *describe(PyObject *foreign)
{
	PyObject *module = module_of(
		(PyTypeObject *)(is_type(foreign) ? foreign : (PyObject *)foreign->ob_type));
	PyObject *name = qualified_name(
		(PyTypeObject *)(is_type(foreign) ? foreign : (PyObject *)foreign->ob_type));
	int plain = module && PyUnicode_CompareWithASCIIString(module, "builtins") == 0;
	PyObject *text = NULL;

	if (module && name)
		text = is_type(foreign)
			       ? PyUnicode_FromFormat("<class '%U%s%U'>", plain ? name : module,
						      plain ? "" : ".",
						      plain ? PyUnicode_New(0, 0) : name)
			       : PyUnicode_FromFormat("<%U%s%U object at %p>",
						      plain ? name : module, plain ? "" : ".",
						      plain ? PyUnicode_New(0, 0) : name, foreign);
	Py_XDECREF(module);
	Py_XDECREF(name);
	return text;
}

static PyObject *copy_field(PyObject *foreign)
{
	return foreign ? cc_foreign_value(foreign) : Py_NewRef(Py_None);
}

static int is_exception(const PyObject *foreign)
{
	return (foreign->ob_type->tp_flags & Py_TPFLAGS_BASE_EXC_SUBCLASS) != 0;
}

static PyObject *exception_value(PyObject *foreign);

/* As importlib's _module_repr_from_spec: a module without a spec shows its file. */
static PyObject *describe_module(PyObject *module)
{
	PyObject *spec = dict_get(instance_dict(module), "__spec__");
	PyObject *file = dict_get(instance_dict(module), "__file__"), *located = NULL;
	PyObject *name = dict_get(instance_dict(module), "__name__"), *own_name, *own_file, *text;

	if (spec && spec != program._Py_NoneStruct) {
		file = instance_get(spec, "origin");
		located = instance_get(spec, "_set_fileattr");
		located = located && located->ob_type == program.PyBool_Type && Py_SIZE(located)
				  ? located
				  : NULL;
	} else {
		located = file;
	}
	own_name = copy_field(name);
	own_file = copy_field(file);
	text = !file || file == program._Py_NoneStruct
		       ? PyUnicode_FromFormat("<module %R>", own_name)
	       : located ? PyUnicode_FromFormat("<module %R from %R>", own_name, own_file)
			 : PyUnicode_FromFormat("<module %R (%U)>", own_name, own_file);
	Py_XDECREF(own_name);
	Py_XDECREF(own_file);
	return text;
}

static PyObject *view_repr(PyObject *object)
{
	PyObject *foreign = ((View *)object)->foreign, *name, *text;

	if (is_gone((View *)object)) {
		PyErr_Clear();
		return PyUnicode_FromFormat("<an object of the program at %p, gone on>", foreign);
	}
	if (is_container(foreign)) {
		PyObject *own = cc_foreign_value(foreign);

		text = own ? PyObject_Repr(own) : NULL;
		Py_XDECREF(own);
		return text;
	}
	if (foreign->ob_type == program.PyFunction_Type) {
		name = cc_foreign_value(((PyFunctionObject *)foreign)->func_qualname);
		text = PyUnicode_FromFormat("<function %U at %p>", name, foreign);
		Py_XDECREF(name);
		return text;
	}
	if (foreign->ob_type == program.PyCFunction_Type)
		return PyUnicode_FromFormat("<built-in function %s>",
					    ((PyCFunctionObject *)foreign)->m_ml->ml_name);
	if (foreign->ob_type == program.PyModule_Type)
		return describe_module(foreign);
	if (is_exception(foreign)) {
		PyObject *own = exception_value(foreign);

		text = own ? PyObject_Repr(own) : NULL;
		Py_XDECREF(own);
		return text;
	}
	if (foreign->ob_type == program.PyGen_Type || foreign->ob_type == program.PyCoro_Type ||
	    foreign->ob_type == program.PyAsyncGen_Type) {
		name = cc_foreign_value(((PyGenObject *)foreign)->gi_qualname);
		text = PyUnicode_FromFormat("<%s object %U at %p>", foreign->ob_type->tp_name, name,
					    foreign);
		Py_XDECREF(name);
		return text;
	}
	return describe(foreign);
}

static PyObject *view_str(PyObject *object)
{
	View *self = (View *)object;
	PyObject *own, *text;

	if (self->moment != cc_foreign_moment || !is_exception(self->foreign))
		return view_repr(object);
	own = exception_value(self->foreign);
	text = own ? PyObject_Str(own) : NULL;
	Py_XDECREF(own);
	return text;
}

static Py_hash_t view_hash(PyObject *object)
{
	return _Py_HashPointer(((View *)object)->foreign);
}

static PyObject *view_compare(PyObject *one, PyObject *other, int operation)
{
	int same =
		Py_IS_TYPE(other, &View_Type) && ((View *)one)->foreign == ((View *)other)->foreign;

	if (operation != Py_EQ && operation != Py_NE)
		Py_RETURN_NOTIMPLEMENTED;
	return PyBool_FromLong(same == (operation == Py_EQ));
}

/* A container that is only viewed is copied when it is looked into. */
static PyObject *opened(PyObject *object)
{
	View *self = (View *)object;

	if (is_gone(self))
		return NULL;
	if (!is_container(self->foreign))
		return PyErr_Format(PyExc_TypeError,
				    "'%s' object is no builtin container: code of the past "
				    "run does not run again",
				    self->foreign->ob_type->tp_name);
	return cc_foreign_value(self->foreign);
}

static Py_ssize_t view_length(PyObject *object)
{
	PyObject *own = opened(object);
	Py_ssize_t length = own ? PyObject_Size(own) : -1;

	Py_XDECREF(own);
	return length;
}

static PyObject *view_item(PyObject *object, PyObject *key)
{
	PyObject *own = opened(object), *item = own ? PyObject_GetItem(own, key) : NULL;

	Py_XDECREF(own);
	return item;
}

static PyObject *view_iterator(PyObject *object)
{
	PyObject *own = opened(object), *iterator = own ? PyObject_GetIter(own) : NULL;

	Py_XDECREF(own);
	return iterator;
}

static int view_true(PyObject *object)
{
	View *self = (View *)object;

	return self->moment != cc_foreign_moment || !is_container(self->foreign) ||
	       view_length(object) > 0;
}

static PyObject *view_call(PyObject *object, PyObject *args, PyObject *keywords)
{
	return PyErr_Format(PyExc_TypeError,
			    "%R cannot be called: code of the past run does not run again", object);
}

static PyMappingMethods view_mapping = {.mp_length = view_length, .mp_subscript = view_item};
static PyNumberMethods view_number = {.nb_bool = view_true};
static PyTypeObject View_Type = {
	PyVarObject_HEAD_INIT(NULL, 0).tp_name = "crosscut.Object",
	.tp_doc = "An object of the program that is replayed: a view, until the program goes on.",
	.tp_basicsize = sizeof(View),
	.tp_flags = Py_TPFLAGS_DEFAULT,
	.tp_getattro = view_getattr,
	.tp_repr = view_repr,
	.tp_str = view_str,
	.tp_hash = view_hash,
	.tp_richcompare = view_compare,
	.tp_as_mapping = &view_mapping,
	.tp_as_number = &view_number,
	.tp_iter = view_iterator,
	.tp_call = view_call,
};

/* ---- exceptions ---- */

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
		type = PyDict_GetItemString(PyEval_GetBuiltins(), short_name(foreign));
		type = Py_NewRef(type ? type : PyExc_Exception);
	} else {
		base = exception_type(foreign->tp_base);
		module = module_of(foreign);
		type = base && module ? PyObject_CallFunction((PyObject *)&PyType_Type, "s(O){s:O}",
							      short_name(foreign), base,
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

/* The exception itself; None if there is none to be had. */
static PyObject *exception_value(PyObject *foreign)
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
		PyObject *member = exception_value(members->ob_item[i]);

		if (!member || PyList_Append(list, member))
			Py_CLEAR(list);
		Py_XDECREF(member);
	}
	return list ? Py_BuildValue("(NN)", copy_field(group->msg), list) : NULL;
}

/* What its class is called with to make it again: an OSError has its file apart. */
static PyObject *arguments_of(const PyTypeObject *class, PyObject *value)
{
	const PyOSErrorObject *error = (const PyOSErrorObject *)value;
	PyObject *args;

	if (!value || value == program._Py_NoneStruct)
		return PyTuple_New(0);
	if (is_exception(value)) {
		if (is_under(class, "BaseExceptionGroup"))
			return group_arguments((PyBaseExceptionGroupObject *)value);
		if (is_under(class, "OSError") && error->myerrno && error->filename)
			return Py_BuildValue("(NNNON)", copy_field(error->myerrno),
					     copy_field(error->strerror),
					     copy_field(error->filename), Py_None,
					     copy_field(error->filename2));
		value = ((PyBaseExceptionObject *)value)->args;
	}
	args = cc_foreign_value(value);
	if (args && !PyTuple_Check(args))
		Py_SETREF(args, PyTuple_Pack(1, args));
	return args;
}

/* Its own attributes too. */
static PyObject *make_exception(PyObject *type, PyObject *args, PyObject *foreign)
{
	PyObject *value = PyObject_CallObject(type, args), *dict = NULL;

	if (!value) { /* what its class wants is not what it keeps */
		PyErr_Clear();
		value = PyObject_CallMethod(type, "__new__", "O", type);
		if (value)
			PyObject_SetAttrString(value, "args", args);
	}
	if (value && foreign && is_exception(foreign) && ((PyBaseExceptionObject *)foreign)->dict) {
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

	if (value && is_exception(value))
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
		foreign && foreign != program._Py_NoneStruct ? cc_foreign_value(foreign) : NULL;
	PyObject *made = PyErr_Occurred()
				 ? NULL
				 : PyObject_CallFunctionObjArgs(PyExc_StopIteration, value, NULL);

	Py_XDECREF(value);
	return made ? Py_BuildValue("(ONO)", PyExc_StopIteration, made, Py_None) : NULL;
}

/* ---- variables ---- */

static PyObject *fast_locals(const _PyInterpreterFrame *frame)
{
	const PyCodeObject *code = frame->f_code;
	const uint8_t *kinds =
		(const uint8_t *)((PyBytesObject *)code->co_localspluskinds)->ob_sval;
	PyObject *result = PyDict_New();

	for (int i = 0; result && i < code->co_nlocalsplus; i++) {
		PyObject *value = frame->localsplus[i], *name, *own;

		if (value && kinds[i] & (CO_FAST_CELL | CO_FAST_FREE) &&
		    value->ob_type == program.PyCell_Type)
			value = ((PyCellObject *)value)->ob_ref;
		if (!value)
			continue;
		name = cc_foreign_value(((PyTupleObject *)code->co_localsplusnames)->ob_item[i]);
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

	while (result && next_entry((PyDictObject *)dict, &at, &key, &value)) {
		PyObject *name, *own;

		if (is_named(key, "__builtins__"))
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
	if (frame->f_code->co_flags & CO_OPTIMIZED)
		return fast_locals(frame);
	return frame->f_locals ? cc_foreign_globals(frame->f_locals) : PyDict_New();
}

int cc_foreign_begin(const struct cc_analysis *host)
{
#define X(name) program.name = host->symbol(#name);
	SYMBOLS(X)
#undef X
	exception_types = PyDict_New();
	return PyType_Ready(&View_Type);
}
