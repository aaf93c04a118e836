/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The analysis interpreter's beginning and end, from the replayed program's side (analysis.h). */
#include "runtimes/python/attach.h"

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
#include "runtimes/python/analysis.h"
#include "runtimes/python/storage.h"

static void *object;
static struct cc_analysis host;

static void *symbol(const char *name)
{
	void *found = dlsym(RTLD_DEFAULT, name);

	if (!found)
		cc_die("this python has no %s", name);
	return found;
}

/* Beside this very object. */
char *cc_python_beside(const char *name)
{
	Dl_info info;
	char *path;

	if (!dladdr(&object, &info) ||
	    asprintf(&path, "%.*s%s", (int)(strrchr(info.dli_fname, '/') + 1 - info.dli_fname),
		     info.dli_fname, name) < 0)
		abort();
	return path;
}

/* Thread-local storage that its objects added: see cc_threads_hide_tls. */
unsigned cc_python_analysis_tls(void)
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

/* ---- thread-local storage ------------------------------------------------------------------------- */

static struct cc_storage *storage; /* in the analysis's object; NULL: there is none */

void cc_python_analysis_enter(void)
{
	if (!storage)
		return;
	if (storage->always)
		cc_thread_borrow(storage->own);
	else
		storage->program = cc_thread_storage();
}

void cc_python_analysis_leave(void)
{
	if (!storage)
		return;
	if (!storage->program)
		cc_thread_return(cc_thread_storage());
	storage->program = 0;
}

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
	pthread_t thread;

	if (create(&thread, NULL, give_storage, NULL))
		cc_die("the analysis gets no thread: %s", strerror(errno));
	while (!captured.fs || !captured.tid || *captured.tid)
		sched_yield();
	*captured.tid = captured.value; /* or its recursive locks would seem to be owned */
	storage = ((cc_storage_get_function *)dlsym(object, "cc_storage_get"))();
	storage->own = captured.fs;
}

void cc_python_analyse(const char *options)
{
	const char *rest = strstr(options, "\npath=");
	cc_analysis_begin_function *begin;
	const struct cc_python_tracer *tracer;
	char error[512];

	host.symbol = symbol;
	host.directory = cc_python_beside("python");
	host.options = strndup(options, rest ? (size_t)(rest - options) : strlen(options));
	host.path = rest ? rest + 6 : "";
	object = dlmopen(LM_ID_NEWLM, cc_python_beside("crosscut-analysis.so"), RTLD_NOW);
	if (!object)
		cc_die("%s: analysis in Python needs the package libpython3.11", dlerror());
	take_storage();
	begin = (cc_analysis_begin_function *)dlsym(object, "cc_analysis_begin");
	cc_thread_borrow(captured.fs);
	tracer = begin(&host, error, sizeof(error));
	cc_thread_return(cc_thread_storage());
	if (!tracer)
		cc_die("%s", error);
	cc_python_trace(tracer);
}

void cc_python_analysis_end(void)
{
	void (*end)(void) = object ? (void (*)(void))dlsym(object, "cc_analysis_end") : NULL;

	if (end) {
		cc_thread_borrow(captured.fs);
		end();
	}
}
