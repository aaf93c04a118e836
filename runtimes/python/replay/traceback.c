/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/python/replay/traceback.h"

#include <dlfcn.h>
#include <sys/mman.h>

#include "core/replay/preload.h"

/* traceback-entry.S: PyTraceBack_Here's first bytes, and a jump behind them. */
extern uint8_t cc_traceback_begin[];
extern uint64_t cc_traceback_rest;
#define PROLOGUE 16
static const uint8_t prologue[PROLOGUE] = {0x41, 0x57, 0x66, 0x0f, 0xef, 0xc0, 0x41, 0x56,
					   0x41, 0x55, 0x41, 0x54, 0x55, 0x48, 0x89, 0xfd};

void cc_python_watch_tracebacks(void)
{
	uint8_t *code = dlsym(RTLD_DEFAULT, "PyTraceBack_Here");
	uint64_t target = (uintptr_t)cc_traceback_begin;
	uintptr_t page = (uintptr_t)code & ~4095ul;

	if (!code || memcmp(code, prologue, PROLOGUE))
		cc_die("this python's PyTraceBack_Here is compiled in a way that is not known");
	if (mprotect((void *)page, 8192, PROT_READ | PROT_WRITE | PROT_EXEC))
		cc_die("PyTraceBack_Here cannot be patched: mprotect: %s", strerror(errno));
	cc_traceback_rest = (uintptr_t)code + PROLOGUE;
	memcpy(code, "\xff\x25\0\0\0\0", 6); /* jmp *0(%rip) */
	memcpy(code + 6, &target, 8);
}
