/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <asm/prctl.h>
#include <dlfcn.h>
#include <errno.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "core/preload/preload.h"
#include "core/preload/raw.h"
#include "core/preload/special.h"
#include "core/preload/threads.h"
#include "logs/event.h"

#define STACK_SIZE (8ul << 20)
#define FIRST_TID 100000 /* no program sees it: gettid is a host call */

struct context {
	struct context *next; /* the one made before */
	unsigned id;
	void *stack; /* where it stands while another runs */
	uint64_t fs;
	uint64_t pointer;
	sem_t *semaphore; /* that it waits for */
	const struct cc_hostcall *stuck; /* the call that the recording ended in */
	uint32_t *clear; /* CLONE_CHILD_CLEARTID */
	int begun, left, over;
	int heapless; /* the log says when it takes its heap, and it has not yet */
	enum { HELD, DROPPED } lock;
	struct cc_frame_text frame; /* while it is DROPPED */
	int dropping; /* it has the lock's mutex, to give the lock up */
	unsigned depth;
	int64_t ops;
	uint64_t runtime; /* the replayer's */
	gregset_t registers; /* to begin with */
};

/* context.S */
void cc_context_switch(void **from, void *to);
extern const uint8_t cc_context_enter[];
void cc_context_entered(void);

unsigned cc_thread;
uint8_t cc_thread_heapless;
static int has_heaps; /* the slice has HEAP records */
uint64_t cc_thread_self, cc_thread_fs;
static struct context first = {.begun = 1}, *all = &first, *running = &first;
static unsigned count = 1;
static uint64_t lock_mutex, lock_taken; /* the interpreter's, or 0 */

void cc_threads_begin(const struct cc_interpreter *interpreter, uint64_t pointer, int heaps)
{
	const struct cc_lock *lock = interpreter->runtime->lock;
	pthread_attr_t attributes;

	has_heaps = heaps;
	first.pointer = cc_thread_self = pointer;
	/* The launcher has raised the limit that it comes from; the guest has the kernel's own. */
	if (!pthread_getattr_default_np(&attributes)) {
		pthread_attr_setstacksize(&attributes, STACK_SIZE);
		pthread_setattr_default_np(&attributes);
	}
	if (lock) {
		lock_mutex = interpreter->at[lock->symbol] + lock->mutex;
		lock_taken = interpreter->at[lock->symbol] + lock->taken;
	}
}

/* ---- switching ----------------------------------------------------------------------------------- */

static uint64_t get_fs(void)
{
	uint64_t fs;

	cc_raw(SYS_arch_prctl, ARCH_GET_FS, (long)&fs, 0, 0, 0, 0);
	return fs;
}

static void set_fs(uint64_t fs)
{
	static int can = -1;

	if (can < 0)
		can = (getauxval(AT_HWCAP2) & 2) != 0; /* HWCAP2_FSGSBASE */
	if (can)
		__asm__ volatile("wrfsbase %0" : : "r"(fs) : "memory");
	else
		cc_raw(SYS_arch_prctl, ARCH_SET_FS, (long)fs, 0, 0, 0, 0);
}

static struct context *find(unsigned id)
{
	struct context *context = all;

	while (context && context->id != id)
		context = context->next;
	return context && !context->over ? context : NULL;
}

/* In our own context, and back in it. */
static void switch_to(struct context *to)
{
	struct context *from = running;

	if (to == from)
		return;
	from->depth = cc_replay_depth(to->depth);
	from->ops = cc_ops_swap(to->ops);
	if (cc_replayer.leave)
		from->runtime = cc_replayer.leave();
	if (!from->fs)
		from->fs = get_fs();
	running = to;
	cc_thread_heapless = to->heapless;
	cc_thread = to->id;
	cc_thread_self = to->pointer;
	cc_thread_fs = to->fs;
	set_fs(to->fs);
	if (cc_replayer.enter)
		cc_replayer.enter(to->runtime);
	cc_replay_rearm();
	cc_context_switch(&from->stack, to->stack);
}

static void switch_to_next(void)
{
	struct context *next = find(cc_replay_thread());

	if (!next)
		cc_replay_diverges("a thread's end, which the run did not reach there");
	switch_to(next);
}

const struct cc_frame_text *cc_thread_frame(void)
{
	return running->lock == DROPPED ? &running->frame : NULL;
}

int cc_thread_many(void)
{
	return count > 1;
}

void cc_thread_turn(void)
{
	while (cc_replay_thread() != cc_thread)
		switch_to_next();
}

/* A semaphore that this thread will post, and has not yet: its wait cannot be over. */
static int waits_in_vain(const struct context *context)
{
	int value = 1;

	if (context->semaphore && cc_replay_is(CC_REC_CALL) && !cc_replay_fails())
		sem_getvalue(context->semaphore, &value);
	return !value;
}

void cc_thread_let(void)
{
	struct context *next;

	while (cc_replay_thread() != cc_thread &&
	       (cc_replay_is(CC_REC_CALL) || cc_replay_is(CC_REC_SIGNAL) || cc_replay_is(CC_REC_BEGIN) ||
		cc_replay_is(CC_REC_HEAP) || cc_replay_is(CC_REC_ENTER) ||
		cc_replay_is(CC_REC_LEAVE) || cc_replay_is(CC_REC_CHANGED) || cc_replay_is(CC_REC_CALLBACK)) &&
	       (next = find(cc_replay_thread())) && !waits_in_vain(next))
		switch_to(next);
}

/* Waits that nobody ends go round in circles. */
#define ROUNDS_MAX 1000000

static void count_rounds(void)
{
	static uint64_t position, rounds;

	if (position != cc_replay_position())
		rounds = 0;
	position = cc_replay_position();
	if (rounds++ > ROUNDS_MAX)
		cc_replay_diverges("what no other thread gives it");
}

/* It waits for what another thread does: the one whose record is next, or all the others in turn. */
static void pause_context(void)
{
	struct context *next = cc_replay_thread() == cc_thread ? NULL : find(cc_replay_thread());

	count_rounds();
	for (next = next ? next : running->next; next != running; next = next->next) {
		if (!next)
			next = all;
		if (next->begun ? !next->over : next->id == cc_replay_thread())
			break;
	}
	switch_to(next);
}

/*
 * What the thread does next is without the interpreter's lock, and nothing but its next record says
 * when: until then it stays where it is, unless another one waits for it.
 */
static void yield_lock(void)
{
	struct context *next = cc_replay_thread() == cc_thread ? NULL : find(cc_replay_thread());

	running->dropping = 0;
	if (next)
		switch_to(next);
}

/* ---- the C library's functions --------------------------------------------------------------------- */

uint64_t cc_thread_find_storage(void)
{
	if (!running->fs)
		running->fs = get_fs();
	return cc_thread_fs = running->fs;
}

void cc_thread_borrow(uint64_t storage)
{
	cc_thread_storage();
	set_fs(storage);
}

void cc_thread_return(uint64_t own)
{
	set_fs(own);
}

/*
 * pthread_create allocates a vector with an entry for each object that has thread-local storage, and
 * some spare ones. Those that the analysis loaded take spare ones, so that the size is the run's.
 */
static unsigned hidden;
static int hid;

size_t cc_threads_hide_tls(size_t count, size_t size)
{
	if (!hidden || size != 16 || count <= hidden + 2)
		return count;
	hid = 1;
	return count - hidden;
}

/* The vector's length stands before it; the thread's head points behind that (nptl: INSTALL_DTV). */
static void shorten_vector(uint64_t thread)
{
	if (hid)
		((size_t **)thread)[1][-2] -= hidden;
	hid = 0;
}

static int64_t run(unsigned symbol, const uint64_t *args)
{
	int64_t ret;

	cc_context = CC_PROGRAM;
	cc_tripwire_on();
	ret = cc_call_real(symbol, args);
	cc_tripwire_off();
	cc_context = CC_OURS;
	return ret;
}

/*
 * A thread that finds the interpreter at its end. It may find that before the run's did, who took the lock first, and
 * gave it back. What unwinds its stack is loaded by us, beside the program's heap.
 */
static void __attribute__((noreturn)) end_thread(void *result)
{
	void (*end)(void *);

	for (cc_thread_turn(); cc_replay_is(CC_REC_TAKE) || cc_replay_is(CC_REC_DROP); cc_thread_turn()) {
		if (cc_replay_is(CC_REC_TAKE))
			cc_replay_take();
		else
			cc_replay_pass();
		cc_thread_let();
	}
	cc_special_load_unwinder();
	end = (void (*)(void *))dlsym(RTLD_NEXT, "pthread_exit");
	cc_context = CC_PROGRAM;
	cc_tripwire_on();
	end(result);
	__builtin_unreachable();
}

static void drop_lock(void)
{
	cc_replay_frame(&running->frame);
	running->lock = DROPPED;
}

/*
 * Now the thread that the log goes on with may run: it is there, or has its semaphore. When this one is back,
 * a signal or the end of its turn may be due in this very op.
 */
static void let_next(void)
{
	cc_thread_let();
	cc_replay_happens();
}

/* The interpreter's lock changes hands as it did. */
static void lock_interpreter(void)
{
	if (running->lock == HELD) {
		if (cc_replay_thread() != cc_thread || !cc_replay_is(CC_REC_DROP))
			cc_replay_diverges("a switch of threads");
		drop_lock();
		running->dropping = 1;
		cc_replay_pass();
		return;
	}
	cc_thread_turn();
	if (cc_replay_is(CC_REC_LEAVE)) /* it was told so before it asked, or while it waited */
		end_thread(NULL);
	if (!cc_replay_is(CC_REC_TAKE))
		cc_replay_diverges("the interpreter's lock");
	running->lock = HELD;
	cc_replay_take();
	cc_thread_let();
}

/*
 * Woken for no reason: whoever waits looks again. Around the interpreter's lock that is when its turn
 * has come; nobody may run before his own.
 */
static int64_t wait_condition(const uint64_t *args)
{
	pthread_mutex_unlock((pthread_mutex_t *)(uintptr_t)args[1]);
	if (args[1] == lock_mutex || args[1] == lock_taken)
		cc_thread_turn();
	else
		pause_context();
	pthread_mutex_lock((pthread_mutex_t *)(uintptr_t)args[1]);
	return 0;
}

static void join(uint64_t thread)
{
	for (struct context *context = all; context; context = context->next)
		while (context->fs == thread && context != &first && !context->over)
			pause_context();
}

/*
 * The C library gives a new thread the stack of one that is over, if the kernel has said so by clearing its
 * id. The log says which one the run's thread got: all others are made to look alive meanwhile. Memory
 * that is not there any more is not written to.
 */
static void set_id(const struct context *context, uint32_t id)
{
	struct iovec from = {&id, sizeof(id)}, to = {context->clear, sizeof(id)};

	if (context->clear)
		cc_raw(SYS_process_vm_writev, cc_raw(SYS_getpid, 0, 0, 0, 0, 0, 0), (long)&from, 1, (long)&to, 1, 0);
}

static int is_latest(const struct context *context)
{
	for (const struct context *later = all; later != context; later = later->next)
		if (later->fs == context->fs)
			return 0;
	return 1;
}

static void offer_stacks(uint64_t wanted, int all_of_them)
{
	for (struct context *context = all; context; context = context->next)
		if (context->over && is_latest(context))
			set_id(context, all_of_them || context->fs == wanted ? 0 : FIRST_TID + context->id);
}

static uint64_t created; /* the pointer of the thread that is being made */

static int64_t create(unsigned symbol, const uint64_t *args)
{
	int64_t ret;

	if (lock_mutex) {
		cc_thread_turn();
		if (!cc_replay_is(CC_REC_CREATE) && !cc_replay_refuses())
			cc_replay_diverges("a new thread");
		created = cc_replay_is(CC_REC_CREATE) ? cc_replay_pointer() : 0;
	}
	offer_stacks(created, 0);
	hidden = cc_replayer.hidden_tls ? cc_replayer.hidden_tls() : 0;
	ret = run(symbol, args);
	hidden = 0;
	offer_stacks(0, 1);
	let_next();
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
	case CC_EFFECT_POST:
		return count == 1;
	default:
		return 0;
	}
}

int64_t cc_thread_call(unsigned symbol, const struct cc_hostcall *call, const uint64_t *args)
{
	int64_t ret;

	switch (call->threads) {
	case CC_EFFECT_SELF:
		return (int64_t)cc_thread_self;
	case CC_EFFECT_CREATE_THREAD:
		return create(symbol, args);
	case CC_EFFECT_EXIT_THREAD:
		end_thread((void *)(uintptr_t)args[0]);
	case CC_EFFECT_JOIN_THREAD:
		join(args[0]);
		break;
	case CC_EFFECT_LOCK:
		if (count > 1 && args[0] == lock_mutex)
			lock_interpreter();
		break;
	case CC_EFFECT_INIT_LOCK:
		if (count > 1 && args[0] == lock_mutex)
			drop_lock(); /* made anew after a fork */
		break;
	case CC_EFFECT_WAIT:
		return wait_condition(args);
	default:
		break;
	}
	ret = run(symbol, args);
	if (call->threads == CC_EFFECT_UNLOCK && running->dropping && args[0] == lock_mutex)
		yield_lock();
	else if (call->threads == CC_EFFECT_UNLOCK && args[0] == lock_mutex && running->lock == HELD)
		let_next(); /* the lock is its own now: only from here on it can be told to give it up again */
	else if (call->threads == CC_EFFECT_POST && count > 1)
		let_next();
	return ret;
}

/* The post may have yet to come, from who holds the interpreter; it stops right behind it. */
static void let_holder(void)
{
	for (struct context *context = all; context; context = context->next)
		if (context != running && context->lock == HELD && !context->over) {
			switch_to(context);
			return;
		}
}

/* Inside a host call its heap is taken when the call is over, with the call's other allocations. */
static void pass_heap(void)
{
	while (cc_replay_is(CC_REC_HEAP) && cc_replay_thread() == cc_thread) {
		cc_thread_heapless = running->heapless = 0;
		cc_replay_pass();
		cc_replay_happens();
		cc_thread_turn();
	}
}

void cc_thread_enters(const struct cc_hostcall *call, const uint64_t *args)
{
	if (call->threads == CC_EFFECT_WAIT_SEMAPHORE && (args[0] & CC_SHARED_SEMAPHORE_MASK) != CC_SHARED_SEMAPHORE)
		running->semaphore = (sem_t *)(uintptr_t)args[0];
	cc_thread_turn();
	if (cc_thread_heapless)
		pass_heap();
	if (cc_replay_is(CC_REC_ENTER)) {
		cc_replay_pass();
		cc_thread_turn();
		pass_heap();
	}
	if (waits_in_vain(running))
		let_holder();
}

void cc_thread_served(const uint64_t *args, int64_t ret)
{
	if (!running->semaphore)
		return;
	running->semaphore = NULL;
	if (!ret && sem_trywait((sem_t *)(uintptr_t)args[0]))
		cc_replay_diverges("a semaphore that nobody has posted");
}

void cc_thread_stuck(const struct cc_hostcall *call, const uint64_t *args)
{
	running->stuck = call;
}

int cc_thread_now(unsigned number, struct cc_thread_now *now)
{
	for (unsigned id = 0; id < count; id++) {
		const struct context *context = find(id);

		if (!context || number--)
			continue;
		*now = (struct cc_thread_now){
			.id = id, .pointer = context->pointer, .call = context->stuck ? context->stuck->name : NULL,
			.semaphore = context->stuck ? (uintptr_t)context->semaphore : 0,
			.at_work = !context->stuck && context->lock == HELD};
		return 1;
	}
	return 0;
}

/* ---- system calls ------------------------------------------------------------------------------------ */

/* Its first switch_to returns into cc_context_enter, which finds the registers by rbx. */
static void prepare(struct context *context)
{
	uint64_t *stack = (uint64_t *)((uint64_t)context->registers[REG_RSP] & ~15ul) - 64;

	memset(stack, 0, 8 * sizeof(*stack));
	stack[5] = (uintptr_t)context->registers; /* rbx */
	stack[7] = (uintptr_t)cc_context_enter;
	context->stack = stack;
}

void cc_context_entered(void)
{
	cc_context = CC_PROGRAM;
	cc_tripwire_on();
}

/*
 * A forked child of a program with threads: the C library's own fork runs, for what it does in a child
 * to the stacks and heaps of the threads that are not there any more. No process is made.
 */
static int becoming;

void cc_thread_forked(unsigned symbol, const struct cc_hostcall *call, const uint64_t *args, int64_t ret)
{
	if (ret || count == 1 || !cc_call_does(call, CC_EFFECT_FORK))
		return;
	becoming = 1;
	run(symbol, args);
	becoming = 0;
	for (struct context *context = all; context; context = context->next)
		context->over |= context != running;
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
	struct context *context;
	uint64_t refusal;

	if (r[REG_RAX] == SYS_clone3)
		memcpy(&args, (const void *)r[REG_RDI],
		       (size_t)r[REG_RSI] < sizeof(args) ? (size_t)r[REG_RSI] : sizeof(args));
	else
		args = (struct clone_args){.flags = (uint64_t)r[REG_RDI], .stack = (uint64_t)r[REG_RSI],
					   .parent_tid = (uint64_t)r[REG_RDX],
					   .child_tid = (uint64_t)r[REG_R10], .tls = (uint64_t)r[REG_R8]};
	if (becoming && !(args.flags & CLONE_THREAD))
		return become_child(&args);
	if (!(args.flags & CLONE_THREAD))
		cc_die("a process was made in a way that the host-call table does not know");
	if (!lock_mutex)
		cc_die("the program starts a thread: threads of its language are not modelled");
	if (args.tls != created)
		cc_replay_diverges("a thread with another stack than it had");
	cc_replay_pass();
	refusal = cc_replay_mapping((unsigned)r[REG_RAX], 0);
	if (refusal)
		return (long)refusal;
	context = cc_heap_malloc(sizeof(*context));
	memset(context, 0, sizeof(*context));
	context->id = count++;
	context->fs = context->pointer = args.tls;
	shorten_vector(args.tls);
	context->lock = DROPPED;
	cc_frame_keep(&context->frame, &context->frame);
	memcpy(context->registers, r, sizeof(context->registers));
	context->registers[REG_RAX] = 0;
	context->registers[REG_RSP] = (greg_t)(args.stack + args.stack_size);
	if (args.flags & CLONE_PARENT_SETTID)
		*(uint32_t *)args.parent_tid = FIRST_TID + context->id;
	if (args.flags & CLONE_CHILD_CLEARTID)
		context->clear = (uint32_t *)args.child_tid;
	prepare(context);
	context->next = all;
	all = context;
	return FIRST_TID + context->id;
}

long cc_thread_futex(const greg_t *r)
{
	int operation = (int)r[REG_RSI] & FUTEX_CMD_MASK;

	if (operation != FUTEX_WAIT && operation != FUTEX_WAIT_BITSET)
		return 0;
	if (*(volatile uint32_t *)r[REG_RDI] != (uint32_t)r[REG_RDX])
		return -EAGAIN;
	if (count == 1)
		cc_die("the program waits for itself, for ever");
	pause_context();
	return 0;
}

/* A step of its life that no host call is, and that the log has. */
static void step(unsigned type, const char *what)
{
	cc_thread_turn();
	if (!cc_replay_is(type))
		cc_replay_diverges(what);
	cc_replay_pass();
}

void cc_thread_begins(void)
{
	if (running->begun)
		return;
	running->begun = 1;
	step(CC_REC_BEGIN, "the beginning of a thread");
	cc_thread_heapless = running->heapless = has_heaps;
}

void cc_thread_takes_heap(void)
{
	int errno_now = errno;

	cc_thread_heapless = running->heapless = 0;
	cc_tripwire_off();
	cc_context = CC_OURS;
	cc_thread_turn();
	if (cc_replay_is(CC_REC_HEAP)) {
		cc_replay_pass();
		cc_replay_happens();
	}
	errno = errno_now;
	cc_context = CC_PROGRAM;
	cc_tripwire_on();
}

static void leave(void)
{
	if (!running->left)
		step(CC_REC_LEAVE, "the end of a thread");
	running->left = 1;
}

/* As the stage knows a thread's end (core/stage/plugin/syscalls.c). */
void cc_thread_blocks_signals(const greg_t *r)
{
	if (running != &first && r[REG_RAX] == SYS_rt_sigprocmask && r[REG_RDI] == SIG_BLOCK && !r[REG_RDX])
		leave();
}

void cc_thread_exit(void)
{
	leave();
	running->over = 1;
	if (running->clear)
		*running->clear = 0;
	for (;;) /* it does not come back */
		pause_context();
}
