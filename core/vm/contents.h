/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of the host goes into every guest. */
#ifndef CC_VM_CONTENTS_H
#define CC_VM_CONTENTS_H

#include "core/debian/packages.h"
#include "core/vm/fileset.h"

struct cc_language;

/* Fill a set with the base's files. `languages`: NULL-terminated. */
int cc_base_contents(struct cc_fileset *set, const struct cc_language *const *languages,
		     const struct cc_packages *packages, struct cc_error *error);

/* Add the files of a package, and of those it needs. `marks` as in cc_packages_closure. */
void cc_add_package(struct cc_fileset *set, const struct cc_packages *packages, const char *name,
		    struct cc_package_marks *marks);

#endif
