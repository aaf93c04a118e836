/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/runtime/guest.h"

#include <stddef.h>

/* What gi.repository holds are typelibs. */
static const char *const modules[] = {"python3-*", "gir1.2-*", NULL};
static const char *const trees[] = {
	"/usr/lib/python3*",
	"/usr/local/lib/python3*/dist-packages",
	NULL,
};
static const char *const objects[] = {
	"*/bin/python3*",
	"*/python3",
	"*/python3.[0-9]*",
	"*/lib-dynload/*.so",
	"*/dist-packages/*.so",
	"*/site-packages/*.so",
	NULL,
};
static const char *const search_paths[] = {"PYTHONPATH", "PYTHONHOME", NULL};

const struct cc_guest_language cc_python_guest = {
	.package = "python3",
	.modules = modules,
	.trees = trees,
	.objects = objects,
	.cache = "*/__pycache__*",
	.search_paths = search_paths,
	.variables = "PYTHON",
};
