/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Analysis in a language of its own, beside the program and apart from it: an object that is loaded
 * into a link-map namespace of its own (dlmopen(3)), with a C library, a heap, locks and
 * thread-local storage of its own. A replay has one such namespace.
 */
#ifndef CC_NAMESPACE_H
#define CC_NAMESPACE_H

#include <stdint.h>

#include "core/replay/threads.h"

#pragma GCC visibility push(hidden)

/* A path beside this very object; to be freed. */
char *cc_namespace_beside(const char *name);
/* Loads the object, before main(). `package` is what to install when it cannot be loaded. */
void cc_namespace_load(const char *name, const char *package);
/* A function of the object; NULL: no object was loaded, or it has no such function. */
void *cc_namespace_function(const char *name);
/*
 * Setting the FS base is a system call on many machines: an object may do it itself, when it is
 * first needed. Then it has a function cc_storage_get that gives this struct.
 */
/* Storage-switch.S of a runtime knows the places of the first two */
struct cc_storage {
	/*
	 * FS base of the program's thread, while it is still set though the object's code runs; 0:
	 * `own` is set, or that code does not run
	 */
	volatile uint64_t program;
	volatile uint64_t own; /* the object's */
	volatile int always; /* `own` is set at once: the object's code itself uses such storage */
};
typedef struct cc_storage *cc_storage_get_function(void);
extern struct cc_storage *cc_namespace_storage;

/* Code of the object runs between these two, in our own context; not one pair within another. */
static inline void cc_namespace_enter(void)
{
	if (cc_namespace_storage->always)
		cc_thread_borrow(cc_namespace_storage->own);
	else
		cc_namespace_storage->program = cc_thread_storage();
}

static inline void cc_namespace_leave(void)
{
	if (!cc_namespace_storage->program)
		cc_thread_return(cc_thread_storage());
	cc_namespace_storage->program = 0;
}

/* How many objects with thread-local storage the namespace added: see cc_threads_hide_tls. */
unsigned cc_namespace_tls(void);

#pragma GCC visibility pop

#endif
