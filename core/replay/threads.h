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
extern unsigned cc_thread; /* the one that runs: its id in the log */
/* pthread_self of it, as in the run, which its thunk gives at once; 0: in no replay */
extern uint64_t cc_thread_self;

/* The op frame of one that has not got the interpreter's lock; NULL: it has. */
const struct cc_frame_text *cc_thread_frame(void);
int cc_thread_many(void); /* have there been others than the first? */

/*
 * At a host call: comes back when the log's next record is this thread's, and it does not wait in
 * the call any more.
 */
void cc_thread_enters(const struct cc_hostcall *call, const uint64_t *args);
void cc_thread_waits(void); /* the same, further on in that call */
/*
 * After a record, and wherever a thread may have to stop: comes back when the log's next record is
 * this thread's.
 */
void cc_thread_turn(void);
void cc_thread_arrives(void); /* it is at its breakpoint, in our own context */
/* The next record is this thread's SWITCH after so many ops; else -1 */
int64_t cc_thread_ops(void);
/* Of the interpreter's lock */
int cc_thread_is_interpreters(const struct cc_hostcall *call, const uint64_t *args);
/* A row of class CC_THREAD: has nothing of it to be done here, as long as there is one thread? */
int cc_thread_is_real(const struct cc_hostcall *call);
int64_t cc_thread_call(unsigned symbol, const struct cc_hostcall *call, const uint64_t *args);
/* A host call was served: one that waited for a semaphore or a lock has it now. */
void cc_thread_served(unsigned symbol, const struct cc_hostcall *call, const uint64_t *args,
		      int64_t ret);

/* waits.c: in a throwaway copy, waits for other threads are over at once. */
void cc_waits_in_copy(void);

/* The recording ended in this call of the thread's. */
void cc_thread_stuck(const struct cc_hostcall *call, const uint64_t *args);

/* What the threads that are left do where the log ends. */
struct cc_thread_now {
	unsigned id;
	uint64_t pointer;   /* its pthread_self */
	const char *call;   /* the host call that it is in, or NULL */
	uint64_t semaphore; /* that it waits for there, or 0 */
	int at_work;	    /* it is in none, and has the interpreter */
};
/* The n-th of them, from 0 on; 0: there are no more */
int cc_thread_now(unsigned number, struct cc_thread_now *now);

/* fork was served. */
void cc_thread_forked(unsigned symbol, const struct cc_hostcall *call, const uint64_t *args,
		      int64_t ret);

/* The system calls, from the tripwire. */
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
extern uint64_t cc_thread_fs; /* the program's own, of the thread that runs; 0: not asked for yet */
uint64_t cc_thread_find_storage(void);

/* It may be asked while another storage is borrowed: after it was asked before. */
static inline uint64_t cc_thread_storage(void)
{
	return cc_thread_fs ? cc_thread_fs : cc_thread_find_storage();
}

/* ---- replay.c: the log ---- */

unsigned cc_replay_thread(void); /* whose record is next */
int cc_replay_is(unsigned type); /* is it of this type? */
struct cc_switch;
/* Is it a SWITCH of this thread, and what does it say? */
int cc_replay_switch(struct cc_switch *at);
/* initializers.c: an INSIDE is consumed, if it is next */
void cc_replay_inside(void);
/* The depth of calls, where the C library runs the program's functions */
void cc_replay_nest(int by);
/* Consume a HEAP; what is taken until cc_arenas_taken is as it says */
void cc_replay_take_heap(void);
void cc_replay_take(void); /* consume a TAKE */
/* Consume a DROP, CREATE, BEGIN, LEAVE or SWITCH */
void cc_replay_pass(void);
uint64_t cc_replay_pointer(void);		   /* of a CREATE */
uint64_t cc_replay_position(void);		   /* goes up with each record */
void cc_replay_rearm(void);			   /* another thread runs now */
void cc_replay_deliver_due(void);		   /* what is due now, in the middle of an op */
void cc_replay_frame(struct cc_frame_text *frame); /* the op frame now */
/* Of calls and handlers: set it, and give back what it was */
unsigned cc_replay_depth(unsigned depth);
void cc_replay_diverges(const char *what) __attribute__((noreturn));

/*
 * arenas.c: malloc may have mapped a heap there. A thread is to take this arena next (HEAP), and
 * has taken it.
 */
void cc_arenas_mapped(uint64_t address);
void cc_arenas_take(uint64_t arena);
void cc_arenas_taken(void);

#pragma GCC visibility pop

#endif
