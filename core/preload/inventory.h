/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CC_INVENTORY_H
#define CC_INVENTORY_H

#include "logs/trace.h"

#pragma GCC visibility push(hidden)

/* A MODULE record for each object that was loaded since it was called last; no trace: none. */
void cc_inventory_modules(struct cc_trace *trace, void (*carry)(const char *path));
#pragma GCC visibility pop

#endif
