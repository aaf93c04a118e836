/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "logs/ahead.h"

#include <limits.h>
#include <linux/futex.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "core/base/memory.h"

#define PAGE 4096ul
#define WAKE_EVERY (CC_AHEAD_SLOTS / 2) /* frames taken: to wake the server costs us, too */

struct cc_ahead {
	struct cc_ahead_shared *shared;
	struct cc_ahead_pages pages;
	size_t next; /* frame to be taken */
};

void cc_ahead_populate(struct cc_ahead_pages *pages, struct cc_ahead_shared *shared, unsigned slot,
		       size_t length, int advice)
{
	size_t have = pages->have[slot], need = (length + PAGE - 1) / PAGE * PAGE;

	if (need <= have || length > CC_AHEAD_SLOT_SIZE)
		return;
	madvise(shared->data[slot] + have, need - have, advice);
	pages->have[slot] = need;
}

void cc_ahead_wait(_Atomic uint32_t *word, uint32_t value)
{
	struct timespec limit = {.tv_nsec = 100000000};

	syscall(SYS_futex, word, FUTEX_WAIT, value, &limit, NULL, 0);
}

void cc_ahead_wake(_Atomic uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static int is_of(const struct cc_ahead_shared *shared, const struct cc_log_reader *reader)
{
	struct stat info;

	return shared->server == getppid() && !fstat(reader->fd, &info) &&
	       info.st_dev == shared->device && info.st_ino == shared->inode;
}

struct cc_ahead *cc_ahead_join(const struct cc_log_reader *reader, int descriptor)
{
	struct cc_ahead *ahead = calloc(1, sizeof(*ahead));
	struct cc_ahead_shared *shared =
		mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);

	close(descriptor);
	if (ahead && shared != MAP_FAILED && is_of(shared, reader)) {
		ahead->shared = shared;
		return ahead;
	}
	if (shared != MAP_FAILED)
		munmap(shared, sizeof(*shared));
	free(ahead);
	return NULL;
}

void cc_ahead_leave(struct cc_ahead *ahead)
{
	if (!ahead)
		return;
	munmap(ahead->shared, sizeof(*ahead->shared));
	free(ahead);
}

void cc_ahead_detach(struct cc_ahead *ahead)
{
	struct cc_ahead_shared *shared = ahead->shared;
	struct cc_ahead_shared *own = mmap(NULL, sizeof(*own), PROT_READ | PROT_WRITE,
					   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	uint32_t made = atomic_load(&shared->made);

	if (own == MAP_FAILED)
		cc_no_memory(sizeof(*own));
	memcpy(own, shared, offsetof(struct cc_ahead_shared, data));
	atomic_store(&own->made, made);
	for (unsigned i = 0; i < CC_AHEAD_SLOTS; i++)
		if (own->slot[i].whole && own->slot[i].length <= CC_AHEAD_SLOT_SIZE)
			memcpy(own->data[i], shared->data[i], own->slot[i].length);
	if (mremap(own, sizeof(*own), sizeof(*own), MREMAP_MAYMOVE | MREMAP_FIXED, shared) ==
	    MAP_FAILED)
		cc_no_memory(sizeof(*own));
}

/* The frame that was taken last is done with. */
static void give_back(struct cc_ahead *ahead)
{
	atomic_store(&ahead->shared->taken, (uint32_t)ahead->next);
	if (ahead->next % WAKE_EVERY == 0)
		cc_ahead_wake(&ahead->shared->taken);
}

uint8_t *cc_ahead_take(struct cc_ahead *ahead, size_t number, size_t raw_length)
{
	struct cc_ahead_shared *shared = ahead->shared;
	unsigned slot = number % CC_AHEAD_SLOTS;
	uint32_t made;

	if (number != ahead->next)
		return NULL; /* after a rewind, or the server's death */
	give_back(ahead);
	while ((made = atomic_load(&shared->made)) <= number) {
		if (getppid() != shared->server)
			return NULL; /* it was killed */
		cc_ahead_wait(&shared->made, made);
	}
	ahead->next++;
	if (!shared->slot[slot].whole || shared->slot[slot].length != raw_length)
		return NULL;
	cc_ahead_populate(&ahead->pages, shared, slot, raw_length, MADV_POPULATE_READ);
	return shared->data[slot];
}
