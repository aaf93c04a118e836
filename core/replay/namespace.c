/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/replay/namespace.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "core/replay/heap.h"
#include "core/replay/preload.h"
#include "core/replay/raw.h"
#include "core/replay/state.h"
#include "core/replay/threads.h"

static void *object CC_STATE;
static struct cc_storage plain = {.always = 1};
struct cc_storage *cc_namespace_storage = &plain;

char *cc_namespace_beside(const char *name)
{
	Dl_info info;

	if (!dladdr(&object, &info))
		abort();
	return cc_heap_format("%.*s%s", (int)(strrchr(info.dli_fname, '/') + 1 - info.dli_fname),
			      info.dli_fname, name);
}

unsigned cc_namespace_tls(void)
{
	struct link_map *map;
	unsigned count = 0;
	size_t id;

	if (!object || dlinfo(object, RTLD_DI_LINKMAP, &map))
		return 0;
	while (map->l_prev)
		map = map->l_prev;
	for (; map; map = map->l_next)
		count += !dlinfo(map, RTLD_DI_TLS_MODID, &id) && id;
	return count;
}

void *cc_namespace_function(const char *name)
{
	return object ? dlsym(object, name) : NULL;
}

/* ---- thread-local storage ---- */

#define NOTES_MAX 32
#define STORAGE_SECONDS 60

static struct {
	volatile uint64_t fs;
	int *notes[NOTES_MAX]; /* words that hold the thread's id */
	unsigned count;
	int tid;
} captured CC_STATE;

/* A thread of the namespace's C library gives its storage away and is no more. */
static void *give_storage(void *unused)
{
	uint64_t fs = (uintptr_t)__builtin_thread_pointer();

	captured.tid = (int)cc_raw(SYS_gettid, 0, 0, 0, 0, 0, 0);
	for (int *at = (int *)fs; at < (int *)(fs + 2048) && captured.count < NOTES_MAX; at++)
		if (*at == captured.tid)
			captured.notes[captured.count++] = at;
	captured.fs = fs;
	cc_raw(SYS_exit, 0, 0, 0, 0, 0, 0);
	return NULL;
}

/*
 * The word in which the C library notes the thread's id, and which the kernel clears when the
 * thread ends: that tells it from words that have the same value by chance, as the upper half of an
 * address has now and then. NULL: the thread has not ended yet.
 */
static volatile int *cleared_note(void)
{
	if (captured.fs)
		for (unsigned i = 0; i < captured.count; i++)
			if (!*(volatile int *)captured.notes[i])
				return captured.notes[i];
	return NULL;
}

static time_t seconds_now(void)
{
	struct timespec now;

	cc_raw(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&now, 0, 0, 0, 0);
	return now.tv_sec;
}

static void take_storage(void)
{
	int (*create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) =
		dlsym(object, "pthread_create");
	time_t until = seconds_now() + STORAGE_SECONDS;
	cc_storage_get_function *get;
	volatile int *note;
	pthread_t thread;

	if (create(&thread, NULL, give_storage, NULL))
		cc_die("the analysis gets no thread: %s", strerror(errno));
	while (!(note = cleared_note())) {
		if (seconds_now() > until)
			cc_die("the analysis gets no thread-local storage: its C library keeps no "
			       "thread's id");
		sched_yield();
	}
	*note = captured.tid; /* or that C library's recursive locks would seem to be owned */
	get = (cc_storage_get_function *)dlsym(object, "cc_storage_get");
	if (get)
		cc_namespace_storage = get();
	cc_namespace_storage->own = captured.fs;
}

void cc_namespace_load(const char *name, const char *package)
{
	char *path = cc_namespace_beside(name);

	cc_loading(CC_LOADING_OURS);
	object = dlmopen(LM_ID_NEWLM, path, RTLD_NOW);
	cc_loading(CC_LOADING_NOTHING);
	if (!object)
		cc_die("%s: this analysis needs the package %s", dlerror(), package);
	free(path);
	take_storage();
}
