/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The languages, for the stage. */
#include <stddef.h>

#include "core/runtime/language.h"
#include "runtimes/perl/state/runtime.h"
#include "runtimes/python/state/runtime.h"

static const struct cc_language perl = {.name = "perl",
					.runtime = &cc_perl_runtime,
					.places = &cc_perl_places};
static const struct cc_language python = {.name = "python",
					  .runtime = &cc_python_runtime,
					  .places = &cc_python_places};

const struct cc_language *const cc_stage_languages[] = {&perl, &python, NULL};
