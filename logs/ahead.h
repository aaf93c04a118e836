/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decompressing ahead: the launcher of a replay, which has nothing to do but wait, decodes the
 * frames of the log in order into memory that it shares with the replay, a few frames before they
 * are asked for. It begins while the replay is not even loaded. A thread of the replay would be the
 * program's.
 */
#ifndef CC_AHEAD_H
#define CC_AHEAD_H

#include <stdatomic.h>
#include <sys/types.h>

#include "logs/reader.h"

/* What both sides see, in a memfd. */
#define CC_AHEAD_SLOTS 6u
#define CC_AHEAD_SLOT_SIZE (8u << 20) /* a larger frame is the reader's own */

struct cc_ahead_shared {
	pid_t server;
	uint64_t device, inode; /* the log's: both must have opened the same file */
	/* Both only grow. */
	_Atomic uint32_t made;	/* frames decoded */
	_Atomic uint32_t taken; /* frames that the reader has done with: their slots are free */
	struct {
		uint32_t whole; /* 0: the frame is too large, or damaged */
		uint32_t length;
	} slot[CC_AHEAD_SLOTS];
	/* Slots are touched only as far as they are used */
	_Alignas(4096) uint8_t data[CC_AHEAD_SLOTS][CC_AHEAD_SLOT_SIZE];
};

/* Waits until *word is not `value` any more, or a tenth of a second has passed. */
void cc_ahead_wait(_Atomic uint32_t *word, uint32_t value);
void cc_ahead_wake(_Atomic uint32_t *word);

/*
 * The pages of a slot are asked for at once when they are used for the first time: one by one each
 * costs an exception (madvise(2), MADV_POPULATE_…, Linux 5.14; older kernels have none).
 */
struct cc_ahead_pages {
	size_t have[CC_AHEAD_SLOTS]; /* bytes, by slot */
};
/* Asks for the pages of this slot up to `length` bytes, with this advice of madvise(2). */
void cc_ahead_populate(struct cc_ahead_pages *pages, struct cc_ahead_shared *shared, unsigned slot,
		       size_t length, int advice);

/* ---- the launcher ---- */

struct cc_ahead_server;

/*
 * Serve a log in a thread, which has the reader for itself from now on. NULL when it is not worth
 * it (a short log) or cannot be done: the replay then does it all itself.
 */
struct cc_ahead_server *cc_ahead_serve(struct cc_log_reader *reader);
int cc_ahead_descriptor(const struct cc_ahead_server *server); /* to be inherited by the replay */
void cc_ahead_serve_end(struct cc_ahead_server *server);

/* ---- the replay, which is a child of the launcher ---- */

struct cc_ahead;

/* Takes the descriptor over. NULL when nothing of use is behind the descriptor. */
struct cc_ahead *cc_ahead_join(const struct cc_log_reader *reader, int descriptor);
void cc_ahead_leave(struct cc_ahead *ahead);

/*
 * In a forked copy of the replay, before the original goes on: what was decoded is kept, and no
 * more comes; the memory is the original's from now on.
 */
void cc_ahead_detach(struct cc_ahead *ahead);

/*
 * Frame `number`, when it is the next in order: raw_length bytes where they were decoded, valid
 * until the next is taken. NULL: decode it here. Checked as the reader checks it; a damaged frame
 * comes as NULL.
 */
uint8_t *cc_ahead_take(struct cc_ahead *ahead, size_t number, size_t raw_length);

#endif
