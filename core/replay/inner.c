/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/replay/inner.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>

#include "core/host/inner.h"
#include "core/replay/heap.h"
#include "core/replay/raw.h"
#include "core/replay/replay.h"
#include "core/replay/state.h"
#include "core/replay/threads.h"

/* Answers that are due, in the run's order. Records are read ahead up to the next event. */
struct answer {
	struct answer *next;
	unsigned number, thread;
	int64_t result;
	size_t length;
	uint8_t content[];
};
static struct {
	struct answer *answers, **last;
	/* By the run's descriptor: the real one behind it, plus 1; 0: there is none */
	int real[CC_INNER_DESCRIPTORS];
} inner CC_STATE = {.last = &inner.answers};

int cc_inner_note(struct cc_log_reader *reader, struct cc_cursor *cursor, unsigned thread)
{
	uint64_t number = cc_get_u(cursor);
	int64_t result = cc_get_s(cursor);
	size_t length;
	const uint8_t *content = cc_log_get_blob(reader, cursor, &length);
	struct answer *answer;

	if (!content)
		return -1;
	answer = cc_heap_malloc(sizeof(*answer) + length);
	*answer = (struct answer){.number = (unsigned)number,
				  .thread = thread,
				  .result = result,
				  .length = length};
	memcpy(answer->content, content, length);
	*inner.last = answer;
	inner.last = &answer->next;
	return 0;
}

static struct answer *take(uint64_t number)
{
	for (struct answer **at = &inner.answers; *at; at = &(*at)->next) {
		struct answer *answer = *at;

		if (answer->number != number || answer->thread != cc_thread)
			continue;
		*at = answer->next;
		if (!*at)
			inner.last = at;
		return answer;
	}
	return NULL;
}

/*
 * The running thread's next answer to this call. What comes before it in the log may be another
 * thread's to do.
 */
static struct answer *due(uint64_t number)
{
	struct answer *answer = take(number);

	if (answer || !cc_thread_many())
		return answer;
	cc_thread_turn();
	return take(number);
}

/* ---- files that the slice brought ---- */

/* The real descriptor behind one of the run's; -1: there is none. */
static int real_of(int64_t descriptor)
{
	return descriptor >= 0 && descriptor < CC_INNER_DESCRIPTORS ? inner.real[descriptor] - 1
								    : -1;
}

static void set_real(int64_t descriptor, long real)
{
	if (descriptor >= 0 && descriptor < CC_INNER_DESCRIPTORS)
		inner.real[descriptor] = (int)real + 1;
}

/*
 * Logs of earlier builds do not tell what the C library opened: that is files that they brought,
 * and code of the C library's package, which is here as the library itself is.
 */
static int opens_untold(const char *path, long *result)
{
	long real = cc_data_open(path);

	if (real == -ENOENT && cc_inner_object(path))
		real = cc_raw(SYS_openat, AT_FDCWD, (long)path, O_RDONLY | O_CLOEXEC, 0, 0, 0);
	if (real < 0)
		return 0;
	set_real(real, real);
	*result = real;
	return 1;
}

static int opens(uint64_t number, const uint64_t args[6], long *result)
{
	const char *path = (const char *)(uintptr_t)args[number == SYS_openat];
	struct answer *answer;
	long real;

	if ((number != SYS_open && number != SYS_openat) || !path)
		return 0;
	if (!cc_replay_knows_opens())
		return opens_untold(path, result);
	answer = due(number);
	if (!answer)
		return 0;
	*result = answer->result;
	cc_heap_free(answer);
	real = *result < 0 ? -1 : cc_data_open(path);
	if (real >= 0)
		set_real(*result, real);
	return 1;
}

static int works_on_data(uint64_t number, const uint64_t args[6], long *result)
{
	int64_t descriptor = cc_inner_descriptor(number, args);
	int real = real_of(descriptor);

	if (real < 0)
		return 0;
	if (number == SYS_close)
		set_real(descriptor, -1);
	*result = cc_raw((long)number, real, (long)args[1], (long)args[2], (long)args[3],
			 (long)args[4], (long)args[5]);
	return 1;
}

long cc_inner_map(const greg_t *r)
{
	int real = real_of(r[REG_R8]);

	return cc_raw(SYS_mmap, r[REG_RDI], r[REG_RSI], r[REG_RDX], r[REG_R10],
		      real < 0 ? r[REG_R8] : real, r[REG_R9]);
}

/* ---- answers ---- */

int cc_inner_answer(const greg_t *r, long *result)
{
	const uint64_t args[6] = {(uint64_t)r[REG_RDI], (uint64_t)r[REG_RSI], (uint64_t)r[REG_RDX],
				  (uint64_t)r[REG_R10], (uint64_t)r[REG_R8],  (uint64_t)r[REG_R9]};
	uint64_t number = (uint64_t)r[REG_RAX];
	unsigned argument = 0;
	struct answer *answer;

	if (!cc_inner_known(number, args))
		return 0;
	if (opens(number, args, result) || works_on_data(number, args, result))
		return 1;
	answer = due(number);
	if (!answer)
		return 0;
	if (answer->length != cc_inner_out(number, args, answer->result, &argument))
		cc_die("malformed record of system call %u: what it brings does not fit",
		       answer->number);
	if (answer->length)
		memcpy((void *)(uintptr_t)args[argument], answer->content, answer->length);
	*result = answer->result;
	cc_heap_free(answer);
	if (cc_inner_signals(number))
		cc_replay_raised();
	return 1;
}

/*
 * Of such earlier logs: a call on the C library's data only looks for files, and what it looked for
 * in vain is not there.
 */
static int untold(const greg_t *r, long *result)
{
	switch (r[REG_RAX]) {
	case SYS_openat:
	case SYS_open:
		*result = cc_data_below(
				  (const char *)(r[REG_RAX] == SYS_open ? r[REG_RDI] : r[REG_RSI]))
				  ? cc_raw(SYS_openat, AT_FDCWD, (long)"/usr",
					   O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, 0, 0)
				  : -ENOENT;
		if (*result >= 0)
			set_real(*result, *result);
		return 1;
	case SYS_newfstatat:
	case SYS_stat:
	case SYS_access:
	case SYS_readlink:
		*result = -ENOENT;
		return 1;
	}
	return 0;
}

int cc_inner_of_data(const greg_t *r, long *result)
{
	if (r[REG_RAX] == SYS_mmap) {
		*result = cc_inner_map(r);
		return 1;
	}
	return cc_inner_answer(r, result) || (!cc_replay_knows_opens() && untold(r, result));
}
