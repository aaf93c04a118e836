/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Command lines: argp, with near names for options that there are not, and words for completion. */
#ifndef CC_CMD_OPTIONS_H
#define CC_CMD_OPTIONS_H

#include <argp.h>

#include "core/base/near.h"

/*
 * The hidden option of every command by which share/bash-completion asks for the words that may
 * stand in its command line: a line each, its kind, a tab, the word, and for options a tab and what
 * the argument is called, if there is one.
 */
#define CC_COMPLETION_OPTION "--completion-words"

/*
 * argp_parse, which ends the program where the command line is wrong. `hooks` gives words of the
 * kind "hook", if they are asked for; or NULL.
 */
void cc_cmd_parse(const struct argp *argp, int argc, char **argv, unsigned flags,
		  struct cc_near_names (*hooks)(void), void *input);

#endif
