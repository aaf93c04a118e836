/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Objects of the program, shown to the analysis interpreter. All return new references, or NULL. */
#ifndef CC_PYTHON_FOREIGN_H
#define CC_PYTHON_FOREIGN_H

#include "runtimes/python/analysis/analysis.h"

/* Before the first of the program's objects is shown. 0, or -1 with an exception set. */
int cc_foreign_begin(const struct cc_analysis *host);

/* Goes up at each event: objects that were shown before may be gone. */
extern uint64_t cc_foreign_moment;

/*
 * A copy: numbers, text, bytes, and the builtin containers with what they hold; real code objects
 * and builtin exceptions. Anything else is a crosscut.Object, a view that lasts until the program
 * goes on.
 */
PyObject *cc_foreign_value(PyObject *foreign);
PyObject *cc_foreign_view(PyObject *foreign); /* containers are views, too */
/*
 * (type, value, None), as trace functions get an exception; `foreign` is its class, `value` need
 * not be made yet.
 */
PyObject *cc_foreign_exception(PyObject *foreign, PyObject *value);
/* The same of a StopIteration with this value; NULL: without one. */
PyObject *cc_foreign_stop(PyObject *foreign);
PyObject *cc_foreign_locals(struct _PyInterpreterFrame *frame);
PyObject *cc_foreign_globals(PyObject *dict);

#endif
