/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Analysis in C, beside the replayed program: cc-perl-replay --hook ./x.so slice.plog
 *
 * The object exports cc_hook_load. It runs in the replay's process but in our context: its memory
 * comes from another heap than the program's, its host calls are real, and nothing that it does
 * through this interface changes the run. It must not write to the program's memory.
 */
#ifndef CC_HOOKS_H
#define CC_HOOKS_H

#include <stdint.h>
#include <sys/types.h>

#define CC_HOOKS_VERSION 1

struct cc_hook {
	uint32_t version; /* CC_HOOKS_VERSION, set by the replay */
	void *data;       /* the hook's own, passed to every function; any function may be NULL */
	/* A statement is about to run. `file` is valid during the call. */
	void (*statement)(void *data, const char *file, unsigned line);
	/* A host call is about to be served: its name, and how many came before it. */
	void (*host_call)(void *data, const char *name, uint64_t ordinal);
	/* The program is over. */
	void (*end)(void *data);
};

/* Fill in *hook. 0, or anything else to refuse (the replay then stops with 125). */
typedef int cc_hook_load_function(struct cc_hook *hook);
int cc_hook_load(struct cc_hook *hook);

/*
 * A copy of the whole replay as it is now, all threads of the program included: 0 in the copy, its
 * process id in the original, -1 with errno. The copy may go on; what it does changes nothing here. (fork
 * would change the program's heap, and leave the copy without the replay's guard.)
 */
pid_t cc_hook_fork(void);

/* ---- the replay's side ------------------------------------------------------------------------ */

void cc_hooks_load(const char *paths); /* separated by newlines */
extern unsigned cc_hooks_count;
void cc_hooks_statement(const char *file, unsigned line);
void cc_hooks_host_call(const char *name, uint64_t ordinal);
void cc_hooks_end(void);

#endif
