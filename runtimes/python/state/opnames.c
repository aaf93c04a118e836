/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The opcodes' names, specialised ones too. CPython's header has them for its debug build only, and
 * Py_DEBUG would change every struct: so they stand in a file of their own.
 */
#include <stdint.h>
#include <string.h>

#define Py_BUILD_CORE
#define Py_DEBUG
#define NEED_OPCODE_TABLES
#define _PyOpcode_Caches cc_opcode_caches /* CPython's may be linked to, too */
#define _PyOpcode_Deopt cc_opcode_deopt
#include <internal/pycore_opcode.h>

#include "runtimes/python/state/opnames.h"

const char *cc_python_opname(unsigned opcode)
{
	return opcode < 256 && _PyOpcode_OpName[opcode] ? _PyOpcode_OpName[opcode] : "";
}

unsigned cc_python_base_op(unsigned opcode)
{
	return opcode < 256 ? _PyOpcode_Deopt[opcode] : opcode;
}

static unsigned base_by_name(const char *name)
{
	for (unsigned i = 0; i < 256; i++)
		if (!strcmp(cc_python_opname(i), name))
			return _PyOpcode_Deopt[i];
	return 256;
}

int cc_python_same_op(const char *one, const char *other)
{
	return base_by_name(one) == base_by_name(other);
}

int cc_python_caches(unsigned opcode)
{
	return opcode < 256 ? _PyOpcode_Caches[opcode] : 0;
}
