/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The subs that are being run, as perl5db counts them ($DB::stack_depth): a sort's own comparison
 * is none. A frame is told from another one at the same depth by what was called, and from where.
 */
#ifndef CC_PERL_FRAMES_H
#define CC_PERL_FRAMES_H

#include <stdint.h>

#pragma GCC visibility push(hidden)

struct cc_perl_frames {
	uint64_t *at; /* the outermost first */
	unsigned count;
	/* Comparisons of sorts that are being run inside of the innermost sub */
	unsigned comparing;
	uint64_t chain; /* the coroutine that runs the subs (Coro): its outermost stack's address */
};

/* The subs that the interpreter runs now, into *frames. */
void cc_perl_frames_now(pTHX_ struct cc_perl_frames *frames);
/* How many subs are the same in both, from the outermost on. 0 if the chains differ. */
unsigned cc_perl_frames_common(const struct cc_perl_frames *a, const struct cc_perl_frames *b);
/* The innermost sub's context; NULL at the top. */
const PERL_CONTEXT *cc_perl_frames_sub(pTHX);

#pragma GCC visibility pop

#endif
