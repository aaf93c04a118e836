/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads that end amidst something, by pthread_exit or thrd_exit: what unwinds their stacks is loaded for the first
 * one, cleanup handlers and destructors of keys run, a function of pthread_once is left.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>
#include <unistd.h>

#include "games.h"

#define PLAYERS 6
#define AFTER 8 /* letters of what comes later */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t barrier;
static pthread_key_t key;
static pthread_once_t onces[PLAYERS / 2];
static atomic_int turn;
static __thread long number;

static void ends(void *player)
{
	work(300 * (PLAYERS - (unsigned)(long)player));
	see((long)player);
	free(malloc(50));
	work(500);
	see((long)player + AFTER);
}

static void ends_locked(void *player)
{
	pthread_mutex_lock(&mutex);
	see((long)player);
	work(900);
	pthread_mutex_unlock(&mutex);
	see((long)player + AFTER);
	usleep(50);
	see((long)player + AFTER);
}

/* What a key holds is not NULL. */
static void key_ends(void *value)
{
	ends_locked((void *)((long)value - 1));
}

/* ---- the games: each player's thread -------------------------------------------------------------------- */

static void *handlers(void *player)
{
	pthread_barrier_wait(&barrier);
	pthread_cleanup_push(ends, player);
	pthread_cleanup_push(ends_locked, player);
	work(100);
	pthread_exit(player);
	pthread_cleanup_pop(0);
	pthread_cleanup_pop(0);
	return NULL;
}

static void *keys(void *player)
{
	pthread_barrier_wait(&barrier);
	pthread_setspecific(key, (void *)((long)player + 1));
	if ((long)player % 2)
		pthread_exit(player);
	return player;
}

static void begins(void)
{
	see(number);
	work(200);
	pthread_exit((void *)number);
}

/* Two and two ask for the same; who comes second, or is told that the first one was not through, begins anew. */
static void *once(void *player)
{
	number = (long)player;
	pthread_barrier_wait(&barrier);
	pthread_once(&onces[number / 2], begins);
	see(number + AFTER);
	return NULL;
}

static void *plain(void *player)
{
	pthread_barrier_wait(&barrier);
	work(100 * (unsigned)(long)player);
	see((long)player);
	if ((long)player % 3)
		thrd_exit((int)(long)player);
	return player;
}

static void *turns(void *player)
{
	pthread_barrier_wait(&barrier);
	pthread_cleanup_push(ends, player);
	while (atomic_load(&turn) % PLAYERS != (long)player)
		sched_yield();
	see((long)player);
	atomic_fetch_add(&turn, 1);
	pthread_exit(player);
	pthread_cleanup_pop(0);
	return NULL;
}

/* Plays this game, and returns what was seen in this process's games so far. */
const char *play(unsigned game)
{
	static void *(*const games[])(void *) = {handlers, keys, once, plain, turns};
	pthread_t threads[PLAYERS];
	long sum = 0;
	void *result;

	if (!key)
		pthread_key_create(&key, key_ends);
	memset(onces, 0, sizeof(onces));
	pthread_barrier_init(&barrier, NULL, PLAYERS);
	for (long i = 0; i < PLAYERS; i++)
		pthread_create(&threads[i], NULL, games[game % (sizeof(games) / sizeof(*games))], (void *)i);
	for (unsigned i = 0; i < PLAYERS; i++) {
		pthread_join(threads[i], &result);
		sum = sum * 31 + (long)result;
	}
	see(sum % 5);
	return seen;
}
