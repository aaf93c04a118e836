/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads of a library's own, which never hold the interpreter's lock and share memory: what they see of each
 * other depends on the order in which they ran. Each game leaves that order in `seen`.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <netdb.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

#include "games.h"

#define PLAYERS 4
#define ROUNDS 30

static atomic_int arrived;

/* ---- a queue without locks, whose consumer sleeps on an eventfd ---------------------------------------- */

static atomic_int queue[SEEN];
static atomic_int head, asleep;
static int wake_up;

static void *produce(void *player)
{
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t one = 1;

		work(200 * (unsigned)((i * 7 + (int)(long)player) % 5));
		if (i % 5 == (int)(long)player)
			usleep(200);
		atomic_store(&queue[atomic_fetch_add(&head, 1)], 1 + (int)(long)player);
		if (atomic_exchange(&asleep, 0) && write(wake_up, &one, sizeof(one)) != sizeof(one))
			perror("write");
	}
	return NULL;
}

static void *consume(void *unused)
{
	int at = 0, empty = 0;

	while (at < (PLAYERS - 1) * ROUNDS) {
		int got = atomic_load(&queue[at]);
		uint64_t events;

		if (got) {
			see(got - 1);
			at++;
			continue;
		}
		atomic_store(&asleep, 1);
		if (atomic_load(&queue[at]))
			continue;
		empty++;
		if (read(wake_up, &events, sizeof(events)) != sizeof(events))
			perror("read");
	}
	return (void *)(long)empty;
}

/* ---- a lock and a condition by futex(2) -------------------------------------------------------------- */

static atomic_uint word, turn;

static void lock_word(void)
{
	unsigned was = 0;

	if (atomic_compare_exchange_strong(&word, &was, 1))
		return;
	while (atomic_exchange(&word, 2))
		syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 2, NULL, NULL, 0);
}

static void unlock_word(void)
{
	if (atomic_exchange(&word, 0) == 2)
		syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void *futexes(void *player)
{
	for (int i = 0; i < ROUNDS; i++) {
		unsigned now;

		lock_word();
		see((int)(long)player);
		work(300);
		unlock_word();
		now = atomic_fetch_add(&turn, 1) + 1;
		syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
		if (i % 3 == (int)(long)player % 3) {
			struct timespec most = {0, 300000};

			syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, now, &most, NULL, 0);
		}
	}
	return NULL;
}

/* ---- the C library's own ----------------------------------------------------------------------------- */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t shared = PTHREAD_RWLOCK_INITIALIZER;
static pthread_spinlock_t spin;
static pthread_barrier_t barrier;
static sem_t semaphore;
static int tickets;

static void *conditions(void *player)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct timespec until;

		pthread_mutex_lock(&mutex);
		if ((i + (int)(long)player) % 2) {
			tickets++;
			if (i % 4)
				pthread_cond_signal(&condition);
			else
				pthread_cond_broadcast(&condition);
		} else {
			clock_gettime(CLOCK_REALTIME, &until);
			until.tv_nsec += 400000;
			if (until.tv_nsec >= 1000000000) {
				until.tv_nsec -= 1000000000;
				until.tv_sec++;
			}
			while (!tickets && pthread_cond_timedwait(&condition, &mutex, &until) != ETIMEDOUT)
				;
			tickets -= tickets > 0;
		}
		see((int)(long)player);
		pthread_mutex_unlock(&mutex);
		work(100 * (unsigned)(i % 7));
		if (i % 8 == 2 * (int)(long)player)
			usleep(100);
	}
	return NULL;
}

static void *the_others(void *player)
{
	for (int i = 0; i < ROUNDS; i++) {
		switch (i % 4) {
		case 0:
			pthread_rwlock_rdlock(&shared);
			work(100);
			see((int)(long)player);
			pthread_rwlock_unlock(&shared);
			break;
		case 1:
			pthread_rwlock_wrlock(&shared);
			see((int)(long)player);
			pthread_rwlock_unlock(&shared);
			break;
		case 2:
			pthread_spin_lock(&spin);
			see((int)(long)player);
			pthread_spin_unlock(&spin);
			sem_post(&semaphore);
			break;
		case 3:
			sem_wait(&semaphore);
			see((int)(long)player);
			if (i % 8 == 3)
				pthread_barrier_wait(&barrier);
		}
	}
	return NULL;
}

/* ---- who waits by looking again -------------------------------------------------------------------------- */

static atomic_int whose;

static void *yields(void *player)
{
	for (int i = 0; i < ROUNDS; i++) {
		while (atomic_load(&whose) % PLAYERS != (int)(long)player)
			sched_yield();
		see((int)(long)player);
		atomic_fetch_add(&whose, 1);
	}
	return NULL;
}

/* Only the timer's tick ends a turn: 'seen' has who was found to run last. */
static atomic_int last_seen, over;

static void *spins(void *player)
{
	for (int i = 0; i < 300; i++) {
		work(20000);
		if (atomic_exchange(&last_seen, (int)(long)player) != (int)(long)player)
			see((int)(long)player);
	}
	atomic_fetch_add(&over, 1);
	return NULL;
}

/* ---- first memory, which each takes inside a host call ----------------------------------------------------- */

static void *resolves(void *player)
{
	struct addrinfo *list;
	void *own;

	pthread_barrier_wait(&barrier);
	work(100 * (unsigned)(long)player);
	if (getaddrinfo("localhost", "80", NULL, &list))
		perror("getaddrinfo");
	own = malloc(100);
	see((int)(long)player);
	free(own);
	freeaddrinfo(list);
	return (void *)((long)own >> 20); /* which heap it has */
}

/* Each takes its first memory, and works on while others that began before it leave their heaps to those behind. */
static void *heirs(void *player)
{
	unsigned number = (unsigned)(long)player;
	void *own;

	pthread_barrier_wait(&barrier);
	work(3000 * number);
	own = malloc(100);
	work(40000 * (PLAYERS - number));
	see((int)number);
	free(own);
	return (void *)((long)own >> 20);
}

/* A thread that has made another one's memory begins it, and may be stopped on the way; that one only frees. */
struct child {
	long player;
	void *given;
};

static void *child(void *argument)
{
	struct child *child = argument;

	free(child->given);
	see(PLAYERS + (int)child->player);
	return NULL;
}

static void *mothers(void *player)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct child own = {(long)player, malloc(100 + 1000 * (size_t)(i % 3))};
		pthread_t thread;

		work(100 * (unsigned)(i % 5));
		see((int)own.player);
		if (pthread_create(&thread, NULL, child, &own)) {
			perror("pthread_create");
			break;
		}
		see((int)own.player);
		pthread_join(thread, NULL);
	}
	return NULL;
}

/* ---- C11's, and joins that do not wait, or not for long ---------------------------------------------------- */

static mtx_t mutex_11;
static cnd_t condition_11;
static once_flag once_11 = ONCE_FLAG_INIT;

static void begin_11(void)
{
	mtx_init(&mutex_11, mtx_timed);
	cnd_init(&condition_11);
}

static struct timespec soon(long nanoseconds)
{
	struct timespec until;

	timespec_get(&until, TIME_UTC);
	until.tv_nsec += nanoseconds;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	return until;
}

static int child_11(void *argument)
{
	int player = (int)(long)argument;

	mtx_lock(&mutex_11);
	see(PLAYERS + player);
	tickets++;
	cnd_signal(&condition_11);
	mtx_unlock(&mutex_11);
	if (player % 2)
		thrd_exit(player);
	return player + 10;
}

static void *c11(void *player)
{
	long sum = 0;

	call_once(&once_11, begin_11);
	for (int i = 0; i < ROUNDS; i++) {
		struct timespec until = soon(300000);
		thrd_t thread;
		int got = 0;

		if (thrd_create(&thread, child_11, player) != thrd_success)
			perror("thrd_create");
		if (mtx_timedlock(&mutex_11, &until) == thrd_success) {
			while (!tickets && cnd_timedwait(&condition_11, &mutex_11, &until) == thrd_success)
				;
			tickets -= tickets > 0;
			see((int)(long)player);
			mtx_unlock(&mutex_11);
		}
		work(100 * (unsigned)(i % 7));
		thrd_join(thread, &got);
		sum = sum * 31 + got;
	}
	return (void *)(sum % 1000003);
}

static void *sleeper(void *player)
{
	work(2000);
	see(PLAYERS + (int)(long)player);
	if ((long)player % 2)
		usleep(150);
	return (char *)player + 1;
}

static void *joins(void *player)
{
	long sum = 0;

	for (int i = 0; i < ROUNDS; i++) {
		struct timespec until = soon(100000);
		void *got = NULL;
		pthread_t thread;

		if (pthread_create(&thread, NULL, sleeper, player))
			perror("pthread_create");
		while (i % 3 ? pthread_tryjoin_np(thread, &got) : pthread_timedjoin_np(thread, &got, &until)) {
			see((int)(long)player);
			sched_yield();
			until = soon(100000);
		}
		sum = sum * 31 + (long)got;
	}
	return (void *)(sum % 1000003);
}

/* ---- what runs once, and what cleans up --------------------------------------------------------------------- */

static pthread_once_t first;

static void run_first(void)
{
	see(2 * PLAYERS);
	work(3000);
	free(malloc(100));
	see(2 * PLAYERS + 1);
}

static void cleans_up(void *player)
{
	see(PLAYERS + (int)(long)player);
}

static void *onces(void *player)
{
	pthread_cleanup_push(cleans_up, player);
	work(1000 * (unsigned)(long)player);
	pthread_once(&first, run_first);
	see((int)(long)player);
	pthread_cleanup_pop(1);
	return NULL;
}

static const struct {
	const char *name;
	void *(*first)(void *), *(*others)(void *);
} games[] = {
	{"queue", consume, produce}, {"futexes", futexes, futexes}, {"conditions", conditions, conditions},
	{"others", the_others, the_others}, {"yields", yields, yields}, {"spins", spins, spins},
	{"resolves", resolves, resolves}, {"heirs", heirs, heirs}, {"mothers", mothers, mothers},
	{"c11", c11, c11}, {"joins", joins, joins}, {"onces", onces, onces},
};

/* ---- beside the interpreter ------------------------------------------------------------------------------ */

static pthread_t runner;
static atomic_int goes_on, laps;

static void *runs(void *unused)
{
	while (atomic_load(&goes_on)) {
		work(500);
		if (atomic_fetch_add(&laps, 1) % 9 == 0)
			usleep(100);
	}
	return NULL;
}

void start(void)
{
	goes_on = 1;
	laps = 0;
	pthread_create(&runner, NULL, runs, NULL);
}

int peek(void)
{
	return atomic_load(&laps);
}

/* Longer than the interpreter lets anyone hold its lock, who holds it. */
int busy(void)
{
	work(400000);
	return peek();
}

void stop(void)
{
	goes_on = 0;
	pthread_join(runner, NULL);
}

/* Play a game; what was seen, and a sum of the players' results. */
const char *play(const char *name, long *result)
{
	pthread_t threads[PLAYERS];
	int game = 0;

	while (strcmp(games[game].name, name))
		game++;
	count = arrived = head = asleep = word = turn = tickets = whose = over = 0;
	last_seen = -1;
	first = PTHREAD_ONCE_INIT;
	memset(queue, 0, sizeof(queue));
	memset(seen, 0, sizeof(seen));
	wake_up = eventfd(0, EFD_CLOEXEC);
	pthread_spin_init(&spin, 0);
	pthread_barrier_init(&barrier, NULL, PLAYERS);
	sem_init(&semaphore, 0, 0);
	for (long i = 0; i < PLAYERS; i++)
		pthread_create(&threads[i], NULL, i ? games[game].others : games[game].first, (void *)i);
	for (int i = 0; i < PLAYERS; i++) {
		void *got;

		pthread_join(threads[i], &got);
		*result = i ? *result * 31 + (long)got : (long)got;
	}
	close(wake_up);
	return seen;
}
