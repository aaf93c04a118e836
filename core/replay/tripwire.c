/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Syscall User Dispatch (prctl(2), Linux 5.11): in the program's context a system call raises
 * SIGSYS instead of reaching the kernel. The C library's heap needs a few; they are answered here,
 * with memory at the addresses that the recorded run got. Everything else has passed the table by.
 */
#include <asm/prctl.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/uio.h>
#include <ucontext.h>
#include <unistd.h>

#include "core/host/arena.h"
#include "core/host/inner.h"
#include "core/replay/inner.h"
#include "core/replay/instructions.h"
#include "core/replay/mapping.h"
#include "core/replay/modules.h"
#include "core/replay/raw.h"
#include "core/replay/replay.h"
#include "core/replay/state.h"
#include "core/replay/threads.h"

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#define PR_SYS_DISPATCH_ON 1
#endif
#define PAGE 4096ul

volatile char cc_tripwire_selector;
static struct {
	uint64_t heap_start, heap_break;
	int reading_data;
	enum cc_loading loading;
} tripwire CC_STATE;

/* ---- the heap ---- */

static uint64_t page_up(uint64_t address)
{
	return (address + PAGE - 1) & ~(PAGE - 1);
}

/* Heuristic overcommitment refuses much at once, but for who says that it will not use it all. */
static long map(uint64_t address, uint64_t length, long protection, long flags)
{
	long got = cc_raw(SYS_mmap, (long)address, (long)length, protection, flags, -1, 0);

	return got == -ENOMEM ? cc_raw(SYS_mmap, (long)address, (long)length, protection,
				       flags | MAP_NORESERVE, -1, 0)
			      : got;
}

/* Is what the log has for an address an error of the kernel's? */
static int is_refusal(uint64_t address)
{
	return address >= (uint64_t)-4095;
}

static long answer_brk(uint64_t wanted)
{
	uint64_t have = page_up(tripwire.heap_break), need = page_up(wanted);

	if (wanted && is_refusal(cc_replay_mapping(SYS_brk, wanted)))
		return (long)tripwire.heap_break;
	if (wanted < tripwire.heap_start || wanted > tripwire.heap_start + (1ull << 40))
		return (long)tripwire.heap_break;
	if (need > have) {
		long got = map(have, need - have, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE);

		if (got == -ENOMEM)
			cc_die_of_memory(need - have, "the run got");
		if (got != (long)have)
			return (long)tripwire.heap_break;
		cc_populate(have, need - have);
	} else if (need < have) {
		cc_raw(SYS_munmap, (long)need, (long)(have - need), 0, 0, 0, 0);
	}
	tripwire.heap_break = wanted;
	return (long)wanted;
}

static long answer_mmap(const greg_t *r)
{
	uint64_t wanted;
	long protection, got;

	if (!(r[REG_R10] & MAP_ANONYMOUS))
		return cc_inner_map(r);
	wanted = cc_replay_mapping(SYS_mmap, (uint64_t)r[REG_RSI]);
	if (is_refusal(wanted))
		return (long)wanted;
	protection = cc_instructions_protect(r[REG_RDI] ? (uint64_t)r[REG_RDI] : wanted,
					     (uint64_t)r[REG_RSI], r[REG_RDX]);
	/*
	 * malloc asks for a further heap in the place beside the last one (glibc: new_heap). In the
	 * run it knew no such place, as another thread had not found it yet: if this fails, malloc
	 * asks for one anywhere, as then.
	 */
	if (r[REG_RDI] && r[REG_RDX] == PROT_NONE && !wanted && cc_replay_knows_refusals())
		return -ENOMEM;
	if (r[REG_R10] & MAP_FIXED)
		cc_mapping_drop((uint64_t)r[REG_RDI], (uint64_t)r[REG_RSI]);
	/* Without MAP_FIXED the memory may have come elsewhere in the run */
	if (r[REG_RDI] && (!wanted || r[REG_R10] & MAP_FIXED))
		return map((uint64_t)r[REG_RDI], (uint64_t)r[REG_RSI], protection, r[REG_R10]);
	got = map(wanted, (uint64_t)r[REG_RSI], protection,
		  r[REG_R10] | (wanted ? MAP_FIXED_NOREPLACE : 0));
	if (got == -EEXIST)
		got = map(0, (uint64_t)r[REG_RSI], r[REG_RDX], r[REG_R10]);
	if (got == -ENOMEM && wanted)
		cc_die_of_memory((size_t)r[REG_RSI], "the run got");
	if (got > 0 && r[REG_RDX] & PROT_WRITE)
		cc_populate((uint64_t)got, (uint64_t)r[REG_RSI]);
	if (got > 0 && cc_arena_is_made((uint64_t)r[REG_RSI], (uint64_t)r[REG_RDX]))
		cc_arenas_mapped((uint64_t)got);
	return got;
}

static long answer_mremap(const greg_t *r)
{
	uint64_t wanted = cc_replay_mapping(SYS_mremap, (uint64_t)r[REG_RDX]);
	long flags = r[REG_R10], got;

	if (is_refusal(wanted))
		return (long)wanted;
	if (wanted && wanted != (uint64_t)r[REG_RDI])
		flags |= MREMAP_MAYMOVE | MREMAP_FIXED;
	got = cc_raw(SYS_mremap, r[REG_RDI], r[REG_RSI], r[REG_RDX], flags, (long)wanted, 0);
	if (got == -ENOMEM && wanted)
		cc_die_of_memory((size_t)r[REG_RDX], "the run got");
	return got;
}

/*
 * Whether pages stay in memory matters to nobody here; a kernel's advice or limits may be others
 * than the run's.
 */
static long answer_other(const greg_t *r)
{
	uint64_t refusal = cc_replay_mapping((unsigned)r[REG_RAX], (uint64_t)r[REG_RDI]);
	long third = r[REG_RDX], got;

	if (is_refusal(refusal))
		return (long)refusal;
	if (cc_replay_knows_refusals() && (r[REG_RAX] == SYS_mlock || r[REG_RAX] == SYS_munlock))
		return 0;
	if (r[REG_RAX] == SYS_munmap)
		cc_mapping_drop((uint64_t)r[REG_RDI], (uint64_t)r[REG_RSI]);
	if (r[REG_RAX] == SYS_madvise && cc_mapping_holds((uint64_t)r[REG_RDI]))
		return 0; /* a file's pages would come back; here is no file */
	if (r[REG_RAX] == SYS_mprotect)
		third = cc_instructions_protect((uint64_t)r[REG_RDI], (uint64_t)r[REG_RSI], third);
	got = cc_raw(r[REG_RAX], r[REG_RDI], r[REG_RSI], third, r[REG_R10], r[REG_R8], r[REG_R9]);
	if (got >= 0 || !cc_replay_knows_refusals())
		return got;
	if (r[REG_RAX] == SYS_mprotect)
		cc_die_of_memory((size_t)r[REG_RSI], "the run got");
	return 0;
}

/* ---- the C library's own data ---- */

void cc_data_begin(void)
{
	tripwire.reading_data = 1;
	cc_tripwire_on();
}

void cc_data_end(void)
{
	tripwire.reading_data = 0;
	cc_tripwire_off();
}

/* ---- the dynamic linker ---- */

void cc_loading(enum cc_loading what)
{
	tripwire.loading = what;
	if (what)
		cc_tripwire_on();
	else
		cc_tripwire_off();
}

/* The first mapping of an object is of all its length, anywhere; the others go into it. */
static long map_object(const greg_t *r)
{
	uint64_t base = 0;
	long got;

	if (tripwire.loading == CC_LOADING_MODULE && !r[REG_RDI] && (int)r[REG_R8] >= 0)
		base = cc_module_base((int)r[REG_R8]);
	if (base) {
		got = cc_raw(SYS_mmap, (long)base, r[REG_RSI], r[REG_RDX],
			     r[REG_R10] | MAP_FIXED_NOREPLACE, r[REG_R8], r[REG_R9]);
		if (got == (long)base)
			return got;
	}
	return cc_raw(SYS_mmap, r[REG_RDI], r[REG_RSI], r[REG_RDX], r[REG_R10], r[REG_R8],
		      r[REG_R9]);
}

/* An object that the slice brings is taken from the slice, whatever stands at its path here. */
static long open_object(const greg_t *r)
{
	long got = tripwire.loading == CC_LOADING_MODULE ? cc_data_open((const char *)r[REG_RSI])
							 : -ENOENT;

	return got == -ENOENT
		       ? cc_raw(SYS_openat, r[REG_RDI], r[REG_RSI], r[REG_RDX], r[REG_R10], 0, 0)
		       : got;
}

/*
 * A system call of the dynamic linker, which loads an object: its data will be relocated, page by
 * page.
 */
static long loading_call(const greg_t *r)
{
	long got;

	if (r[REG_RAX] == SYS_openat)
		return open_object(r);
	if (r[REG_RAX] != SYS_mmap)
		return cc_raw(r[REG_RAX], r[REG_RDI], r[REG_RSI], r[REG_RDX], r[REG_R10], r[REG_R8],
			      r[REG_R9]);
	got = map_object(r);
	if (got > 0 && r[REG_RDX] & PROT_WRITE)
		cc_populate_data((uint64_t)got, (uint64_t)r[REG_RSI]);
	return got;
}

/* ---- dispatch ---- */

static int heap_call(const greg_t *r, long *answer)
{
	switch (r[REG_RAX]) {
	case SYS_brk:
		*answer = answer_brk((uint64_t)r[REG_RDI]);
		return 1;
	case SYS_mmap:
		*answer = answer_mmap(r);
		return 1;
	case SYS_mremap:
		*answer = answer_mremap(r);
		return 1;
	case SYS_clone:
	case SYS_clone3:
		*answer = cc_thread_clone(r);
		return 1;
	case SYS_exit:
		cc_thread_exit();
	case SYS_exit_group:
		cc_replay_end((int)r[REG_RDI] & 255);
	case SYS_futex:
		*answer = cc_thread_futex(r);
		return 1;
	case SYS_rseq:
	case SYS_set_robust_list:
		cc_thread_begins();
		*answer = 0;
		return 1;
	case SYS_rt_sigaction: /* both around clone; the program's own are host calls */
	case SYS_rt_sigprocmask:
		cc_thread_blocks_signals(r);
		if (r[REG_RDX])
			memset((void *)r[REG_RDX], 0, 8);
		*answer = 0;
		return 1;
	/* How many heaps threads may have: the guest has one processor */
	case SYS_sched_getaffinity:
		memset((void *)r[REG_RDX], 0, (size_t)r[REG_RSI]);
		*(uint8_t *)r[REG_RDX] = 1;
		*answer = 8;
		return 1;
	case SYS_munmap:
	case SYS_mprotect:
	case SYS_madvise:
	case SYS_msync:
	case SYS_mlock:
	case SYS_munlock:
		*answer = answer_other(r);
		return 1;
	}
	return 0;
}

/* Answers for runs whose own are not known: those that were recorded without a machine. */
static int default_call(const greg_t *r, long *answer)
{
	switch (r[REG_RAX]) {
	case SYS_getrandom: /* malloc's key against double frees: any value does, always the same */
		memset((void *)r[REG_RDI], 0x5a, (size_t)r[REG_RSI]);
		*answer = r[REG_RSI];
		return 1;
	case SYS_sysinfo: /* qsort asks how much memory there is: the guest's answer, roughly */
		*(struct sysinfo *)r[REG_RDI] =
			(struct sysinfo){.totalram = 2ul << 30, .mem_unit = 1};
		*answer = 0;
		return 1;
	case SYS_tgkill:
		cc_replay_killed();
	}
	return 0;
}

/* abort's last words (__libc_message). */
static void last_words(const greg_t *r)
{
	const struct iovec *piece = (const struct iovec *)r[REG_RSI];

	if (r[REG_RAX] == SYS_writev && r[REG_RDI] == 2 && r[REG_RDX] > 0)
		cc_die("the C library gave up: %.*s", (int)piece->iov_len,
		       (const char *)piece->iov_base);
}

#define SYS_SECCOMP 1 /* si_code, <asm-generic/siginfo.h> */

/* Confinement (core/base/confine.h) caught what the tripwire did not. */
static void refused(int number)
{
	const char *name = cc_call_by_number((uint64_t)number);

	cc_die("code that the slice brought, or that it loads, made system call %d%s%s%s, which a "
	       "replay does not: nothing was done (doc/security.md)",
	       number, name ? " (" : "", name ? name : "", name ? ")" : "");
}

static void tripped(int signal, siginfo_t *info, void *context)
{
	greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
	uint8_t before = cc_context;
	long answer;

	cc_leave_program();
	if (info->si_code == SYS_SECCOMP)
		refused(info->si_syscall);
	if (tripwire.loading)
		answer = loading_call(r);
	else if (!(tripwire.reading_data && cc_inner_of_data(r, &answer)) &&
		 !heap_call(r, &answer) && !cc_inner_answer(r, &answer) &&
		 !default_call(r, &answer)) {
		last_words(r);
		cc_die("system call %lld came from the program without passing the host-call "
		       "table: "
		       "please report which module makes it",
		       (long long)r[REG_RAX]);
	}
	r[REG_RAX] = answer;
	cc_context = before;
	cc_tripwire_on();
}

static long dispatch(void)
{
	return cc_raw(SYS_prctl, PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON,
		      (long)cc_raw_begin, cc_raw_end - cc_raw_begin, (long)&cc_tripwire_selector,
		      0);
}

void cc_tripwire_again(void)
{
	if (dispatch() < 0)
		cc_die("a copy of the replay cannot be guarded");
}

int cc_tripwire_arm(uint64_t brk, struct cc_error *error)
{
	struct {
		void (*handler)(int, siginfo_t *, void *);
		unsigned long flags;
		void (*restorer)(void);
		unsigned long mask;
	} action = {tripped, SA_SIGINFO | SA_NODEFER | 0x04000000 /* SA_RESTORER */,
		    cc_raw_restorer, 0};

	tripwire.heap_start = tripwire.heap_break = brk;
	if (cc_raw(SYS_rt_sigaction, SIGSYS, (long)&action, 0, 8, 0, 0) < 0 || dispatch() < 0)
		return cc_fail(
			error, CC_EUNSUPPORTED,
			"this kernel has no Syscall User Dispatch (Linux 5.11 or newer is needed)");
	return 0;
}
