/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SipHash-2-4 with 128 bits: a hash under a secret key. Who does not know the key cannot make two
 * inputs that hash alike, and it needs no library (the writer also runs inside a recorded process).
 */
#ifndef CC_SIPHASH_H
#define CC_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

struct cc_siphash_key {
	uint64_t half[2];
};

struct cc_siphash {
	uint64_t half[2];
};

/* SipHash with 128 bits of result (Aumasson and Bernstein, 2012), of `length` bytes. */
struct cc_siphash cc_siphash(const struct cc_siphash_key *key, const void *data, size_t length);

#endif
