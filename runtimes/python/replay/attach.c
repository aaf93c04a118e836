/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The analysis interpreter's beginning and end, from the replayed program's side (analysis.h). */
#include "runtimes/python/replay/attach.h"

#include <dlfcn.h>
#include <string.h>

#include "core/replay/heap.h"
#include "core/replay/namespace.h"
#include "core/replay/past.h"
#include "core/replay/preload.h"
#include "runtimes/python/analysis/analysis.h"

static struct cc_analysis host;

/*
 * In a forked child's past the program's calls are followed, and nobody is told of them: the
 * analysis' tracer is when the child's own run begins.
 */
static const struct cc_python_tracer *waiting;
static struct cc_python_tracer silent;

static void tell_nobody(enum cc_python_what what, struct cc_python_activation *activation,
			struct _object *arg, struct _object **stack_pointer)
{
}

static void trace(const struct cc_python_tracer *tracer)
{
	silent =
		(struct cc_python_tracer){.event = tell_nobody, .c_functions = tracer->c_functions};
	waiting = cc_past.on ? tracer : NULL;
	cc_python_trace(waiting ? &silent : tracer);
}

void cc_python_analysis_forked(void)
{
	if (waiting)
		cc_python_trace_on(waiting);
	waiting = NULL;
}

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
		trace(tracer);
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
