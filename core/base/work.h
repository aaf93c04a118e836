/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Directories that hold what is worked on, for as long as it is. */
#ifndef CC_WORK_H
#define CC_WORK_H

#include "core/base/error.h"

/* May anybody rename what stands in this directory? 1 or 0. */
int cc_is_anybodys(const char *directory);

/*
 * A fresh private directory below `parent`, named `prefix` and six letters; malloc'ed. Directories
 * that killed processes have left there are removed. NULL on failure: also where anybody could put
 * another directory in its place, as in a directory for all without the sticky bit.
 */
char *cc_work_directory(const char *parent, const char *prefix, struct cc_error *error);
extern const char *const cc_work_names[]; /* the names that there are, NULL-terminated */
int cc_is_work_name(const char *name);	  /* of a directory that cc_work_directory makes */
const char *cc_temporary_parent(void);	  /* $TMPDIR if it is absolute, else /tmp */
/* A fresh private directory below cc_temporary_parent(). NULL on failure. */
char *cc_temporary_directory(struct cc_error *error);

#endif
