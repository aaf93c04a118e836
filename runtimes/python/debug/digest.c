/* SPDX-License-Identifier: GPL-2.0-or-later */
#define Py_BUILD_CORE
#include <Python.h>

#include "runtimes/python/debug/digest.h"
#include "runtimes/python/debug/plain-text.h"
#include "runtimes/python/state/layout.h"

#define DEPTH_MAX 32
#define OBJECTS_MAX 1000000 /* in containers, which may hold themselves */

struct digest {
	uint64_t sum;
	unsigned depth, objects;
};

static int put_object(struct digest *digest, PyObject *object);

static void put(struct digest *digest, uint64_t number)
{
	uint64_t sum = (digest->sum ^ number) * 0x9e3779b97f4a7c15;

	digest->sum = (sum ^ sum >> 29) * 0xbf58476d1ce4e5b9 + 1;
}

static void put_bytes(struct digest *digest, const void *data, size_t length)
{
	const char *at = data;
	uint64_t word;

	put(digest, length);
	for (; length >= sizeof(word); at += sizeof(word), length -= sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		put(digest, word);
	}
	word = 0;
	memcpy(&word, at, length);
	put(digest, word);
}

/* ---- containers ---- */

static int put_sequence(struct digest *digest, PyObject *const *items, Py_ssize_t count)
{
	put(digest, (uint64_t)count);
	for (Py_ssize_t i = 0; i < count; i++)
		if (put_object(digest, items[i]))
			return CC_PLAIN_NOT;
	return 0;
}

static int put_dict(struct digest *digest, const PyObject *dict)
{
	PyObject *key, *value;
	Py_ssize_t at = 0;

	put(digest, (uint64_t)cc_python_entry_count(dict));
	while (cc_python_next_entry((const PyDictObject *)dict, &at, &key, &value))
		if (put_object(digest, key) || put_object(digest, value))
			return CC_PLAIN_NOT;
	return 0;
}

/* In whatever order. */
static int put_set(struct digest *digest, const PyObject *set)
{
	struct digest each = *digest;
	uint64_t sum = 0;
	PyObject *member;
	Py_ssize_t at = 0;

	while ((member = cc_python_next_member(set, &at))) {
		each.sum = 0;
		if (put_object(&each, member))
			return CC_PLAIN_NOT;
		sum += each.sum;
	}
	digest->objects = each.objects;
	put(digest, sum);
	return 0;
}

/* ---- objects ---- */

static int is(const PyObject *object, const PyTypeObject *type)
{
	return object->ob_type == type;
}

static int put_text(struct digest *digest, const PyObject *object)
{
	unsigned kind = cc_python_kind(object);

	if (!cc_python_is_compact(object))
		return CC_PLAIN_NOT;
	put(digest, kind);
	put_bytes(digest, cc_python_characters(object), (size_t)cc_python_length(object) * kind);
	return 0;
}

static int put_builtin(struct digest *digest, PyObject *object)
{
	if (is(object, cc_python_types.PyUnicode_Type))
		return put_text(digest, object);
	if (is(object, cc_python_types.PyLong_Type)) {
		put(digest, (uint64_t)cc_python_is_negative(object));
		put_bytes(digest, cc_python_digits(object),
			  (size_t)cc_python_digit_count(object) * sizeof(uint32_t));
		return 0;
	}
	if (is(object, cc_python_types.PyBytes_Type)) {
		put_bytes(digest, ((const PyBytesObject *)object)->ob_sval,
			  (size_t)Py_SIZE(object));
		return 0;
	}
	if (is(object, cc_python_types.PyList_Type))
		return put_sequence(digest, ((const PyListObject *)object)->ob_item,
				    Py_SIZE(object));
	if (is(object, cc_python_types.PyTuple_Type))
		return put_sequence(digest, ((const PyTupleObject *)object)->ob_item,
				    Py_SIZE(object));
	if (is(object, cc_python_types.PyDict_Type))
		return put_dict(digest, object);
	if (is(object, cc_python_types.PySet_Type) || is(object, cc_python_types.PyFrozenSet_Type))
		return put_set(digest, object);
	put(digest, (uintptr_t)object);
	return object->ob_type->tp_richcompare == cc_python_types.PyBaseObject_Type->tp_richcompare
		       ? 0
		       : CC_PLAIN_NOT;
}

static int put_value(struct digest *digest, const struct cc_plain_value *value)
{
	put(digest, value->kind + 1);
	switch (value->kind) {
	case CC_PLAIN_NOTHING:
		return 0;
	case CC_PLAIN_TEXT:
		put_bytes(digest, value->data, value->length);
		return 0;
	case CC_PLAIN_OBJECT:
		put(digest, (uintptr_t)((const PyObject *)value->object)->ob_type);
		return put_builtin(digest, value->object);
	default: /* a double's bits, too */
		put(digest, value->u);
		return 0;
	}
}

static int put_object(struct digest *digest, PyObject *object)
{
	struct cc_plain_value value;
	int status;

	if (++digest->objects > OBJECTS_MAX || digest->depth >= DEPTH_MAX ||
	    cc_python_read(object, &value))
		return CC_PLAIN_NOT;
	digest->depth++;
	status = put_value(digest, &value);
	digest->depth--;
	return status;
}

int cc_python_digest(const struct cc_plain_value *value, uint64_t *digest)
{
	struct digest own = {0};
	int status = put_value(&own, value);

	*digest = own.sum | 1; /* 0 is none */
	return status;
}
