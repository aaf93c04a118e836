/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files that the program read, as it read them, up to now: on this machine they may be others,
 * or not be there. Only of programs that are debugged or printed from, or whose files a hook
 * keeps (cc_copy_notes). A module that came from its bytecode has no source among them.
 */
#ifndef CC_RUN_FILES_H
#define CC_RUN_FILES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "core/host/hostcall.h"

#pragma GCC visibility push(hidden)

struct cc_run_file {
	const char *text; /* from its beginning; NUL-terminated; NULL: nothing was read */
	size_t length;
	int is_whole; /* the program came to the file's end, and nothing between is missing */
	const struct stat *status; /* as the run was told it last; NULL: it did not ask */
};

/* Around each host call that is served. */
void cc_run_files_before(const struct cc_hostcall *call, const uint64_t *args);
void cc_run_files_after(const struct cc_hostcall *call, const uint64_t *args, int64_t ret);

/*
 * The path as the kernel would find it from the program's directory, if that is known; else as it
 * is. To be freed (core/replay/heap.h).
 */
char *cc_run_path(const char *path);

/*
 * The file of this path, which may be relative to the program's directory. NULL: it was not opened.
 * Valid until the program goes on.
 */
const struct cc_run_file *cc_run_file(const char *path);

#pragma GCC visibility pop

#endif
