/* SPDX-License-Identifier: GPL-2.0-or-later */
#define Py_BUILD_CORE
#include "runtimes/python/analysis/codes.h"

#include "runtimes/python/analysis/foreign.h"
#include "runtimes/python/analysis/frames.h"
#include "runtimes/python/state/layout.h"
#include "runtimes/python/state/opnames.h"

static struct cc_code_entry **codes; /* by the foreign one's address; they stay where they are */
static size_t code_room, code_count;

static PyObject *code_bytes(const PyCodeObject *foreign)
{
	Py_ssize_t count = cc_python_unit_count(foreign);
	PyObject *bytes = PyBytes_FromStringAndSize(NULL, count * 2);
	uint16_t *to = bytes ? (uint16_t *)PyBytes_AS_STRING(bytes) : NULL;

	for (Py_ssize_t i = 0; to && i < count; i++) {
		uint16_t unit = cc_python_first_unit(foreign)[i];
		unsigned op = cc_python_base_op(cc_python_opcode(unit));

		to[i] = cc_python_make_unit(op, cc_python_oparg(unit));
		for (int caches = cc_python_caches(op); caches-- && i + 1 < count;)
			to[++i] = 0;
	}
	return bytes;
}

/*
 * The code objects among the constants are the greater part of the work, and mostly not looked at:
 * None stands for them until somebody looks (cc_code_complete).
 */
static PyObject *plain_constants(const PyCodeObject *foreign, int *partial)
{
	const PyTupleObject *all = (const PyTupleObject *)foreign->co_consts;
	PyObject *result = PyTuple_New(Py_SIZE(all));

	for (Py_ssize_t i = 0; result && i < Py_SIZE(all); i++) {
		int is_code = all->ob_item[i]->ob_type == ((const PyObject *)foreign)->ob_type;
		PyObject *item = is_code ? Py_NewRef(Py_None) : cc_foreign_value(all->ob_item[i]);

		*partial |= is_code;
		if (!item)
			Py_CLEAR(result);
		else
			PyTuple_SET_ITEM(result, i, item);
	}
	return result;
}

static PyObject *make_code(const PyCodeObject *foreign, int *partial)
{
	PyObject *units = code_bytes(foreign);

	return cc_python_make_code(foreign, units, plain_constants(foreign, partial),
				   cc_foreign_value);
}

static struct cc_code_entry **code_slot(const PyCodeObject *foreign)
{
	size_t i = ((uintptr_t)foreign >> 4) * 0x9e3779b97f4a7c15u >> 20;

	for (i &= code_room - 1; codes[i] && codes[i]->foreign != foreign;)
		i = (i + 1) & (code_room - 1);
	return &codes[i];
}

/* 0, or -1 with an exception. */
static int more_codes(void)
{
	struct cc_code_entry **old = codes, **more;
	size_t room = code_room, wanted = room ? room * 2 : 1024;

	more = calloc(wanted, sizeof(*more));
	if (!more)
		return PyErr_NoMemory(), -1;
	codes = more;
	code_room = wanted;
	for (size_t i = 0; i < room; i++)
		if (old[i])
			*code_slot(old[i]->foreign) = old[i];
	free(old);
	return 0;
}

struct cc_code_entry *cc_code_entry_of(const PyCodeObject *foreign)
{
	struct cc_code_entry **slot, *entry;
	PyObject *code;
	int partial = 0;

	if (code_count * 2 >= code_room && more_codes())
		return NULL;
	entry = *code_slot(foreign);
	if (entry && entry->code && entry->table == cc_python_line_table(foreign) &&
	    entry->first == foreign->co_firstlineno)
		return entry;
	code = make_code(foreign, &partial);
	slot = code_slot(foreign);
	if (!*slot) {
		*slot = calloc(1, sizeof(**slot));
		if (!*slot) {
			Py_XDECREF(code);
			PyErr_NoMemory();
			return NULL;
		}
		code_count++;
	}
	entry = *slot;
	Py_XDECREF(entry->code);
	cc_shown_drop(entry->spare);
	*entry = (struct cc_code_entry){
		foreign, cc_python_line_table(foreign), foreign->co_firstlineno, code, partial,
		NULL};
	return code ? entry : NULL;
}

PyObject *cc_code_constants(struct cc_code_entry *entry)
{
	PyObject *code = entry->code, *constants;

	entry->partial = 0;
	constants = cc_foreign_value(entry->foreign->co_consts);
	if (!constants)
		return NULL;
	Py_SETREF(((PyCodeObject *)code)->co_consts, constants);
	return code;
}

PyObject *cc_analysis_code(const PyCodeObject *foreign)
{
	struct cc_code_entry *entry = cc_code_entry_of(foreign);

	return entry ? Py_XNewRef(cc_code_complete(entry)) : NULL;
}
