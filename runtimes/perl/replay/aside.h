/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Around an op that runs code in C, a function of ours, which takes no stack of the op's. */
#ifndef CC_PERL_ASIDE_H
#define CC_PERL_ASIDE_H

#include <stdint.h>

#include <EXTERN.h>
#include <perl.h>

/*
 * Call perl's function for an op from our function that stands in its place, whose
 * __builtin_frame_address(0) is `frame`: local variables of what the op calls are then where the
 * run had them. libdb makes a number of such a variable's address, and writes it into files.
 */
OP *cc_perl_aside(PerlInterpreter *my_perl, Perl_ppaddr_t function, uint64_t *returns);

static inline OP *cc_perl_call_op(pTHX_ Perl_ppaddr_t function, const void *frame)
{
	return cc_perl_aside(aTHX_ function, (uint64_t *)(uintptr_t)frame + 1);
}

#endif
