/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every command does alike. */
#ifndef CC_CMD_H
#define CC_CMD_H

#include <stddef.h>

#include "core/base/error.h"

/*
 * --version's text, and 125 as argp's status for a wrong command line. However the command ends
 * then, what it printed is out, or it says so and ends with 125.
 */
void cc_cmd_begin(const char *tool);

/* Print "tool: text" on stderr. 125. */
int cc_cmd_fail(const char *tool, const struct cc_error *error);

/*
 * The path of one of our shared objects: beside the commands in a build tree (../lib), or where
 * `make install` puts it.
 */
void cc_cmd_library(const char *name, char *path, size_t size);

/* Call this at SIGINT, SIGTERM and SIGHUP; what was ignored before (nohup) stays so. */
void cc_cmd_catch_interrupts(void (*handler)(int signal));

/* Remove a directory that we made, and what is in it. */
void cc_cmd_remove_directory(const char *path);

/*
 * Before the work that makes an output: whether it can be put where it is to go. The output is
 * written beside and renamed, so a device or a pipe would be replaced by it.
 */
int cc_cmd_check_output(const char *path, struct cc_error *error);

#endif
