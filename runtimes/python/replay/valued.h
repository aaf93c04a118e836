/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The valued ops: those whose result is what their host call was for. The result is logged, and
 * compared in a replay. One list, which t/0650-frames.t goes through, too.
 */
#ifndef CC_PYTHON_VALUED_H
#define CC_PYTHON_VALUED_H

/* clang-format off */
#define CC_PYTHON_VALUED(X) \
	X(CALL) X(CALL_FUNCTION_EX) X(FOR_ITER) X(LOAD_ATTR) X(BINARY_SUBSCR) X(BINARY_OP) \
	X(IMPORT_NAME) X(SEND)
/* clang-format on */

#endif
