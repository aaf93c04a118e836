/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plain expressions over python's memory: names as LOAD_NAME finds them for eval() in the frame,
 * elements of builtin containers, attributes as PyObject_GenericGetAttr finds them where no
 * descriptor has a say.
 */
#define Py_BUILD_CORE
#include <Python.h>
#include <internal/pycore_code.h>
#include <internal/pycore_frame.h>
#include <internal/pycore_object.h>
#include <internal/pycore_runtime.h>
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
	const PyLongObject *number = (const PyLongObject *)object;
	const PyASCIIObject *text = (const PyASCIIObject *)object;

	*value = (Value){.kind = CC_PLAIN_OBJECT, .object = object};
	if (!object)
		return CC_PLAIN_NOT;
	if (object == cc_python_types._Py_NoneStruct) {
		value->kind = CC_PLAIN_NOTHING;
	} else if (is(object, cc_python_types.PyBool_Type)) {
		value->kind = CC_PLAIN_BOOLEAN;
		value->i = Py_SIZE(object) != 0;
	} else if (is(object, cc_python_types.PyLong_Type) && Py_ABS(Py_SIZE(object)) <= 2) {
		value->kind = CC_PLAIN_INTEGER;
		for (Py_ssize_t i = Py_ABS(Py_SIZE(object)); i--;)
			value->i = value->i << PyLong_SHIFT | (int64_t)number->ob_digit[i];
		if (Py_SIZE(object) < 0)
			value->i = -value->i;
	} else if (is(object, cc_python_types.PyFloat_Type)) {
		value->kind = CC_PLAIN_DOUBLE;
		value->d = ((const PyFloatObject *)object)->ob_fval;
	} else if (is(object, cc_python_types.PyUnicode_Type) && text->state.ascii &&
		   text->state.compact) {
		value->kind = CC_PLAIN_TEXT;
		value->data = (const char *)(text + 1);
		value->length = (size_t)text->length;
		value->wide = 1;
	}
	return 0;
}

/* ---- dicts ---- */

static Py_ssize_t index_at(const PyDictKeysObject *keys, size_t slot)
{
	unsigned log = keys->dk_log2_size;
	const void *indices = keys->dk_indices;

	return log < 8	  ? ((const int8_t *)indices)[slot]
	       : log < 16 ? ((const int16_t *)indices)[slot]
	       : log < 32 ? ((const int32_t *)indices)[slot]
			  : ((const int64_t *)indices)[slot];
}

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
static Py_ssize_t find_key(const PyDictKeysObject *keys, const Value *wanted, Py_hash_t hash)
{
	size_t mask = ((size_t)1 << keys->dk_log2_size) - 1, perturb = (size_t)hash,
	       slot = (size_t)hash & mask;

	for (;;) {
		Py_ssize_t entry = index_at(keys, slot);
		const PyObject *key = NULL;
		Py_hash_t has = hash;
		int same;

		if (entry == DKIX_EMPTY)
			return -1;
		if (entry >= 0 && keys->dk_kind == DICT_KEYS_GENERAL) {
			key = DK_ENTRIES(keys)[entry].me_key;
			has = DK_ENTRIES(keys)[entry].me_hash;
		} else if (entry >= 0) {
			key = DK_UNICODE_ENTRIES(keys)[entry].me_key;
			has = ((const PyASCIIObject *)key)->hash;
		}
		same = key && (has == hash || has == -1) ? is_key(key, wanted) : 0;
		if (same)
			return same < 0 ? -2 : entry;
		perturb >>= 5;
		slot = (slot * 5 + perturb + 1) & mask;
	}
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
static int dict_get(const PyObject *object, const Value *key, Py_hash_t hash, PyObject **found)
{
	const PyDictObject *dict = (const PyDictObject *)object;
	Value wanted = *key;
	Py_ssize_t entry;

	*found = NULL;
	if (!object || !is(object, cc_python_types.PyDict_Type))
		return CC_PLAIN_NOT;
	if (wanted.kind == CC_PLAIN_BOOLEAN)
		wanted.kind = CC_PLAIN_INTEGER;
	entry = find_key(dict->ma_keys, &wanted, hash);
	if (entry < -1)
		return CC_PLAIN_NOT;
	if (entry >= 0)
		*found = dict->ma_values ? dict->ma_values->values[entry]
			 : dict->ma_keys->dk_kind == DICT_KEYS_GENERAL
				 ? DK_ENTRIES(dict->ma_keys)[entry].me_value
				 : DK_UNICODE_ENTRIES(dict->ma_keys)[entry].me_value;
	return 0;
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
	const PyThreadState *thread = cc_python_thread_now(program.runtime);

	return thread && thread->cframe ? thread->cframe->current_frame : NULL;
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
	return program.runtime->interpreters.main;
}

static int enter(struct cc_plain_run *run, unsigned number)
{
	const _PyInterpreterFrame *frame = chosen ? chosen : cc_python_frame();

	while (frame && number) {
		do
			frame = frame->previous;
		while (frame && _PyFrame_IsIncomplete((_PyInterpreterFrame *)frame));
		number--;
	}
	run->frame[0] = (uintptr_t)frame;
	return frame ? 0 : CC_PLAIN_NOT;
}

static PyObject *fast_local(const _PyInterpreterFrame *frame, const char *name)
{
	const PyCodeObject *code = frame->f_code;
	const uint8_t *kinds =
		(const uint8_t *)((const PyBytesObject *)code->co_localspluskinds)->ob_sval;
	size_t length = strlen(name);

	for (int i = 0; i < code->co_nlocalsplus; i++) {
		const PyASCIIObject *own =
			(const PyASCIIObject *)((const PyTupleObject *)code->co_localsplusnames)
				->ob_item[i];
		PyObject *value = frame->localsplus[i];

		if ((size_t)own->length != length || !own->state.ascii ||
		    memcmp(own + 1, name, length))
			continue;
		if (value && kinds[i] & (CO_FAST_CELL | CO_FAST_FREE) &&
		    is(value, cc_python_types.PyCell_Type))
			value = ((const PyCellObject *)value)->ob_ref;
		if (value)
			return value;
	}
	return NULL;
}

/* *found: NULL when only the builtins may have it. */
static int find_name(const _PyInterpreterFrame *frame, const char *name, PyObject **found)
{
	struct name wanted = name_of(name);

	*found = NULL;
	if (frame->f_code->co_flags & CO_OPTIMIZED)
		*found = fast_local(frame, name);
	else if (frame->f_locals && frame->f_locals != frame->f_globals &&
		 dict_get(frame->f_locals, &wanted.text, wanted.hash, found))
		return CC_PLAIN_NOT;
	return *found ? 0 : dict_get(frame->f_globals, &wanted.text, wanted.hash, found);
}

static int variable(struct cc_plain_run *run, struct cc_plain_node *node, Value *value)
{
	PyObject *found;

	const _PyInterpreterFrame *frame = (const _PyInterpreterFrame *)run->frame[0];

	if (given_name && !strcmp(node->name, given_name))
		return read_object(given_object, value);
	if (find_name(frame, node->name, &found))
		return CC_PLAIN_NOT;
	if (!found && !cc_python_dict_name(frame->f_builtins, node->name))
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
	const PyTypeObject *type = object->ob_type;
	const PyDictValues *values = NULL;
	PyObject *dict = NULL;
	Py_ssize_t entry;

	*found = NULL;
	if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
		values = *_PyObject_ValuesPointer(object);
		dict = *_PyObject_ManagedDictPointer(object);
	} else if (is(object, cc_python_types.PyModule_Type)) {
		dict = cc_python_module_dict(object);
	} else if (type->tp_dictoffset > 0) {
		dict = *(PyObject **)((char *)object + type->tp_dictoffset);
	} else if (type->tp_dictoffset) {
		return CC_PLAIN_NOT;
	}
	if (values) {
		entry = find_key(((const PyHeapTypeObject *)type)->ht_cached_keys, &name->text,
				 name->hash);
		if (entry < -1)
			return CC_PLAIN_NOT;
		*found = entry >= 0 ? values->values[entry] : NULL;
		return 0;
	}
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
	/* Those may have __getattr__ */
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
		*count = ((const PyDictObject *)object)->ma_used;
	else if (is(object, cc_python_types.PySet_Type) ||
		 is(object, cc_python_types.PyFrozenSet_Type))
		*count = ((const PySetObject *)object)->used;
	else if (is(object, cc_python_types.PyUnicode_Type))
		*count = ((const PyASCIIObject *)object)->length;
	else
		return CC_PLAIN_NOT;
	return 0;
}

static int is_builtin(const _PyInterpreterFrame *frame, const char *name)
{
	PyObject *found;

	if (find_name(frame, name, &found) || found)
		return 0;
	found = cc_python_dict_name(frame->f_builtins, name);
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
