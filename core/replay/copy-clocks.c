/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clocks of a copy begin at the last values that the run is known to have seen, and go on at
 * the pace of this machine's. A clock that the run never looked at is this machine's.
 */
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>

#include "core/replay/copy.h"
#include "core/replay/raw.h"
#include "core/replay/state.h"

#define SECOND 1000000000ll
#define TICK 10000000ll /* sysconf(_SC_CLK_TCK) is 100 */

enum clock { REAL, MONOTONIC, PROCESS, THREAD, CLOCKS };
static struct {
	int known;
	/* nanoseconds: the run's last, and this machine's when the copy began */
	int64_t value, began;
} clocks[CLOCKS] CC_STATE;
static struct {
	int known;
	struct tms value;
	int64_t ticks;
} ticks CC_STATE;
static struct {
	int known;
	struct rusage value;
} usage[2] CC_STATE; /* of the process, of its children */

static const struct {
	clockid_t id;
	enum clock is;
} by_id[] = {
	{CLOCK_REALTIME, REAL},
	{CLOCK_REALTIME_COARSE, REAL},
	{CLOCK_TAI, REAL},
	{CLOCK_MONOTONIC, MONOTONIC},
	{CLOCK_MONOTONIC_RAW, MONOTONIC},
	{CLOCK_MONOTONIC_COARSE, MONOTONIC},
	{CLOCK_BOOTTIME, MONOTONIC},
	{CLOCK_PROCESS_CPUTIME_ID, PROCESS},
	{CLOCK_THREAD_CPUTIME_ID, THREAD},
};

static enum clock clock_of(clockid_t id)
{
	for (size_t i = 0; i < sizeof(by_id) / sizeof(*by_id); i++)
		if (by_id[i].id == id)
			return by_id[i].is;
	return CLOCKS;
}

static int64_t here(enum clock clock)
{
	static const clockid_t ids[] = {CLOCK_MONOTONIC, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID,
					CLOCK_THREAD_CPUTIME_ID};
	struct timespec now = {0};

	cc_raw(SYS_clock_gettime, ids[clock], (long)&now, 0, 0, 0, 0);
	return now.tv_sec * SECOND + now.tv_nsec;
}

void cc_copy_clocks_begin(void)
{
	for (enum clock clock = 0; clock < CLOCKS; clock++)
		clocks[clock].began = here(clock);
}

static int64_t elapsed(enum clock clock)
{
	return here(clock) - clocks[clock].began;
}

static int64_t now(enum clock clock)
{
	return clocks[clock].value + elapsed(clock);
}

/* ---- what the run was told ---- */

/*
 * The two clocks that tell the time go on together: one that is looked at says how far the other
 * has come.
 */
static void noted(enum clock clock, int64_t value, int64_t unit)
{
	enum clock other = clock == REAL ? MONOTONIC : REAL;
	int64_t step = value - clocks[clock].value;

	if (clocks[clock].known && step <= 0 && step > -unit)
		return; /* a coarser clock, of the same moment */
	if (clocks[clock].known && clock <= MONOTONIC && clocks[other].known && step > 0 &&
	    step < 86400 * SECOND)
		clocks[other].value += step;
	clocks[clock].known = 1;
	clocks[clock].value = value;
}

void cc_copy_note_time(const struct cc_copy_call *row, const uint64_t *args, int64_t ret)
{
	noted(REAL, ret * SECOND, SECOND);
}

void cc_copy_note_gettimeofday(const struct cc_copy_call *row, const uint64_t *args, int64_t ret)
{
	const struct timeval *got = (const void *)(uintptr_t)args[0];

	if (got)
		noted(REAL, got->tv_sec * SECOND + got->tv_usec * 1000, 1000);
}

void cc_copy_note_clock_gettime(const struct cc_copy_call *row, const uint64_t *args, int64_t ret)
{
	const struct timespec *got = (const void *)(uintptr_t)args[1];
	enum clock clock = clock_of((clockid_t)args[0]);

	if (clock < CLOCKS && got)
		noted(clock, got->tv_sec * SECOND + got->tv_nsec, TICK);
}

void cc_copy_note_clock(const struct cc_copy_call *row, const uint64_t *args, int64_t ret)
{
	noted(PROCESS, ret * 1000, 1000);
}

void cc_copy_note_times(const struct cc_copy_call *row, const uint64_t *args, int64_t ret)
{
	ticks.known = 1;
	ticks.ticks = ret;
	if (args[0])
		ticks.value = *(const struct tms *)(uintptr_t)args[0];
}

void cc_copy_note_getrusage(const struct cc_copy_call *row, const uint64_t *args, int64_t ret)
{
	int children = (int)args[0] == RUSAGE_CHILDREN;

	usage[children].known = 1;
	usage[children].value = *(const struct rusage *)(uintptr_t)args[1];
}

/* ---- answers ---- */

int64_t cc_copy_time(const struct cc_copy_call *row, uint64_t *args)
{
	int64_t seconds;

	if (!clocks[REAL].known)
		return cc_copy_real(row, args);
	seconds = now(REAL) / SECOND;
	if (args[0])
		*(time_t *)(uintptr_t)args[0] = seconds;
	return seconds;
}

int64_t cc_copy_gettimeofday(const struct cc_copy_call *row, uint64_t *args)
{
	struct timeval *to = (void *)(uintptr_t)args[0];
	int64_t value = now(REAL);

	if (!clocks[REAL].known)
		return cc_copy_real(row, args);
	if (to)
		*to = (struct timeval){value / SECOND, value % SECOND / 1000};
	return 0;
}

int64_t cc_copy_clock_gettime(const struct cc_copy_call *row, uint64_t *args)
{
	struct timespec *to = (void *)(uintptr_t)args[1];
	enum clock clock = clock_of((clockid_t)args[0]);

	if (clock == CLOCKS || !clocks[clock].known || !to)
		return cc_copy_kernel(SYS_clock_gettime, args);
	*to = (struct timespec){now(clock) / SECOND, now(clock) % SECOND};
	return 0;
}

int64_t cc_copy_clock(const struct cc_copy_call *row, uint64_t *args)
{
	return clocks[PROCESS].known ? now(PROCESS) / 1000 : cc_copy_real(row, args);
}

int64_t cc_copy_times(const struct cc_copy_call *row, uint64_t *args)
{
	struct tms *to = (void *)(uintptr_t)args[0];

	/* times(2) and CLOCK_MONOTONIC count the same seconds, from different beginnings */
	if (!ticks.known && clocks[MONOTONIC].known)
		return cc_copy_real(row, args) + (now(MONOTONIC) - here(MONOTONIC)) / TICK;
	if (!ticks.known)
		return cc_copy_real(row, args);
	if (to) {
		*to = ticks.value;
		to->tms_utime += elapsed(PROCESS) / TICK;
	}
	return ticks.ticks + elapsed(MONOTONIC) / TICK;
}

int64_t cc_copy_getrusage(const struct cc_copy_call *row, uint64_t *args)
{
	int children = (int)args[0] == RUSAGE_CHILDREN;
	struct rusage *to = (void *)(uintptr_t)args[1];
	int64_t user;

	if (!usage[children].known || !to || (int)args[0] < RUSAGE_CHILDREN)
		return cc_copy_real(row, args);
	*to = usage[children].value;
	user = to->ru_utime.tv_sec * SECOND + to->ru_utime.tv_usec * 1000 +
	       (children ? 0 : elapsed(PROCESS));
	to->ru_utime = (struct timeval){user / SECOND, user % SECOND / 1000};
	return 0;
}
