/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which recordings need which base: their paths stand, a line each (escaped as in logs/text.h), in
 * the file `recordings` beside the base's images. Its first line says that all recordings are
 * there; without that line the base was made before recordings were noted.
 */
#ifndef CC_VM_RECORDINGS_H
#define CC_VM_RECORDINGS_H

#include "core/vm/base.h"

#define CC_RECORDINGS "recordings"

/* A new base, in `directory`: nothing was recorded from it. */
void cc_recordings_begin(const char *directory);

/*
 * Notes that a recording at this path needs the base. Says nothing when that fails: nothing but
 * cc_base_prune depends on it.
 */
void cc_recordings_note(const struct cc_base *base, const char *path);

/*
 * The paths of the noted recordings that still need the base: not of those that are gone, packed,
 * or recorded again from another base. NULL-terminated, for cc_free_list. *all (may be NULL):
 * whether there are no others.
 */
char **cc_recordings_of(const char *directory, const char *id, int *all);

#endif
