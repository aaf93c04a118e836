/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CC_PERL_RUNTIME_H
#define CC_PERL_RUNTIME_H

#include "core/runtime/runtime.h"

extern const struct cc_runtime cc_perl_runtime;
extern const struct cc_runtime_places cc_perl_places; /* places.c; in the stage only */

#endif
