/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/debian/owners.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/base/intern.h"
#include "core/debian/packages.h"

struct cc_owners {
	struct cc_intern paths;
	char **packages; /* by number of the path; shared */
	struct cc_packages *known;
	char *package; /* while it is read */
};

static void add(void *context, const char *path)
{
	struct cc_owners *owners = context;
	uint64_t number;
	int added;

	if (!strstr(path, ".so") && !strstr(path, "/bin/"))
		return;
	number = cc_intern(&owners->paths, path, strlen(path), &added);
	if (!added)
		return;
	cc_array_room(owners->packages, number);
	owners->packages[number] = owners->package;
}

static void add_package(void *context, const char *name, const char *version)
{
	struct cc_owners *owners = context;

	owners->package = cc_format("%s %s", name, version);
	cc_package_files(owners->known, name, add, owners);
}

struct cc_owners *cc_owners_read(void)
{
	struct cc_owners *owners = cc_allocate_zeros(1, sizeof(*owners));

	owners->known = cc_packages_read(NULL);
	if (owners->known)
		cc_packages_each(owners->known, add_package, owners);
	cc_packages_free(owners->known);
	owners->known = NULL;
	return owners;
}

/* Lists of packages may still have the names of before /lib was a link to /usr/lib. */
char *cc_owner(const struct cc_owners *owners, const char *path)
{
	char *real = realpath(path, NULL);
	const char *names[] = {path, real, !strncmp(path, "/usr/", 5) ? path + 4 : NULL,
			       real && !strncmp(real, "/usr/", 5) ? real + 4 : NULL};
	const char *found = "";

	for (size_t i = 0; i < sizeof(names) / sizeof(*names) && !*found; i++) {
		int64_t number =
			names[i] ? cc_intern_find(&owners->paths, names[i], strlen(names[i])) : -1;

		if (number >= 0)
			found = owners->packages[number];
	}
	free(real);
	return cc_copy(found);
}

int cc_other_object(const char *path, const char *build_id, const char *wanted_id,
		    const char *package, struct cc_error *error)
{
	char *here = cc_owner(cc_owners_read(), path);

	cc_fail(error, CC_EVERSION,
		"%s here is not the run's (build-id %s, the run had %s): it is of %s, the run's "
		"was of %s: install the package version that was recorded",
		path, build_id, wanted_id, *here ? here : "no package",
		*package ? package : "one that the slice does not name");
	free(here);
	return CC_EVERSION;
}
