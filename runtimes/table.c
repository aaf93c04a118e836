/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/runtime/runtime.h"

extern const struct cc_runtime cc_runtime_perl, cc_runtime_python;

const struct cc_runtime *const cc_runtimes[] = {
	&cc_runtime_perl,
	&cc_runtime_python,
	NULL,
};
