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

/* Is the call's whole effect on the process its result and what it writes to one argument? */
int cc_inner_known(uint64_t number, const uint64_t args[6]);

/* How much a call with this result wrote, and to which *argument; 0: nothing. */
size_t cc_inner_out(uint64_t number, const uint64_t args[6], int64_t result, unsigned *argument);

/* The descriptor that the call works on, or -1. */
int64_t cc_inner_descriptor(uint64_t number, const uint64_t args[6]);

/*
 * On which descriptors the C library reads a file that goes along in the slice: a bit for each. Of
 * descriptors beyond these it is not known.
 */
#define CC_INNER_DESCRIPTORS 4096
int cc_inner_is_data(const uint64_t bits[], int64_t descriptor);
void cc_inner_set_data(uint64_t bits[], int64_t descriptor, int is);

/* Is this path code that the C library loads for itself, of its own package: a character set? */
int cc_inner_object(const char *path);

/* Does the call send a signal? A signal to the caller is there before the call returns. */
int cc_inner_signals(uint64_t number);

#endif
