/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Throwaway copies of a replay: their host calls are real, but for those that say who and where the
 * process is, and when it is. These are answered as the run's process would have got them
 * (doc/debugging.md has the table).
 *
 *   copy.c            what is known of the run's process: from the slice and the served calls
 *   copy-calls.c      the table: which call is answered how
 *   copy-processes.c  processes: the run's, and those that a copy forks
 *   copy-files.c      files that the run has read
 *   copy-clocks.c     clocks go on from the run's last known values
 */
#ifndef CC_COPY_H
#define CC_COPY_H

#include <jansson.h>
#include <sys/types.h>

#include "core/replay/preload.h"
#include "logs/trace.h"

#pragma GCC visibility push(hidden)

/* ---- what is known of the run's process ---- */

#define CC_COPY_GROUPS 64
#define CC_COPY_LIMITS 16

extern struct cc_copy_self {
	pid_t pid, parent, group, session;
	uint32_t uids[3], gids[3]; /* real, effective, saved */
	uint32_t groups[CC_COPY_GROUPS];
	unsigned group_count;
	uint32_t mask; /* umask */
	struct cc_copy_limit {
		uint64_t soft, hard;
	} limits[CC_COPY_LIMITS];
	unsigned limits_known;	    /* bits */
	char host[65], release[65]; /* "": not known */
	char *directory;	    /* NULL: not known */
	uint32_t processors;	    /* 0: not known */
	int ids_known; /* earlier slices do not say: only pid, parent and directory are known */
} cc_copy_self;

/* As the replay begins, and when a forked child's own part does. */
void cc_copy_begin(const struct cc_start *start, const json_t *manifest);
void cc_copy_forked(pid_t pid);

/*
 * A session begins, or a hook wants to know what a session does: from now on cc_copy_notes is 1,
 * and before and after each call that is served, which may tell something, these are called.
 */
void cc_copy_session(void);
extern int cc_copy_notes;
void cc_copy_ask(const struct cc_hostcall *call, const uint64_t *args);
void cc_copy_note(const struct cc_hostcall *call, const uint64_t *args, const uint32_t *before,
		  int64_t ret, int64_t recorded, int error);

/* In a copy that has just been made, from here on. */
void cc_copy_become(void);
/* Is the copy kept from this machine (core/base/confine.h)? Then it has one process. 1 or 0. */
int cc_copy_is_guarded(void);

/* ---- the table ---- */

struct cc_copy_call;
typedef int64_t cc_copy_answer(const struct cc_copy_call *row, uint64_t *args);
typedef void cc_copy_noted(const struct cc_copy_call *row, const uint64_t *args, int64_t ret);
struct cc_copy_call {
	const char *name;	/* a symbol */
	cc_copy_answer *answer; /* NULL: the real one */
	cc_copy_noted *note;	/* of a call of the run that succeeded; NULL: nothing */
	int remembered; /* what the run was told last, asked the same, goes before `answer` */
	int detail;	/* for `answer`: the argument that is a pid, which id, … */
	long number;	/* of syscall(2): what is real is the kernel's own call */
};
extern const struct cc_copy_call cc_copy_calls[];
extern const unsigned cc_copy_call_count;

/* Makes the C library's own call, past the table; errno is set as the C library does. */
int64_t cc_copy_real(const struct cc_copy_call *row, uint64_t *args);
void *cc_copy_real_function(const struct cc_copy_call *row);
/* The kernel's answer, with errno. */
int64_t cc_copy_kernel(long number, const uint64_t *args);

/* ---- copy-files.c: `detail` is the argument that is the path ---- */

cc_copy_answer cc_copy_open, cc_copy_fopen, cc_copy_stat, cc_copy_fstatat, cc_copy_access,
	cc_copy_faccessat;

/* ---- copy.c ---- */

cc_copy_answer cc_copy_dlsym, cc_copy_of_handle; /* handles of dlopen are the run's numbers */

/* ---- copy-processes.c ---- */

/*
 * In a copy, as it begins: notes its own process, and takes the children that its children leave.
 */
void cc_copy_processes_begin(void);
/* A forked child's own part of the slice begins: thread ids are forgotten. */
void cc_copy_processes_forked(void);
cc_copy_answer cc_copy_getpid, cc_copy_getppid, cc_copy_getpgid, cc_copy_getsid, cc_copy_setpgid,
	cc_copy_setsid, cc_copy_kill, cc_copy_killpg, cc_copy_tgkill, cc_copy_of_pid,
	cc_copy_of_which, cc_copy_wait, cc_copy_waitpid, cc_copy_fork, cc_copy_forkpty,
	cc_copy_program, cc_copy_spawn, cc_copy_getpgrp, cc_copy_setpgrp, cc_copy_tcsetpgrp,
	cc_copy_tcgetpgrp, cc_copy_gettid, cc_copy_waitid, cc_copy_fcntl;
cc_copy_noted cc_copy_note_gettid, cc_copy_note_parent, cc_copy_note_setsid, cc_copy_note_setpgid,
	cc_copy_note_setpgrp;

/* ---- copy-clocks.c ---- */

/* In a copy, as it begins: its clocks go on from the run's last known values. */
void cc_copy_clocks_begin(void);
cc_copy_answer cc_copy_time, cc_copy_gettimeofday, cc_copy_clock_gettime, cc_copy_times,
	cc_copy_clock, cc_copy_getrusage;
cc_copy_noted cc_copy_note_time, cc_copy_note_gettimeofday, cc_copy_note_clock_gettime,
	cc_copy_note_times, cc_copy_note_clock, cc_copy_note_getrusage;

#pragma GCC visibility pop

#endif
