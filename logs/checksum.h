/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * XXH64, the checksum of every header and frame (the algorithm that zstd's own frames use). Written
 * out here because the reader runs beside a replayed program, where a library with state of its own
 * is one more thing that could be disturbed. It finds accidents; it does not stop a forger.
 */
#ifndef CC_CHECKSUM_H
#define CC_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

uint64_t cc_checksum(const void *data, size_t length); /* XXH64 with seed 0 */

#endif
