/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of the program's code objects, unit by unit: lines, and where there may be
 * something to tell.
 */
#ifndef CC_PYTHON_UNITS_H
#define CC_PYTHON_UNITS_H

#include <Python.h>
#include <stdint.h>

/* Marks: an op is not passed over (dispatch-entries.S) that has one of those that count for it. */
#define CC_MARK_OP 1	 /* something besides a line may be told of it */
#define CC_MARK_LINE 2	 /* a line may begin here */
#define CC_MARK_SECOND 4 /* a line may begin at the next unit, if that is a part of this op */

struct cc_python_units {
	struct cc_python_units *next; /* of another code, at the same place of the table of codes */
	PyCodeObject *code;
	PyObject *table;
	Py_ssize_t count;
	int first, *line; /* line: of each unit; -1: none */
	uint8_t *marks;	  /* of each unit; and behind these, without those of lines */
	void *user;	  /* the receiver's of events (events.h); NULL at first */
};

/* Before the first code object. c_functions: calls of functions in C are told, too. */
void cc_python_units_begin(int c_functions);
/*
 * What is known of this code object, decoded once. The struct stays where it is, but becomes
 * another code object's when that comes to the same address.
 */
struct cc_python_units *cc_python_units(PyCodeObject *code);
/* Has the code object's exception table (Objects/exception_handling_notes.txt) a handler there? */
int cc_python_is_handled(const PyCodeObject *code, int unit);

/* The line of a unit. -1: no line, or no such unit. */
static inline int cc_python_line_at(const struct cc_python_units *units, int unit)
{
	return unit >= 0 && unit < units->count ? units->line[unit] : -1;
}

/* The same of a code object. */
static inline int cc_python_line(PyCodeObject *code, int unit)
{
	return cc_python_line_at(cc_python_units(code), unit);
}

#endif
