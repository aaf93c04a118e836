/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Handlers of faults: they are entered by faults of the replay itself. */
#ifndef CC_FAULTS_H
#define CC_FAULTS_H

#include <stdint.h>

#pragma GCC visibility push(hidden)

/* The program has set a handler (or SIG_DFL, SIG_IGN), with these flags of its struct sigaction. */
void cc_faults_handle(unsigned signal, uintptr_t handler, int flags);

/*
 * A fault with this signal may be one that we have made (instructions.h): from now on such faults
 * come to us first.
 */
void cc_faults_watch(int signal);

#pragma GCC visibility pop

#endif
