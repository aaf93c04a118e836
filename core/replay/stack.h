/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the program's stack begins. The kernel puts the environment above it, and in a replay the
 * environment has a few variables of ours: a local variable's address, which libdb for one makes a
 * file's unique number of, would not be what it was.
 */
#ifndef CC_STACK_H
#define CC_STACK_H

#include <stdint.h>

/*
 * Before anything of ours keeps a pointer to arguments or environment: both come to stand above
 * `wanted`, where argc stood when the run began (0: not known); and what the dynamic linker and the
 * C library know of the old ones is copied, and found there. Where that cannot be, nothing is done.
 */
void cc_stack_move(uint64_t wanted, char ***argv, char ***envp);
/*
 * main(), with its frame where it was in the run, given the frame that the C library had for it
 * here.
 */
void cc_stack_run(int (*program)(int, char **, char **), int argc, char **argv, char **envp,
		  void *frame) __attribute__((noreturn));
/* context-switch.S */
void cc_stack_switch(int (*program)(int, char **, char **), int argc, char **argv, char **envp,
		     void *frame) __attribute__((noreturn));
/* main.c, or core/live/main.c: main() came back. */
void cc_stack_returned(int status) __attribute__((noreturn));

#endif
