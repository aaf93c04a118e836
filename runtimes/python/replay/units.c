/* SPDX-License-Identifier: GPL-2.0-or-later */
#define Py_BUILD_CORE
#include "runtimes/python/replay/units.h"

#include <internal/pycore_code.h>
#include <internal/pycore_frame.h>
#include <internal/pycore_opcode.h>
#include <stdlib.h>
#include <string.h>

#include "runtimes/python/state/opnames.h"

/*
 * By address. Code objects go, and their memory comes again as another's: what is looked at must
 * still be the same.
 */
#define TABLE 4096
static struct cc_python_units *known[TABLE];

static unsigned char marked[256]; /* by base: more than a line's beginning may be told of it */
static signed char jumps[256];	  /* by base: 1: forward, -1: back */

void cc_python_units_begin(int c_functions)
{
	for (unsigned i = 0; i < 256; i++) {
		const char *name = cc_python_opname(i);
		unsigned base = cc_python_base_op(i);

		marked[i] = base == RETURN_VALUE || base == YIELD_VALUE || base == RERAISE ||
			    base == FOR_ITER || base == SEND ||
			    (c_functions &&
			     (base == PRECALL || base == CALL || base == CALL_FUNCTION_EX));
		jumps[i] = i == FOR_ITER || i == SEND || strstr(name, "JUMP")
				   ? strstr(name, "BACKWARD") ? -1 : 1
				   : 0;
	}
}

/* ---- lines (Objects/locations.md) ---- */

static int get_signed(const uint8_t **at, const uint8_t *end)
{
	unsigned value = 0, shift = 0, byte;

	do {
		if (*at == end)
			return 0;
		byte = *(*at)++;
		value |= (byte & 63) << shift;
		shift += 6;
	} while (byte & 64 && shift < 30);
	return value & 1 ? -(int)(value >> 1) : (int)(value >> 1);
}

static void decode(struct cc_python_units *lines)
{
	const PyBytesObject *table = (const PyBytesObject *)lines->table;
	const uint8_t *at = (const uint8_t *)table->ob_sval,
		      *end = at + ((const PyVarObject *)table)->ob_size;
	int line = lines->first;
	Py_ssize_t unit = 0;

	while (at < end) {
		unsigned kind = *at >> 3 & 15, length = (*at & 7) + 1;

		at++;
		if (kind == PY_CODE_LOCATION_INFO_LONG || kind == PY_CODE_LOCATION_INFO_NO_COLUMNS)
			line += get_signed(&at, end);
		else if (kind >= PY_CODE_LOCATION_INFO_ONE_LINE0 &&
			 kind <= PY_CODE_LOCATION_INFO_ONE_LINE2)
			line += (int)kind - PY_CODE_LOCATION_INFO_ONE_LINE0;
		while (length-- && unit < lines->count)
			lines->line[unit++] = kind == PY_CODE_LOCATION_INFO_NONE ? -1 : line;
		while (at < end && *at < 128)
			at++;
	}
	while (unit < lines->count)
		lines->line[unit++] = -1;
}

/* ---- the exception table ---- */

static int get_part(const uint8_t **at)
{
	int value = **at & 63;

	while (*(*at)++ & 64)
		value = value << 6 | (**at & 63);
	return value;
}

int cc_python_is_handled(const PyCodeObject *code, int unit)
{
	const PyBytesObject *table = (const PyBytesObject *)code->co_exceptiontable;
	const uint8_t *at = (const uint8_t *)table->ob_sval, *end = at + Py_SIZE(table);

	while (at < end) {
		int start = get_part(&at), length = get_part(&at);

		if (unit >= start && unit < start + length)
			return 1;
		get_part(&at); /* where to, and how deep the stack is there */
		get_part(&at);
	}
	return 0;
}

/* ---- marks ---- */

/* Where the op at this unit may jump to, or -1: all jumps of 3.11 are relative. */
static Py_ssize_t jumps_to(unsigned base, Py_ssize_t unit, unsigned argument)
{
	Py_ssize_t next = unit + 1 + cc_python_caches(base);

	if (jumps[base] < 0)
		return next - (Py_ssize_t)argument;
	return jumps[base] ? next + (Py_ssize_t)argument : -1;
}

static void mark(struct cc_python_units *units, Py_ssize_t unit, uint8_t marks)
{
	if (unit >= 0 && unit < units->count)
		units->marks[unit] |= marks;
}

static void mark_handlers(struct cc_python_units *units)
{
	const PyBytesObject *exceptions = (const PyBytesObject *)units->code->co_exceptiontable;
	const uint8_t *at = (const uint8_t *)exceptions->ob_sval, *end = at + Py_SIZE(exceptions);

	while (at < end) {
		get_part(&at);
		get_part(&at);
		mark(units, get_part(&at), CC_MARK_LINE);
		get_part(&at);
	}
}

/*
 * A line begins where it is another one than before, in the code or on the way of a jump; or by a
 * jump back.
 */
static void mark_all(struct cc_python_units *units)
{
	const uint16_t *code = (const uint16_t *)_PyCode_CODE(units->code);
	unsigned argument = 0;

	for (Py_ssize_t unit = 0; unit < units->count; unit++) {
		unsigned base = cc_python_base_op(code[unit] & 255);
		Py_ssize_t target;

		argument = argument << 8 | code[unit] >> 8;
		if (marked[base] || base == RESUME)
			mark(units, unit, CC_MARK_OP);
		if (unit && units->line[unit] != units->line[unit - 1]) {
			mark(units, unit, CC_MARK_LINE);
			mark(units, unit - 1, CC_MARK_SECOND);
		}
		target = jumps_to(base, unit, argument);
		if (target >= 0 && (target <= unit || (target < units->count &&
						       units->line[target] != units->line[unit])))
			mark(units, target, CC_MARK_LINE);
		if (base != EXTENDED_ARG)
			argument = 0;
		unit += cc_python_caches(base);
	}
	mark_handlers(units);
	for (Py_ssize_t unit = 0; unit < units->count; unit++)
		units->marks[units->count + unit] = units->marks[unit] & CC_MARK_OP;
}

static int are_of(const struct cc_python_units *units, const PyCodeObject *code)
{
	return units->table == code->co_linetable && units->first == code->co_firstlineno &&
	       units->count == Py_SIZE(code);
}

struct cc_python_units *cc_python_units(PyCodeObject *code)
{
	struct cc_python_units **place = &known[(uintptr_t)code / 32 % TABLE], *units = *place;

	while (units && units->code != code)
		units = units->next;
	if (!units) {
		units = calloc(1, sizeof(*units));
		units->next = *place;
		units->code = code;
		*place = units;
	}
	if (!are_of(units, code)) {
		units->table = code->co_linetable;
		units->first = code->co_firstlineno;
		units->count = Py_SIZE(code);
		units->user = NULL;
		units->line = realloc(units->line, ((size_t)units->count + 1) * sizeof(int));
		units->marks = realloc(units->marks, 2 * (size_t)units->count + 1);
		memset(units->marks, 0, 2 * (size_t)units->count);
		decode(units);
		mark_all(units);
	}
	return units;
}
