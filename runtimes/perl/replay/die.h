/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exceptions of perl code and of C code, as perl's die_unwind gets them (perlguts, "Exception
 * Handling"). */
#ifndef CC_PERL_DIE_H
#define CC_PERL_DIE_H

#pragma GCC visibility push(hidden)

/*
 * In our own context, before the exception unwinds anything; PL_in_eval still says what is around
 * it. `sv`: what was thrown.
 */
typedef void cc_perl_died_function(pTHX_ const SV *sv);

/* Before main(): have each exception told, besides to whom else has asked. Ends the replay where it
 * cannot. */
void cc_perl_watch_die(cc_perl_died_function *died);

#pragma GCC visibility pop

#endif
