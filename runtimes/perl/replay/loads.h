/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files and subs for which the debugger waits: `b load FILE`, `b compile SUB`, breakpoints where
 * nothing is yet. perl tells its debugger of a file when all of it is compiled, before its first
 * statement runs.
 */
#ifndef CC_PERL_LOADS_H
#define CC_PERL_LOADS_H

#include <jansson.h>

#pragma GCC visibility push(hidden)

/* {"files": […], "subs": […]} from now on, NULL: none. 1 if there is anything to wait for. */
int cc_perl_loads_set(const json_t *wanted);
/* All of a file is compiled. */
void cc_perl_loads_file(const char *file);
/* One of the files has come, or one of the subs is there. */
int cc_perl_loads_due(pTHX);
/* The files that have come. A new reference. */
json_t *cc_perl_loads_now(void);

#pragma GCC visibility pop

#endif
