/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files of a run by the end of their path: also those that the run comes to later than where a
 * session stands, and that this machine does not have.
 */
#ifndef CC_SOURCES_H
#define CC_SOURCES_H

#include <jansson.h>

/*
 * Looks through the slice at `path` for files that the run opened, or asked the status of, and
 * whose paths are `end`, or end in it behind a '/': {"files": [{"path", "text"?}…], "near":
 * [PATH…]}. At most 16; "text" is what the run read of the file when it opened it last, up to 4 MB.
 * "near", where there is none: paths that look like it. Where the slice is damaged, what stands
 * before counts. A new reference.
 */
json_t *cc_session_sources(const char *path, const char *end);

#endif
