/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A set of byte strings, numbered in order of arrival. */
#ifndef CC_INTERN_H
#define CC_INTERN_H

#include <stddef.h>
#include <stdint.h>

struct cc_intern {
	struct cc_intern_slot *slots;
	size_t capacity, count; /* capacity is 0 or a power of two */
};

/* The number of `key`; *added says whether it is new. Copies the key. */
uint64_t cc_intern(struct cc_intern *set, const void *key, size_t length, int *added);
int64_t cc_intern_find(const struct cc_intern *set, const void *key, size_t length); /* or -1 */
void cc_intern_copy(struct cc_intern *to, const struct cc_intern *from);
void cc_intern_free(struct cc_intern *set);

#endif
