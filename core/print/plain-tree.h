/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plain expressions from within: what the parsers' and the evaluator's files share. */
#ifndef CC_PLAIN_TREE_H
#define CC_PLAIN_TREE_H

#include "core/print/plain.h"

struct cc_plain_piece {
	struct cc_plain_piece *next;
	uint64_t aligned[];
};

struct cc_plain {
	const struct cc_plain_language *language;
	struct cc_plain_node *root;
	struct cc_plain_piece *pieces;
	unsigned pieces_made;
	/* Texts that an evaluation made; their memory serves the next one. */
	struct cc_plain_text *texts;
	unsigned texts_used, texts_room;
};

#endif
