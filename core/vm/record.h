/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Recording a command in a machine. */
#ifndef CC_VM_RECORD_H
#define CC_VM_RECORD_H

#include <signal.h>

#include "core/base/error.h"
#include "core/vm/base.h"
#include "core/vm/request.h"

struct cc_record_options {
	struct cc_request *request; /* stdin_kind and stdin_path are filled in from descriptor 0 */
	const char *pull_to;	    /* directory for changed files, or NULL */
	const struct cc_base_builder
		*builder; /* progress of a base; validate is set by cc_record */
	int output[2];	  /* the command's stdout and stderr, as they come; -1: nowhere */
	volatile sig_atomic_t *interrupted; /* or NULL; see struct cc_run */
	/* Seconds after which the recording of a command that is not over ends; 0: never */
	double timeout;
	int replace; /* what stands at request->output already; else the recording is named anew */
	/* struct cc_run's: as the command runs, and as it writes. May be NULL */
	int (*tick)(void *context, uint64_t instructions, struct cc_error *error);
	void (*passing)(void *context, int which, const char *bytes, size_t length);
	void *context;
};

struct cc_record_result {
	/*
	 * Of the command: 0..255, 128+n for a signal; 124 or 128+n when the recording ended first
	 */
	int status;
	char ended_by[16]; /* what ended the recording first, as in struct cc_run; else empty */
	double seconds;
};

/*
 * Record; on success the log stands at request->output, complete, or, where that came to be
 * meanwhile and is not to be replaced, beside it, which is told. On failure nothing stands there.
 * When the command could not be started, request->shell_status says so.
 */
int cc_record(const struct cc_record_options *options, struct cc_record_result *result,
	      struct cc_error *error);

/*
 * pull.c: unpack what the guest sent back. Entries stay below `directory`, whatever they are
 * called.
 */
int cc_pull(const char *tar, const char *directory, void (*notice)(const char *text),
	    struct cc_error *error);

#endif
