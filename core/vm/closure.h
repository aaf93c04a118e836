/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of a set need beside themselves. */
#ifndef CC_VM_CLOSURE_H
#define CC_VM_CLOSURE_H

#include "core/vm/fileset.h"

/* Add the shared libraries that the ELF objects of the set need, and what these need. */
void cc_add_libraries(struct cc_fileset *set);

/* Add the names that Debian's alternatives give to programs of the set (awk for mawk). */
void cc_add_alternatives(struct cc_fileset *set);

#endif
