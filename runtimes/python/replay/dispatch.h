/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPython's evaluation loop jumps from one bytecode to the next through a table of 256 code
 * addresses (Python/ceval.c: opcode_targets, under USE_COMPUTED_GOTOS). The table has no symbol;
 * the loop's own code tells where it is. A dispatch is one jump through it.
 */
#ifndef CC_PYTHON_DISPATCH_H
#define CC_PYTHON_DISPATCH_H

#include <stddef.h>
#include <stdint.h>

#define CC_PYTHON_OPS 256

/*
 * The table's address, from the code of _PyEval_EvalFrameDefault. 0 when that is not compiled so.
 */
uint64_t cc_python_dispatch_table(const uint8_t *code, size_t size);

#endif
