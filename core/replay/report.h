/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Divergence: what was expected, what came, where. These end the replay with status 125. */
#ifndef CC_REPORT_H
#define CC_REPORT_H

#include "core/replay/preload.h"

/* The program asks for `what` at `now`; the log holds `next` (nothing when !have_next). */
void cc_report_divergence(const struct cc_frame *now, const char *what,
			  const struct cc_definitions *definitions, const struct cc_record *next,
			  int have_next) __attribute__((noreturn));
/* The program makes a call of class CC_REFUSE. */
void cc_report_refused(const struct cc_hostcall *call, const uint64_t *args)
	__attribute__((noreturn));
void cc_report_argument(const struct cc_frame *now, const struct cc_hostcall *call,
			const uint64_t *args, unsigned item,
			const struct cc_definitions *definitions, const struct cc_record *next)
	__attribute__((noreturn));
void cc_report_value(const struct cc_frame *now, const struct cc_value *expected,
		     const struct cc_value *came) __attribute__((noreturn));

/*
 * An allocation that the C library made in a call came at another address: what was allocated
 * before is not the same.
 */
void cc_report_heap(const struct cc_frame *now, const char *call, const struct cc_alloc *alloc,
		    uint64_t came, const struct cc_record *next) __attribute__((noreturn));

#endif
