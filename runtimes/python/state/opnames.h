/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CC_PYTHON_OPNAMES_H
#define CC_PYTHON_OPNAMES_H

/* The opcode's name as dis prints it; "" for a number that is no opcode. */
const char *cc_python_opname(unsigned opcode);

/* Do these names stand for one opcode, specialised or not? */
int cc_python_same_op(const char *one, const char *other);

/* The opcode that a specialised one stands for. */
unsigned cc_python_base_op(unsigned opcode);
/* How many inline cache entries stand behind the opcode. */
int cc_python_caches(unsigned opcode);

#endif
