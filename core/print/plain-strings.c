/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parsers of plain expressions share of strings: quotes, escapes, parts. */
#include <string.h>

#include "core/print/plain.h"

const char *cc_plain_quote(const char *at, char quote)
{
	for (; *at != quote; at++) {
		if (*at == '\\')
			at++;
		if (!*at)
			return NULL;
	}
	return at;
}

struct cc_plain_node *cc_plain_quoted(struct cc_plain_parser *parser, const char *end,
				      cc_plain_operand *inside)
{
	const char *from = parser->at + 1,
		   *copy = end ? cc_plain_copy(parser, from, (size_t)(end - from)) : NULL;
	struct cc_plain_node *node;

	if (!copy)
		return NULL;
	parser->at = copy;
	node = cc_plain_nested(parser, inside);
	parser->at = end + 1;
	return node;
}

struct cc_plain_node *cc_plain_joined(struct cc_plain_parser *parser, cc_plain_operand *part)
{
	struct cc_plain_node *join = cc_plain_node(parser, CC_PLAIN_JOIN, NULL, NULL), **next;

	if (!join)
		return NULL;
	for (next = &join->child[0]; *parser->at; next = &(*next)->next) {
		*next = part(parser);
		if (!*next)
			return NULL;
	}
	return join;
}

/* Of pairs of a letter and what it stands for; -1: it is in none. */
static int find_escape(const char *pairs, char letter)
{
	for (; *pairs; pairs += 2)
		if (*pairs == letter)
			return (unsigned char)pairs[1];
	return -1;
}

static int unescape(const struct cc_plain_quoting *quoting, char letter)
{
	int c = find_escape("n\nt\tr\r\\\\\"\"", letter);

	return c < 0 ? find_escape(quoting->escapes, letter) : c;
}

struct cc_plain_node *cc_plain_quoted_text(struct cc_plain_parser *parser,
					   const struct cc_plain_quoting *quoting)
{
	char text[CC_PLAIN_LENGTH_MAX + 1];
	size_t length = 0;

	for (; *parser->at && !strchr(quoting->stops, *parser->at); parser->at++) {
		int c = (unsigned char)*parser->at;

		if (c == '\\') {
			c = unescape(quoting, *++parser->at);
			if (c < 0)
				return NULL;
		}
		text[length++] = (char)c;
	}
	return cc_plain_literal_text(parser, text, length, quoting->wide);
}
