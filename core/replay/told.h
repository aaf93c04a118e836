/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines for the user about what was refused in throwaway copies of a replay: each is told once. */
#ifndef CC_TOLD_H
#define CC_TOLD_H

#include <jansson.h>

#pragma GCC visibility push(hidden)

/*
 * In a throwaway copy: has a line told to the user, once, whatever became of the copy's stderr.
 * Without a newline.
 */
void cc_told_say(const char *line);
/* In a copy whose stderr nobody sees: lines are kept for the original from now on. */
void cc_told_quiet(void);
/* Adds to a copy's answer what it has kept. */
void cc_told_add(json_t *answer);
/* In the original: tells what a copy has kept, if no other one had. */
void cc_told_pass_on(const json_t *answer);

#pragma GCC visibility pop

#endif
