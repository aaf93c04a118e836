/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Faults of the program itself: an instruction that faulted in the run faults again, in the same
 * place, and the program's handler is entered by the kernel's own signal. What the handler asks for
 * stands in the log, as for any code of the program's.
 *
 * A handler on a stack of its own (sigaltstack(2)) gets one of ours: what answers its host calls
 * needs more than the program may have provided.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <ucontext.h>

#include "core/replay/agent.h"
#include "core/replay/faults.h"
#include "core/replay/heap.h"
#include "core/replay/instructions.h"
#include "core/replay/raw.h"
#include "core/replay/replay.h"
#include "core/replay/state.h"

#define STACK (1ul << 20)
#define RESTORER 0x04000000	/* SA_RESTORER */
#define GUEST_STACK (8ul << 20) /* the limit of the first thread's stack */

struct kernel_action {
	void (*handler)(int, siginfo_t *, void *);
	unsigned long flags;
	void (*restorer)(void);
	unsigned long mask;
};

static const uint8_t signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
static struct {
	uintptr_t handler;
	int flags;
	int watched;
} installed[65] CC_STATE;

static void set_real(int signal, void (*handler)(int, siginfo_t *, void *), int flags)
{
	const struct kernel_action action = {handler,
					     SA_SIGINFO | SA_NODEFER | RESTORER |
						     (flags & SA_ONSTACK),
					     cc_raw_restorer, 0};

	cc_raw(SYS_rt_sigaction, signal, (long)&action, 0, 8, 0, 0);
}

static void set_default(int signal)
{
	const struct kernel_action action = {NULL, RESTORER, cc_raw_restorer, 0};

	cc_raw(SYS_rt_sigaction, signal, (long)&action, 0, 8, 0, 0);
}

/* Is it a fault that we have made (instructions.h)? Then the program has nothing to handle. */
static int is_ours(int signal, const siginfo_t *info, void *context)
{
	mcontext_t *machine = &((ucontext_t *)context)->uc_mcontext;
	uint8_t before = cc_context;
	char armed = cc_tripwire_selector;
	int done;

	if (!installed[signal].watched)
		return 0;
	cc_leave_program();
	done = signal == SIGTRAP ? cc_instructions_trapped(machine, armed)
				 : cc_instructions_kept(info, machine->gregs);
	cc_context = before;
	cc_tripwire_selector = armed;
	return done;
}

/* The instruction faults again when this returns: as in a program that handles nothing. */
static void faulted(int signal, siginfo_t *info, void *context)
{
	uint8_t before = cc_context;
	int ours = !cc_tripwire_selector;
	void (*handler)(int, siginfo_t *, void *) =
		(void (*)(int, siginfo_t *, void *))installed[signal].handler;

	if (is_ours(signal, info, context))
		return;
	cc_leave_program();
	if (!ours)
		cc_replay_faults(signal);
	if (ours || installed[signal].handler < 2) {
		set_default(signal);
		if (signal == SIGTRAP && info->si_code > 0) /* RIP is behind the INT3 */
			((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP]--;
		return;
	}
	if (installed[signal].flags & SA_RESETHAND)
		installed[signal].handler = 0;
	cc_enter_program();
	handler(signal, info, context);
	cc_context = before;
	cc_tripwire_on();
}

/*
 * The kernel grows the first thread's stack to its limit, where a program that recurses too deep
 * faults.
 */
static void limit_stack(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_STACK, &limit) || limit.rlim_cur < GUEST_STACK)
		return;
	limit.rlim_cur = GUEST_STACK;
	setrlimit(RLIMIT_STACK, &limit);
}

static void make_stack(void)
{
	static stack_t stack;

	if (stack.ss_sp)
		return;
	stack.ss_size = STACK;
	/* From our heap: a mapping anywhere else may take a place of the program's */
	stack.ss_sp = cc_heap_malloc(STACK);
	cc_raw(SYS_sigaltstack, (long)&stack, 0, 0, 0, 0, 0);
	limit_stack();
}

static void install(int signal)
{
	/*
	 * A thread that waits for another one's records in SIGTRAP's handler must not have the one
	 * stack that there is for handlers.
	 */
	int away = signal == SIGTRAP ? SA_ONSTACK : 0;

	if (installed[signal].handler > 1 || installed[signal].watched)
		set_real(signal, faulted, installed[signal].flags & ~away);
	else
		set_default(signal);
}

void cc_faults_handle(unsigned signal, uintptr_t handler, int flags)
{
	if (!memchr(signals, (int)signal, sizeof(signals)))
		return;
	installed[signal].handler = handler;
	installed[signal].flags = flags;
	if (flags & SA_ONSTACK)
		make_stack();
	install((int)signal);
}

void cc_faults_watch(int signal)
{
	if (installed[signal].watched)
		return;
	installed[signal].watched = 1;
	install(signal);
}
