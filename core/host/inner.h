/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System calls that the C library makes by itself, outside of every host call:
 * posix_spawn_file_actions_addclose asks for the limit of descriptors, a character set's first use
 * opens a file, an abort writes its message. What the kernel answered is logged (SYSCALL), and
 * answered again in a replay. One definition, for the stage and the replay.
 */
#ifndef CC_INNER_H
#define CC_INNER_H

#include <stddef.h>
#include <stdint.h>

/* Is it one whose whole effect on the process is its result and what it writes to one argument? */
int cc_inner_known(uint64_t number, const uint64_t args[6]);

/* How much it wrote to which argument, when its result was this; 0: nothing. */
size_t cc_inner_out(uint64_t number, const uint64_t args[6], int64_t result, unsigned *argument);

/* The descriptor that it works on, or -1. */
int64_t cc_inner_descriptor(uint64_t number, const uint64_t args[6]);

/*
 * On which descriptors it reads a file that goes along in the slice: a bit for each. Those beyond
 * are not known.
 */
#define CC_INNER_DESCRIPTORS 4096
int cc_inner_is_data(const uint64_t bits[], int64_t descriptor);
void cc_inner_set_data(uint64_t bits[], int64_t descriptor, int is);

/* Code of the C library that it loads for itself, of its own package: a character set's. */
int cc_inner_object(const char *path);

/* Does it send a signal? One that the caller sends to itself is there before the call returns. */
int cc_inner_signals(uint64_t number);

#endif
