/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A breakpoint in the program's own code, where the run went from one thread to another without any
 * call. One breakpoint is enough: a thread runs on until the next record of the log is done, and
 * the breakpoint is for that one.
 */
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>

#include "core/replay/breakpoint.h"
#include "core/replay/modules.h"
#include "core/replay/preload.h"
#include "core/replay/raw.h"
#include "core/replay/state.h"
#include "core/replay/threads.h"

#define BREAK 0xcc	  /* int3 */
#define SINGLE_STEP 0x100 /* TF */
#define PAGE 4096ul
#define RESTORER 0x04000000 /* SA_RESTORER */

static struct {
	uint64_t record, times;
	volatile uint8_t *at;
	uint8_t code; /* what stands there */
} breakpoint CC_STATE;

static void protect(int protection)
{
	uint64_t page = (uintptr_t)breakpoint.at & -PAGE;

	if (cc_raw(SYS_mprotect, (long)page, PAGE, protection, 0, 0, 0) < 0)
		cc_die("the program's code cannot be changed, to stop a thread in it");
}

/*
 * SIGTRAP's usual action is for traps in place of instructions (instructions.c), on a stack of
 * ours. While there is a breakpoint the signal is handled on the thread's own stack, as other
 * threads run before the handler is over.
 */
struct action {
	void (*handler)(int, siginfo_t *, void *);
	unsigned long flags;
	void (*restorer)(void);
	unsigned long mask;
};
static struct action otherwise CC_STATE;

static void act(const struct action *action, struct action *before)
{
	if (cc_raw(SYS_rt_sigaction, SIGTRAP, (long)action, (long)before, sizeof(action->mask), 0,
		   0) < 0)
		cc_die("SIGTRAP cannot be handled");
}

static void reached(void)
{
	*breakpoint.at = breakpoint.code;
	protect(PROT_READ | PROT_EXEC);
	breakpoint.at = NULL;
	act(&otherwise, NULL);
	cc_thread_arrives();
}

/*
 * A single step was done. A hypervisor may lose the bit of DR6 that says so (then the kernel says
 * TRAP_BRKPT); an int3, which the instruction may be, is told as SI_KERNEL.
 */
static int is_step(const siginfo_t *info)
{
	return info->si_code == TRAP_TRACE || info->si_code == TRAP_BRKPT;
}

/*
 * Is the thread at the breakpoint, or past it by one instruction? That instruction may be a trap
 * itself.
 */
static int is_ours(greg_t *r, const siginfo_t *info)
{
	if (r[REG_EFL] & SINGLE_STEP) {
		r[REG_EFL] &= ~SINGLE_STEP;
		*breakpoint.at = BREAK;
		return is_step(info);
	}
	if (r[REG_RIP] - 1 != (greg_t)(uintptr_t)breakpoint.at)
		return 0;
	r[REG_RIP]--;
	if (breakpoint.times--) {
		*breakpoint.at = breakpoint.code;
		r[REG_EFL] |= SINGLE_STEP;
	} else {
		reached();
	}
	return 1;
}

static void trapped(int signal, siginfo_t *info, void *data)
{
	greg_t *r = ((ucontext_t *)data)->uc_mcontext.gregs;
	char armed = cc_tripwire_selector;
	uint8_t before = cc_context;
	int ours;

	cc_leave_program();
	ours = is_ours(r, info);
	cc_context = before;
	cc_tripwire_selector = armed;
	if (ours)
		return;
	if ((uintptr_t)otherwise.handler < 2) {
		/* A trap of the program's, which has no handler: the signal is raised again. */
		act(&otherwise, NULL);
		r[REG_RIP] -= info->si_code > 0 && !is_step(info);
		return;
	}
	otherwise.handler(signal, info, data);
}

int cc_breakpoint_is_set(uint64_t record)
{
	return breakpoint.at && breakpoint.record == record;
}

int cc_breakpoint_set(uint64_t record, uint64_t address, uint64_t times)
{
	static const struct action action = {trapped, SA_SIGINFO | SA_NODEFER | RESTORER,
					     cc_raw_restorer, 0};

	if (cc_breakpoint_is_set(record))
		return 1;
	if (!cc_module_has(address))
		return 0;
	act(&action, breakpoint.at ? NULL : &otherwise);
	breakpoint.record = record;
	breakpoint.times = times;
	breakpoint.at = (uint8_t *)(uintptr_t)address;
	breakpoint.code = *breakpoint.at;
	protect(PROT_READ | PROT_WRITE | PROT_EXEC);
	*breakpoint.at = BREAK;
	return 1;
}
