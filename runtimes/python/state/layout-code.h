/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Code objects (layout.h): Include/cpython/code.h, Include/internal/pycore_code.h. What a code
 * object does is units of two bytes, ops and their inline caches, which stand at its end.
 */
#ifndef CC_PYTHON_LAYOUT_CODE_H
#define CC_PYTHON_LAYOUT_CODE_H

#include <Python.h>
#include <internal/pycore_code.h>
#include <stddef.h>
#include <stdint.h>

/* ---- units ---- */

/* Where its units stand: also of a code object in another memory, of which nothing is read. */
static inline const uint16_t *cc_python_first_unit(const PyCodeObject *code)
{
	return (const uint16_t *)_PyCode_CODE(code);
}

/* How many units it has. Its head is enough. */
static inline Py_ssize_t cc_python_unit_count(const PyCodeObject *code)
{
	return Py_SIZE(code);
}

/* Which of its units stands there; one that is not its own has a number outside of these. */
static inline int cc_python_unit_at(const PyCodeObject *code, const uint16_t *unit)
{
	return (int)(unit - cc_python_first_unit(code));
}

/* The first unit that a tracer is told of; what stands before makes cells and the generator. */
static inline int cc_python_first_traced(const PyCodeObject *code)
{
	return code->_co_firsttraceable;
}

/* The opcode of a unit, which may be a specialised one. */
static inline unsigned cc_python_opcode(uint16_t unit)
{
	return _Py_OPCODE(unit);
}

/* The argument of a unit, or the lowest byte of it behind EXTENDED_ARG. */
static inline unsigned cc_python_oparg(uint16_t unit)
{
	return _Py_OPARG(unit);
}

/* A unit of an opcode and an argument of a byte. */
static inline uint16_t cc_python_make_unit(unsigned opcode, unsigned argument)
{
	return (uint16_t)_Py_MAKECODEUNIT(opcode, argument);
}

/* ---- lines (Objects/locations.md): entries of a first byte, with the top bit, and operands ----
 */

/* Bytes, which may be read from another memory piece by piece. */
struct cc_python_bytes {
	const uint8_t *at, *end;
	/* Lets `at` and `end` have the next piece. 1; 0: there is none. NULL: there is but one. */
	int (*more)(struct cc_python_bytes *bytes);
};

/* Where in its line table a reader is. */
struct cc_python_lines {
	struct cc_python_bytes bytes;
	int line; /* of the last entry that had one, co_firstlineno at first */
};

/* The line table's bytes are those of this object, by which a code object is known, too. */
static inline PyObject *cc_python_line_table(const PyCodeObject *code)
{
	return code->co_linetable;
}

/* From the line table's beginning. */
static inline struct cc_python_lines cc_python_lines(const PyCodeObject *code)
{
	const PyBytesObject *table = (const PyBytesObject *)code->co_linetable;
	const uint8_t *begin = (const uint8_t *)table->ob_sval;

	return (struct cc_python_lines){{begin, begin + Py_SIZE(table), NULL},
					code->co_firstlineno};
}

/* The next byte, or -1: there is none. */
static inline int cc_python_next_byte(struct cc_python_bytes *bytes)
{
	if (bytes->at == bytes->end && (!bytes->more || !bytes->more(bytes)))
		return -1;
	return *bytes->at++;
}

/* A number of six bits a byte, low ones first; bit 6 says that more follow. Its sign is in bit 0.
 */
static inline int cc_python_next_signed(struct cc_python_bytes *bytes)
{
	unsigned value = 0, shift = 0;
	int byte;

	do {
		byte = cc_python_next_byte(bytes);
		if (byte < 0)
			return 0;
		value |= (unsigned)(byte & 63) << shift;
		shift += 6;
	} while (byte & 64 && shift < 30);
	return value & 1 ? -(int)(value >> 1) : (int)(value >> 1);
}

/*
 * The next entry of the line table: how many units it is about, and their line into *line, which is
 * -1 where they have none. 0: there are no more.
 */
static inline int cc_python_next_lines(struct cc_python_lines *lines, int *line)
{
	int first, kind;

	do
		first = cc_python_next_byte(&lines->bytes);
	while (first >= 0 && first < 128); /* operands of the entry before */
	if (first < 0)
		return 0;
	kind = first >> 3 & 15;
	if (kind == PY_CODE_LOCATION_INFO_LONG || kind == PY_CODE_LOCATION_INFO_NO_COLUMNS)
		lines->line += cc_python_next_signed(&lines->bytes);
	else if (kind >= PY_CODE_LOCATION_INFO_ONE_LINE0 && kind <= PY_CODE_LOCATION_INFO_ONE_LINE2)
		lines->line += kind - PY_CODE_LOCATION_INFO_ONE_LINE0;
	*line = kind == PY_CODE_LOCATION_INFO_NONE ? -1 : lines->line;
	return (first & 7) + 1;
}

/* ---- handlers (Objects/exception_handling_notes.txt) ---- */

/* An entry of the exception table: units in which an exception has a handler. */
struct cc_python_handled {
	int begin, count, handler; /* where it goes on */
};

/* From the exception table's beginning. */
static inline struct cc_python_bytes cc_python_exception_table(const PyCodeObject *code)
{
	const PyBytesObject *table = (const PyBytesObject *)code->co_exceptiontable;
	const uint8_t *begin = (const uint8_t *)table->ob_sval;

	return (struct cc_python_bytes){begin, begin + Py_SIZE(table), NULL};
}

/* A number of six bits a byte, high ones first; bit 6 says that more follow. */
static inline int cc_python_next_part(struct cc_python_bytes *bytes)
{
	int value = *bytes->at & 63;

	while (*bytes->at++ & 64)
		value = value << 6 | (*bytes->at & 63);
	return value;
}

/* The next entry of the exception table. 1; 0: there are no more. */
static inline int cc_python_next_handled(struct cc_python_bytes *bytes,
					 struct cc_python_handled *handled)
{
	if (bytes->at >= bytes->end)
		return 0;
	handled->begin = cc_python_next_part(bytes);
	handled->count = cc_python_next_part(bytes);
	handled->handler = cc_python_next_part(bytes);
	cc_python_next_part(bytes); /* how deep the stack is there */
	return 1;
}

/* ---- variables: locals, cells and free ones, in one list ---- */

/* Where in a code object the number of its variables stands, an int. */
enum { CC_PYTHON_VARIABLE_COUNT = offsetof(PyCodeObject, co_nlocalsplus) };

/* How many variables it has. */
static inline int cc_python_variable_count(const PyCodeObject *code)
{
	return code->co_nlocalsplus;
}

/* The name of a variable, a str. */
static inline PyObject *cc_python_variable_name(const PyCodeObject *code, int number)
{
	return ((const PyTupleObject *)code->co_localsplusnames)->ob_item[number];
}

/* May the variable stand in a cell? It does once the function has begun. 1 or 0. */
static inline int cc_python_has_cell(const PyCodeObject *code, int number)
{
	const PyBytesObject *kinds = (const PyBytesObject *)code->co_localspluskinds;

	return (kinds->ob_sval[number] & (CO_FAST_CELL | CO_FAST_FREE)) != 0;
}

/* ---- code objects of our own interpreter, made ---- */

/*
 * A new code object like this one, of which `part` makes each object that is in it anew, or NULL
 * with an exception. The units as they were compiled, a bytes, and the constants, a tuple, are
 * given, and with them a reference to each; NULL: there was an exception. NULL, with an exception.
 */
static inline PyObject *cc_python_make_code(const PyCodeObject *like, PyObject *units,
					    PyObject *constants, PyObject *(*part)(PyObject *))
{
/* The parts have the same names in a code object and in what it is made of: objects and ints. */
/* clang-format off */
#define OBJECTS(X) \
	X(filename) X(name) X(qualname) X(linetable) X(names) X(localsplusnames) \
	X(localspluskinds) X(exceptiontable)
#define INTS(X) \
	X(flags) X(firstlineno) X(argcount) X(posonlyargcount) X(kwonlyargcount) X(stacksize)
	/* clang-format on */
	struct _PyCodeConstructor parts = {.code = units, .consts = constants};
	PyObject *code = NULL;

#define X(name) parts.name = part(like->co_##name);
	OBJECTS(X)
#undef X
#define X(name) parts.name = like->co_##name;
	INTS(X)
#undef X
	if (!PyErr_Occurred() && !_PyCode_Validate(&parts))
		code = (PyObject *)_PyCode_New(&parts);
	Py_XDECREF(units);
	Py_XDECREF(constants);
#define X(name) Py_XDECREF(parts.name);
	OBJECTS(X)
#undef X
#undef OBJECTS
#undef INTS
	return code;
}

#endif
