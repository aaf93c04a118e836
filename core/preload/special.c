/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dlfcn.h>
#include <string.h>

#include "core/preload/special.h"

/*
 * dlopen gives the program the recorded handle, so that it sees the same number; this is what
 * stands behind it here.
 */
static struct handle {
	uint64_t recorded;
	void *real;
} *handles;
static size_t handle_count;

static void *real_handle(uint64_t recorded)
{
	for (size_t i = 0; i < handle_count; i++)
		if (handles[i].recorded == recorded)
			return handles[i].real;
	return (void *)(uintptr_t)recorded; /* RTLD_DEFAULT and the like */
}

static int64_t load(const uint64_t *args, int64_t recorded)
{
	void *real;

	if (!recorded)
		return 0; /* it failed in the run; dlerror is served */
	real = dlopen((const char *)(uintptr_t)args[0], (int)args[1]);
	if (!real)
		cc_die("%s: %s: the run loaded this module; install the package that holds it",
		       (const char *)(uintptr_t)args[0], dlerror());
	handles = cc_heap_realloc(handles, (handle_count + 1) * sizeof(*handles));
	handles[handle_count++] = (struct handle){(uint64_t)recorded, real};
	return recorded;
}

static int64_t symbol_of(const uint64_t *args, int64_t recorded)
{
	void *real;

	if (!recorded)
		return 0;
	real = dlsym(real_handle(args[0]), (const char *)(uintptr_t)args[1]);
	if (!real)
		cc_die("%s: the module that is installed here lacks it: it is not the run's",
		       (const char *)(uintptr_t)args[1]);
	return (int64_t)(uintptr_t)real;
}

/* Real, in our own heap, on the slice's files; NULL stays NULL. */
static int64_t data(unsigned symbol, const struct cc_hostcall *call, const uint64_t *args,
		    int64_t recorded)
{
	int64_t real;

	cc_data_begin();
	real = cc_call_real(symbol, args);
	cc_data_end();
	if (call->ret.kind != CC_ITEM_VOID && !recorded != !real)
		cc_die("%s gave %s in the run and does not here: the slice lacks a file that the C "
		       "library read", cc_symbols[symbol].name, recorded ? "a result" : "nothing");
	return real;
}

int64_t cc_special(unsigned symbol, const struct cc_hostcall *call, uint64_t *args, int64_t recorded)
{
	switch (call->class) {
	case CC_LOAD:
		if (!strcmp(call->name, "dlopen"))
			return load(args, recorded);
		if (!strcmp(call->name, "dlsym"))
			return symbol_of(args, recorded);
		return recorded;
	case CC_DATA:
		return data(symbol, call, args, recorded);
	}
	return recorded;
}
