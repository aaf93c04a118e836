/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run of a machine from its snapshot to its end, recorded or replayed, and watched. */
#ifndef CC_VM_RUN_H
#define CC_VM_RUN_H

#include <signal.h>
#include <stdint.h>

#include "core/vm/base.h"
#include "core/vm/machine.h"

/* What the guest's init said on the control port (core/vm/job.h). */
struct cc_report {
	int started;
	int status;	   /* 0..255, 128+n for a signal; -1: not said yet */
	int signal;	   /* that the command died of, or 0 */
	int noexec;	   /* errno of the command's exec, or 0 */
	uint64_t bytes[3]; /* stdout, stderr, pull */
	int cut;	   /* the host ended the run: the command was not over */
	int ended;	   /* the end marker came */
	char fatal[512];
};

struct cc_run {
	/* in */
	const struct cc_base *base;
	const char *directory; /* what QEMU writes goes here */
	const char *drive;
	const char *rr; /* "record", "replay" or NULL */
	const char *rr_file;
	const char *const *plugins;
	const int *keep;
	size_t keep_count;
	int stderr_fd;
	/*
	 * A replay may be somebody else's: QEMU then sees the base, the drive, the log and what is
	 * below these paths, and writes to its directory and below those. NULL-terminated, or NULL
	 */
	const char *const *readable, *const *writable;
	/* when something can be read from this socket, this is called; 0 or less: never */
	int asked;
	void (*answer)(void *context, int asked);
	/*
	 * What the command writes to stdout and stderr goes there at once; -1:
	 * nowhere
	 */
	int output[2];
	/* called before that (`which`: 0 for stdout, 1); may be NULL */
	void (*passing)(void *context, int which, const char *bytes, size_t length);
	/* called about ten times a second; what it returns, if not 0, ends the run as status */
	int (*tick)(void *context, uint64_t instructions, struct cc_error *error);
	void *context;
	volatile sig_atomic_t *interrupted; /* a signal number: end the run. May be NULL */
	/*
	 * When recording: what came before the end is kept. The first SIGINT is passed on to the
	 * command; another one, any other signal, or so many seconds (0: never) stop the guest's
	 * processes where they are. A signal that was obeyed is taken out of *interrupted.
	 */
	int keeps;
	double timeout;
	void (*notice)(const char *text); /* may be NULL */
	/* out */
	int full;	  /* the run failed for want of room on the disk */
	int unwritten[2]; /* errno: what came to stdout or stderr could not all be passed on */
	struct cc_report report;
	char ended_by[16]; /* when report.cut: "timeout", "SIGTERM", …; else empty */
	uint64_t instructions;
	double seconds;
};

/*
 * Run the machine to its end. Success means that the guest's end marker came and that everything it
 * sent is on the host's disk. Errors: CC_ETIMEOUT (no progress), CC_EIO (QEMU failed, disk full),
 * CC_EDIVERGED (a replay's rr log and the machine disagree), CC_EUSAGE (interrupted). QEMU is gone
 * afterwards.
 */
int cc_run_machine(struct cc_run *run, struct cc_error *error);

#endif
