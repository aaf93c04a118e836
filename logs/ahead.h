/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decompressing ahead: a process of its own decodes the frames of a log in order into memory that is
 * shared with the reader, two frames before they are asked for. A process and not a thread, because
 * the reader lives in a replay, whose process belongs to the program.
 */
#ifndef CC_AHEAD_H
#define CC_AHEAD_H

#include "logs/reader.h"

struct cc_ahead;

/* NULL when it is not worth it (a short log) or cannot be done: the reader then does it all itself. */
struct cc_ahead *cc_ahead_start(struct cc_log_reader *reader);
void cc_ahead_stop(struct cc_ahead *ahead);

/*
 * Frame `number`, the next in order, into `raw` (raw_length bytes). 0, or -1: decode it here. Checked
 * as the reader checks it; a damaged frame comes as -1.
 */
int cc_ahead_take(struct cc_ahead *ahead, size_t number, uint8_t *raw, size_t raw_length);

#endif
