/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instructions that bring something in (core/host/instruction.h). Where the run executed one, the
 * replay has one that traps in its place, and gives what the run got.
 */
#ifndef CC_INSTRUCTIONS_H
#define CC_INSTRUCTIONS_H

#include <signal.h>
#include <ucontext.h>

#include "logs/log.h"

#pragma GCC visibility push(hidden)

/* An INSTRUCTION record; and an EXECUTED one, of this thread. -1: it is malformed. */
int cc_instructions_note(struct cc_cursor *cursor);
int cc_instructions_executed(struct cc_log_reader *reader, struct cc_cursor *cursor,
			     unsigned thread);

/* The dynamic linker has mapped objects, and runs nothing of them yet. */
void cc_instructions_mapped(void);

/*
 * Memory that no object is mapped to is to get this protection. Returns the protection to give it
 * instead.
 */
long cc_instructions_protect(uint64_t address, uint64_t length, long protection);

/* instruction-guards.c: memory at this address may hold code that is made at run time. */
void cc_instructions_guard(uint64_t address);
/* Do instructions of the run stand in such memory, there? 1 or 0. */
int cc_instructions_made_in(uint64_t address, uint64_t length);
/* Changes such instructions there now; the memory has this protection afterwards. */
void cc_instructions_change_made(uint64_t address, uint64_t length, long protection);

/*
 * SIGTRAP. 1: it was such an instruction; it is done, and the program goes on behind it. Not
 * `of_the_run`: it is executed in a copy, or for a hook.
 */
int cc_instructions_trapped(mcontext_t *context, int of_the_run);
/* SIGSEGV. 1: guarded memory was executed, or written; now it may be. */
int cc_instructions_kept(const siginfo_t *info, const greg_t *registers);

/*
 * At a host call that is served: has this thread executed all that the run's did before it? Else
 * the replay ends.
 */
void cc_instructions_check(void);

#pragma GCC visibility pop

#endif
