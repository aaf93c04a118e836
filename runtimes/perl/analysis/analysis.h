/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hooks in Perl, beside the program and apart from it: a second perl, from libperl, in a link-map
 * namespace of its own (core/replay/namespace.h). It shares no value, heap, or static with the
 * program's: nothing that a hook does can disturb a replay. What a hook is shown are copies.
 */
#ifndef CC_PERL_ANALYSIS_H
#define CC_PERL_ANALYSIS_H

#include <stddef.h>

#include "core/replay/hooked.h"

/* What crosscut-perl-5.36-analysis.so is given. Text lives as long as the replay. */
struct cc_perl_analysis {
	const struct cc_hook_functions *functions; /* what a hook may ask */
	const char *directory;			   /* of Crosscut's own perl modules */
	/* lines: hook=PATH, CC_HOOK_SEPARATOR, arguments; and path= with further lines */
	const char *options;
	struct cc_hook *hook; /* to be filled in */
};

/* 0; -1 with a message in `error`. */
typedef int cc_perl_analysis_begin_function(const struct cc_perl_analysis *host, char *error,
					    size_t size);
cc_perl_analysis_begin_function cc_perl_analysis_begin;
void cc_perl_analysis_end(void); /* the replay is over: its output is written out */

#endif
