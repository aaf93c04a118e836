/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the host's dpkg database says: which packages there are, what they depend on, their
 * files.
 */
#ifndef CC_PACKAGES_H
#define CC_PACKAGES_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"

struct cc_packages;

/* Read /var/lib/dpkg/status: installed packages only. NULL on failure. */
struct cc_packages *cc_packages_read(struct cc_error *error);
void cc_packages_free(struct cc_packages *packages);

/* Each installed package. */
void cc_packages_each(const struct cc_packages *packages,
		      void (*callback)(void *context, const char *name, const char *version),
		      void *context);

/* How many bytes the package takes when it is installed, as it says; 0: it does not say. */
uint64_t cc_package_size(const struct cc_packages *packages, const char *name);

/* Is a package of this name installed? 1 or 0. */
int cc_packages_has(const struct cc_packages *packages, const char *name);

/*
 * Call back with `name` and each package that it needs (Depends and Pre-Depends, transitively; of
 * alternatives the first that is installed), once each. `seen` remembers packages across calls.
 * Packages that are not installed are passed over.
 */
struct cc_package_marks;
struct cc_package_marks *cc_package_marks_new(const struct cc_packages *packages);
void cc_package_marks_free(struct cc_package_marks *marks);
void cc_packages_closure(const struct cc_packages *packages, const char *name,
			 struct cc_package_marks *seen,
			 void (*callback)(void *context, const char *name), void *context);

/*
 * The same for one step: the package itself; packages that it needs directly. Each that was not
 * seen.
 */
void cc_packages_itself(const struct cc_packages *packages, const char *name,
			struct cc_package_marks *seen,
			void (*callback)(void *context, const char *name), void *context);
void cc_packages_needs(const struct cc_packages *packages, const char *name,
		       struct cc_package_marks *seen,
		       void (*callback)(void *context, const char *name), void *context);

/* Each path that the package's file list names (files and directories, as dpkg wrote them). */
void cc_package_files(const struct cc_packages *packages, const char *name,
		      void (*callback)(void *context, const char *path), void *context);

/* The name of the installed package that owns one of `paths` (NULL-terminated), or NULL. */
const char *cc_packages_owner(const struct cc_packages *packages, const char *const paths[]);

#endif
