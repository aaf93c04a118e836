/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System calls from the one place that the tripwire lets through (raw.S). */
#ifndef CC_RAW_H
#define CC_RAW_H

/* The kernel's answer: a negative errno on failure. */
long cc_raw(long number, long a, long b, long c, long d, long e, long f);
void cc_raw_restorer(void);
extern char cc_raw_begin[], cc_raw_end[];

#endif
