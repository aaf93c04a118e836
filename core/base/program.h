/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running other programs. */
#ifndef CC_PROGRAM_H
#define CC_PROGRAM_H

#include "core/base/error.h"

/*
 * Run a program to its end, its stdin from `in` and stdout to `out` (-1: /dev/null). What it writes
 * to stderr goes into the error when it fails. `hint` says what to do when it is not installed.
 */
int cc_run_program(const char *const argv[], int in, int out, const char *hint,
		   struct cc_error *error);

/* The same of a program that reads what somebody else has made. */
struct cc_fence;
int cc_run_fenced(const char *const argv[], int in, int out, const char *hint,
		  const struct cc_fence *fence, struct cc_error *error);

/* The program's full path by PATH, malloc'ed, or NULL. A name with a slash is taken as it is. */
char *cc_find_program(const char *name, const char *path);

#endif
