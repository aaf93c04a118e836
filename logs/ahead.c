/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "logs/ahead.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SLOTS 3
#define SLOT_SIZE (8u << 20) /* a larger frame is the reader's own */
#define FRAMES_MIN 3	     /* shorter logs are read before a process is up */

/* Both counters only grow, and wake who waits for them. */
struct shared {
	_Atomic uint32_t made;  /* frames decoded */
	_Atomic uint32_t taken; /* frames that the reader has done with */
	struct {
		uint32_t whole; /* 0: too large, or damaged */
		uint32_t length;
	} slot[SLOTS];
	uint8_t data[];
};

struct cc_ahead {
	struct shared *shared;
	size_t size;
	pid_t process;
};

/* Until *word is not `value` any more, or a tenth of a second has passed. */
static void wait_for(_Atomic uint32_t *word, uint32_t value)
{
	struct timespec limit = {.tv_nsec = 100000000};

	syscall(SYS_futex, word, FUTEX_WAIT, value, &limit, NULL, 0);
}

static void raise_to(_Atomic uint32_t *word, uint32_t value)
{
	atomic_store(word, value);
	syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static void decode(struct cc_log_reader *reader, struct shared *shared, uint32_t number)
{
	const struct cc_entry *entry = &reader->entries[number];
	unsigned slot = number % SLOTS;
	struct cc_log_frame frame;

	shared->slot[slot].length = entry->raw_length;
	shared->slot[slot].whole =
		entry->raw_length <= SLOT_SIZE &&
		!cc_reader_header(reader, entry->offset, &frame, NULL) &&
		cc_reader_is(&frame, entry) &&
		!cc_reader_payload(reader, entry->offset, &frame,
				   shared->data + (size_t)slot * SLOT_SIZE, NULL);
}

static void run(struct cc_log_reader *reader, struct shared *shared, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	for (uint32_t number = 0; number < reader->count; number++) {
		uint32_t taken;

		while ((taken = atomic_load(&shared->taken)) + SLOTS <= number) {
			if (getppid() != parent)
				_exit(0);
			wait_for(&shared->taken, taken);
		}
		decode(reader, shared, number);
		raise_to(&shared->made, number + 1);
	}
	_exit(0);
}

struct cc_ahead *cc_ahead_start(struct cc_log_reader *reader)
{
	size_t size = sizeof(struct shared) + (size_t)SLOTS * SLOT_SIZE;
	struct cc_ahead *ahead;
	struct shared *shared;
	pid_t parent = getpid();

	if (reader->count < FRAMES_MIN || reader->count > UINT32_MAX / 2)
		return NULL;
	shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ahead = calloc(1, sizeof(*ahead));
	if (!ahead || shared == MAP_FAILED)
		goto fail;
	*ahead = (struct cc_ahead){shared, size, fork()};
	if (!ahead->process)
		run(reader, shared, parent);
	if (ahead->process > 0)
		return ahead;
fail:
	if (shared != MAP_FAILED)
		munmap(shared, size);
	free(ahead);
	return NULL;
}

void cc_ahead_stop(struct cc_ahead *ahead)
{
	if (!ahead)
		return;
	kill(ahead->process, SIGKILL);
	while (waitpid(ahead->process, NULL, 0) < 0 && errno == EINTR)
		;
	munmap(ahead->shared, ahead->size);
	free(ahead);
}

int cc_ahead_take(struct cc_ahead *ahead, size_t number, uint8_t *raw, size_t raw_length)
{
	struct shared *shared = ahead->shared;
	unsigned slot = number % SLOTS;
	uint32_t made;
	int whole;

	if (atomic_load(&shared->taken) != number)
		return -1; /* not in order: a blob's frame, or after a rewind */
	while ((made = atomic_load(&shared->made)) <= number) {
		if (waitpid(ahead->process, NULL, WNOHANG))
			return -1; /* it was killed */
		wait_for(&shared->made, made);
	}
	whole = shared->slot[slot].whole && shared->slot[slot].length == raw_length;
	if (whole)
		memcpy(raw, shared->data + (size_t)slot * SLOT_SIZE, raw_length);
	raise_to(&shared->taken, (uint32_t)number + 1);
	return whole ? 0 : -1;
}
