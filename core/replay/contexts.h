/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The threads of the program in a replay, as contexts.c and threads.c keep them. */
#ifndef CC_CONTEXTS_H
#define CC_CONTEXTS_H

#include <semaphore.h>
#include <stdint.h>
#include <ucontext.h>

#include "core/host/hostcall.h"
#include "core/runtime/runtime.h"

#pragma GCC visibility push(hidden)

#define CC_ONCES_MAX 16
/* A thread of the program: a context that runs on the one kernel thread. */
struct cc_thread_context {
	struct cc_thread_context *next; /* the thread that was created before this one */
	unsigned id;
	void *stack;	  /* its stack pointer while another thread runs */
	uint64_t fs;	  /* FS base: its thread-local storage */
	uint64_t pointer; /* its pthread_self in the run */
	sem_t *semaphore; /* the semaphore that it waits for, or NULL */
	/*
	 * As the stage's struct cc_stand: calls of CC_THREAD that are over, and functions of
	 * pthread_once that have begun; and what SWITCH records have counted of them.
	 */
	uint64_t calls, told;
	/* Calls of pthread_once that it is in (unwind.c): `begun`, the function runs. */
	struct cc_once {
		uint64_t control, function;
		int begun;
	} onces[CC_ONCES_MAX];
	unsigned once_count;
	const struct cc_hostcall *in; /* the call that is being served for it, or NULL */
	const struct cc_hostcall
		*stuck; /* the call that did not return: the process or the recording ended in it */
	uint32_t *clear; /* CLONE_CHILD_CLEARTID */
	int begun, left, over;
	int heapless; /* the thread has not taken memory from a heap yet */
	int takes;    /* its HEAP record is consumed, the allocation is not made yet */
	enum { LOCK_HELD, LOCK_DROPPED } lock;
	int asks; /* it has asked for the interpreter's lock, and has not got it */
	struct cc_frame_text frame; /* its op frame while it does not hold the interpreter's lock */
	int dropping;		    /* it has locked the mutex of that lock, to release the lock */
	unsigned depth;
	int64_t ops;
	uint64_t runtime;    /* what cc_language.replayer->leave gave */
	gregset_t registers; /* the registers that the thread begins with */
};
/* cc_threads: all threads, the one created last first. cc_running: the thread that runs. */
extern struct cc_thread_context cc_first_thread, *cc_threads, *cc_running;
extern unsigned cc_thread_count; /* threads that there have been */

/* The FS base of the running thread, read from and written to the processor. */
uint64_t cc_context_storage(void);
void cc_context_set_storage(uint64_t fs);

struct cc_thread_context *cc_context_find(unsigned id); /* NULL: that thread is over */

/* The C library's function runs in the program's context; called from, and back in, ours. */
int64_t cc_context_run(unsigned symbol, const uint64_t *args);
/* A step in our context; called from, and back in, the program's. errno stays. */
void cc_context_ours(void (*step)(void));

/*
 * Now the thread that the log goes on with may run. When the calling one is back, something may be
 * due in this very op.
 */
void cc_context_yield(void);
/*
 * The running thread is about to do what may take its first memory: HEAP records that are next in
 * the log are consumed.
 */
void cc_context_takes_heap(void);
/*
 * The running thread asks for a lock of the program's, joins a thread, calls pthread_once or waits
 * by futex(2). Other threads run until they stand where they stood in the run. 1; 0: the log has no
 * SWITCH record about it.
 */
int cc_context_wait_at(void);
/*
 * The running thread waits for what another one does: runs the thread whose record is next, or, if
 * that is this one, the others in turn.
 */
void cc_context_pause(void);

#pragma GCC visibility pop

#endif
