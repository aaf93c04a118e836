/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/preload/apart.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "core/preload/preload.h"
#include "core/preload/raw.h"
#include "core/preload/threads.h"

static void *object;
static struct cc_storage plain = {.always = 1};
struct cc_storage *cc_apart_storage = &plain;

char *cc_apart_beside(const char *name)
{
	Dl_info info;
	char *path;

	if (!dladdr(&object, &info) ||
	    asprintf(&path, "%.*s%s", (int)(strrchr(info.dli_fname, '/') + 1 - info.dli_fname),
		     info.dli_fname, name) < 0)
		abort();
	return path;
}

unsigned cc_apart_tls(void)
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

void *cc_apart_function(const char *name)
{
	return object ? dlsym(object, name) : NULL;
}

/* ---- thread-local storage ------------------------------------------------------------------------- */

static struct {
	volatile uint64_t fs;
	volatile int *tid; /* the C library's note of it, which the kernel clears */
	volatile int value;
} captured;

/* A thread of the namespace's C library gives its storage away and is no more. */
static void *give_storage(void *unused)
{
	uint64_t fs = (uintptr_t)__builtin_thread_pointer();
	int tid = (int)cc_raw(SYS_gettid, 0, 0, 0, 0, 0, 0);

	for (int *at = (int *)fs; at < (int *)(fs + 2048) && !captured.tid; at++)
		if (*at == tid)
			captured.tid = at;
	captured.value = tid;
	captured.fs = fs;
	cc_raw(SYS_exit, 0, 0, 0, 0, 0, 0);
	return NULL;
}

static void take_storage(void)
{
	int (*create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) =
		dlsym(object, "pthread_create");
	cc_storage_get_function *get;
	pthread_t thread;

	if (create(&thread, NULL, give_storage, NULL))
		cc_die("the analysis gets no thread: %s", strerror(errno));
	while (!captured.fs || !captured.tid || *captured.tid)
		sched_yield();
	*captured.tid = captured.value; /* or its recursive locks would seem to be owned */
	get = (cc_storage_get_function *)dlsym(object, "cc_storage_get");
	if (get)
		cc_apart_storage = get();
	cc_apart_storage->own = captured.fs;
}

void cc_apart_load(const char *name, const char *package)
{
	char *path = cc_apart_beside(name);

	cc_loading(CC_LOADING_OURS);
	object = dlmopen(LM_ID_NEWLM, path, RTLD_NOW);
	cc_loading(CC_LOADING_NOTHING);
	if (!object)
		cc_die("%s: this analysis needs the package %s", dlerror(), package);
	free(path);
	take_storage();
}
