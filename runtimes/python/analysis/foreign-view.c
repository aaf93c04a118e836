/* SPDX-License-Identifier: GPL-2.0-or-later */
/* crosscut.Object: an object of the program, as tools see it until the program goes on. */
#define Py_BUILD_CORE
#include "runtimes/python/analysis/foreign-parts.h"

static int is_gone(const struct cc_view *self)
{
	if (self->moment == cc_foreign_moment)
		return 0;
	PyErr_SetString(PyExc_RuntimeError, "the program has gone on since this object was shown");
	return 1;
}

static PyObject *view_getattr(PyObject *object, PyObject *name)
{
	struct cc_view *self = (struct cc_view *)object;
	const char *text = PyUnicode_AsUTF8(name);

	return !text || is_gone(self) ? NULL : cc_foreign_attribute(self->foreign, text);
}

static PyObject *describe(PyObject *foreign)
{
	PyObject *module = cc_foreign_module_of(
		(PyTypeObject *)(cc_foreign_is_type(foreign) ? foreign
							     : (PyObject *)foreign->ob_type));
	PyObject *name = cc_foreign_qualified_name(
		(PyTypeObject *)(cc_foreign_is_type(foreign) ? foreign
							     : (PyObject *)foreign->ob_type));
	int plain = module && PyUnicode_CompareWithASCIIString(module, "builtins") == 0;
	PyObject *text = NULL;

	if (module && name)
		text = cc_foreign_is_type(foreign)
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

/* As importlib's _module_repr_from_spec: a module without a spec shows its file. */
static PyObject *describe_module(PyObject *module)
{
	PyObject *spec = cc_foreign_dict_get(cc_foreign_instance_dict(module), "__spec__");
	PyObject *file = cc_foreign_dict_get(cc_foreign_instance_dict(module), "__file__"),
		 *located = NULL;
	PyObject *name = cc_foreign_dict_get(cc_foreign_instance_dict(module), "__name__"),
		 *own_name, *own_file, *text;

	if (spec && spec != cc_foreign._Py_NoneStruct) {
		file = cc_foreign_instance_get(spec, "origin");
		located = cc_foreign_instance_get(spec, "_set_fileattr");
		located = located && located->ob_type == cc_foreign.PyBool_Type &&
					  cc_python_is_true(located)
				  ? located
				  : NULL;
	} else {
		located = file;
	}
	own_name = cc_foreign_field(name);
	own_file = cc_foreign_field(file);
	text = !file || file == cc_foreign._Py_NoneStruct
		       ? PyUnicode_FromFormat("<module %R>", own_name)
	       : located ? PyUnicode_FromFormat("<module %R from %R>", own_name, own_file)
			 : PyUnicode_FromFormat("<module %R (%U)>", own_name, own_file);
	Py_XDECREF(own_name);
	Py_XDECREF(own_file);
	return text;
}

static PyObject *view_repr(PyObject *object)
{
	PyObject *foreign = ((struct cc_view *)object)->foreign, *name, *text;

	if (is_gone((struct cc_view *)object)) {
		PyErr_Clear();
		return PyUnicode_FromFormat("<an object of the program at %p, gone on>", foreign);
	}
	if (cc_foreign_is_container(foreign)) {
		PyObject *own = cc_foreign_value(foreign);

		text = own ? PyObject_Repr(own) : NULL;
		Py_XDECREF(own);
		return text;
	}
	if (foreign->ob_type == cc_foreign.PyFunction_Type) {
		name = cc_foreign_value(((PyFunctionObject *)foreign)->func_qualname);
		text = PyUnicode_FromFormat("<function %U at %p>", name, foreign);
		Py_XDECREF(name);
		return text;
	}
	if (foreign->ob_type == cc_foreign.PyCFunction_Type)
		return PyUnicode_FromFormat("<built-in function %s>",
					    ((PyCFunctionObject *)foreign)->m_ml->ml_name);
	if (foreign->ob_type == cc_foreign.PyModule_Type)
		return describe_module(foreign);
	if (cc_foreign_is_exception(foreign)) {
		PyObject *own = cc_foreign_exception_value(foreign);

		text = own ? PyObject_Repr(own) : NULL;
		Py_XDECREF(own);
		return text;
	}
	if (foreign->ob_type == cc_foreign.PyGen_Type ||
	    foreign->ob_type == cc_foreign.PyCoro_Type ||
	    foreign->ob_type == cc_foreign.PyAsyncGen_Type) {
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
	struct cc_view *self = (struct cc_view *)object;
	PyObject *own, *text;

	if (self->moment != cc_foreign_moment || !cc_foreign_is_exception(self->foreign))
		return view_repr(object);
	own = cc_foreign_exception_value(self->foreign);
	text = own ? PyObject_Str(own) : NULL;
	Py_XDECREF(own);
	return text;
}

static Py_hash_t view_hash(PyObject *object)
{
	return _Py_HashPointer(((struct cc_view *)object)->foreign);
}

static PyObject *view_compare(PyObject *one, PyObject *other, int operation)
{
	int same = Py_IS_TYPE(other, &cc_view_type) &&
		   ((struct cc_view *)one)->foreign == ((struct cc_view *)other)->foreign;

	if (operation != Py_EQ && operation != Py_NE)
		Py_RETURN_NOTIMPLEMENTED;
	return PyBool_FromLong(same == (operation == Py_EQ));
}

/* A container that is only viewed is copied when it is looked into. */
static PyObject *opened(PyObject *object)
{
	struct cc_view *self = (struct cc_view *)object;

	if (is_gone(self))
		return NULL;
	if (!cc_foreign_is_container(self->foreign))
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
	struct cc_view *self = (struct cc_view *)object;

	return self->moment != cc_foreign_moment || !cc_foreign_is_container(self->foreign) ||
	       view_length(object) > 0;
}

static PyObject *view_call(PyObject *object, PyObject *args, PyObject *keywords)
{
	return PyErr_Format(PyExc_TypeError,
			    "%R cannot be called: code of the past run does not run again", object);
}

static PyMappingMethods view_mapping = {.mp_length = view_length, .mp_subscript = view_item};
static PyNumberMethods view_number = {.nb_bool = view_true};
PyTypeObject cc_view_type = {
	PyVarObject_HEAD_INIT(NULL, 0).tp_name = "crosscut.Object",
	.tp_doc = "An object of the program that is replayed: a view, until the program goes on.",
	.tp_basicsize = sizeof(struct cc_view),
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
