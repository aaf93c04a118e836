/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CC_LIVE_INVENTORY_H
#define CC_LIVE_INVENTORY_H

#include "logs/trace.h"

#pragma GCC visibility push(hidden)

/* Before the others: what is loaded now for our sake alone is not told of. */
void cc_inventory_begin(void);
/* Who the process is, as the stage says it of a guest's (core/stage/machine/identity.c). */
void cc_inventory_identity(json_t *manifest);
/* A MODULE record for each object that was loaded since it was called last. */
void cc_inventory_modules(struct cc_trace *trace, void (*carry)(const char *path));
#pragma GCC visibility pop

#endif
