/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Activations that wait while others of their thread run which they have not called: greenlets have
 * a C stack and a chain of frames each, and switch between them within a function in C. A chain
 * that does not run is kept here.
 */
#ifndef CC_PYTHON_CHAINS_H
#define CC_PYTHON_CHAINS_H

#include <stdint.h>

struct cc_python_activation;
struct _PyInterpreterFrame;

extern unsigned cc_python_chains; /* how many are kept */

/* Keeps a chain of the thread, given by its innermost activation; NULL: there is none. */
void cc_python_chain_keep(struct cc_python_activation *top, unsigned thread);
/*
 * The innermost activation of the thread's chain whose innermost frame this is; with `anywhere`, of
 * a chain that holds the frame. That chain is kept no more. NULL: there is none.
 */
struct cc_python_activation *cc_python_chain_take(const struct _PyInterpreterFrame *frame,
						  unsigned thread, int anywhere);
/* Calls `tell` with the innermost activation of each chain of the thread that is kept. */
void cc_python_chains_each(unsigned thread, void (*tell)(struct cc_python_activation *top));
/* The activation with this number, which stays in its chain. NULL: no chain here has it. */
struct cc_python_activation *cc_python_chain_find(uint64_t id);

#endif
