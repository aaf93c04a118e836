/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logging host calls as they are made: a recording without a machine. */
#ifndef CC_LIVE_RECORD_H
#define CC_LIVE_RECORD_H

#include "core/base/error.h"

#pragma GCC visibility push(hidden)

/* Called right before the program's main(). 0, or a CC_E… with *error. */
int cc_record_begin(const char *path, int argc, char **argv, char **envp, struct cc_error *error);
/* The program ends with this status: the log is finished. */
void cc_record_end(int status) __attribute__((noreturn));

#pragma GCC visibility pop

#endif
