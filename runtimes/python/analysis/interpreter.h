/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CC_PYTHON_INTERPRETER_H
#define CC_PYTHON_INTERPRETER_H

#include <stddef.h>

/* Starts the analysis interpreter. 0, or -1 with a message in `error`, of `size` bytes. */
int cc_interpreter_start(char *error, size_t size);

#endif
