/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The functions in C that our perl code calls, in a throwaway copy. Include perl.h first. */
#ifndef CC_PERL_FUNCTIONS_H
#define CC_PERL_FUNCTIONS_H

#pragma GCC visibility push(hidden)

/* Defines all of them in the program's interpreter. */
void cc_perl_functions_define(pTHX);

#pragma GCC visibility pop

#endif
