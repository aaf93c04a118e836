/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which programs of a run --exe and --match mean: the stage asks as it slices, cc-slice as it
 * lists.
 */
#ifndef CC_STAGE_CHOICE_H
#define CC_STAGE_CHOICE_H

#include <stddef.h>

/*
 * Is a program meant that was exec'ed from the file `executable` (NULL: not known) with these
 * arguments? `exe`: its file's name, or that of the program or script as it was called; `text`: a
 * part of an argument. NULL: any. 1 or 0.
 */
int cc_choice_fits(const char *executable, char *const *argv, size_t argc, const char *exe,
		   const char *text);

/* The last part of a path. */
const char *cc_choice_name(const char *path);

#endif
