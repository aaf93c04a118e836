/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting a replay: the interpreter that the slice names, checked by build-id, is executed with
 * the recorded arguments and environment and with the replaying object loaded before its own
 * libraries. Address-space randomisation is off in it, as it was in the guest.
 */
#ifndef CC_LAUNCH_H
#define CC_LAUNCH_H

#include <stdint.h>
#include <sys/types.h>

#include "core/base/error.h"
#include "core/session/broker.h"

struct cc_launch {
	const char *tool; /* the command: whose name messages carry */
	const char *kind; /* "plog" */
	/*
	 * The replaying objects, but for "-VERSION.so": the slice says which version of the
	 * interpreter it is of. Or, where `version` is NULL, the one to take.
	 */
	const char *object;
	const char *version; /* of slices that do not say */
	const char *symbol;  /* which the interpreter has to define; NULL: whatever it is */
	const char *log;
	const char *hooks;    /* as cc_hooks_load takes them (core/replay/hooked.h), or NULL */
	const char *analysis; /* the runtime's options, or NULL */
	const char *prints;   /* cc_print_options, or NULL */
	/* Where they go: the file's name, and an option with it, for messages; NULL: stderr */
	const char *prints_to, *prints_option;
	int prints_open;  /* a descriptor of that file; -1: it was not there, and is to be made */
	const char *user; /* of the user's environment what a debugger looks at, or NULL */
	int show_output;  /* also what went into the process's own pipes and files */
	int with_parent;  /* a forked child's past is told of, too (core/replay/past.h) */
	int show_process; /* prints and hooks name the process on each line */
	uint64_t cpu_seconds, memory_bytes; /* what a replay's process may take; 0: no limit */
	/*
	 * What a replay with hooks, prints, tracers or a debugger may open beside the slice and
	 * what is installed with Crosscut; NULL: whatever the user may, and all else, too.
	 */
	struct cc_allowed *allowed;
	/* The socket of a session's replay (core/session/session.h); 0: none */
	int session;
};

/*
 * Runs the replay to its end, in place of this process when that has nothing to do meanwhile: then
 * it comes back only with an error. Its exit status (128 + n for a signal; 125: it said why), or a
 * CC_E….
 */
int cc_launch(const struct cc_launch *launch, struct cc_error *error);

/*
 * Starts the replay, and does not wait. Its process id, or -1 with *error. *broker is to be ended
 * when all of its processes are to end; NULL: there is none.
 */
pid_t cc_launch_start(const struct cc_launch *launch, struct cc_broker **broker,
		      struct cc_error *error);

#endif
