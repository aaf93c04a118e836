/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How CPython 3.11 lays objects out that more than one file here reads: CPython's own functions
 * would have to be called for that, or belong to another interpreter than the object does. What is
 * read may be the program's; nothing is changed, and no reference is taken.
 */
#ifndef CC_PYTHON_LAYOUT_H
#define CC_PYTHON_LAYOUT_H

#include <Python.h>
#include <internal/pycore_dict.h>
#include <internal/pycore_frame.h>
#include <internal/pycore_runtime.h>
#include <string.h>

/* The characters of a str, of state.kind bytes each. */
static inline const void *cc_python_characters(const PyObject *text)
{
	const PyASCIIObject *ascii = (const PyASCIIObject *)text;

	if (!ascii->state.compact)
		return ((const PyUnicodeObject *)text)->data.any;
	return ascii->state.ascii ? (const void *)(ascii + 1)
				  : (const void *)((const PyCompactUnicodeObject *)text + 1);
}

/* Is this str the ASCII text? 1 or 0. */
static inline int cc_python_is_ascii(const PyObject *text, const char *ascii)
{
	const PyASCIIObject *own = (const PyASCIIObject *)text;

	return own->state.ascii && own->length == (Py_ssize_t)strlen(ascii) &&
	       !memcmp(own + 1, ascii, (size_t)own->length);
}

/*
 * The next entry of a dict, from *at on, which is 0 at first: its key and value. Also of a dict
 * that shares its keys. 1, or 0: there are no more.
 */
static inline int cc_python_next_entry(const PyDictObject *dict, Py_ssize_t *at, PyObject **key,
				       PyObject **value)
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

/* A module's dict: Objects/moduleobject.c has md_dict behind the head. NULL: it has none. */
static inline PyObject *cc_python_md_dict(const PyObject *module)
{
	return ((PyObject *const *)module)[2];
}

/* The thread that has the interpreter; NULL: none has. */
static inline PyThreadState *cc_python_thread_now(const _PyRuntimeState *runtime)
{
	return (PyThreadState *)runtime->gilstate.tstate_current._value;
}

/* Which unit of its code a frame is at: what runs is the next one. */
static inline int cc_python_unit(const _PyInterpreterFrame *frame)
{
	return (int)(frame->prev_instr - _PyCode_CODE(frame->f_code));
}

static inline void cc_python_set_unit(_PyInterpreterFrame *frame, int unit)
{
	frame->prev_instr = _PyCode_CODE(frame->f_code) + unit;
}

#endif
