/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The analysis has a C library of its own, which needs thread-local storage of its own: the
 * program's threads have none for it. Setting the FS base is a system call on many machines, and an
 * event of which little is made needs no C library: so it is set when the first function of that is
 * called. Each is entered through storage-entries.S, as crosscut-python-3.11-analysis.so comes
 * first among its namespace's objects.
 */
#ifndef CC_PYTHON_STORAGE_H
#define CC_PYTHON_STORAGE_H

#include "core/replay/namespace.h"

cc_storage_get_function cc_storage_get;

#endif
