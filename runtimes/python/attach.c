/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The analysis interpreter's beginning and end, from the replayed program's side (analysis.h). */
#include "runtimes/python/attach.h"

#include <dlfcn.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/preload/preload.h"
#include "core/preload/threads.h"
#include "runtimes/python/analysis.h"

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
static char *beside(const char *name)
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

void cc_python_analyse(const char *options)
{
	const char *rest = strstr(options, "\npath=");
	cc_analysis_begin_function *begin;
	const struct cc_python_tracer *tracer;
	char error[512];

	host.symbol = symbol;
	host.line = cc_python_line;
	host.directory = beside("python");
	host.options = strndup(options, rest ? (size_t)(rest - options) : strlen(options));
	host.path = rest ? rest + 6 : "";
	object = dlmopen(LM_ID_NEWLM, beside("crosscut-analysis.so"), RTLD_NOW);
	if (!object)
		cc_die("%s: analysis in Python needs the package libpython3.11", dlerror());
	begin = (cc_analysis_begin_function *)dlsym(object, "cc_analysis_begin");
	tracer = begin(&host, error, sizeof(error));
	if (!tracer)
		cc_die("%s", error);
	cc_python_trace(tracer);
}

void cc_python_analysis_end(void)
{
	void (*end)(void) = object ? (void (*)(void))dlsym(object, "cc_analysis_end") : NULL;

	if (end)
		end();
}
