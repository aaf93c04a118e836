/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Analysis in a language of its own, beside the program and apart from it: an object that is loaded into a
 * link-map namespace of its own (dlmopen(3)), with a C library, a heap, locks and thread-local storage of
 * its own. There is one in a replay.
 */
#ifndef CC_APART_H
#define CC_APART_H

#include <stdint.h>

#pragma GCC visibility push(hidden)

/* A path beside this very object; to be freed. */
char *cc_apart_beside(const char *name);
/* Before main(). `package` is what to install when it cannot be loaded. */
void cc_apart_load(const char *name, const char *package);
/* A function of it; NULL: nothing was loaded, or it has none. */
void *cc_apart_function(const char *name);
/* Its FS base, for cc_thread_borrow; 0: nothing was loaded. */
extern uint64_t cc_apart_storage;
/* How many objects with thread-local storage it added: see cc_threads_hide_tls. */
unsigned cc_apart_tls(void);

#pragma GCC visibility pop

#endif
