/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stands between the program and the C library: its functions, by symbol of the table, and its
 * beginning, which comes before any code of the interpreter has run.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/replay/heap.h"
#include "core/replay/preload.h"
#include "core/replay/replayer.h"
#include "core/replay/start.h"

#define EXPORT __attribute__((visibility("default")))

volatile uint8_t cc_context = CC_OURS;
cc_host_function *cc_host;
volatile uint8_t cc_host_passes;

cc_main *cc_program;

const struct cc_frame_of_call *cc_frame_now;

int cc_variadic_of_frame(const uint64_t *args, struct cc_variadic *more)
{
	more->stack = (uintptr_t)cc_frame_now->stack;
	for (int i = 0; i < 8; i++)
		more->vector[i] = cc_frame_now->rax & 0xff ? cc_frame_now->xmm[i][0] : 0;
	return 0;
}

int64_t cc_call_real(unsigned symbol, const uint64_t a[CC_MAXARGS])
{
	/* variadic, so that %al says "no vector registers" */
	int64_t (*real)(uint64_t, ...) = (int64_t(*)(uint64_t, ...))cc_real_function(symbol);

	return real(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9]);
}

/* Functions that only a library loaded later has (libcrypt's, say) are looked up again then. */
static void missing(void)
{
	cc_die("a function was called that no loaded library has");
}

/*
 * dlsym is interposed too: its own definition comes by its version, glibc's before 2.34 or since.
 */
static void *real_dlsym(void)
{
	void *real = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.34");

	return real ? real : dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.2.5");
}

/* A function is looked up when it is first called: most never are. */
void *cc_real_function(unsigned symbol)
{
	static void *(*find)(void *, const char *);
	void *real = cc_real[symbol];

	if (real)
		return real;
	if (!find)
		find = (void *(*)(void *, const char *))real_dlsym();
	real = cc_symbols[symbol].effect == CC_EFFECT_SYMBOL
		       ? (void *)find
		       : find(RTLD_NEXT, cc_symbols[symbol].name);
	return cc_real[symbol] = real ? real : (void *)missing;
}

/* A look-up forgets what dlerror is to tell. */
__attribute__((constructor)) static void begin(void)
{
	for (unsigned i = 0; i < cc_symbol_count; i++)
		if (cc_symbols[i].effect == CC_EFFECT_LOAD_ERROR)
			cc_real_function(i);
}

int cc_find_interpreter(struct cc_interpreter *interpreter)
{
	const char *const *symbols = cc_language.runtime->symbols;
	int found = 1;

	for (int i = 0; symbols[i]; i++) {
		interpreter->at[i] = (uintptr_t)dlsym(RTLD_DEFAULT, symbols[i]);
		found &= interpreter->at[i] != 0;
	}
	interpreter->runtime = cc_language.runtime;
	return found ? 0 : -1;
}

/*
 * Found before the C library's: the one moment at which everything is loaded and nothing has run.
 */
EXPORT int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv,
			     void (*init)(void), void (*fini)(void), void (*rtld_fini)(void),
			     void *stack)
{
	int (*real)(int (*)(int, char **, char **), int, char **, void (*)(void), void (*)(void),
		    void (*)(void), void *) = dlsym(RTLD_NEXT, "__libc_start_main");

	cc_program = main;
	return real(cc_start, argc, argv, init, fini, rtld_fini, stack);
}
