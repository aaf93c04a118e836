/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The languages, for the commands that record machines and slice them. */
#include <stddef.h>

#include "core/runtime/language.h"

extern const struct cc_guest_language cc_perl_guest, cc_python_guest;

static const struct cc_language perl = {.name = "perl", .kind = "plog", .guest = &cc_perl_guest};
static const struct cc_language python = {.name = "python",
					  .kind = "pylog",
					  .guest = &cc_python_guest};

const struct cc_language *const cc_languages[] = {&perl, &python, NULL};
