/* SPDX-License-Identifier: GPL-2.0-or-later */
/* XXH64, after its specification (xxhash_spec.md of the xxHash project), section "XXH64". */
#include "logs/checksum.h"

#include <endian.h>
#include <string.h>

#define PRIME1 0x9E3779B185EBCA87u
#define PRIME2 0xC2B2AE3D27D4EB4Fu
#define PRIME3 0x165667B19E3779F9u
#define PRIME4 0x85EBCA77C2B2AE63u
#define PRIME5 0x27D4EB2F165667C5u

#define STRIPE 32 /* bytes that the four lanes take at once */

static inline uint64_t load64(const uint8_t *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return le64toh(value);
}

static inline uint64_t load32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return le32toh(value);
}

static inline uint64_t rotate(uint64_t value, unsigned bits)
{
	return value << bits | value >> (64 - bits);
}

static inline uint64_t mix(uint64_t lane, uint64_t input)
{
	return rotate(lane + input * PRIME2, 31) * PRIME1;
}

static inline uint64_t merge(uint64_t sum, uint64_t lane)
{
	return (sum ^ mix(0, lane)) * PRIME1 + PRIME4;
}

static uint64_t sum_stripes(const uint8_t *at, size_t stripes)
{
	uint64_t lane[4] = {PRIME1 + PRIME2, PRIME2, 0, -PRIME1};
	uint64_t sum;

	for (; stripes; stripes--, at += STRIPE)
		for (unsigned i = 0; i < 4; i++)
			lane[i] = mix(lane[i], load64(at + 8 * i));
	sum = rotate(lane[0], 1) + rotate(lane[1], 7) + rotate(lane[2], 12) + rotate(lane[3], 18);
	for (unsigned i = 0; i < 4; i++)
		sum = merge(sum, lane[i]);
	return sum;
}

/* The last 0 to 31 bytes. */
static uint64_t sum_rest(uint64_t sum, const uint8_t *at, size_t length)
{
	for (; length >= 8; length -= 8, at += 8)
		sum = rotate(sum ^ mix(0, load64(at)), 27) * PRIME1 + PRIME4;
	if (length >= 4) {
		sum = rotate(sum ^ load32(at) * PRIME1, 23) * PRIME2 + PRIME3;
		length -= 4;
		at += 4;
	}
	for (; length; length--, at++)
		sum = rotate(sum ^ *at * PRIME5, 11) * PRIME1;
	return sum;
}

uint64_t cc_checksum(const void *data, size_t length)
{
	const uint8_t *at = length ? data : ""; /* NULL has no bytes to count from */
	size_t stripes = length / STRIPE;
	uint64_t sum = stripes ? sum_stripes(at, stripes) : PRIME5;

	sum = sum_rest(sum + length, at + stripes * STRIPE, length % STRIPE);
	sum = (sum ^ sum >> 33) * PRIME2;
	sum = (sum ^ sum >> 29) * PRIME3;
	return sum ^ sum >> 32;
}
