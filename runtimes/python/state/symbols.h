/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Places in `at`, the addresses of the runtime's symbols (runtime.c names them). */
#ifndef CC_PYTHON_SYMBOLS_H
#define CC_PYTHON_SYMBOLS_H

enum {
	AT_RUNTIME,
	AT_EVAL,
	AT_LONG,
	AT_BOOL,
	AT_FLOAT,
	AT_UNICODE,
	AT_BYTES,
	AT_NONE,
	AT_COUNT,
};

#endif
