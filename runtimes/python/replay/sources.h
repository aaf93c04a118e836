/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sources that the program read, as it read them: the files may be others by now, or gone. A
 * module that came from its bytecode has none in the slice.
 */
#ifndef CC_PYTHON_SOURCES_H
#define CC_PYTHON_SOURCES_H

#include <stdint.h>

#include "core/host/hostcall.h"

/* Before and behind each host call: keeps what a call reads of a source. */
void cc_python_source_before(const struct cc_hostcall *call, const uint64_t *args);
void cc_python_source_after(const struct cc_hostcall *call, const uint64_t *args, int64_t ret);

/* A source that was read from this path, NUL-terminated; NULL: none was. */
const char *cc_python_source(const char *path);

#endif
