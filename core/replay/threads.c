/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What threads of a replay do: the C library's functions for them, and the system calls that it
 * makes there.
 */
#include <dlfcn.h>
#include <errno.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "core/replay/contexts.h"
#include "core/replay/heap.h"
#include "core/replay/probe.h"
#include "core/replay/raw.h"
#include "core/replay/replay.h"
#include "core/replay/replayer.h"
#include "core/replay/special.h"
#include "core/replay/threads.h"
#include "core/replay/state.h"
#include "logs/event.h"

#define STACK_SIZE (8ul << 20)
#define FIRST_TID 100000 /* no program sees it: gettid is a host call */

/* context-switch.S */
extern const uint8_t cc_context_enter[];
void cc_context_entered(void);

static struct {
	int has_switches; /* the slice has SWITCH records */
	struct {
		uint64_t mutex, holder, begin, end;
	} lock;		  /* the interpreter's, or 0 */
	unsigned hidden;  /* entries for thread-local storage that the new thread is not to have */
	int hid;	  /* the new thread's vector has none for them */
	uint64_t created; /* the pointer of the thread that is being made */
	int becoming;	  /* the running thread becomes a forked child */
} threads CC_STATE;

void cc_threads_begin(const struct cc_interpreter *interpreter, uint64_t pointer, int switches)
{
	const struct cc_lock *lock = interpreter->runtime->lock;
	pthread_attr_t attributes;

	threads.has_switches = switches;
	cc_first_thread.pointer = cc_thread_self = pointer;
	/* The default comes from a limit that the launcher has raised; a guest has the kernel's. */
	if (!pthread_getattr_default_np(&attributes)) {
		pthread_attr_setstacksize(&attributes, STACK_SIZE);
		pthread_setattr_default_np(&attributes);
	}
	if (lock) {
		threads.lock.mutex = interpreter->at[lock->symbol] + lock->mutex;
		threads.lock.holder = interpreter->at[lock->symbol] + lock->holder;
		threads.lock.begin = interpreter->at[lock->symbol] + lock->begin;
		threads.lock.end = interpreter->at[lock->symbol] + lock->end;
	}
}

/* ---- the C library's functions ---- */

uint64_t cc_thread_find_storage(void)
{
	if (!cc_running->fs)
		cc_running->fs = cc_context_storage();
	return cc_thread_fs = cc_running->fs;
}

void cc_thread_borrow(uint64_t storage)
{
	cc_thread_storage();
	cc_context_set_storage(storage);
}

void cc_thread_return(uint64_t own)
{
	cc_context_set_storage(own);
}

/*
 * pthread_create allocates a vector with an entry for each object that has thread-local storage,
 * and some spare ones. Objects that the analysis loaded take spare ones, so that the vector's size
 * is the run's.
 */

size_t cc_threads_hide_tls(size_t count, size_t size)
{
	if (!threads.hidden || size != 16 || count <= threads.hidden + 2)
		return count;
	threads.hid = 1;
	return count - threads.hidden;
}

/*
 * The vector's length stands before it; the thread's head points behind that length (nptl:
 * INSTALL_DTV).
 */
static void shorten_vector(uint64_t thread)
{
	if (threads.hid)
		((size_t **)thread)[1][-2] -= threads.hidden;
	threads.hid = 0;
}

/* Does code of the object that holds the interpreter stand there? */
static int is_interpreters_code(uint64_t address)
{
	Dl_info code, interpreter;

	return dladdr((const void *)(uintptr_t)address, &code) &&
	       dladdr((const void *)(uintptr_t)threads.lock.mutex, &interpreter) &&
	       code.dli_fbase == interpreter.dli_fbase;
}

static void drop_lock(void)
{
	cc_replay_frame(&cc_running->frame);
	cc_running->lock = LOCK_DROPPED;
}

/* The running thread takes the interpreter's lock, or releases it, when it did in the run. */
static void lock_interpreter(void)
{
	if (cc_running->lock == LOCK_HELD) {
		cc_thread_turn();
		if (!cc_replay_is(CC_REC_DROP))
			cc_replay_diverges("a switch of threads");
		drop_lock();
		cc_running->dropping = 1;
		cc_replay_pass();
		return;
	}
	cc_running->asks = 1;
	cc_thread_waits();
	/* In the run the interpreter was at its end before the thread asked, or while it waited */
	if (cc_replay_is(CC_REC_LEAVE) || cc_replay_is(CC_REC_INSIDE))
		cc_thread_refused(NULL);
	if (!cc_replay_is(CC_REC_TAKE))
		cc_replay_diverges("the interpreter's lock");
	cc_running->lock = LOCK_HELD;
	cc_running->asks = 0;
	/*
	 * The thread goes on until it has unlocked all that is around the lock: interpreters_lock
	 */
	cc_replay_take();
}

/*
 * A wait around the interpreter's lock. The thread is woken for no reason when its turn has come:
 * it looks again itself.
 */
static int64_t wait_condition(const uint64_t *args)
{
	pthread_mutex_unlock((pthread_mutex_t *)(uintptr_t)args[1]);
	cc_thread_turn();
	pthread_mutex_lock((pthread_mutex_t *)(uintptr_t)args[1]);
	return 0;
}

static void join(uint64_t thread)
{
	for (struct cc_thread_context *context = cc_threads; context; context = context->next)
		while (context->fs == thread && context != &cc_first_thread && !context->over)
			cc_context_pause();
}

/*
 * The C library gives a new thread the stack of a thread that is over, if the kernel has said so by
 * clearing that one's id. The log says which stack the run's thread got: all other threads are made
 * to look alive meanwhile. Memory that is not there any more is not written to.
 */
static void set_id(const struct cc_thread_context *context, uint32_t id)
{
	if (context->clear && cc_can_write(context->clear))
		*context->clear = id;
}

static int is_latest(const struct cc_thread_context *context)
{
	for (const struct cc_thread_context *later = cc_threads; later != context;
	     later = later->next)
		if (later->fs == context->fs)
			return 0;
	return 1;
}

static void offer_stacks(uint64_t wanted, int all_of_them)
{
	for (struct cc_thread_context *context = cc_threads; context; context = context->next)
		if (context->over && is_latest(context))
			set_id(context,
			       all_of_them || context->fs == wanted ? 0 : FIRST_TID + context->id);
}

static int64_t create(unsigned symbol, const uint64_t *args)
{
	int64_t ret;

	if (threads.lock.mutex) {
		if (!threads.has_switches)
			cc_die("the slice was made by an earlier version of Crosscut, which did "
			       "not say where threads "
			       "were: slice the .vmlog again");
		cc_context_takes_heap(); /* what the new thread's descriptor may need */
		if (!cc_replay_is(CC_REC_CREATE) && !cc_replay_refuses())
			cc_replay_diverges("a new thread");
		threads.created = cc_replay_is(CC_REC_CREATE) ? cc_replay_pointer() : 0;
	}
	offer_stacks(threads.created, 0);
	threads.hidden = cc_language.replayer->hidden_tls ? cc_language.replayer->hidden_tls() : 0;
	ret = cc_context_run(symbol, args);
	threads.hidden = 0;
	offer_stacks(0, 1);
	cc_context_yield();
	return ret;
}

int cc_thread_is_real(const struct cc_hostcall *call)
{
	switch (call->threads) {
	case CC_NO_EFFECT:
		return 1;
	case CC_EFFECT_LOCK:
	case CC_EFFECT_UNLOCK:
	case CC_EFFECT_INIT_LOCK:
	case CC_EFFECT_ONCE:
	case CC_EFFECT_MEET:
	case CC_EFFECT_WAKE:
	case CC_EFFECT_POST:
		return cc_thread_count == 1;
	default:
		return 0;
	}
}

int cc_thread_is_interpreters(const struct cc_hostcall *call, const uint64_t *args)
{
	return call->threads && args[0] >= threads.lock.begin && args[0] < threads.lock.end;
}

/* A call for the sake of the interpreter's lock. */
static int64_t interpreters_lock(unsigned symbol, const struct cc_hostcall *call,
				 const uint64_t *args)
{
	int64_t ret;

	if (call->threads == CC_EFFECT_WAIT)
		return wait_condition(args);
	if (call->threads == CC_EFFECT_LOCK && args[0] == threads.lock.mutex)
		lock_interpreter();
	else if (call->threads == CC_EFFECT_INIT_LOCK && args[0] == threads.lock.mutex)
		drop_lock(); /* made anew after a fork */
	ret = cc_context_run(symbol, args);
	if (call->threads != CC_EFFECT_UNLOCK || args[0] != threads.lock.mutex)
		return ret;
	if (cc_running->dropping) /* what the thread does next is without the lock */
		cc_thread_turn();
	else if (cc_running->lock == LOCK_HELD)
		/* The thread has the lock now: only from here on can it be told to give it up */
		cc_context_yield();
	cc_running->dropping = 0;
	return ret;
}

int64_t cc_thread_call(unsigned symbol, const struct cc_hostcall *call, const uint64_t *args)
{
	int counts = cc_thread_count > 1; /* as the stage does (core/stage/machine/boundary.c) */
	int64_t ret;

	if (counts && cc_thread_is_interpreters(call, args))
		return interpreters_lock(symbol, call, args);
	switch (call->threads) {
	case CC_EFFECT_SELF:
		return (int64_t)cc_thread_self;
	case CC_EFFECT_EXIT_THREAD:
		if (is_interpreters_code(cc_frame_now->return_address))
			cc_thread_refused((void *)(uintptr_t)args[0]);
		cc_thread_end((void *)(uintptr_t)args[0]);
	case CC_EFFECT_CREATE_THREAD:
		ret = create(symbol, args);
		break;
	case CC_EFFECT_JOIN_THREAD:
		cc_context_wait_at();
		join(args[0]);
		ret = cc_context_run(symbol, args);
		break;
	case CC_EFFECT_ONCE:
		cc_context_wait_at();
		ret = cc_thread_once(symbol, args);
		break;
	case CC_EFFECT_LOCK:
		cc_context_wait_at();
		/* fall through */
	default:
		ret = cc_context_run(symbol, args);
	}
	if (counts) {
		cc_running->calls++;
		cc_context_yield();
	}
	return ret;
}

void cc_thread_enters(const struct cc_hostcall *call, const uint64_t *args)
{
	if (call->threads == CC_EFFECT_WAIT_SEMAPHORE &&
	    (args[0] & CC_SHARED_SEMAPHORE_MASK) != CC_SHARED_SEMAPHORE)
		cc_running->semaphore = (sem_t *)(uintptr_t)args[0];
	else if (call->threads == CC_EFFECT_WAIT)
		pthread_mutex_unlock((pthread_mutex_t *)(uintptr_t)args[1]);
	cc_running->in = call;
	cc_thread_waits();
}

/* The running thread has now what it waited for in the call. */
void cc_thread_served(unsigned symbol, const struct cc_hostcall *call, const uint64_t *args,
		      int64_t ret)
{
	if (cc_running->semaphore && !ret && sem_trywait(cc_running->semaphore))
		cc_replay_diverges("a semaphore that nobody has posted");
	cc_running->semaphore = NULL;
	cc_running->in = NULL;
	if (call->threads == CC_EFFECT_WAIT)
		pthread_mutex_lock((pthread_mutex_t *)(uintptr_t)args[1]);
	else if (call->threads == CC_EFFECT_LOCK && !ret)
		cc_context_run(symbol, args);
	else if (call->threads == CC_EFFECT_JOIN_THREAD && !ret) {
		join(args[0]);
		cc_context_run(symbol, args);
	}
}

void cc_thread_stuck(const struct cc_hostcall *call, const uint64_t *args)
{
	cc_running->stuck = call;
}

/*
 * The call that the thread is in, or NULL. Where the recording ended, a thread that the log does
 * not say to be in a call had not come to the one that waits here for its record.
 */
static const struct cc_hostcall *call_of(const struct cc_thread_context *context)
{
	if (context->stuck || (cc_replay_is(CC_REC_END) && cc_replay_read_end().running))
		return context->stuck;
	return context->in;
}

int cc_thread_now(unsigned number, struct cc_thread_now *now)
{
	for (unsigned id = 0; id < cc_thread_count; id++) {
		const struct cc_thread_context *context = cc_context_find(id);
		const struct cc_hostcall *call;

		if (!context || number--)
			continue;
		call = call_of(context);
		*now = (struct cc_thread_now){.id = id,
					      .pointer = context->pointer,
					      .call = call ? call->name : NULL,
					      .semaphore = call ? (uintptr_t)context->semaphore : 0,
					      .at_work = !call && context->lock == LOCK_HELD,
					      .asks = !call && context->asks};
		return 1;
	}
	return 0;
}

/* ---- system calls ---- */

/*
 * The first switch to the thread returns into cc_context_enter, which finds the registers by rbx.
 */
static void prepare(struct cc_thread_context *context)
{
	uint64_t *stack = (uint64_t *)((uint64_t)context->registers[REG_RSP] & ~15ul) - 64;

	memset(stack, 0, 8 * sizeof(*stack));
	stack[5] = (uintptr_t)context->registers; /* rbx */
	stack[7] = (uintptr_t)cc_context_enter;
	context->stack = stack;
}

void cc_context_entered(void)
{
	cc_enter_program();
}

/*
 * A forked child of a program with threads: the C library's own fork runs, for what it does in a
 * child to the stacks and heaps of the threads that are not there any more. No process is made.
 */

void cc_thread_forked(unsigned symbol, const struct cc_hostcall *call, const uint64_t *args,
		      int64_t ret)
{
	if (ret || cc_thread_count == 1 || !cc_call_does(call, CC_EFFECT_FORK))
		return;
	threads.becoming = 1;
	cc_context_run(symbol, args);
	threads.becoming = 0;
	for (struct cc_thread_context *context = cc_threads; context; context = context->next)
		context->over |= context != cc_running;
}

static long become_child(const struct clone_args *args)
{
	if (args->flags & CLONE_CHILD_SETTID)
		*(uint32_t *)args->child_tid = FIRST_TID;
	return 0;
}

long cc_thread_clone(const greg_t *r)
{
	struct clone_args args = {0};
	struct cc_thread_context *context;
	uint64_t refusal;

	if (r[REG_RAX] == SYS_clone3)
		memcpy(&args, (const void *)r[REG_RDI],
		       (size_t)r[REG_RSI] < sizeof(args) ? (size_t)r[REG_RSI] : sizeof(args));
	else
		args = (struct clone_args){.flags = (uint64_t)r[REG_RDI],
					   .stack = (uint64_t)r[REG_RSI],
					   .parent_tid = (uint64_t)r[REG_RDX],
					   .child_tid = (uint64_t)r[REG_R10],
					   .tls = (uint64_t)r[REG_R8]};
	if (threads.becoming && !(args.flags & CLONE_THREAD))
		return become_child(&args);
	if (!(args.flags & CLONE_THREAD))
		cc_die("a process was made in a way that the host-call table does not know");
	if (!threads.lock.mutex)
		cc_die("the program starts a thread: threads of its language are not modelled");
	if (args.tls != threads.created)
		cc_replay_diverges("a thread with another stack than it had");
	cc_replay_pass();
	refusal = cc_replay_mapping((unsigned)r[REG_RAX], 0);
	if (refusal)
		return (long)refusal;
	if (cc_thread_count == 1 && !*(const uint64_t *)threads.lock.holder)
		drop_lock(); /* a library makes the first thread, between the interpreter's steps */
	context = cc_heap_malloc(sizeof(*context));
	memset(context, 0, sizeof(*context));
	context->id = cc_thread_count++;
	context->fs = context->pointer = args.tls;
	shorten_vector(args.tls);
	context->lock = LOCK_DROPPED;
	cc_frame_keep(&context->frame, &context->frame);
	memcpy(context->registers, r, sizeof(context->registers));
	context->registers[REG_RAX] = 0;
	context->registers[REG_RSP] = (greg_t)(args.stack + args.stack_size);
	if (args.flags & CLONE_PARENT_SETTID)
		*(uint32_t *)args.parent_tid = FIRST_TID + context->id;
	if (args.flags & CLONE_CHILD_CLEARTID)
		context->clear = (uint32_t *)args.child_tid;
	prepare(context);
	context->next = cc_threads;
	cc_threads = context;
	return FIRST_TID + context->id;
}

long cc_thread_futex(const greg_t *r)
{
	int operation = (int)r[REG_RSI] & FUTEX_CMD_MASK;

	if (operation != FUTEX_WAIT && operation != FUTEX_WAIT_BITSET) {
		cc_thread_wakes((uint64_t)r[REG_RDI]);
		return 0;
	}
	if (*(volatile uint32_t *)r[REG_RDI] != (uint32_t)r[REG_RDX])
		return -EAGAIN;
	if (cc_thread_count == 1)
		cc_die("the program waits for itself, for ever");
	if (!cc_context_wait_at())
		cc_context_pause();
	return 0;
}

/* Passes a step in the running thread's life that is no host call, and has a record of its own. */
static void step(unsigned type, const char *what)
{
	cc_thread_turn();
	if (!cc_replay_is(type))
		cc_replay_diverges(what);
	cc_replay_pass();
}

void cc_thread_begins(void)
{
	if (cc_running->begun)
		return;
	cc_running->begun = 1;
	step(CC_REC_BEGIN, "the beginning of a thread");
	cc_thread_turn();
	cc_thread_heapless = cc_running->heapless = 1;
}

static void pass_heap(void)
{
	cc_thread_turn();
	cc_running->takes = cc_replay_is(CC_REC_HEAP);
	if (cc_running->takes)
		cc_replay_take_heap();
}

void cc_thread_takes_heap(void)
{
	cc_thread_heapless = cc_running->heapless = 0;
	cc_context_ours(pass_heap);
}

void cc_thread_took_heap(void)
{
	if (!cc_running->takes)
		return;
	cc_running->takes = 0;
	cc_arenas_taken();
	cc_context_ours(cc_context_yield);
}

/* The running thread ends: nobody waits for what is left of it, so it goes on to its end. */
static void leave(void)
{
	if (!cc_running->left)
		step(CC_REC_LEAVE, "the end of a thread");
	cc_running->left = 1;
}

/* As the stage knows a thread's end (core/stage/machine/syscalls.c). */
void cc_thread_blocks_signals(const greg_t *r)
{
	if (cc_running != &cc_first_thread && r[REG_RAX] == SYS_rt_sigprocmask &&
	    r[REG_RDI] == SIG_BLOCK && !r[REG_RDX])
		leave();
}

void cc_thread_exit(void)
{
	leave();
	cc_running->over = 1;
	if (cc_running->clear)
		*cc_running->clear = 0;
	for (;;) /* the thread does not come back */
		cc_context_pause();
}
