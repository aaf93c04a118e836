/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPython calls PyTraceBack_Here when an exception passes a frame. It is patched to call
 * cc_traceback_here first (traceback-entry.S).
 */
#ifndef CC_PYTHON_TRACEBACK_H
#define CC_PYTHON_TRACEBACK_H

#include <Python.h>

/* Patches it. The replay ends with a message when PyTraceBack_Here is not the known one. */
void cc_python_watch_tracebacks(void);
/* events.c. Called in the program's context, with what PyTraceBack_Here is given. */
void cc_traceback_here(PyFrameObject *object);

#endif
