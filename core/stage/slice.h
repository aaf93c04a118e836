/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slicing a recorded machine: replay it with the stage's plugin, and take what the plugin wrote. */
#ifndef CC_SLICE_H
#define CC_SLICE_H

#include <jansson.h>

#include "core/base/error.h"
#include "core/vm/vm.h"

struct cc_language;
struct cc_slice_request {
	const struct cc_language *const
		*languages;	 /* whose interpreters are looked for; NULL-terminated */
	const char *plugin;	 /* file of the stage's plugin */
	const char *exe, *match; /* only programs that fit (core/stage/choice.h); NULL: any */
	int all;		 /* their forked copies, too */
	int list;		 /* keep no slice: only report what they would be */
	const json_t *serials;	 /* exactly these processes (array of serials) in place of them */
	int forks;		 /* some of these processes are forked copies */
	json_t *options; /* array of strings: the command line, for the slices' provenance */
	int (*tick)(void *context, uint64_t done, uint64_t total, struct cc_error *error);
	void *context;
};

/*
 * Replays `log`. The report (owned by the caller) has "processes" and "images", each an array.
 * Every interpreter of the run is an image, chosen or not. One that was sliced has "calls" and
 * "bytes", and "file", a path under `directory`, if slices are kept; one that could not be has
 * "error". NULL on failure.
 */
json_t *cc_slice(struct cc_vmlog *log, const struct cc_slice_request *request,
		 const char *directory, struct cc_error *error);

#endif
