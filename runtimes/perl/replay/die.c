/* SPDX-License-Identifier: GPL-2.0-or-later */
#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>
#include <dlfcn.h>
#include <sys/mman.h>

#include "core/replay/preload.h"
#include "runtimes/perl/replay/die.h"

/* die-entry.S: Perl_die_unwind's first bytes, and a jump behind them. */
extern const uint8_t cc_die_begin[];
extern uint64_t cc_die_rest;
#define PROLOGUE 16
static const uint8_t prologue[PROLOGUE] = {0x41, 0x55, 0x41, 0x54, 0x55, 0x48, 0x89, 0xf5,
					   0x53, 0x48, 0x89, 0xfb, 0x48, 0x83, 0xec, 0x18};

/* Hooks, and the debugger's rule. */
static cc_perl_died_function *told[2];

void cc_perl_died(pTHX_ const SV *sv);
void cc_perl_died(pTHX_ const SV *sv)
{
	int error = errno;

	if (cc_context != CC_PROGRAM) /* of what is evaluated in a copy */
		return;
	cc_leave_program();
	for (size_t i = 0; i < C_ARRAY_LENGTH(told) && told[i]; i++)
		told[i](aTHX_ sv);
	errno = error;
	cc_enter_program();
}

static void patch(void)
{
	uint8_t *code = dlsym(RTLD_DEFAULT, "Perl_die_unwind");
	uint64_t target = (uintptr_t)cc_die_begin;
	uintptr_t page = (uintptr_t)code & ~4095ul;

	if (!code || memcmp(code, prologue, PROLOGUE))
		cc_die("this perl's Perl_die_unwind is compiled in a way that is not known");
	if (mprotect((void *)page, 8192, PROT_READ | PROT_WRITE | PROT_EXEC))
		cc_die("Perl_die_unwind cannot be patched: mprotect: %s", strerror(errno));
	cc_die_rest = (uintptr_t)code + PROLOGUE;
	memcpy(code, "\xff\x25\0\0\0\0", 6); /* jmp *0(%rip) */
	memcpy(code + 6, &target, 8);
}

void cc_perl_watch_die(cc_perl_died_function *died)
{
	size_t i = 0;

	if (!told[0])
		patch();
	while (told[i])
		i++;
	told[i] = died;
}
