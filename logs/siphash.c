/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * After Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012; 128 bits as in their code.
 */
#include "logs/siphash.h"

#include <endian.h>
#include <string.h>

struct state {
	uint64_t v0, v1, v2, v3;
};

static inline uint64_t rotate(uint64_t value, unsigned bits)
{
	return value << bits | value >> (64 - bits);
}

static inline void rounds(struct state *s, unsigned count)
{
	while (count--) {
		s->v0 += s->v1;
		s->v2 += s->v3;
		s->v1 = rotate(s->v1, 13) ^ s->v0;
		s->v3 = rotate(s->v3, 16) ^ s->v2;
		s->v0 = rotate(s->v0, 32) + s->v3;
		s->v2 += s->v1;
		s->v1 = rotate(s->v1, 17) ^ s->v2;
		s->v3 = rotate(s->v3, 21) ^ s->v0;
		s->v2 = rotate(s->v2, 32);
	}
}

static inline void absorb(struct state *s, uint64_t word)
{
	s->v3 ^= word;
	rounds(s, 2);
	s->v0 ^= word;
}

static inline uint64_t squeeze(struct state *s)
{
	rounds(s, 4);
	return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

struct cc_siphash cc_siphash(const struct cc_siphash_key *key, const void *data, size_t length)
{
	const uint8_t *at = data;
	struct cc_siphash hash;
	uint64_t word;
	struct state s = {
		.v0 = key->half[0] ^ 0x736f6d6570736575u,
		.v1 = key->half[1] ^ 0x646f72616e646f6du ^ 0xee,
		.v2 = key->half[0] ^ 0x6c7967656e657261u,
		.v3 = key->half[1] ^ 0x7465646279746573u,
	};

	for (size_t left = length / 8; left; left--, at += 8) {
		memcpy(&word, at, 8);
		absorb(&s, le64toh(word));
	}
	word = (uint64_t)length << 56;
	for (unsigned i = 0; i < length % 8; i++)
		word |= (uint64_t)at[i] << 8 * i;
	absorb(&s, word);
	s.v2 ^= 0xee;
	hash.half[0] = squeeze(&s);
	s.v1 ^= 0xdd;
	hash.half[1] = squeeze(&s);
	return hash;
}
