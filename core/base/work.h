/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Directories that hold what is worked on, for as long as it is. */
#ifndef CC_WORK_H
#define CC_WORK_H

#include "core/base/error.h"

/*
 * A fresh private directory below `parent`, named so and six letters; malloc'ed. NULL with errno on
 * failure. Those that killed processes have left there are removed.
 */
char *cc_work_directory(const char *parent, const char *prefix);
extern const char *const cc_work_names[]; /* the names that there are, NULL-terminated */
int cc_is_work_name(const char *name);	  /* of such a directory */
/* One below $TMPDIR. NULL on failure. */
char *cc_temporary_directory(struct cc_error *error);

#endif
