/* SPDX-License-Identifier: GPL-2.0-or-later */
#define Py_BUILD_CORE
#include "runtimes/python/replay/units.h"

#include <opcode.h>
#include <stdlib.h>
#include <string.h>

#include "core/replay/heap.h"
#include "runtimes/python/state/layout.h"
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

static void decode(struct cc_python_units *units)
{
	struct cc_python_lines lines = cc_python_lines(units->code);
	Py_ssize_t unit = 0;
	int line, count;

	while ((count = cc_python_next_lines(&lines, &line)))
		while (count-- && unit < units->count)
			units->line[unit++] = line;
	while (unit < units->count)
		units->line[unit++] = -1;
}

int cc_python_is_handled(const PyCodeObject *code, int unit)
{
	struct cc_python_bytes table = cc_python_exception_table(code);
	struct cc_python_handled handled;

	while (cc_python_next_handled(&table, &handled))
		if (unit >= handled.begin && unit < handled.begin + handled.count)
			return 1;
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
	struct cc_python_bytes table = cc_python_exception_table(units->code);
	struct cc_python_handled handled;

	while (cc_python_next_handled(&table, &handled))
		mark(units, handled.handler, CC_MARK_LINE);
}

/*
 * A line begins where it is another one than before, in the code or on the way of a jump; or by a
 * jump back.
 */
static void mark_all(struct cc_python_units *units)
{
	const uint16_t *code = cc_python_first_unit(units->code);
	unsigned argument = 0;

	for (Py_ssize_t unit = 0; unit < units->count; unit++) {
		unsigned base = cc_python_base_op(cc_python_opcode(code[unit]));
		Py_ssize_t target;

		argument = argument << 8 | cc_python_oparg(code[unit]);
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
	return units->table == cc_python_line_table(code) && units->first == code->co_firstlineno &&
	       units->count == cc_python_unit_count(code);
}

struct cc_python_units *cc_python_units(PyCodeObject *code)
{
	struct cc_python_units **place = &known[(uintptr_t)code / 32 % TABLE], *units = *place;

	while (units && units->code != code)
		units = units->next;
	if (!units) {
		units = cc_heap_zeros(1, sizeof(*units));
		units->next = *place;
		units->code = code;
		*place = units;
	}
	if (!are_of(units, code)) {
		units->table = cc_python_line_table(code);
		units->first = code->co_firstlineno;
		units->count = cc_python_unit_count(code);
		units->user = NULL;
		units->line =
			cc_heap_realloc(units->line, ((size_t)units->count + 1) * sizeof(int));
		units->marks = cc_heap_realloc(units->marks, 2 * (size_t)units->count + 1);
		memset(units->marks, 0, 2 * (size_t)units->count);
		decode(units);
		mark_all(units);
	}
	return units;
}
