/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/intern.h"
#include "core/base/hash.h"
#include "core/base/memory.h"

#include <stdlib.h>
#include <string.h>

struct cc_intern_slot {
	uint64_t hash;
	uint64_t id;
	size_t length;
	void *key; /* NULL: free slot */
};

static struct cc_intern_slot *find(const struct cc_intern *set, uint64_t hash, const void *key,
				   size_t length)
{
	size_t i = hash & (set->capacity - 1);

	for (;; i = (i + 1) & (set->capacity - 1)) {
		struct cc_intern_slot *slot = &set->slots[i];

		if (!slot->key || (slot->hash == hash && slot->length == length &&
				   !memcmp(slot->key, key, length)))
			return slot;
	}
}

static void grow(struct cc_intern *set)
{
	struct cc_intern old = *set;

	set->capacity = old.capacity ? old.capacity * 2 : 64;
	set->slots = cc_allocate_zeros(set->capacity, sizeof(*set->slots));
	for (size_t i = 0; i < old.capacity; i++)
		if (old.slots[i].key)
			*find(set, old.slots[i].hash, old.slots[i].key, old.slots[i].length) =
				old.slots[i];
	free(old.slots);
}

uint64_t cc_intern(struct cc_intern *set, const void *key, size_t length, int *added)
{
	uint64_t hash = cc_hash(key, length);
	struct cc_intern_slot *slot;

	if (set->count * 2 >= set->capacity)
		grow(set);
	slot = find(set, hash, key, length);
	*added = !slot->key;
	if (*added) {
		slot->key = cc_copy_bytes(key, length);
		slot->hash = hash;
		slot->length = length;
		slot->id = set->count++;
	}
	return slot->id;
}

int64_t cc_intern_find(const struct cc_intern *set, const void *key, size_t length)
{
	const struct cc_intern_slot *slot =
		set->capacity ? find(set, cc_hash(key, length), key, length) : NULL;

	return slot && slot->key ? (int64_t)slot->id : -1;
}

void cc_intern_copy(struct cc_intern *to, const struct cc_intern *from)
{
	memset(to, 0, sizeof(*to));
	while (to->capacity < from->capacity)
		grow(to);
	for (size_t i = 0; i < from->capacity; i++) {
		struct cc_intern_slot slot = from->slots[i];

		if (!slot.key)
			continue;
		slot.key = cc_copy_bytes(slot.key, slot.length);
		*find(to, slot.hash, slot.key, slot.length) = slot;
	}
	to->count = from->count;
}

void cc_intern_free(struct cc_intern *set)
{
	for (size_t i = 0; i < set->capacity; i++)
		free(set->slots[i].key);
	free(set->slots);
	memset(set, 0, sizeof(*set));
}
