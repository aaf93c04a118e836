/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pthread_exit, which unwinds the thread's stack: cleanup handlers and destructors are the program
 * again. And pthread_once, whose function may be left by pthread_exit, or by an exception of C++.
 */
#include <dlfcn.h>

#include "core/replay/contexts.h"
#include "core/replay/replay.h"
#include "core/replay/special.h"
#include "core/replay/threads.h"
#include "logs/event.h"

/* ---- pthread_exit ---- */

/* What unwinds the thread's stack is loaded by us, beside the program's heap. */
void cc_thread_end(void *result)
{
	void (*end)(void *);

	/* In the run the dynamic linker allocated memory as it loaded the unwinder */
	cc_context_takes_heap();
	cc_replay_inside();
	cc_special_load_unwinder();
	end = (void (*)(void *))dlsym(RTLD_NEXT, "pthread_exit");
	cc_enter_program();
	end(result);
	__builtin_unreachable();
}

/*
 * A thread finds the interpreter at its end. It may do so earlier than in the run, where it took
 * the lock first, and gave it back.
 */
void cc_thread_refused(void *result)
{
	for (cc_thread_waits(); cc_replay_is(CC_REC_TAKE) || cc_replay_is(CC_REC_DROP);
	     cc_thread_waits()) {
		if (cc_replay_is(CC_REC_TAKE))
			cc_replay_take();
		else
			cc_replay_pass();
	}
	cc_thread_end(result);
}

/* ---- what runs once ---- */

static struct cc_once *innermost(void)
{
	return &cc_running->onces[cc_running->once_count - 1];
}

static void once_begins(void)
{
	innermost()->begun = 1;
	cc_running->calls++;
	cc_replay_nest(2); /* as the stage has it: the call, and the function */
	cc_context_yield();
}

static void once_ends(void)
{
	innermost()->begun = 0;
	cc_replay_nest(-2);
}

/* The C library calls this in place of the program's function. */
static void run_once(void)
{
	void (*function)(void) = (void (*)(void))(uintptr_t)innermost()->function;

	cc_context_ours(once_begins);
	function();
	cc_context_ours(once_ends);
}

/* The innermost function is left by what unwinds the stack. */
static void leave_once(void)
{
	if (innermost()->begun)
		cc_replay_nest(-2);
	cc_running->once_count--;
}

void cc_thread_wakes(uint64_t word)
{
	unsigned i = cc_running->once_count;

	while (i && !(cc_running->onces[i - 1].begun && cc_running->onces[i - 1].control == word))
		i--;
	if (!i)
		return;
	while (cc_running->once_count >= i)
		leave_once();
	cc_running->calls++;
	cc_context_yield();
}

int64_t cc_thread_once(unsigned symbol, const uint64_t *args)
{
	const uint64_t given[CC_MAXARGS] = {args[0], (uintptr_t)run_once};
	unsigned outer = cc_running->once_count;
	int64_t ret;

	if (outer == CC_ONCES_MAX)
		cc_die("pthread_once nests deeper than %d", CC_ONCES_MAX);
	cc_running->onces[cc_running->once_count++] = (struct cc_once){args[0], args[1], 0};
	ret = cc_context_run(symbol, given);
	cc_running->once_count = outer;
	return ret;
}
