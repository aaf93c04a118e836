/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads of a replay. All are contexts on the one kernel thread, so that a copy made by fork has
 * them too: the C library's own pthread code runs, and its clone, exit and futex are answered here.
 * A context runs until it asks for something that the log gives to another one first.
 */
#ifndef CC_THREADS_H
#define CC_THREADS_H

#include <ucontext.h>

#include "core/host/hostcall.h"

struct cc_interpreter;
struct cc_frame_text;

#pragma GCC visibility push(hidden)

/*
 * `pointer` is what the run's first thread had from pthread_self; `switches`: the slice has SWITCH
 * records.
 */
void cc_threads_begin(const struct cc_interpreter *interpreter, uint64_t pointer, int switches);
extern unsigned cc_thread; /* the running thread's id in the log */
/* The running thread's pthread_self in the run, which the thunk returns at once; 0: recording. */
extern uint64_t cc_thread_self;

/* The op frame of the running thread while it does not hold the interpreter's lock; NULL: it does.
 */
const struct cc_frame_text *cc_thread_frame(void);
int cc_thread_many(void); /* have there been threads besides the first one? */

/*
 * At a host call: returns when the log's next record is the calling thread's, and the thread does
 * not wait in the call any more.
 */
void cc_thread_enters(const struct cc_hostcall *call, const uint64_t *args);
void cc_thread_waits(void); /* the same further on in that call, and for the interpreter's lock */
/*
 * After each record, and wherever a thread may have to stop: returns when the log's next record is
 * the calling thread's.
 */
void cc_thread_turn(void);
/* The running thread has hit the breakpoint of its SWITCH record; in our own context. */
void cc_thread_arrives(void);
/*
 * The next record is the running thread's SWITCH, due so many ops after its last CALL or TAKE. -1:
 * the next record is none, is not counted in ops, waits for calls first, or has its breakpoint set.
 */
int64_t cc_thread_ops(void);
/* Is this a call for the sake of the interpreter's lock? 1 or 0. */
int cc_thread_is_interpreters(const struct cc_hostcall *call, const uint64_t *args);
/*
 * A row of class CC_THREAD: may the C library's function run as it is, as there is only one thread?
 * 1 or 0. cc_thread_call does the others.
 */
int cc_thread_is_real(const struct cc_hostcall *call);
/* cc_frame_now is the call's. */
int64_t cc_thread_call(unsigned symbol, const struct cc_hostcall *call, const uint64_t *args);
/* unwind.c: pthread_exit, by the program itself. */
void cc_thread_end(void *result) __attribute__((noreturn));
/* ... by the interpreter, which is at its end and does not give the thread its lock any more. */
void cc_thread_refused(void *result) __attribute__((noreturn));
int64_t cc_thread_once(unsigned symbol, const uint64_t *args); /* pthread_once; its result */
/*
 * The running thread wakes who waits for this word by futex(2). If it is the word of a pthread_once
 * whose function has begun, that function was left: the C library takes back that it has begun.
 */
void cc_thread_wakes(uint64_t word);
/* A host call has been served: a thread that waited in it for a semaphore or a lock has that now.
 */
void cc_thread_served(unsigned symbol, const struct cc_hostcall *call, const uint64_t *args,
		      int64_t ret);

/*
 * waits.c: from now on, in a throwaway copy, waits for semaphores return at once, unless the copy
 * has started threads itself.
 */
void cc_waits_in_copy(void);

/* This call of the running thread did not return: the process, or the recording, ended in it. */
void cc_thread_stuck(const struct cc_hostcall *call, const uint64_t *args);

/* What a thread does at this moment, or where the log ends. */
struct cc_thread_now {
	unsigned id;
	uint64_t pointer;   /* its pthread_self */
	const char *call;   /* the host call that the thread is in, or NULL */
	uint64_t semaphore; /* the semaphore that it waits for in that call, or 0 */
	int at_work;	    /* it is in no host call, and holds the interpreter's lock */
	int asks;	    /* it is in no host call, and waits for that lock */
};
/* Fills in *now for the n-th thread that is left, from 0 on. 1; 0: there are no more. */
int cc_thread_now(unsigned number, struct cc_thread_now *now);

/*
 * Behind each host call: if it was a fork, and this is the child's part, the calling thread alone
 * is left.
 */
void cc_thread_forked(unsigned symbol, const struct cc_hostcall *call, const uint64_t *args,
		      int64_t ret);

/* Answers to system calls of the C library's thread functions, which the tripwire catches. */
long cc_thread_clone(const greg_t *registers);
long cc_thread_futex(const greg_t *registers);
void cc_thread_begins(void);
void cc_thread_blocks_signals(const greg_t *registers);
void cc_thread_exit(void) __attribute__((noreturn));

/*
 * Code of another link-map namespace runs on thread-local storage of its own: its C library would
 * find the program's in pthread_getspecific. cc_thread_return takes what cc_thread_storage gives.
 */
void cc_thread_borrow(uint64_t storage);
void cc_thread_return(uint64_t own);
extern uint64_t cc_thread_fs; /* FS base of the running thread; 0: not looked up yet */
uint64_t cc_thread_find_storage(void);

/* FS base of the running thread, also while another storage is borrowed. */
static inline uint64_t cc_thread_storage(void)
{
	return cc_thread_fs ? cc_thread_fs : cc_thread_find_storage();
}

/*
 * arenas.c: malloc may have mapped a heap there. A thread is to take this arena next (HEAP), and
 * has taken it.
 */
void cc_arenas_mapped(uint64_t address);
void cc_arenas_take(uint64_t arena);
void cc_arenas_taken(void);

#pragma GCC visibility pop

#endif
