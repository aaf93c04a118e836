/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CC_PYTHON_RUNTIME_H
#define CC_PYTHON_RUNTIME_H

#include "core/runtime/runtime.h"

extern const struct cc_runtime cc_python_runtime;
extern const struct cc_runtime_places cc_python_places; /* places.c; in the stage only */

#endif
