/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <unistd.h>

#include "core/replay/heap.h"
#include "core/replay/initializers.h"
#include "core/replay/mapping.h"
#include "core/replay/modules.h"
#include "core/replay/special.h"
#include "core/replay/state.h"

/*
 * dlopen gives the program the recorded handle, so that it sees the same number; this is what
 * stands behind it here.
 */
struct handle {
	uint64_t recorded;
	void *real;
};
static struct {
	struct handle *handles;
	size_t handle_count;
	void *loaded; /* by cc_special_inside, of the call that is next */
	struct callback *callbacks;
} special CC_STATE;

void *cc_special_handle(uint64_t recorded)
{
	for (size_t i = 0; i < special.handle_count; i++)
		if (special.handles[i].recorded == recorded)
			return special.handles[i].real;
	return (void *)(uintptr_t)recorded; /* RTLD_DEFAULT and the like */
}

static void *load_as_then(const char *path, int flags)
{
	void *handle;

	cc_loading(CC_LOADING_MODULE);
	handle = dlopen(path, flags);
	cc_loading(CC_LOADING_NOTHING);
	return handle;
}

void cc_special_load_unwinder(void)
{
	cc_loading(CC_LOADING_MODULE);
	if (!dlopen("libgcc_s.so.1", RTLD_NOW))
		cc_die("%s: a thread's end needs it: install libgcc-s1", dlerror());
	cc_loading(CC_LOADING_NOTHING);
}

static void *really_load(const uint64_t *args)
{
	const char *name = (const char *)(uintptr_t)args[0];
	const struct cc_module *module = name ? cc_module_named(name) : NULL;
	void *real = load_as_then(module ? module->path : name, (int)args[1]);

	if (!real)
		cc_die("%s: the run loaded this module, and it does not load here (%s): install "
		       "the "
		       "package that holds it",
		       module ? module->path : name, dlerror());
	cc_modules_check();
	return real;
}

static int64_t load(const uint64_t *args, int64_t recorded)
{
	void *real;

	if (!recorded)
		return 0; /* it failed in the run; dlerror is served */
	real = special.loaded ? special.loaded : really_load(args);
	special.loaded = NULL;
	cc_heap_room(special.handles, special.handle_count);
	special.handles[special.handle_count++] = (struct handle){(uint64_t)recorded, real};
	return recorded;
}

/*
 * Constructors or destructors ran in the call: what they asked for stands before the call itself.
 * Where none ran, an object that the program drops stays here.
 */
void cc_special_inside(const struct cc_hostcall *call, const uint64_t *args)
{
	cc_initializers_log(1);
	if (cc_call_does(call, CC_EFFECT_LOAD)) {
		special.loaded = really_load(args);
	} else if (cc_call_does(call, CC_EFFECT_UNLOAD)) {
		cc_loading(CC_LOADING_MODULE);
		dlclose(cc_special_handle(args[0]));
		cc_loading(CC_LOADING_NOTHING);
	}
	cc_initializers_log(0);
}

void *cc_interposed(void *function)
{
	for (unsigned i = 0; function && i < cc_symbol_count; i++)
		if (cc_real_function(i) == function)
			return dlsym(RTLD_DEFAULT, cc_symbols[i].name);
	return function;
}

static int64_t symbol_of(const uint64_t *args, int64_t recorded)
{
	void *real;

	if (!recorded)
		return 0;
	/* dlsym may call a function that picks an implementation: that is the program's */
	cc_loading(CC_LOADING_MODULE);
	real = dlsym(cc_special_handle(args[0]), (const char *)(uintptr_t)args[1]);
	cc_loading(CC_LOADING_NOTHING);
	real = cc_interposed(real);
	if (!real)
		cc_die("%s: the module that is installed here lacks it: it is not the run's",
		       (const char *)(uintptr_t)args[1]);
	return (int64_t)(uintptr_t)real;
}

/*
 * Makes the call for real, in our own heap, on the slice's files. The result is NULL where the
 * run's was, or the replay ends.
 */
static int64_t data(unsigned symbol, const struct cc_hostcall *call, const uint64_t *args,
		    int64_t recorded)
{
	int64_t real;

	cc_data_begin();
	real = cc_call_real(symbol, args);
	cc_data_end();
	if (call->ret.kind != CC_ITEM_VOID && !recorded != !real)
		cc_die("%s gave %s in the run and does not here: the slice lacks a file that the C "
		       "library read",
		       cc_symbols[symbol].name, recorded ? "a result" : "nothing");
	return real;
}

static void attach(const struct cc_hostcall *call, const uint64_t *args, uint64_t address)
{
	int flags = (int)args[cc_call_effect_arg(call, CC_EFFECT_ATTACH, 1)];

	cc_mapping_attach(flags, address, flags & SHM_REMAP);
}

int64_t cc_special(unsigned symbol, const struct cc_hostcall *call, uint64_t *args,
		   int64_t recorded)
{
	switch (call->class) {
	case CC_LOAD:
		if (cc_call_does(call, CC_EFFECT_LOAD))
			return load(args, recorded);
		if (cc_call_does(call, CC_EFFECT_SYMBOL))
			return symbol_of(args, recorded);
		return recorded;
	case CC_DATA:
		return data(symbol, call, args, recorded);
	case CC_HOST:
		if (cc_call_does(call, CC_EFFECT_MAP) && recorded != -1)
			cc_mapping_make(args, (uint64_t)recorded);
		if (cc_call_does(call, CC_EFFECT_REMAP) && recorded != -1)
			cc_mapping_move(args, (uint64_t)recorded);
		if (cc_call_does(call, CC_EFFECT_ATTACH) && recorded != -1)
			attach(call, args, (uint64_t)recorded);
		if (cc_call_does(call, CC_EFFECT_DETACH) && recorded != -1)
			cc_mapping_detach(args[cc_call_effect_arg(call, CC_EFFECT_DETACH, 0)]);
	}
	return recorded;
}

/* ---- functions that the C library calls ---- */

struct callback {
	struct callback *next;
	uint64_t address;
};

int cc_callback_known(uint64_t address)
{
	const struct callback *callback = special.callbacks;

	while (callback && callback->address != address)
		callback = callback->next;
	return callback != NULL;
}

void cc_callback_note(const struct cc_hostcall *call, const uint64_t *args)
{
	for (unsigned i = 0; i < CC_EFFECT_ARGS; i++) {
		unsigned arg = cc_call_effect_arg(call, CC_EFFECT_CALLBACKS, i);
		struct callback *callback;

		if (arg == CC_NOARG || !args[arg] || cc_callback_known(args[arg]))
			continue;
		callback = cc_heap_malloc(sizeof(*callback));
		*callback = (struct callback){special.callbacks, args[arg]};
		special.callbacks = callback;
	}
}
