/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Divergence: what was expected, what came, where (the op frame of cc_replay). These end the replay
 * with status 125.
 */
#ifndef CC_REPORT_H
#define CC_REPORT_H

#include "core/replay/preload.h"

#pragma GCC visibility push(hidden)

/* The program asks for `what`; the log's next record is something else. */
void cc_report_divergence(const char *what) __attribute__((noreturn));
/* The program makes a call of class CC_REFUSE. */
void cc_report_refused(const struct cc_hostcall *call, const uint64_t *args)
	__attribute__((noreturn));
/* Argument `item` is not the run's. */
void cc_report_argument(const struct cc_hostcall *call, const uint64_t *args, unsigned item)
	__attribute__((noreturn));
/* The value of an op is not the run's. */
void cc_report_value(const struct cc_value *expected, const struct cc_value *came)
	__attribute__((noreturn));
/*
 * An allocation that the C library made in a call came at another address: what was allocated
 * before is not the same.
 */
void cc_report_heap(const char *call, const struct cc_alloc *alloc, uint64_t came)
	__attribute__((noreturn));

#pragma GCC visibility pop

#endif
