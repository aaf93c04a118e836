/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What contexts.c and threads.c know of a thread. */
#ifndef CC_CONTEXTS_H
#define CC_CONTEXTS_H

#include <semaphore.h>
#include <stdint.h>
#include <ucontext.h>

#include "core/host/hostcall.h"
#include "core/runtime/runtime.h"

#pragma GCC visibility push(hidden)

struct cc_thread_context {
	struct cc_thread_context *next; /* the one made before */
	unsigned id;
	void *stack; /* where it stands while another runs */
	uint64_t fs;
	uint64_t pointer;
	sem_t *semaphore; /* that it waits for */
	/* Of locks and the like, which are over; and as its last SWITCH said */
	uint64_t calls, told;
	uint64_t once;			 /* the function that pthread_once is to run */
	const struct cc_hostcall *stuck; /* the call that the recording ended in */
	uint32_t *clear;		 /* CLONE_CHILD_CLEARTID */
	int begun, left, over;
	int heapless; /* it has not taken its heap yet */
	int takes;    /* its HEAP is done; the allocation is not */
	enum { LOCK_HELD, LOCK_DROPPED } lock;
	struct cc_frame_text frame; /* while it has dropped it */
	int dropping;		    /* it has the lock's mutex, to give the lock up */
	unsigned depth;
	int64_t ops;
	uint64_t runtime;    /* the replayer's */
	gregset_t registers; /* to begin with */
};
/* cc_threads: all, the latest first */
extern struct cc_thread_context cc_first_thread, *cc_threads, *cc_running;
extern unsigned cc_thread_count; /* that there ever were */

/* The thread-local storage of the one that runs, as the processor has it. */
uint64_t cc_context_storage(void);
void cc_context_set_storage(uint64_t fs);

struct cc_thread_context *cc_context_find(unsigned id); /* NULL: it is over */

/* What it is about to do may take its first memory, before the log says more of it. */
void cc_context_takes_heap(void);
/*
 * It asks for a lock of the program's: the others come first to where they were. 0: the log tells
 * of none.
 */
int cc_context_wait_at(void);
/*
 * It waits for what another thread does: the one whose record is next, or all the others in turn.
 */
void cc_context_pause(void);

#pragma GCC visibility pop

#endif
