/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plain expressions over python's memory: names as LOAD_NAME finds them for eval() in the frame,
 * elements of builtin containers, attributes as PyObject_GenericGetAttr finds them where no
 * descriptor has a say.
 */
#define Py_BUILD_CORE
#include <Python.h>
#include <dlfcn.h>
#include <structmember.h>

#include "runtimes/python/debug/plain-parse.h"
#include "runtimes/python/debug/plain-text.h"
#include "runtimes/python/debug/plain.h"
#include "runtimes/python/state/layout.h"

typedef struct cc_plain_value Value;

struct cc_python_types cc_python_types;
int cc_python_plain_missing;

static struct {
	_PyRuntimeState *runtime;
	getattrofunc generic_getattr;
	Py_hash_t (*hash_bytes)(const void *, Py_ssize_t);
} program;
static _PyInterpreterFrame *chosen; /* frame 0; NULL: the one that runs */
static const char *given_name;	    /* what it means; NULL: there is none */
static PyObject *given_object;

void cc_python_plain_begin(void)
{
#define X(name) cc_python_types.name = dlsym(RTLD_DEFAULT, #name);
	CC_PYTHON_TYPES(X)
#undef X
	program.runtime = dlsym(RTLD_DEFAULT, "_PyRuntime");
	program.generic_getattr = dlsym(RTLD_DEFAULT, "PyObject_GenericGetAttr");
	program.hash_bytes = dlsym(RTLD_DEFAULT, "_Py_HashBytes");
}

/* ---- values ---- */

static int is(const PyObject *object, const PyTypeObject *type)
{
	return object->ob_type == type;
}

/* Texts that are not in ASCII and numbers of more than 60 bits stay objects. */
static int read_object(PyObject *object, Value *value)
{
	*value = (Value){.kind = CC_PLAIN_OBJECT, .object = object};
	if (!object)
		return CC_PLAIN_NOT;
	if (object == cc_python_types._Py_NoneStruct) {
		value->kind = CC_PLAIN_NOTHING;
	} else if (is(object, cc_python_types.PyBool_Type)) {
		value->kind = CC_PLAIN_BOOLEAN;
		value->i = cc_python_is_true(object);
	} else if (is(object, cc_python_types.PyLong_Type) &&
		   cc_python_int(object, 60, &value->i)) {
		value->kind = CC_PLAIN_INTEGER;
	} else if (is(object, cc_python_types.PyFloat_Type)) {
		value->kind = CC_PLAIN_DOUBLE;
		value->d = ((const PyFloatObject *)object)->ob_fval;
	} else if (is(object, cc_python_types.PyUnicode_Type) &&
		   cc_python_is_compact_ascii(object)) {
		value->kind = CC_PLAIN_TEXT;
		value->data = cc_python_ascii(object);
		value->length = (size_t)cc_python_length(object);
		value->wide = 1;
	}
	return 0;
}

/* ---- dicts ---- */

/* 1: the key is the one; 0: another; CC_PLAIN_NOT: only python can say. */
static int is_key(const PyObject *key, const Value *wanted)
{
	Value value;

	if (key == wanted->object)
		return 1;
	if (read_object((PyObject *)key, &value))
		return CC_PLAIN_NOT;
	if (value.kind == CC_PLAIN_BOOLEAN) /* True is 1 */
		value.kind = CC_PLAIN_INTEGER;
	if (value.kind == CC_PLAIN_OBJECT || value.kind == CC_PLAIN_DOUBLE)
		return is(key, cc_python_types.PyUnicode_Type) ? 0 : CC_PLAIN_NOT;
	if (value.kind != wanted->kind)
		return 0;
	if (value.kind == CC_PLAIN_TEXT)
		return value.length == wanted->length &&
		       !memcmp(value.data, wanted->data, value.length);
	return value.i == wanted->i;
}

/* As dictobject.c's lookups. The entry's number, -1: there is none; -2: not plain. */
static Py_ssize_t find_key(const PyDictObject *dict, const Value *wanted, Py_hash_t hash)
{
	struct cc_python_probe probe = cc_python_probe(dict, hash);
	Py_ssize_t entry;

	while ((entry = cc_python_next_probe(&probe)) >= 0) {
		const PyObject *key = cc_python_entry_key(dict, entry);
		Py_hash_t has = cc_python_entry_hash(dict, entry);
		int same = key && (has == hash || has == -1) ? is_key(key, wanted) : 0;

		if (same)
			return same < 0 ? -2 : entry;
	}
	return -1;
}

static int hash_of(const Value *key, Py_hash_t *hash)
{
	switch (key->kind) {
	case CC_PLAIN_TEXT:
		for (size_t i = 0; i < key->length; i++)
			if (key->data[i] & 0x80)
				return CC_PLAIN_NOT;
		*hash = program.hash_bytes(key->data, (Py_ssize_t)key->length);
		return 0;
	case CC_PLAIN_BOOLEAN:
	case CC_PLAIN_INTEGER: /* modulo 2^61 - 1 */
		*hash = key->i == -1 ? -2 : (Py_hash_t)key->i;
		return key->i > 1ll << 60 || key->i < -(1ll << 60) ? CC_PLAIN_NOT : 0;
	default:
		return CC_PLAIN_NOT;
	}
}

/* *found: NULL when it is not there. */
static int entry_get(const PyDictObject *dict, const Value *key, Py_hash_t hash, PyObject **found)
{
	Value wanted = *key;
	Py_ssize_t entry;

	if (wanted.kind == CC_PLAIN_BOOLEAN)
		wanted.kind = CC_PLAIN_INTEGER;
	entry = find_key(dict, &wanted, hash);
	*found = entry < 0 ? NULL : cc_python_entry_value(dict, entry);
	return entry < -1 ? CC_PLAIN_NOT : 0;
}

/* The same of an object that may be no dict. */
static int dict_get(const PyObject *object, const Value *key, Py_hash_t hash, PyObject **found)
{
	*found = NULL;
	if (!object || !is(object, cc_python_types.PyDict_Type))
		return CC_PLAIN_NOT;
	return entry_get((const PyDictObject *)object, key, hash, found);
}

/* A name with its hash: for one dict after another. */
struct name {
	Value text;
	Py_hash_t hash;
};

static struct name name_of(const char *text)
{
	struct name name = {
		.text = {.kind = CC_PLAIN_TEXT, .data = text, .length = strlen(text), .wide = 1}};

	name.hash = program.hash_bytes(text, (Py_ssize_t)name.text.length);
	return name;
}

PyObject *cc_python_dict_name(const PyObject *dict, const char *name)
{
	struct name wanted = name_of(name);
	PyObject *found;

	return dict_get(dict, &wanted.text, wanted.hash, &found) ? NULL : found;
}

/* ---- variables ---- */

_PyInterpreterFrame *cc_python_frame(void)
{
	return cc_python_frame_in(cc_python_thread_now(program.runtime));
}

void cc_python_plain_frame(_PyInterpreterFrame *frame)
{
	chosen = frame;
}

void cc_python_plain_name(const char *name, PyObject *object)
{
	given_name = name;
	given_object = object;
}

PyInterpreterState *cc_python_interpreter(void)
{
	return cc_python_main_interpreter(program.runtime);
}

static int enter(struct cc_plain_run *run, unsigned number)
{
	const _PyInterpreterFrame *frame = chosen ? chosen : cc_python_frame();

	while (frame && number) {
		do
			frame = cc_python_caller(frame);
		while (frame && cc_python_is_incomplete(frame));
		number--;
	}
	run->frame[0] = (uintptr_t)frame;
	return frame ? 0 : CC_PLAIN_NOT;
}

static PyObject *fast_local(const _PyInterpreterFrame *frame, const char *name)
{
	const PyCodeObject *code = cc_python_code(frame);
	PyObject *value = NULL;

	for (int i = 0; i < cc_python_variable_count(code) && !value; i++)
		if (cc_python_is_ascii(cc_python_variable_name(code, i), name))
			value = cc_python_variable_value(frame, i, cc_python_types.PyCell_Type);
	return value;
}

/* *found: NULL when only the builtins may have it. */
static int find_name(const _PyInterpreterFrame *frame, const char *name, PyObject **found)
{
	const PyObject *globals = cc_python_globals(frame), *own = cc_python_namespace(frame);
	struct name wanted = name_of(name);

	*found = NULL;
	if (cc_python_code(frame)->co_flags & CO_OPTIMIZED)
		*found = fast_local(frame, name);
	else if (own && own != globals && dict_get(own, &wanted.text, wanted.hash, found))
		return CC_PLAIN_NOT;
	return *found ? 0 : dict_get(globals, &wanted.text, wanted.hash, found);
}

static int variable(struct cc_plain_run *run, struct cc_plain_node *node, Value *value)
{
	PyObject *found;

	const _PyInterpreterFrame *frame = (const _PyInterpreterFrame *)run->frame[0];

	if (given_name && !strcmp(node->name, given_name))
		return read_object(given_object, value);
	if (find_name(frame, node->name, &found))
		return CC_PLAIN_NOT;
	if (!found && !cc_python_dict_name(cc_python_builtins(frame), node->name))
		cc_python_plain_missing = 1;
	return read_object(found, value);
}

/* ---- attributes ---- */

static int class_get(const PyTypeObject *type, const struct name *name, PyObject **found)
{
	const PyTupleObject *order = (const PyTupleObject *)type->tp_mro;

	*found = NULL;
	for (Py_ssize_t i = 0; order && i < Py_SIZE(order) && !*found; i++)
		if (dict_get(((PyTypeObject *)order->ob_item[i])->tp_dict, &name->text, name->hash,
			     found))
			return CC_PLAIN_NOT;
	return order ? 0 : CC_PLAIN_NOT;
}

PyObject *cc_python_module_dict(const PyObject *module)
{
	return is(module, cc_python_types.PyModule_Type) ? cc_python_md_dict(module) : NULL;
}

static int instance_get(PyObject *object, const struct name *name, PyObject **found)
{
	PyDictObject made;
	PyObject *dict;

	*found = NULL;
	if (cc_python_inline_dict(object, &made))
		return entry_get(&made, &name->text, name->hash, found);
	if (cc_python_own_dict(object, &dict))
		return CC_PLAIN_NOT;
	return dict ? dict_get(dict, &name->text, name->hash, found) : 0;
}

static PyObject *slot(PyObject *object, const PyObject *descriptor)
{
	const PyMemberDef *member = ((const PyMemberDescrObject *)descriptor)->d_member;

	if (!is(descriptor, cc_python_types.PyMemberDescr_Type) || member->type != T_OBJECT_EX)
		return NULL;
	return *(PyObject **)((char *)object + member->offset);
}

/* Of a class whose own class is type, which has no names but mro. */
static int class_attribute(const PyTypeObject *type, const char *text, Value *value)
{
	struct name name = name_of(text);
	PyObject *found;

	if (!strcmp(text, "mro") || class_get(type, &name, &found) ||
	    (found && found->ob_type->tp_descr_get))
		return CC_PLAIN_NOT;
	if (!found)
		cc_python_plain_missing = 1;
	return read_object(found, value);
}

static int attribute(const Value *from, const char *text, Value *value)
{
	PyObject *object = from->object, *of_class, *found;
	struct name name;

	if (from->kind != CC_PLAIN_OBJECT || !strncmp(text, "__", 2))
		return CC_PLAIN_NOT;
	if (is(object, cc_python_types.PyType_Type))
		return class_attribute((const PyTypeObject *)object, text, value);
	if (object->ob_type->tp_getattro != program.generic_getattr &&
	    !is(object, cc_python_types.PyModule_Type))
		return CC_PLAIN_NOT;
	name = name_of(text);
	if (class_get(object->ob_type, &name, &of_class))
		return CC_PLAIN_NOT;
	if (of_class && of_class->ob_type->tp_descr_set)
		return read_object(slot(object, of_class), value);
	if (instance_get(object, &name, &found))
		return CC_PLAIN_NOT;
	if (!found && of_class && !of_class->ob_type->tp_descr_get)
		found = of_class;
	/* A module may have __getattr__ */
	if (!found && !of_class && !is(object, cc_python_types.PyModule_Type))
		cc_python_plain_missing = 1;
	return read_object(found, value);
}

/* ---- elements ---- */

static int element(const Value *from, const Value *at, char sigil, Value *value)
{
	PyObject *object = from->object, *found;
	Py_ssize_t size, index;
	Py_hash_t hash;

	if (from->kind != CC_PLAIN_OBJECT)
		return CC_PLAIN_NOT;
	if (is(object, cc_python_types.PyDict_Type)) {
		if (hash_of(at, &hash) || dict_get(object, at, hash, &found))
			return CC_PLAIN_NOT;
		if (!found)
			cc_python_plain_missing = 1;
		return read_object(found, value);
	}
	if ((at->kind != CC_PLAIN_INTEGER && at->kind != CC_PLAIN_BOOLEAN) ||
	    (!is(object, cc_python_types.PyList_Type) && !is(object, cc_python_types.PyTuple_Type)))
		return CC_PLAIN_NOT;
	size = Py_SIZE(object);
	index = at->i < 0 ? at->i + size : at->i;
	if (index < 0 || index >= size) {
		cc_python_plain_missing = 1;
		return CC_PLAIN_NOT;
	}
	found = is(object, cc_python_types.PyList_Type) ? ((PyListObject *)object)->ob_item[index]
							: ((PyTupleObject *)object)->ob_item[index];
	return read_object(found, value);
}

/* How many it holds, of the builtin types. */
static int count(const Value *from, int64_t *count)
{
	const PyObject *object = from->object;

	if (from->kind == CC_PLAIN_TEXT)
		*count = (int64_t)from->length;
	else if (from->kind != CC_PLAIN_OBJECT)
		return CC_PLAIN_NOT;
	else if (is(object, cc_python_types.PyList_Type) ||
		 is(object, cc_python_types.PyTuple_Type) ||
		 is(object, cc_python_types.PyBytes_Type))
		*count = Py_SIZE(object);
	else if (is(object, cc_python_types.PyDict_Type))
		*count = cc_python_entry_count(object);
	else if (is(object, cc_python_types.PySet_Type) ||
		 is(object, cc_python_types.PyFrozenSet_Type))
		*count = cc_python_member_count(object);
	else if (is(object, cc_python_types.PyUnicode_Type))
		*count = cc_python_length(object);
	else
		return CC_PLAIN_NOT;
	return 0;
}

static int is_builtin(const _PyInterpreterFrame *frame, const char *name)
{
	PyObject *found;

	if (find_name(frame, name, &found) || found)
		return 0;
	found = cc_python_dict_name(cc_python_builtins(frame), name);
	return found && is(found, cc_python_types.PyCFunction_Type) &&
	       !strcmp(((const PyCFunctionObject *)found)->m_ml->ml_name, name);
}

static int length(struct cc_plain_run *run, const struct cc_plain_node *node, const Value *from,
		  Value *length)
{
	*length = (Value){.kind = CC_PLAIN_INTEGER};
	return is_builtin((const _PyInterpreterFrame *)run->frame[0], node->name)
		       ? count(from, &length->i)
		       : CC_PLAIN_NOT;
}

/* ---- truth and numbers ---- */

static int truth(const Value *value)
{
	const PyTypeObject *type;
	int64_t items;

	if (!count(value, &items))
		return items != 0;
	type = ((const PyObject *)value->object)->ob_type;
	if ((type->tp_as_number && type->tp_as_number->nb_bool) ||
	    (type->tp_as_mapping && type->tp_as_mapping->mp_length) ||
	    (type->tp_as_sequence && type->tp_as_sequence->sq_length))
		return type == cc_python_types.PyLong_Type ? 1 : CC_PLAIN_NOT;
	return 1;
}

static int number(const Value *value, Value *number)
{
	*number = *value;
	if (value->kind == CC_PLAIN_BOOLEAN)
		number->kind = CC_PLAIN_INTEGER;
	return number->kind == CC_PLAIN_INTEGER || number->kind == CC_PLAIN_DOUBLE ? 0
										   : CC_PLAIN_NOT;
}

static int text(struct cc_plain_text *text, const Value *value, int repr)
{
	return cc_python_show(text, value, repr, 0);
}

int cc_python_read(PyObject *object, Value *value)
{
	return read_object(object, value);
}

const struct cc_plain_language cc_python_plain = {
	.parse = cc_python_plain_parse,
	.enter = enter,
	.variable = variable,
	.element = element,
	.attribute = attribute,
	.count = count,
	.length = length,
	.truth = truth,
	.number = number,
	.text = text,
	.adds_texts = 1,
};
