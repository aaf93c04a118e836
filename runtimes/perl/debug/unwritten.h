/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the program has printed and perl not written yet, in a throwaway copy. Include perl.h first.
 */
#ifndef CC_PERL_UNWRITTEN_H
#define CC_PERL_UNWRITTEN_H

#pragma GCC visibility push(hidden)

/* Takes that out of perl's buffers: the program is to write it, not the copy. */
void cc_perl_unwritten_take(pTHX);
/*
 * Writes to standard output what was taken and the user has not seen. When the user leaves, nobody
 * else will: under `perl -d` it is written as perl exits.
 */
void cc_perl_unwritten_show(void);

#pragma GCC visibility pop

#endif
