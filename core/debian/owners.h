/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which installed package an ELF object belongs to: for those who have to say what is to be
 * installed.
 */
#ifndef CC_OWNERS_H
#define CC_OWNERS_H

#include "core/base/error.h"

/* All programs and shared objects of installed packages. */
struct cc_owners;
struct cc_owners *cc_owners_read(void);

/* "libc6 2.36-9+deb12u9"; "" when no package has it. To be freed. */
char *cc_owner(const struct cc_owners *owners, const char *path);

/*
 * CC_EVERSION: the object here is not the run's. Build-ids in hex; `package` is the run's with its
 * version, "" where the slice does not say.
 */
int cc_other_object(const char *path, const char *build_id, const char *wanted_id,
		    const char *package, struct cc_error *error);

#endif
