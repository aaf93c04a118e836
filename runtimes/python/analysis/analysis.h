/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Analysis in Python, beside the program and apart from it: a second CPython, loaded from libpython
 * into a link-map namespace of its own (dlmopen(3)) with a C library of its own. It shares no
 * object, no heap, no lock and no static with the program's, so nothing that it does can disturb a
 * replay. It is shown the program's frames as frames of its own, made when they are called.
 */
#ifndef CC_PYTHON_ANALYSIS_H
#define CC_PYTHON_ANALYSIS_H

#include <stddef.h>

#include "core/replay/hooked.h"
#include "runtimes/python/replay/events.h"

/* What crosscut-python-3.11-analysis.so is given. Text lives as long as the replay. */
struct cc_analysis {
	void *(*symbol)(const char *name);	   /* of the program's interpreter */
	const char *directory;			   /* of Crosscut's own python modules */
	const char *path;			   /* the user's: separated by newlines */
	const char *options;			   /* key=value lines: trace, profile, pdb, hook */
	const struct cc_hook_functions *functions; /* what a hook may ask */
	struct cc_hook *hook; /* to be filled in when hooks want to be told of something */
};

/* The events' receiver, without `event` if there are only hooks; NULL with a message in `error`. */
typedef const struct cc_python_tracer *cc_analysis_begin_function(const struct cc_analysis *host,
								  char *error, size_t size);
cc_analysis_begin_function cc_analysis_begin;
void cc_analysis_end(void); /* the replay is over: its output is written out */

#endif
