/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From exec to the program's main(). The launcher execs the interpreter with the recorded
 * arguments and environment, and behind them the few variables of ours that are read and taken
 * away here, before any code of the interpreter has run.
 */
#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/replay/agent.h"
#include "core/replay/hooked.h"
#include "core/replay/print.h"
#include "core/replay/raw.h"
#include "core/replay/replay.h"
#include "core/replay/replayer.h"
#include "core/replay/stack.h"

#define EXPORT __attribute__((visibility("default")))

volatile uint8_t cc_context = CC_OURS;
cc_host_function *cc_host;
volatile uint8_t cc_host_passes;

static const char *tool = "cc-replay"; /* whose name messages carry */
static int (*program_main)(int, char **, char **);
static int recording;

static void make_line(char text[CC_ERROR_TEXT], const char *format, va_list list)
{
	int length;

	cc_leave_program();
	length = snprintf(text, CC_ERROR_TEXT, "%s: ", tool);
	vsnprintf(text + length, CC_ERROR_TEXT - (size_t)length - 1, format, list);
}

static void print_line(char text[CC_ERROR_TEXT])
{
	strcat(text, "\n");
	cc_raw(SYS_write, 2, (long)text, (long)strlen(text), 0, 0, 0);
}

void cc_say(const char *format, ...)
{
	char text[CC_ERROR_TEXT];
	va_list list;

	va_start(list, format);
	make_line(text, format, list);
	va_end(list);
	print_line(text);
}

void cc_die(const char *format, ...)
{
	char text[CC_ERROR_TEXT];
	va_list list;

	va_start(list, format);
	make_line(text, format, list);
	va_end(list);
	if (cc_agent.on)
		cc_agent_died(text);
	print_line(text);
	cc_raw(SYS_exit_group, 125, 0, 0, 0, 0, 0);
	__builtin_trap();
}

static struct {
	char lines[8 * CC_ERROR_TEXT];
	size_t length;
} complaints;

void cc_complain(const char *format, ...)
{
	char text[CC_ERROR_TEXT], line[CC_ERROR_TEXT + 64];
	va_list list;
	int length;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	text[strcspn(text, "\n")] = '\0';
	length = snprintf(line, sizeof(line), "%s: %s\n", tool, text);
	if (strstr(complaints.lines, line) ||
	    complaints.length + (size_t)length >= sizeof(complaints.lines))
		return;
	strcpy(complaints.lines + complaints.length, line);
	complaints.length += (size_t)length;
}

int cc_complaints_report(void)
{
	if (complaints.length)
		cc_raw(SYS_write, 2, (long)complaints.lines, (long)complaints.length, 0, 0, 0);
	return complaints.length != 0;
}

void cc_die_of_memory(size_t size, const char *whose)
{
	const char *name = getenv("CC_PRELOAD_TOOL");

	tool = name ? name : tool;
	cc_die("this machine refuses %zu kB of memory that %s: see ulimit -v, and "
	       "vm.overcommit_memory",
	       size / 1024, whose);
}

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

/* Looked up when it is called first: most never are. */
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

/* A copy: the environment is to go elsewhere. */
static const char *take(char **envp, const char *name)
{
	size_t length = strlen(name);
	const char *value = NULL;

	for (; *envp; envp++)
		if (!strncmp(*envp, name, length) && (*envp)[length] == '=')
			value = *envp + length + 1;
	return value ? strdup(value) : NULL;
}

/*
 * Take our variables out of the program's environment, in place: those of ours and, where a
 * launcher put them behind the program's own, all from LD_PRELOAD on.
 */
static void cut(char **envp, int launched)
{
	char **to = envp;

	for (; *envp && !(launched && !strncmp(*envp, "LD_PRELOAD=", 11)); envp++)
		if (strncmp(*envp, "LD_PRELOAD=", 11) && strncmp(*envp, "CC_PRELOAD_", 11))
			*to++ = *envp;
	*to = NULL;
}

/* What would have steered our dynamic linker came with its first letter hidden (launch.c). */
static void uncover(char **envp)
{
	for (; *envp; envp++)
		if (**envp == '\1')
			**envp = 'L';
}

static int run_main(int argc, char **argv, char **envp)
{
	struct cc_error error;
	const char *record = take(envp, "CC_PRELOAD_RECORD");
	const char *replay = take(envp, "CC_PRELOAD_REPLAY");
	const char *hooks = take(envp, "CC_PRELOAD_HOOKS");
	const char *analysis = take(envp, "CC_PRELOAD_ANALYSIS");
	const char *ahead = take(envp, "CC_PRELOAD_AHEAD");
	const char *session = take(envp, "CC_PRELOAD_SESSION");
	const char *prints = take(envp, "CC_PRELOAD_PRINT");
	const char *name = take(envp, "CC_PRELOAD_TOOL");
	const char *show = take(envp, "CC_PRELOAD_SHOW");
	uint64_t stack = 0;
	int status;

	if (name)
		tool = name;
	if (!record && !replay)
		return program_main(argc, argv, envp);
	cut(envp, replay != NULL);
	uncover(envp);
	status = record ? cc_record_begin(record, argc, argv, envp, &error)
			: cc_replay_begin(replay, ahead, show != NULL, &stack, &error);
	if (status < 0)
		cc_die("%s", error.text);
	cc_stack_move(stack, &argv, &envp);
	environ = envp;
	if (hooks)
		cc_hooks_load(hooks);
	if (analysis)
		cc_language.replayer->analyse(analysis);
	if (prints && cc_print_begin(prints, tool, cc_language.plain, &error) < 0)
		cc_die("%s", error.text);
	if (session && cc_hooks_wanted) /* in which the run goes to and fro */
		cc_die("--hook does not go with a debugger: replay the slice once for each");
	if ((session || prints) && cc_agent_begin(cc_language.debuggee, session, &error) < 0)
		cc_die("%s", error.text);
	if (replay)
		cc_tripwire_on();
	recording = record != NULL;
	cc_context = CC_PROGRAM;
	cc_stack_run(program_main, argc, argv, envp, (uint64_t *)__builtin_frame_address(0) + 1);
}

void cc_stack_returned(int status)
{
	cc_leave_program();
	if (recording)
		cc_record_end(status & 255);
	cc_replay_wind_up(status & 255);
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

	program_main = main;
	return real(run_main, argc, argv, init, fini, rtld_fini, stack);
}
