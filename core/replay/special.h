/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls that run for real in a replay too: the dynamic linker's, and those on libc's own data. */
#ifndef CC_SPECIAL_H
#define CC_SPECIAL_H

#include "core/replay/preload.h"

/* Our definition of a function of the C library, where there is one. */
void *cc_interposed(void *function);

/* Loads what pthread_exit would load, if it is not there: in our own context. */
void cc_special_load_unwinder(void);

/* The real handle behind the number that the program has from dlopen, which is the run's. */
void *cc_special_handle(uint64_t recorded);

/*
 * An INSIDE record is next: makes the call that runs constructors or destructors, before its own
 * record comes.
 */
void cc_special_inside(const struct cc_hostcall *call, const uint64_t *args);

/* What the program gets: `recorded`, or for LOAD and DATA calls what the real call gives. */
int64_t cc_special(unsigned symbol, const struct cc_hostcall *call, uint64_t *args,
		   int64_t recorded);

/* Functions of the program that the C library may call: the effect CALLBACKS. */
void cc_callback_note(const struct cc_hostcall *call, const uint64_t *args);
int cc_callback_known(uint64_t address);

#endif
