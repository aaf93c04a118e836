/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is running: the program, or we. In our own context every interposed function is the C
 * library's own, memory comes from a heap that the program never sees, and system calls pass.
 */
#ifndef CC_REPLAY_CONTEXT_H
#define CC_REPLAY_CONTEXT_H

#include <stdint.h>

#pragma GCC visibility push(hidden)

enum cc_context {
	CC_OURS = 0,
	CC_PROGRAM = 1,
	CC_INNER = 2, /* recording: the C library is at work inside a host call */
};
extern volatile uint8_t cc_context;

/* 0: system calls are let through, while we run; 1: they are caught. The kernel reads it. */
extern volatile char cc_tripwire_selector;

static inline void cc_tripwire_off(void)
{
	cc_tripwire_selector = 0;
}

static inline void cc_tripwire_on(void)
{
	cc_tripwire_selector = 1;
}

/* The program's code runs from here on. */
static inline void cc_enter_program(void)
{
	cc_context = CC_PROGRAM;
	cc_tripwire_on();
}

/* Our own code runs from here on. */
static inline void cc_leave_program(void)
{
	cc_tripwire_off();
	cc_context = CC_OURS;
}

#pragma GCC visibility pop

#endif
