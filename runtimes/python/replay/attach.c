/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The analysis interpreter's beginning and end, from the replayed program's side (analysis.h). */
#include "runtimes/python/replay/attach.h"

#include <dlfcn.h>
#include <string.h>

#include "core/replay/heap.h"
#include "core/replay/namespace.h"
#include "core/replay/preload.h"
#include "runtimes/python/analysis/analysis.h"

static struct cc_analysis host;

static void *symbol(const char *name)
{
	void *found = dlsym(RTLD_DEFAULT, name);

	if (!found)
		cc_die("this python has no %s", name);
	return found;
}

void cc_python_analyse(const char *options)
{
	const char *rest = strstr(options, "\npath=");
	cc_analysis_begin_function *begin;
	const struct cc_python_tracer *tracer;
	struct cc_hook hook = {.version = CC_HOOKS_VERSION, .arguments = ""};
	char error[512];

	host.symbol = symbol;
	host.directory = cc_namespace_beside("python");
	host.options =
		cc_heap_copy_bytes(options, rest ? (size_t)(rest - options) : strlen(options));
	host.path = rest ? rest + 6 : "";
	host.functions = &cc_hooks_in_namespace;
	host.hook = &hook;
	cc_namespace_load("crosscut-python-" CC_RUNTIME_VERSION "-analysis.so", "libexpat1");
	begin = (cc_analysis_begin_function *)cc_namespace_function("cc_analysis_begin");
	cc_namespace_enter();
	tracer = begin(&host, error, sizeof(error));
	cc_namespace_leave();
	if (!tracer)
		cc_die("%s", error);
	if (tracer->event)
		cc_python_trace(tracer);
	cc_hooks_add(&hook);
}

void cc_python_analysis_end(void)
{
	void (*end)(void) = (void (*)(void))cc_namespace_function("cc_analysis_end");

	if (end) {
		cc_namespace_enter();
		end();
		cc_namespace_leave();
	}
}
