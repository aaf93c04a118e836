/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A hash for tables in memory. No file holds one: logs know contents by SipHash or SHA-256. */
#ifndef CC_HASH_H
#define CC_HASH_H

#include <stddef.h>
#include <stdint.h>

/*
 * FNV-1a, 64 bits (http://www.isthe.com/chongo/tech/comp/fnv), of `length` bytes, which may be 0.
 * The same in every process; whoever chooses the bytes can make two of one hash.
 */
static inline uint64_t cc_hash(const void *data, size_t length)
{
	const uint8_t *bytes = data;
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3u;
	return hash;
}

#endif
