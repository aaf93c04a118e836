/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How CPython 3.11 lays objects out: all that is known here of it (t/0003). CPython's own
 * functions would have to be called for that, or belong to another interpreter than the object
 * does. What is read may be the program's. Where nothing else is said nothing is changed, and no
 * reference is taken.
 *
 * Where a guest's memory is read, functions take the copy of an object's head; offsets are named.
 *
 * Another version of CPython also has other opcodes (opnames.c), other machine code (places.c,
 * runtime.c, replay/dispatch.c, replay/traceback.c) and other rules of when a line begins
 * (replay/events.c). Define Py_BUILD_CORE before the first header of CPython's.
 */
#ifndef CC_PYTHON_LAYOUT_H
#define CC_PYTHON_LAYOUT_H

#include "runtimes/python/state/layout-code.h"
#include "runtimes/python/state/layout-dicts.h"
#include "runtimes/python/state/layout-frames.h"
#include "runtimes/python/state/layout-objects.h"
#include "runtimes/python/state/layout-threads.h"

#endif
