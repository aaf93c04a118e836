/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CC_PERL_PLAIN_PARSE_H
#define CC_PERL_PLAIN_PARSE_H

#include "core/print/plain.h"

/* The expression as a tree, in its memory (parser->plain); NULL: it is not plain. */
struct cc_plain_node *cc_perl_plain_parse(struct cc_plain_parser *parser);

#endif
