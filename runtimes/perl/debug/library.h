/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our perl code (runtimes/perl/lib) in the program's interpreter, in a throwaway copy. Include
 * perl.h first.
 */
#ifndef CC_PERL_LIBRARY_H
#define CC_PERL_LIBRARY_H

#include <jansson.h>

#pragma GCC visibility push(hidden)

/*
 * Loads a file of that code, and defines what it calls and reads. `name`: from our own directory
 * on, as "perl/crosscut-look.pl".
 */
void cc_perl_library_load(pTHX_ const char *name);
/*
 * Calls a function of what is loaded, in scalar context, with one argument. Its result, a new
 * reference.
 */
json_t *cc_perl_library_call(pTHX_ const char *function, const json_t *argument);

#pragma GCC visibility pop

#endif
