/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Code that is made at run time may be written after its record has been read, by steps that are no
 * host calls. So such memory cannot be executed at first: when that is tried, the code is there,
 * and is changed. From then on the memory cannot be written, if it ever could: when that is tried,
 * other code comes to stand there, and all begins anew.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "core/replay/faults.h"
#include "core/replay/heap.h"
#include "core/replay/instructions.h"
#include "core/replay/preload.h"
#include "core/replay/raw.h"
#include "core/replay/state.h"

#define PAGE 4096ul

struct guard {
	struct guard *next;
	uint64_t address, length;
	long protection; /* that the program wants for it */
};
static struct guard *guards CC_STATE;

/* Of a page fault's error code (Intel SDM vol. 3, 4.7) */
enum { FAULT_WRITE = 2, FAULT_FETCH = 16 };

static void add_guard(uint64_t address, uint64_t end, long protection)
{
	struct guard *guard;

	if (address >= end)
		return;
	guard = cc_heap_malloc(sizeof(*guard));
	*guard = (struct guard){guards, address, end - address, protection};
	guards = guard;
}

/* What is left of guards that overlap with this memory stays. */
static void drop_guards(uint64_t address, uint64_t length)
{
	struct guard *all = guards;

	guards = NULL;
	while (all) {
		struct guard guard = *all;
		uint64_t end = guard.address + guard.length;

		cc_heap_free(all);
		all = guard.next;
		add_guard(guard.address, end < address ? end : address, guard.protection);
		add_guard(guard.address > address + length ? guard.address : address + length, end,
			  guard.protection);
	}
}

long cc_instructions_protect(uint64_t address, uint64_t length, long protection)
{
	length = (length + PAGE - 1) & ~(PAGE - 1);
	drop_guards(address, length);
	if (!(protection & PROT_EXEC) || !cc_instructions_made_in(address, length))
		return protection;
	cc_faults_watch(SIGSEGV);
	add_guard(address, address + length, protection);
	return protection & ~PROT_EXEC;
}

/* The code that a record tells of may stand there by now, in memory that can be executed. */
void cc_instructions_guard(uint64_t address)
{
	uint64_t page = address & ~(PAGE - 1);
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long from, to;
	char line[4200], mode[5];

	while (maps && fgets(line, sizeof(line), maps)) {
		long protection = 0;

		if (sscanf(line, "%lx-%lx %4s", &from, &to, mode) != 3 || address < from ||
		    address >= to || mode[2] != 'x')
			continue;
		protection |= (mode[0] == 'r' ? PROT_READ : 0) | (mode[1] == 'w' ? PROT_WRITE : 0) |
			      PROT_EXEC;
		protection = cc_instructions_protect(page, PAGE, protection);
		cc_raw(SYS_mprotect, (long)page, PAGE, protection, 0, 0, 0);
	}
	if (maps)
		fclose(maps);
}

static void protect(struct guard guard, long protection)
{
	cc_raw(SYS_mprotect, (long)guard.address, (long)guard.length, protection, 0, 0, 0);
}

/*
 * Code that writes into its own memory can have neither guard: how that code changes is not seen.
 */
int cc_instructions_kept(const siginfo_t *info, const greg_t *registers)
{
	uint64_t address = (uintptr_t)info->si_addr;
	const struct guard *guard = guards;

	while (guard && address - guard->address >= guard->length)
		guard = guard->next;
	if (!guard || !(registers[REG_ERR] & (FAULT_FETCH | FAULT_WRITE)))
		return 0;
	if (registers[REG_ERR] & FAULT_FETCH) {
		cc_instructions_change_made(guard->address, guard->length, guard->protection);
		protect(*guard, guard->protection & ~PROT_WRITE);
	} else if ((uint64_t)registers[REG_RIP] - guard->address < guard->length) {
		protect(*guard, guard->protection);
		drop_guards(guard->address, guard->length);
	} else if (guard->protection & PROT_WRITE) {
		protect(*guard, guard->protection & ~PROT_EXEC);
	} else {
		return 0;
	}
	return 1;
}
