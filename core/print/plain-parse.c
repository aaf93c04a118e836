/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parsers of plain expressions share: nodes, tokens, operators by precedence. */
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/print/plain-tree.h"

#define NODES_MAX 4096

/* Everything of an expression is in pieces of memory that go together. */
static void *take(struct cc_plain *plain, size_t size)
{
	struct cc_plain_piece *piece = calloc(1, sizeof(*piece) + size);

	if (!piece || ++plain->pieces_made > NODES_MAX) {
		free(piece);
		return NULL;
	}
	piece->next = plain->pieces;
	plain->pieces = piece;
	return piece + 1;
}

struct cc_plain_node *cc_plain_node(struct cc_plain_parser *parser, enum cc_plain_op op,
				    struct cc_plain_node *one, struct cc_plain_node *other)
{
	struct cc_plain_node *node = take(parser->plain, sizeof(*node));

	if (node) {
		node->op = (uint8_t)op;
		node->child[0] = one;
		node->child[1] = other;
	}
	return node;
}

struct cc_plain_node *cc_plain_unary(struct cc_plain_parser *parser, enum cc_plain_op op,
				     struct cc_plain_node *child)
{
	return child ? cc_plain_node(parser, op, child, NULL) : NULL;
}

const char *cc_plain_copy(struct cc_plain_parser *parser, const char *data, size_t length)
{
	char *copy = take(parser->plain, length + 1);

	return copy ? memcpy(copy, data, length) : NULL;
}

struct cc_plain_node *cc_plain_named(struct cc_plain_parser *parser, enum cc_plain_op op,
				     struct cc_plain_node *child, const char *name, size_t length)
{
	struct cc_plain_node *node = cc_plain_node(parser, op, child, NULL);

	if (!node)
		return NULL;
	node->name = cc_plain_copy(parser, name, length);
	return node->name ? node : NULL;
}

struct cc_plain_node *cc_plain_literal_text(struct cc_plain_parser *parser, const char *data,
					    size_t length, int wide)
{
	struct cc_plain_node *node = cc_plain_node(parser, CC_PLAIN_LITERAL, NULL, NULL);
	const char *copy = node ? cc_plain_copy(parser, data, length) : NULL;

	if (!copy)
		return NULL;
	node->literal = (struct cc_plain_value){.kind = CC_PLAIN_TEXT,
						.data = copy,
						.length = length,
						.wide = wide};
	return node;
}

/* ---- tokens ---- */

int cc_plain_is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

size_t cc_plain_word(const char *at)
{
	size_t length = 0;

	if (cc_is_digit(*at))
		return 0;
	while (cc_plain_is_word(at[length]))
		length++;
	return length;
}

int cc_plain_is_one_of(const char *const *words, const char *word, size_t length)
{
	for (; *words; words++)
		if (strlen(*words) == length && !memcmp(*words, word, length))
			return 1;
	return 0;
}

void cc_plain_spaces(struct cc_plain_parser *parser)
{
	while (*parser->at == ' ' || *parser->at == '\t')
		parser->at++;
}

int cc_plain_skip(struct cc_plain_parser *parser, const char *token)
{
	size_t length = strlen(token);

	cc_plain_spaces(parser);
	if (strncmp(parser->at, token, length))
		return 0;
	if (cc_plain_is_word(token[length - 1]) && cc_plain_is_word(parser->at[length]))
		return 0;
	parser->at += length;
	return 1;
}

int cc_plain_skip_word(struct cc_plain_parser *parser, const char *word)
{
	return cc_plain_skip(parser, word);
}

struct cc_plain_node *cc_plain_closed(struct cc_plain_parser *parser, struct cc_plain_node *node,
				      const char *token)
{
	return node && cc_plain_skip(parser, token) ? node : NULL;
}

struct cc_plain_node *cc_plain_logic(struct cc_plain_parser *parser, unsigned level,
				     cc_plain_operand *operand)
{
	static const struct {
		const char *word;
		enum cc_plain_op op;
	} words[] = {{"or", CC_PLAIN_OR}, {"and", CC_PLAIN_AND}};
	struct cc_plain_node *node =
		level < 2 ? cc_plain_logic(parser, level + 1, operand) : operand(parser);
	unsigned count = 0;

	while (node && level < 2 && cc_plain_skip_word(parser, words[level].word)) {
		struct cc_plain_node *right = ++count <= CC_PLAIN_DEPTH_MAX
						      ? cc_plain_logic(parser, level + 1, operand)
						      : NULL;

		node = right ? cc_plain_node(parser, words[level].op, node, right) : NULL;
	}
	return node;
}

/* Both languages write 12 and 12.5 so. Other bases, exponents, digits in groups are rarer. */
struct cc_plain_node *cc_plain_number(struct cc_plain_parser *parser)
{
	struct cc_plain_node *node = cc_plain_node(parser, CC_PLAIN_LITERAL, NULL, NULL);
	const char *end = parser->at;
	int decimal = 0;

	while (cc_is_digit(*end))
		end++;
	if (!node || end == parser->at || end - parser->at > 18 ||
	    (*parser->at == '0' && cc_is_digit(parser->at[1])))
		return NULL;
	if (*end == '.' && cc_is_digit(end[1])) {
		decimal = 1;
		for (end++; cc_is_digit(*end);)
			end++;
	}
	if (*end == '.' || cc_plain_is_word(*end) || end - parser->at > 40)
		return NULL;
	node->literal.kind = decimal ? CC_PLAIN_DOUBLE : CC_PLAIN_INTEGER;
	if (decimal)
		node->literal.d = strtod(parser->at, NULL);
	else
		node->literal.i = strtoll(parser->at, NULL, 10);
	parser->at = end;
	return node;
}

/* ---- operators ---- */

int cc_plain_deeper(struct cc_plain_parser *parser)
{
	return ++parser->depth <= CC_PLAIN_DEPTH_MAX;
}

struct cc_plain_node *cc_plain_higher(struct cc_plain_parser *parser, struct cc_plain_node *node)
{
	parser->depth--;
	return node;
}

struct cc_plain_node *cc_plain_nested(struct cc_plain_parser *parser, cc_plain_operand *operand)
{
	struct cc_plain_node *node = cc_plain_deeper(parser) ? operand(parser) : NULL;

	return cc_plain_higher(parser, node);
}

struct cc_plain_node *cc_plain_grouped(struct cc_plain_parser *parser, cc_plain_operand *inside)
{
	struct cc_plain_node *node = cc_plain_skip(parser, "(") ? inside(parser) : NULL;

	node = cc_plain_closed(parser, node, ")");
	if (node)
		node->grouped = 1;
	return node;
}

static const struct cc_plain_operator *operator_here(struct cc_plain_parser *parser, unsigned level)
{
	for (const struct cc_plain_operator *operator= parser->operators; operator->text;
	     operator++) {
		const char *before = parser->at;

		if (!cc_plain_skip(parser, operator->text))
			continue;
		if (operator->level >= level)
			return operator;
		parser->at = before;
		return NULL;
	}
	return NULL;
}

/* 1 < 2 < 3 is no two comparisons in a row. */
static int chains(const struct cc_plain_operator *operator, const struct cc_plain_node * left)
{
	return operator->op == left->op && !left->grouped &&(left->op == CC_PLAIN_COMPARE ||
							     left->op == CC_PLAIN_ORDER ||
							     left->op == CC_PLAIN_IS);
}

static struct cc_plain_node *operators(struct cc_plain_parser *parser, unsigned level)
{
	struct cc_plain_node *left = parser->operand(parser);
	const struct cc_plain_operator *operator;
	unsigned count = 0;

	while (left && (operator= operator_here(parser, level))) {
		struct cc_plain_node *right, *node;

		if (chains(operator, left) || ++count > CC_PLAIN_DEPTH_MAX)
			return NULL;
		right = cc_plain_operators(parser, operator->level + 1u);
		node = right ? cc_plain_node(parser, operator->op, left, right) : NULL;
		if (!node)
			return NULL;
		if (right->op == CC_PLAIN_COMPARE && !right->grouped && operator->op == CC_PLAIN_IS)
			return NULL;
		node->how = operator->how;
		node->relation = operator->relation;
		left = node;
	}
	return left;
}

struct cc_plain_node *cc_plain_operators(struct cc_plain_parser *parser, unsigned level)
{
	struct cc_plain_node *node = cc_plain_deeper(parser) ? operators(parser, level) : NULL;

	return cc_plain_higher(parser, node);
}

/* ---- expressions ---- */

struct cc_plain *cc_plain_new(const struct cc_plain_language *language, const char *text)
{
	struct cc_plain *plain;
	struct cc_plain_parser parser;

	if (strlen(text) > CC_PLAIN_LENGTH_MAX)
		return NULL;
	plain = calloc(1, sizeof(*plain));
	if (!plain)
		return NULL;
	plain->language = language;
	parser = (struct cc_plain_parser){.at = text, .plain = plain};
	plain->root = language->parse(&parser);
	cc_plain_spaces(&parser);
	if (plain->root && !*parser.at)
		return plain;
	cc_plain_free(plain);
	return NULL;
}

void cc_plain_free(struct cc_plain *plain)
{
	struct cc_plain_piece *piece;

	if (!plain)
		return;
	while ((piece = plain->pieces)) {
		plain->pieces = piece->next;
		free(piece);
	}
	for (unsigned i = 0; i < plain->texts_room; i++)
		free(plain->texts[i].data);
	free(plain->texts);
	free(plain);
}
