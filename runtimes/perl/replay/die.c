/* SPDX-License-Identifier: GPL-2.0-or-later */
#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>

#include "core/replay/patch.h"
#include "core/replay/preload.h"
#include "runtimes/perl/replay/die.h"

/* die-entry.S: Perl_die_unwind's first bytes, and a jump behind them. */
extern const uint8_t cc_die_begin[];
extern uint64_t cc_die_rest;
static const uint8_t prologue[CC_PATCH_SIZE] = {0x41, 0x55, 0x41, 0x54, 0x55, 0x48, 0x89, 0xf5,
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

void cc_perl_watch_die(cc_perl_died_function *died)
{
	size_t i = 0;

	if (!told[0] && cc_patch("Perl_die_unwind", prologue, cc_die_begin, &cc_die_rest))
		cc_die("this perl's Perl_die_unwind is compiled in a way that is not known");
	while (told[i])
		i++;
	told[i] = died;
}
