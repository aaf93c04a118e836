/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From exec to the program's main(), for replays and for the recorder that needs no machine. */
#ifndef CC_START_H
#define CC_START_H

#pragma GCC visibility push(hidden)

typedef int cc_main(int argc, char **argv, char **envp);

/*
 * Everything is loaded, and nothing of the program has run. What stands in for main(), and calls
 * it: main.c, or core/live/main.c.
 */
int cc_start(int argc, char **argv, char **envp);
extern cc_main *cc_program; /* the program's main() */
extern const char *cc_tool; /* whose name messages carry */

#pragma GCC visibility pop

#endif
