/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/runtime/guest.h"

#include <stddef.h>

static const char *const modules[] = {"lib*-perl", "pdl", "perl-tk", NULL};
static const char *const trees[] = {
	"/etc/perl",
	"/usr/lib/x86_64-linux-gnu/perl*",
	"/usr/share/perl*",
	"/usr/local/lib/x86_64-linux-gnu/perl",
	"/usr/local/share/perl",
	"/usr/local/lib/site_perl",
	NULL,
};
static const char *const objects[] = {"*/perl", "*/bin/perl5*", "*/perl5.[0-9]*", "*/auto/*.so",
				      NULL};
static const char *const search_paths[] = {"PERL5LIB", "PERLLIB", NULL};

const struct cc_guest_language cc_perl_guest = {
	.package = "perl",
	.modules = modules,
	.trees = trees,
	.objects = objects,
	.search_paths = search_paths,
	.variables = "PERL",
};
