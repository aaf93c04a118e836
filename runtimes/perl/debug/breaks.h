/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines at which a rule stops the program, some on a condition, or where it has an action. */
#ifndef CC_PERL_BREAKS_H
#define CC_PERL_BREAKS_H

#include <jansson.h>

#pragma GCC visibility push(hidden)

/* Adds "lines" (rule.h) and "breaks" (core/replay/agent.h) of a rule; each may be missing. */
void cc_perl_breaks_read(const json_t *rule);
void cc_perl_breaks_forget(void); /* all lines */
int cc_perl_breaks_any(void);	  /* Are there any? */

/*
 * Is the program to stop at the line where it is? Forward, a line stops with an action alone, and
 * with a condition that cannot be told: perl5db is to say why.
 */
int cc_perl_breaks_hold(int forward);

#pragma GCC visibility pop

#endif
