/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside core/host: tables of arguments whose meaning depends on another one, the selector. */
#ifndef CC_HOST_VARIANT_H
#define CC_HOST_VARIANT_H

#include "core/host/hostcall.h"

struct cc_variant {
	uint64_t mask, value; /* the selector's bits by which it chooses this variant */
	const char *type;     /* as in a spec; "" when there is no argument */
	int class;	      /* of the whole call, when not the row's; else -1 */
	int unknown;	      /* what such a call brings is not known: see cc_call_unknown */
	struct cc_item item;
};

#define NONE (-1)
#define VARIANT(bits, wanted, text, other)                                                         \
	{                                                                                          \
		.mask = (bits), .value = (wanted), .type = text, .class = other                    \
	}
#define IS(selector, text) VARIANT(UINT32_MAX, (uint32_t)(selector), text, NONE)
#define BITS(bits, text) VARIANT(bits, bits, text, NONE)
#define CLASS(selector, other) VARIANT(UINT32_MAX, (uint32_t)(selector), "", other)
#define OTHERS(text) VARIANT(0, 0, text, NONE)
#define OTHERS_CLASS(other) VARIANT(0, 0, "", other)
#define UNKNOWN(selector)                                                                          \
	{                                                                                          \
		.mask = UINT32_MAX, .value = (uint32_t)(selector), .type = "", .class = NONE,      \
		.unknown = 1                                                                       \
	}
#define OTHERS_UNKNOWN                                                                             \
	{                                                                                          \
		.type = "", .class = NONE, .unknown = 1                                            \
	}
#define END                                                                                        \
	{                                                                                          \
		.type = NULL                                                                       \
	}

/* ioctls.c */
extern struct cc_variant cc_ioctl_variants[];
/* A request that is not listed: what its number says, where that can be trusted; 0, or -1. */
int cc_ioctl_item(uint32_t request, struct cc_item *item);

#endif
