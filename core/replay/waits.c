/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Waits for semaphores in a throwaway copy of a replay. The program's threads are not there: a lock
 * that one of them had would be waited for without end, such as that of a file that it was writing
 * to. So a wait is over at once: the thread has what it waits for, or, if the wait has a limit, the
 * time has passed. Threads that the copy has started itself are waited for.
 */
#include <errno.h>
#include <semaphore.h>
#include <sys/stat.h>
#include <time.h>

#include "core/replay/preload.h"
#include "core/replay/threads.h"

enum { PLAIN = 1, TIMED, BY_CLOCK }; /* by the number of arguments */

static void *real[BY_CLOCK + 1];

static int others_run(void)
{
	struct stat threads;

	/* "." and ".." and this one */
	return !stat("/proc/self/task", &threads) && threads.st_nlink > 3;
}

static int wait_plain(sem_t *semaphore)
{
	if (!sem_trywait(semaphore) || !others_run())
		return 0;
	return ((int (*)(sem_t *))real[PLAIN])(semaphore);
}

static int time_out(void)
{
	errno = ETIMEDOUT;
	return -1;
}

static int wait_timed(sem_t *semaphore, const struct timespec *until)
{
	if (!sem_trywait(semaphore))
		return 0;
	return others_run()
		       ? ((int (*)(sem_t *, const struct timespec *))real[TIMED])(semaphore, until)
		       : time_out();
}

static int wait_by_clock(sem_t *semaphore, clockid_t clock, const struct timespec *until)
{
	if (!sem_trywait(semaphore))
		return 0;
	return others_run()
		       ? ((int (*)(sem_t *, clockid_t,
				   const struct timespec *))real[BY_CLOCK])(semaphore, clock, until)
		       : time_out();
}

void cc_waits_in_copy(void)
{
	void *const ours[] = {[PLAIN] = (void *)wait_plain,
			      [TIMED] = (void *)wait_timed,
			      [BY_CLOCK] = (void *)wait_by_clock};

	for (unsigned i = 0; i < cc_symbol_count; i++) {
		const struct cc_hostcall *call;

		if (cc_symbols[i].effect != CC_EFFECT_WAIT_SEMAPHORE)
			continue;
		call = cc_hostcall_row(cc_symbols[i].row);
		if (call->nargs < PLAIN || call->nargs > BY_CLOCK)
			continue;
		real[call->nargs] = cc_real_function(i);
		cc_real[i] = ours[call->nargs];
	}
}
