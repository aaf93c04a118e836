/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a replay asks of the interpreter that it runs in: a part of struct cc_language. */
#ifndef CC_REPLAYER_H
#define CC_REPLAYER_H

#include "core/host/hostcall.h"
#include "core/runtime/language.h"
#include "core/runtime/runtime.h"

struct cc_interpreter;

struct cc_replayer {
	void (*begin)(const struct cc_interpreter *interpreter); /* before main() */
	void (*call)(void); /* at each host call, before it is served */
	/* A host call that no signal handler made has returned to this frame. NULL: nothing to do.
	 */
	void (*called)(const struct cc_frame_text *frame);
	/* The slice has answered this call. NULL: nothing to do. */
	void (*served)(const struct cc_hostcall *call, const uint64_t *args, int64_t ret);
	void (*analyse)(const char *options); /* before main(): in the runtime's own language */
	void (*end)(void);		      /* the replay is over */
	/* A forked child's own run begins (core/replay/past.h), in the fork. NULL: nothing. */
	void (*forked)(void);
	/* How many objects with thread-local storage the analysis has loaded. */
	unsigned (*hidden_tls)(void);
	/*
	 * Around a switch of threads: what the runtime keeps of the thread that is left, and the
	 * same of the thread that goes on. NULL: nothing.
	 */
	uint64_t (*leave)(void);
	void (*enter)(uint64_t kept);
	/* The thread is to give the interpreter's lock up where it looks next. */
	void (*drop)(void);
	/* Ops since the runtime was asked last. NULL: it calls cc_ops_completed. */
	int64_t (*elapsed)(void);
	void (*watch)(int on); /* cc_ops_left says how long */
};

#endif
