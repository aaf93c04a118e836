/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/replay/inner.h"

#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>

#include "core/host/inner.h"
#include "core/replay/raw.h"
#include "core/replay/replay.h"
#include "core/replay/state.h"
#include "core/replay/threads.h"

/* Those that are due, in the run's order. Records are read ahead up to the next event. */
struct answer {
	struct answer *next;
	unsigned number, thread;
	int64_t result;
	size_t length;
	uint8_t content[];
};
static struct {
	struct answer *answers, **last;
	uint64_t
		data; /* a bit for each descriptor on which the C library reads its data for real */
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

/* ---- the C library's data ---- */

static int is_data(int64_t descriptor)
{
	return descriptor >= 0 && descriptor < 64 && inner.data >> descriptor & 1;
}

static int opens_data(uint64_t number, const uint64_t args[6], long *answer)
{
	const char *path = (const char *)(uintptr_t)args[number == SYS_openat];

	if ((number != SYS_open && number != SYS_openat) || !path)
		return 0;
	*answer = cc_data_open(path);
	if (*answer >= 0 && *answer < 64)
		inner.data |= 1ull << *answer;
	return *answer >= 0;
}

static int reads_data(uint64_t number, const uint64_t args[6], long *answer)
{
	int64_t descriptor = cc_inner_descriptor(number, args);

	if (!is_data(descriptor))
		return 0;
	if (number == SYS_close)
		inner.data &= ~(1ull << descriptor);
	*answer = cc_raw((long)number, (long)args[0], (long)args[1], (long)args[2], (long)args[3],
			 (long)args[4], (long)args[5]);
	return 1;
}

/* ---- answers ---- */

/* In threads, what comes before it in the log may be another's to do. */
static struct answer *due(uint64_t number)
{
	struct answer *answer = take(number);

	if (answer || !cc_thread_many())
		return answer;
	cc_thread_turn();
	return take(number);
}

int cc_inner_answer(const greg_t *r, long *result)
{
	const uint64_t args[6] = {(uint64_t)r[REG_RDI], (uint64_t)r[REG_RSI], (uint64_t)r[REG_RDX],
				  (uint64_t)r[REG_R10], (uint64_t)r[REG_R8],  (uint64_t)r[REG_R9]};
	uint64_t number = (uint64_t)r[REG_RAX];
	unsigned argument = 0;
	struct answer *answer;

	if (!cc_inner_known(number, args))
		return 0;
	if (opens_data(number, args, result) || reads_data(number, args, result))
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
