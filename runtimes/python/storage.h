/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The analysis has a C library of its own, which needs thread-local storage of its own: the program's
 * threads have none for it. Setting the FS base is a system call on many machines, and an event of which
 * little is made needs no C library: so it is set when the first function of that is called. Each is
 * entered through storage-entries.S, as crosscut-analysis.so comes first among its namespace's objects.
 */
#ifndef CC_PYTHON_STORAGE_H
#define CC_PYTHON_STORAGE_H

#include <stdint.h>

struct cc_storage { /* storage-switch.S knows the places of the first two */
	volatile uint64_t program; /* FS base of the thread that runs an event on it; 0: none does */
	volatile uint64_t own;     /* the analysis's */
	volatile int always;       /* an object was loaded whose own code uses thread-local storage */
};

/* attach.c finds it by this name. */
typedef struct cc_storage *cc_storage_get_function(void);
cc_storage_get_function cc_storage_get;

#endif
