/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "logs/blob.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define FIRST_SLOTS 1024

struct slot {
	struct cc_siphash hash;
	uint64_t offset; /* plus one: zero is an empty slot */
};

struct cc_blobs {
	struct cc_siphash_key key;
	struct slot *slots; /* open addressing, linear probing */
	size_t count;
	size_t size; /* a power of two */
};

static struct cc_blobs *blobs_of_size(size_t size)
{
	struct cc_blobs *blobs = calloc(1, sizeof(*blobs));

	if (!blobs)
		return NULL;
	blobs->size = size;
	blobs->slots = calloc(size, sizeof(*blobs->slots));
	if (!blobs->slots) {
		cc_blobs_free(blobs);
		return NULL;
	}
	return blobs;
}

struct cc_blobs *cc_blobs_new(void)
{
	struct cc_blobs *blobs = blobs_of_size(FIRST_SLOTS);

	if (blobs && getrandom(&blobs->key, sizeof(blobs->key), 0) != sizeof(blobs->key)) {
		cc_blobs_free(blobs);
		return NULL;
	}
	return blobs;
}

struct cc_blobs *cc_blobs_copy(const struct cc_blobs *blobs)
{
	struct cc_blobs *copy = blobs_of_size(blobs->size);

	if (!copy)
		return NULL;
	memcpy(copy->slots, blobs->slots, blobs->size * sizeof(*blobs->slots));
	copy->count = blobs->count;
	copy->key = blobs->key;
	return copy;
}

void cc_blobs_free(struct cc_blobs *blobs)
{
	if (!blobs)
		return;
	free(blobs->slots);
	free(blobs);
}

struct cc_siphash cc_blob_hash(const struct cc_blobs *blobs, const void *data, size_t length)
{
	return cc_siphash(&blobs->key, data, length);
}

/* The slot of a hash, or the empty one where it belongs. There always is one: see cc_blobs_add. */
static struct slot *slot_of(const struct cc_blobs *blobs, const struct cc_siphash *hash)
{
	size_t i = hash->half[0] & (blobs->size - 1);

	while (blobs->slots[i].offset && memcmp(&blobs->slots[i].hash, hash, sizeof(*hash)))
		i = (i + 1) & (blobs->size - 1);
	return &blobs->slots[i];
}

int cc_blobs_find(const struct cc_blobs *blobs, const struct cc_siphash *hash, uint64_t *offset)
{
	const struct slot *slot = slot_of(blobs, hash);

	if (!slot->offset)
		return 0;
	*offset = slot->offset - 1;
	return 1;
}

/* Room for one more below three quarters of the slots? */
static int make_room(struct cc_blobs *blobs)
{
	struct slot *old = blobs->slots;
	size_t old_size = blobs->size;

	if (blobs->count + 1 <= blobs->size / 4 * 3)
		return 1;
	if (blobs->size >= CC_BLOB_SLOTS)
		return 0;
	blobs->slots = calloc(old_size * 2, sizeof(*old));
	if (!blobs->slots) {
		blobs->slots = old;
		return 0;
	}
	blobs->size = old_size * 2;
	for (size_t i = 0; i < old_size; i++)
		if (old[i].offset)
			*slot_of(blobs, &old[i].hash) = old[i];
	free(old);
	return 1;
}

void cc_blobs_add(struct cc_blobs *blobs, const struct cc_siphash *hash, uint64_t offset)
{
	struct slot *slot = slot_of(blobs, hash);

	if (slot->offset || !make_room(blobs))
		return;
	*slot_of(blobs, hash) = (struct slot){.hash = *hash, .offset = offset + 1};
	blobs->count++;
}
