/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System calls of the C library's own, outside of every host call: answered as in the run
 * (core/host/inner.h).
 */
#ifndef CC_INNER_ANSWERS_H
#define CC_INNER_ANSWERS_H

#include <ucontext.h>

#include "logs/log.h"

/* A SYSCALL record: an answer that will be asked for. -1: it is malformed. */
int cc_inner_note(struct cc_log_reader *reader, struct cc_cursor *cursor, unsigned thread);

/*
 * Is it a system call that the run made here, too? Then *answer is what the run got, and what it
 * got in memory is there, too.
 */
int cc_inner_answer(const greg_t *registers, long *answer);

/*
 * The same in a host call that is made again for its work on files of the slice (CC_DATA). The
 * memory that it takes comes from our heap.
 */
int cc_inner_of_data(const greg_t *registers, long *answer);
/* mmap of a file: one that the slice brought, or what the dynamic linker opened. */
long cc_inner_map(const greg_t *registers);

#endif
