/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signal handlers in a guest: where the kernel enters them, and where a replay is to do so. Inside
 * a host call that is a place in the log. Amidst an op it is not; but what a handler does there
 * does not matter to the op, unless that looks at the same things.
 *
 * The interpreter's own handler notes the signal. When the program's is run, both come into the
 * log, with the host calls that the former has made: it may write to a descriptor that wakes an
 * event loop.
 *
 * An extension's (EV's, libuv's) notes it in memory of the extension's, and writes to a pipe. No op
 * looks there but one that runs code of the extension, which the C stack tells: where there is
 * none, a replay enters the handler as the op begins.
 *
 * A fault's handler is entered by the same fault in a replay, and nothing need be logged.
 *
 * One by which the C library ends the program (abort: of memory that is freed twice) comes in a
 * system call of its own.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/host/inner.h"
#include "core/stage/machine/stage.h"

/* ---- what is kept until the interpreter handles a signal ---- */

struct cc_late_call {
	struct cc_late_call *next;
	struct cc_call_record record;
	struct cc_buffer in_items, out_items;
};

static void free_calls(struct cc_late_call *call)
{
	while (call) {
		struct cc_late_call *next = call->next;

		cc_buffer_free(&call->in_items);
		cc_buffer_free(&call->out_items);
		free(call);
		call = next;
	}
}

void signals_free(struct cc_image *image)
{
	for (unsigned i = 0; i < image->arrived_count; i++)
		free_calls(image->arrived[i].calls);
	image->arrived_count = 0;
}

/* In a forked child's copy: the calls that were made are its parent's. */
void signals_copied(struct cc_image *copy)
{
	for (unsigned i = 0; i < copy->arrived_count; i++)
		copy->arrived[i].calls = NULL;
}

static enum cc_handling handling(const struct cc_thread *thread)
{
	return thread->handlers ? thread->handling[thread->handlers - 1] : HANDLING_INSIDE;
}

unsigned signals_between(const struct cc_thread *thread)
{
	return handling(thread) != HANDLING_INSIDE;
}

int signals_kept(const struct cc_thread *thread)
{
	return handling(thread) == HANDLING_LATER;
}

static struct cc_arrival *arrival_of(struct cc_image *image)
{
	for (unsigned i = image->arrived_count; i--;)
		if (image->arrived[i].open && image->arrived[i].thread == image->thread->id)
			return &image->arrived[i];
	return NULL;
}

int signals_keep(struct cc_image *image, const struct cc_pending *pending,
		 const struct cc_call_record *record)
{
	struct cc_arrival *arrival;
	struct cc_late_call **at, *call;

	if (!signals_kept(image->thread))
		return 0;
	arrival = arrival_of(image);
	if (!arrival)
		return 1;
	for (at = &arrival->calls; *at;)
		at = &(*at)->next;
	call = *at = cc_allocate_zeros(1, sizeof(*call));
	call->record = *record;
	call->record.allocs = NULL;
	call->record.alloc_count = 0;
	cc_put_bytes(&call->in_items, record->in_items->data, record->in_items->length);
	if (cc_call_encode_out(pending->call, pending->args, pending->before, record->ret,
			       &guest_memory, NULL, &call->out_items))
		image_fail(image, "results of %s cannot be read in the guest", record->name);
	return 1;
}

static void put_signal(struct cc_image *image, unsigned signal, uint64_t ops, unsigned depth,
		       unsigned in_op, const struct cc_signal_details *details)
{
	const struct cc_signal record = {.signal = signal,
					 .ops = ops,
					 .depth = depth,
					 .in_op = in_op,
					 .loops = in_op == CC_SIGNAL_IN_OP ? image->thread->loops
									   : 0};

	cc_trace_signal(image_trace(image), &record, details);
}

/*
 * The signal was handled now, so many ops after the last record of a call: from the handler's own
 * calls on, ops count anew.
 */
static void tell(struct cc_image *image, struct cc_arrival *arrival, uint64_t ops, int in_op)
{
	put_signal(image, arrival->signal, ops, 0, in_op, &arrival->details);
	for (struct cc_late_call *call = arrival->calls; call; call = call->next) {
		struct cc_buffer *payload;

		call->record.in_items = &call->in_items;
		payload = cc_trace_call_begin(image->trace, &call->record);
		cc_put_bytes(payload, call->out_items.data, call->out_items.length);
		cc_trace_call_end(image->trace);
	}
	if (arrival->calls) {
		image->thread->ops -= ops;
		image->thread->value_op = 0;
	}
	free_calls(arrival->calls);
	arrival->calls = NULL;
}

/*
 * Functions in C, too, ask for signals in the middle of an op (PyErr_CheckSignals, in many places a
 * part of them), and run the program's handlers there. Those whose turn has come are told now, at
 * the next op that begins or host call: in a replay, too, they wait for that function to ask. `op`:
 * of which it is a part, so many after the last call.
 */
void signals_emit(struct cc_image *image, uint64_t op)
{
	unsigned left = 0;

	if (!image->runtime->signal_waits)
		return;
	for (unsigned i = 0; i < image->arrived_count; i++) {
		struct cc_arrival arrival = image->arrived[i];
		uint64_t before = image->thread->ops;

		if (arrival.open ||
		    image->runtime->signal_waits(&guest_memory, arrival.handler, arrival.signal)) {
			image->arrived[left++] = arrival;
			continue;
		}
		tell(image, &arrival, op, 1);
		op -= before - image->thread->ops;
	}
	image->arrived_count = left;
}

/*
 * A signal may come while the interpreter is dispatching others: it takes that one up then, too,
 * and blocks it first. So a signal that has come and is blocked now is told before that call; where
 * nothing has happened since the dispatch began, as those that it was begun for.
 */
void signals_blocked(struct cc_image *image, const struct cc_pending *pending)
{
	const struct cc_hostcall *call = pending->call;
	const struct cc_thread *thread = image->thread;
	uint64_t set = 0;
	unsigned left = 0;

	if (!image->arrived_count || !cc_call_does(call, CC_EFFECT_MASK) ||
	    (int)pending->args[cc_call_effect_arg(call, CC_EFFECT_MASK, 0)] != SIG_BLOCK)
		return;
	guest_read(pending->args[cc_call_effect_arg(call, CC_EFFECT_MASK, 1)], &set, sizeof(set));
	for (unsigned i = 0; i < image->arrived_count; i++) {
		struct cc_arrival arrival = image->arrived[i];

		if (arrival.open || !(set >> (arrival.signal - 1) & 1))
			image->arrived[left++] = arrival;
		else
			tell(image, &arrival, thread->ops,
			     thread->dispatch.ops == thread->ops + 1 ? thread->dispatch.in_op : 1);
	}
	image->arrived_count = left;
}

void boundary_dispatch(unsigned vcpu, void *data)
{
	struct cc_image *image = image_current();
	struct cc_thread *thread;

	if (!image || !image->trace)
		return;
	thread = image->thread;
	image_take_ops(image);
	signals_emit(image, thread->ops);
	thread->dispatch.ops = thread->ops + 1;
	thread->dispatch.in_op = image->runtime->op(&guest_memory, image->at) != 0;
	for (unsigned i = 0; i < image->arrived_count; i++)
		tell(image, &image->arrived[i], thread->ops, thread->dispatch.in_op);
	image->arrived_count = 0;
	image_arm(image);
}

/* ---- the entry of a handler ---- */

/* Called by the kernel: the return address is sigreturn's trampoline (mov $15, %rax; syscall). */
static int from_the_kernel(uint64_t rsp)
{
	static const uint8_t trampoline[] = {0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05};
	uint8_t code[sizeof(trampoline)];
	uint64_t back;

	return !guest_read(rsp, &back, 8) &&
	       !guest_memory.read(guest_memory.context, back, code, sizeof(code)) &&
	       !memcmp(code, trampoline, sizeof(code));
}

/* A ucontext_t's offsets: the kernel fills in these registers for any handler. */
enum { CONTEXT_RSP = 160, CONTEXT_RIP = 168, CONTEXT_TRAP = 200, CONTEXT_FLOATING_POINT = 224 };

static uint64_t interrupted(unsigned offset)
{
	uint64_t value = 0;

	guest_read(guest_register(R_RDX) + offset, &value, sizeof(value));
	return value;
}

/* At the handler's entry: its second and third argument. */
static void read_details(const struct cc_image *image, unsigned signal,
			 struct cc_signal_details *details)
{
	memset(details, 0, sizeof(*details));
	if (!(image->detailed >> (signal & 63) & 1) ||
	    guest_read(guest_register(R_RSI), details->info, sizeof(details->info)) ||
	    guest_read(guest_register(R_RDX), details->context, sizeof(details->context)))
		memset(details, 0, sizeof(*details));
	memset(details->context + CONTEXT_FLOATING_POINT, 0, sizeof(uint64_t));
}

/*
 * Did the instruction that was interrupted fault? That is in the siginfo, which only handlers that
 * want it are given; else the processor's trap tells (Intel SDM vol. 3, 6.15), as far as nobody
 * sends such a signal by hand.
 */
static int is_fault(unsigned signal, const struct cc_signal_details *details)
{
	static const struct {
		unsigned signal;
		uint32_t traps;
	} faults[] = {
		{SIGSEGV, 1 << 13 | 1 << 14 | 1 << 4 | 1 << 5 | 1 << 12},
		{SIGBUS, 1 << 14 | 1 << 17 | 1 << 11 | 1 << 12},
		{SIGFPE, 1 << 0 | 1 << 16 | 1 << 19},
		{SIGILL, 1 << 6},
		{SIGTRAP, 1 << 1 | 1 << 3},
	};
	int code;

	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		if (faults[i].signal != signal)
			continue;
		if (details->info[0]) {
			memcpy(&code, details->info + offsetof(siginfo_t, si_code), sizeof(code));
			return code > 0;
		}
		return faults[i].traps >> (interrupted(CONTEXT_TRAP) & 31) & 1;
	}
	return 0;
}

/* ---- an extension's handler ---- */

#define STACK_LOOK 65536

static const struct cc_map *code_at(const struct cc_image *image, uint64_t address)
{
	const struct cc_map *map = task_map_of(image->task, address);

	return map && cc_elf_bytes(map->object->elf, address - map->bias, 1) ? map : NULL;
}

/* Is this where a call of the interpreter's run loop returns to? */
static int is_run_loop(const struct cc_image *image, uint64_t address)
{
	unsigned symbol = image->object->watched->run_loop;
	uint64_t start, size;

	return !cc_elf_symbol(image->object->elf, image->runtime->symbols[symbol], &start, &size) &&
	       address - image->at[symbol] < size;
}

/*
 * Does code of this object run in the op that was interrupted? The return addresses up to the
 * innermost run loop tell, and what lies about on the stack from earlier: then it is refused for
 * nothing.
 */
static int runs(const struct cc_image *image, const struct cc_map *map)
{
	uint64_t stack[512], at = interrupted(CONTEXT_RSP), end = at + STACK_LOOK;

	if (code_at(image, interrupted(CONTEXT_RIP)) == map)
		return 1;
	for (; at < end; at += sizeof(stack)) {
		size_t count = sizeof(stack) / sizeof(*stack);

		while (count && guest_read(at, stack, count * sizeof(*stack)))
			count /= 2; /* the stack's end */
		for (size_t i = 0; i < count; i++) {
			const struct cc_map *from = stack[i] ? code_at(image, stack[i]) : NULL;
			const uint8_t *code;

			if (!from)
				continue;
			if (from->object == image->object && is_run_loop(image, stack[i]))
				return 0;
			code = cc_elf_bytes(from->object->elf, stack[i] - from->bias - CALL_BYTES,
					    CALL_BYTES);
			if (from == map && code && ends_with_call(code + CALL_BYTES))
				return 1;
		}
		if (count < sizeof(stack) / sizeof(*stack))
			return 0;
	}
	return 0;
}

/* What avoids that. */
static const char *advice(const struct cc_image *image, const char *object)
{
	const struct cc_advice *advice = image->object->watched->advice;

	while (advice && advice->object && !strstr(object, advice->object))
		advice++;
	return advice && advice->object ? advice->text : NULL;
}

static void refuse(struct cc_image *image, unsigned signal, const char *object, const char *why)
{
	const char *instead = advice(image, object);

	image_frame(image);
	image_fail(image,
		   "%s:%u: signal %u was handled by %s in the middle of an op, %s: that is not "
		   "modelled%s%s",
		   image->frame.file, image->frame.frame.line, signal, object, why,
		   instead ? "; " : "", instead ? instead : "");
}

static void enter_foreign(struct cc_image *image, unsigned signal,
			  const struct cc_signal_details *details)
{
	const struct cc_map *map = code_at(image, guest_register(R_RIP));

	if (!map)
		refuse(image, signal, "code that was made at run time", "which may do anything");
	else if (image->thread->handlers > 1 && signals_between(image->thread))
		refuse(image, signal, map->object->path, "within another handler");
	else if (image->thread->lock != LOCK_HELD)
		refuse(image, signal, map->object->path,
		       "in a thread that did not run the interpreter");
	else if (map->object == image->object || runs(image, map))
		refuse(image, signal, map->object->path, "which ran code of the same file");
	else
		put_signal(image, signal, image->thread->ops, 0,
			   image->runtime->op(&guest_memory, image->at) != 0, details);
	image->thread->handling[image->thread->handlers - 1] = HANDLING_NOW;
}

/* ---- all of them ---- */

static void arrive(struct cc_image *image, unsigned signal, const struct cc_signal_details *details)
{
	image->thread->handling[image->thread->handlers - 1] = HANDLING_LATER;
	if (image->arrived_count < sizeof(image->arrived) / sizeof(*image->arrived))
		image->arrived[image->arrived_count++] =
			(struct cc_arrival){.signal = signal,
					    .handler = guest_register(R_RIP),
					    .details = *details,
					    .thread = image->thread->id,
					    .open = 1};
}

/*
 * Did the C library send it, by a call of its own (raise)? That returns when the handler has: its
 * record comes first.
 */
static int is_raised(struct cc_image *image)
{
	struct cc_task *task = task_current();

	if (!task->in_syscall || !task->inner || !cc_inner_signals(task->syscall))
		return 0;
	syscall_over(task);
	inner_returns(task, image, 0);
	return 1;
}

static void handler_entered(enum cc_watch_kind kind)
{
	struct cc_signal_details details;
	struct cc_image *image = image_current();
	struct cc_thread *thread;
	unsigned signal;
	uint64_t rsp;
	int busy;

	if (!image || !image->trace || !image->started)
		return;
	thread = image->thread;
	rsp = guest_register(R_RSP);
	if (thread->handlers && thread->handler_rsp[thread->handlers - 1] == rsp)
		return; /* one handler jumps to another */
	if (!from_the_kernel(rsp))
		return;
	if (thread->handlers == 16) {
		image_fail(image, "signal handlers nest deeper than 16");
		return;
	}
	signal = (unsigned)guest_register(R_RDI) & 127;
	busy = image_busy(image);
	image_take_ops(image);
	read_details(image, signal, &details);
	thread->handler_rsp[thread->handlers] = rsp;
	thread->handling[thread->handlers] = handling(thread);
	thread->handler_depth[thread->handlers++] = thread->depth;
	if (busy) {
		thread->handling[thread->handlers - 1] = HANDLING_INSIDE;
		put_signal(image, signal, 0, thread->depth, 0, &details);
	} else if (is_raised(image) && kind == CC_WATCH_FOREIGN) {
		thread->handling[thread->handlers - 1] = HANDLING_NOW;
		put_signal(image, signal, thread->ops, 0, CC_SIGNAL_IN_SYSCALL, &details);
	} else if (is_fault(signal, &details)) {
		thread->handling[thread->handlers - 1] = HANDLING_INSIDE;
		if (signal == SIGILL)
			instruction_faulted(image, interrupted(CONTEXT_RIP));
	} else if (kind == CC_WATCH_FOREIGN) {
		enter_foreign(image, signal, &details);
	} else if (kind == CC_WATCH_IMMEDIATE) {
		image_frame(image);
		image_fail(image,
			   "%s:%u: signal %u was handled at once, in the middle of an op "
			   "(POSIX::sigaction without $action->safe(1)): that is not modelled",
			   image->frame.file, image->frame.frame.line, signal);
	} else {
		arrive(image, signal, &details);
	}
	image_arm(image);
}

void boundary_handler(unsigned vcpu, void *data)
{
	handler_entered(CC_WATCH_HANDLER);
}

void boundary_immediate(unsigned vcpu, void *data)
{
	handler_entered(CC_WATCH_IMMEDIATE);
}

void boundary_foreign(unsigned vcpu, void *data)
{
	handler_entered(CC_WATCH_FOREIGN);
}

void boundary_handler_left(struct cc_image *image)
{
	struct cc_arrival *arrival;

	if (!image->thread->handlers)
		return;
	arrival = signals_kept(image->thread) ? arrival_of(image) : NULL;
	if (arrival)
		arrival->open = 0;
	image->thread->handlers--;
	image_arm(image);
}
