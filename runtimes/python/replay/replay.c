/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The patch on the CPython that replays: its dispatch table (dispatch.h). On the way to an event
 * each entry leads over code of ours (dispatch-entries.S) that counts; otherwise the table is
 * CPython's own and costs nothing.
 */
#define Py_BUILD_CORE
#include <Python.h>
#include <sys/mman.h>

#include "core/replay/namespace.h"
#include "core/replay/preload.h"
#include "core/replay/replayer.h"
#include "core/replay/threads.h"
#include "runtimes/python/debug/debuggee.h"
#include "runtimes/python/debug/plain.h"
#include "runtimes/python/replay/attach.h"
#include "runtimes/python/replay/dispatch.h"
#include "runtimes/python/replay/events.h"
#include "runtimes/python/replay/hooks.h"
#include "runtimes/python/state/layout.h"
#include "runtimes/python/state/runtime.h"
#include "runtimes/python/state/symbols.h"

/*
 * dispatch-entries.S: counts up, and calls cc_dispatch_event on the way through 0; or at each op
 * that may be an event.
 */
extern int64_t cc_dispatch_count;
extern uint64_t cc_dispatch_targets[CC_PYTHON_OPS];
extern const uint64_t cc_dispatch_counting[CC_PYTHON_OPS], cc_dispatch_tracing[CC_PYTHON_OPS];

unsigned cc_dispatch_event(struct _PyInterpreterFrame *frame, const uint16_t *instruction,
			   unsigned opcode, PyObject **stack_pointer);

static struct {
	const struct cc_interpreter *interpreter;
	uint64_t *table;	   /* CPython's */
	uint64_t value_op;	   /* its result is due at the next dispatch; 0: none */
	int64_t step;		   /* dispatches from when `elapsed` was asked to the next event */
	uint64_t stack_pointer;	   /* of the evaluation loop, while there is an event */
	int events_stopped;	   /* events are not to be told any more */
	const uint64_t *installed; /* what the table holds; NULL: its own */
	int hooked;
} python;

static uint64_t own_register(unsigned number)
{
	switch (number) {
	case CC_REG_R13:
		return python.stack_pointer;
	case CC_REG_FS_BASE:
		return cc_thread_self;
	}
	return 0;
}

static void install(const uint64_t *entries)
{
	if (entries == python.installed)
		return;
	memcpy(python.table, entries ? entries : cc_dispatch_targets, sizeof(cc_dispatch_targets));
	python.installed = entries;
}

static int64_t elapsed(void)
{
	int64_t ops = python.installed ? python.step + cc_dispatch_count : 0;

	python.step -= ops;
	return ops;
}

static void arm(void)
{
	int64_t left = cc_ops_left();

	python.step = python.value_op ? 1 : left;
	cc_dispatch_count = -python.step;
	install(cc_python_tracer && !cc_python_untraced ? cc_dispatch_tracing
		: python.step != CC_NEVER		? cc_dispatch_counting
							: NULL);
}

/* Called in the program's context, before the op that begins; gives the one to go on with. */
unsigned cc_dispatch_event(struct _PyInterpreterFrame *frame, const uint16_t *instruction,
			   unsigned opcode, PyObject **stack_pointer)
{
	const struct cc_runtime *runtime = python.interpreter->runtime;
	uint64_t op = python.value_op;
	int traced = cc_python_tracer && !cc_python_untraced, due;
	unsigned whole = opcode;

	python.stack_pointer = (uintptr_t)stack_pointer;
	if (traced && cc_dispatch_count && !op &&
	    cc_python_trace_line(frame, instruction, opcode, stack_pointer))
		return opcode;
	if (traced && cc_python_halved && cc_python_trace_half(frame, instruction))
		cc_dispatch_count--;
	due = op || !cc_dispatch_count;
	python.value_op = 0;
	if (op && runtime->op(&cc_own_memory, python.interpreter->at) == op)
		cc_op_value();
	if (due)
		cc_ops_reached();
	if (traced)
		opcode = cc_python_trace_op(frame, instruction, opcode, stack_pointer);
	if (python.events_stopped &&
	    opcode == whole) { /* else its second half is not to be counted */
		cc_python_untraced = due = 1;
		python.events_stopped = 0;
	}
	if (due)
		arm();
	return opcode;
}

void cc_python_replay_stop_events(void)
{
	python.events_stopped = 1;
}

void cc_python_table_restore(void)
{
	install(NULL);
}

static void watch(int on)
{
	arm();
}

static void called(const struct cc_frame_text *frame)
{
	python.value_op = frame->valued ? frame->op_address : 0;
	arm();
}

static uint64_t leave(void)
{
	return python.value_op;
}

static void enter(uint64_t value_op)
{
	python.value_op = value_op;
}

static void drop(void)
{
	cc_python_request_drop((const _PyRuntimeState *)python.interpreter->at[AT_RUNTIME]);
}

/* Hooks are loaded after `begin`, and before the first host call. */
static void call(void)
{
	if (cc_hooks_wanted && !python.hooked)
		cc_python_hooks_begin(python.interpreter);
	python.hooked = 1;
}

static void begin(const struct cc_interpreter *interpreter)
{
	uintptr_t page;

	python.interpreter = interpreter;
	python.table =
		(uint64_t *)cc_python_dispatch_table((const uint8_t *)interpreter->at[AT_EVAL],
						     4096);
	if (!python.table)
		cc_die("this python's evaluation loop is compiled in a way that is not known");
	page = (uintptr_t)python.table & ~4095ul;
	if (mprotect((void *)page, (uintptr_t)(python.table + CC_PYTHON_OPS) - page,
		     PROT_READ | PROT_WRITE))
		cc_die("the dispatch table cannot be patched: mprotect: %s", strerror(errno));
	memcpy(cc_dispatch_targets, python.table, sizeof(cc_dispatch_targets));
	cc_own_register = own_register;
}

static const struct cc_replayer replayer = {
	.begin = begin,
	.call = call,
	.called = called,
	.analyse = cc_python_analyse,
	.end = cc_python_analysis_end,
	.forked = cc_python_analysis_forked,
	.hidden_tls = cc_namespace_tls,
	.leave = leave,
	.enter = enter,
	.drop = drop,
	.elapsed = elapsed,
	.watch = watch,
};

const struct cc_language cc_language = {
	.name = "python",
	.runtime = &cc_python_runtime,
	.replayer = &replayer,
	.plain = &cc_python_plain,
	.debuggee = &cc_python_debuggee,
	.hooked = &cc_python_hooked,
};
