/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dicts, and the attributes of instances (layout.h): Include/internal/pycore_dict.h,
 * Objects/dictobject.c. A dict's keys are a hash table of numbers of entries, and the entries in
 * their order. Instances of one class share their keys: each has but the values, in a dict of its
 * own, or, until that is asked for, in front of itself.
 */
#ifndef CC_PYTHON_LAYOUT_DICTS_H
#define CC_PYTHON_LAYOUT_DICTS_H

#include <Python.h>
#include <internal/pycore_dict.h>
#include <internal/pycore_object.h>
#include <stdint.h>

#include "runtimes/python/state/layout-objects.h"

/* How many entries the dict has. */
static inline Py_ssize_t cc_python_entry_count(const PyObject *dict)
{
	return ((const PyDictObject *)dict)->ma_used;
}

/* Does the dict share its keys, so that their order is not its own? 1 or 0. */
static inline int cc_python_shares_keys(const PyDictObject *dict)
{
	return dict->ma_values != NULL;
}

/* Has the dict never had a key that is no str? 1 or 0. */
static inline int cc_python_has_names(const PyDictObject *dict)
{
	return dict->ma_keys->dk_kind != DICT_KEYS_GENERAL;
}

/* ---- entries, one after the other ---- */

/* The key of an entry of the dict's keys; NULL: it has been taken out. */
static inline PyObject *cc_python_entry_key(const PyDictObject *dict, Py_ssize_t entry)
{
	const PyDictKeysObject *keys = dict->ma_keys;

	return keys->dk_kind == DICT_KEYS_GENERAL ? DK_ENTRIES(keys)[entry].me_key
						  : DK_UNICODE_ENTRIES(keys)[entry].me_key;
}

/* The value of an entry of the dict's keys; NULL: the dict has it not. */
static inline PyObject *cc_python_entry_value(const PyDictObject *dict, Py_ssize_t entry)
{
	const PyDictKeysObject *keys = dict->ma_keys;

	if (keys->dk_kind == DICT_KEYS_GENERAL)
		return DK_ENTRIES(keys)[entry].me_value;
	return dict->ma_values ? dict->ma_values->values[entry]
			       : DK_UNICODE_ENTRIES(keys)[entry].me_value;
}

/*
 * The next entry of a dict, from *at on, which is 0 at first: its key and value. Also of a dict
 * that shares its keys. 1, or 0: there are no more.
 */
static inline int cc_python_next_entry(const PyDictObject *dict, Py_ssize_t *at, PyObject **key,
				       PyObject **value)
{
	while (*at < dict->ma_keys->dk_nentries) {
		*key = cc_python_entry_key(dict, *at);
		*value = cc_python_entry_value(dict, (*at)++);
		if (*key && *value)
			return 1;
	}
	return 0;
}

/* ---- entries, by hash ---- */

/* The hash of an entry's key; -1: of a str whose hash nobody has asked for. */
static inline Py_hash_t cc_python_entry_hash(const PyDictObject *dict, Py_ssize_t entry)
{
	const PyDictKeysObject *keys = dict->ma_keys;

	if (keys->dk_kind == DICT_KEYS_GENERAL)
		return DK_ENTRIES(keys)[entry].me_hash;
	return cc_python_text_hash(DK_UNICODE_ENTRIES(keys)[entry].me_key);
}

/* What a slot of the hash table holds: an entry's number, DKIX_EMPTY or DKIX_DUMMY. */
static inline Py_ssize_t cc_python_slot(const PyDictKeysObject *keys, size_t slot)
{
	unsigned log = keys->dk_log2_size;
	const void *indices = keys->dk_indices;

	return log < 8	  ? ((const int8_t *)indices)[slot]
	       : log < 16 ? ((const int16_t *)indices)[slot]
	       : log < 32 ? ((const int32_t *)indices)[slot]
			  : ((const int64_t *)indices)[slot];
}

/* The way through the slots at which a key of one hash may stand, as dictobject.c's lookups go. */
struct cc_python_probe {
	const PyDictKeysObject *keys;
	size_t perturb, slot;
};

/* The way of this hash through the dict's keys, from its beginning. */
static inline struct cc_python_probe cc_python_probe(const PyDictObject *dict, Py_hash_t hash)
{
	return (struct cc_python_probe){dict->ma_keys, (size_t)hash, (size_t)hash};
}

/* The next entry on the way; -1: the key would have stood before. */
static inline Py_ssize_t cc_python_next_probe(struct cc_python_probe *probe)
{
	Py_ssize_t entry;

	do {
		probe->slot &= ((size_t)1 << probe->keys->dk_log2_size) - 1;
		entry = cc_python_slot(probe->keys, probe->slot);
		probe->perturb >>= 5; /* PERTURB_SHIFT */
		probe->slot = probe->slot * 5 + probe->perturb + 1;
	} while (entry == DKIX_DUMMY);
	return entry == DKIX_EMPTY ? -1 : entry;
}

/* ---- instances ---- */

/*
 * An instance's attributes as a dict to be read, where they are values that stand in front of it
 * (_PyObject_ValuesPointer of Include/internal/pycore_object.h). 1; 0: they are not.
 */
static inline int cc_python_inline_dict(PyObject *object, PyDictObject *made)
{
	PyTypeObject *type = object->ob_type;

	if (!(type->tp_flags & Py_TPFLAGS_MANAGED_DICT) || !*_PyObject_ValuesPointer(object))
		return 0;
	made->ma_values = *_PyObject_ValuesPointer(object);
	made->ma_keys = ((PyHeapTypeObject *)type)->ht_cached_keys;
	return 1;
}

/*
 * The dict that an instance has, also if it is a module or a class, into *dict: in front of it, or
 * where its class says. NULL there: it has none. 0, or -1: it stands behind items whose number
 * differs, which are not looked at.
 */
static inline int cc_python_own_dict(PyObject *object, PyObject **dict)
{
	const PyTypeObject *type = object->ob_type;

	*dict = NULL;
	if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT)
		*dict = *_PyObject_ManagedDictPointer(object);
	else if (type->tp_dictoffset < 0)
		return -1;
	else if (type->tp_dictoffset)
		*dict = *(PyObject **)((char *)object + type->tp_dictoffset);
	return 0;
}

#endif
