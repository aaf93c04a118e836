/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is memory there? The kernel is asked by calls that look at an address, or write what stands
 * there, and do nothing else: they are the process's own affair, which no confinement forbids, as
 * it does process_vm_readv(2).
 */
#ifndef CC_PROBE_H
#define CC_PROBE_H

#include <errno.h>
#include <linux/futex.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "core/replay/raw.h"

/* Eight bytes from here on can be read: 1 or 0. */
static inline int cc_can_read(const void *address)
{
	/* The set is fetched before `how` is looked at, and -1 is none: sigprocmask(2). */
	return cc_raw(SYS_rt_sigprocmask, -1, (long)address, 0, 8, 0, 0) == -EINVAL;
}

/*
 * The aligned word that stands here can be written: 1 or 0. Nothing is changed; who waits for the
 * word is woken only where it is -1.
 */
static inline int cc_can_write(void *word)
{
	uint32_t own = 0;

	return cc_raw(SYS_futex, (long)&own, FUTEX_WAKE_OP | FUTEX_PRIVATE_FLAG, 0, 0, (long)word,
		      FUTEX_OP(FUTEX_OP_OR, 0, FUTEX_OP_CMP_EQ, -1)) >= 0;
}

#endif
