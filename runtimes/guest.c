/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/runtime/guest.h"

#include <stddef.h>

static const char *const perl_modules[] = {"lib*-perl", "pdl", "perl-tk", NULL};
static const char *const perl_trees[] = {
	"/etc/perl",
	"/usr/lib/x86_64-linux-gnu/perl*",
	"/usr/share/perl*",
	"/usr/local/lib/x86_64-linux-gnu/perl",
	"/usr/local/share/perl",
	"/usr/local/lib/site_perl",
	NULL,
};
static const char *const perl_objects[] = {"*/perl", "*/bin/perl5*", "*/perl5.[0-9]*",
					   "*/auto/*.so", NULL};

/* What gi.repository holds are typelibs. */
static const char *const python_modules[] = {"python3-*", "gir1.2-*", NULL};
static const char *const python_trees[] = {
	"/usr/lib/python3*",
	"/usr/local/lib/python3*/dist-packages",
	NULL,
};
static const char *const python_objects[] = {
	"*/bin/python3*",
	"*/python3",
	"*/python3.[0-9]*",
	"*/lib-dynload/*.so",
	"*/dist-packages/*.so",
	"*/site-packages/*.so",
	NULL,
};

const struct cc_guest_language cc_guest_languages[] = {
	{"perl", perl_modules, perl_trees, perl_objects, NULL},
	{"python3", python_modules, python_trees, python_objects, "*/__pycache__*"},
	{NULL, NULL, NULL, NULL, NULL},
};
