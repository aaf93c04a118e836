/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Python's syntax of plain expressions (the reference, 6: Expressions). Whatever might be read
 * otherwise than here is left to python itself: calls but len(), slices, displays, comprehensions,
 * format specifications.
 */
#include <string.h>

#include "core/print/plain.h"
#include "runtimes/python/debug/plain-parse.h"

typedef struct cc_plain_node Node;
typedef struct cc_plain_parser Parser;

static const struct cc_plain_operator operators[] = {
	{"is not", 1, CC_PLAIN_IS, 0, 0},
	{"is", 1, CC_PLAIN_IS, 0, 1},
	{"==", 1, CC_PLAIN_COMPARE, CC_PLAIN_BY_TYPE, CC_PLAIN_EQUAL},
	{"!=", 1, CC_PLAIN_COMPARE, CC_PLAIN_BY_TYPE, CC_PLAIN_DIFFERS},
	{"<=", 1, CC_PLAIN_COMPARE, CC_PLAIN_BY_TYPE, CC_PLAIN_LESS | CC_PLAIN_EQUAL},
	{">=", 1, CC_PLAIN_COMPARE, CC_PLAIN_BY_TYPE, CC_PLAIN_GREATER | CC_PLAIN_EQUAL},
	{"<", 1, CC_PLAIN_COMPARE, CC_PLAIN_BY_TYPE, CC_PLAIN_LESS},
	{">", 1, CC_PLAIN_COMPARE, CC_PLAIN_BY_TYPE, CC_PLAIN_GREATER},
	{"+", 2, CC_PLAIN_ADD, 0, 0},
	{"-", 2, CC_PLAIN_SUBTRACT, 0, 0},
	{"*", 3, CC_PLAIN_MULTIPLY, 0, 0},
	{"//", 3, CC_PLAIN_FLOOR_DIVIDE, 0, 0},
	{"/", 3, CC_PLAIN_DIVIDE, 0, 0},
	{"%", 3, CC_PLAIN_MODULO, 0, 0},
	{NULL, 0, 0, 0, 0},
};

static Node *expression(Parser *parser);

/* ---- strings ---- */

static Node *literal(Parser *parser)
{
	static const struct cc_plain_quoting quoting = {.stops = "", .escapes = "''", .wide = 1};

	return cc_plain_quoted_text(parser, &quoting);
}

/* Of an f-string, up to the next brace; or a brace, which is written twice. */
static Node *formatted_literal(Parser *parser)
{
	static const struct cc_plain_quoting quoting = {.stops = "{}", .escapes = "''", .wide = 1};

	if (*parser->at != '{' && *parser->at != '}')
		return cc_plain_quoted_text(parser, &quoting);
	if (parser->at[1] != *parser->at)
		return NULL;
	parser->at += 2;
	return cc_plain_literal_text(parser, parser->at - 1, 1, 1);
}

/* {expression}, with !r and !s; {expression=} shows itself, too. */
static Node *replacement(Parser *parser)
{
	const char *from = ++parser->at;
	Node *node = expression(parser), *shown = NULL;
	int repr = 0;

	if (!node)
		return NULL;
	cc_plain_spaces(parser);
	if (parser->at[0] == '=' && parser->at[1] != '=') {
		parser->at++;
		cc_plain_spaces(parser);
		shown = cc_plain_literal_text(parser, from, (size_t)(parser->at - from), 1);
		if (!shown)
			return NULL;
		repr = 1;
	}
	if (parser->at[0] == '!' && (parser->at[1] == 'r' || parser->at[1] == 's')) {
		repr = parser->at[1] == 'r';
		parser->at += 2;
	}
	if (*parser->at != '}')
		return NULL;
	parser->at++;
	/* As an operand of its own: a node may stand in one list only. */
	node = cc_plain_unary(parser, repr ? CC_PLAIN_REPR : CC_PLAIN_JOIN, node);
	if (!node || !shown)
		return node;
	shown->next = node;
	return cc_plain_unary(parser, CC_PLAIN_JOIN, shown);
}

static Node *formatted_part(Parser *parser)
{
	return parser->at[0] == '{' && parser->at[1] != '{' ? replacement(parser)
							    : formatted_literal(parser);
}

static Node *formatted(Parser *parser)
{
	return cc_plain_joined(parser, formatted_part);
}

static Node *string(Parser *parser, cc_plain_operand *inside)
{
	const char *from = parser->at + 1, *end = cc_plain_quote(from, *parser->at);

	if (end == from && *from == from[1]) /* """ */
		return NULL;
	return cc_plain_quoted(parser, end, inside);
}

/* ---- operands ---- */

static Node *constant(Parser *parser, enum cc_plain_kind kind, int value)
{
	Node *node = cc_plain_node(parser, CC_PLAIN_LITERAL, NULL, NULL);

	if (node)
		node->literal = (struct cc_plain_value){.kind = kind, .i = value};
	return node;
}

static Node *length(Parser *parser)
{
	Node *node = cc_plain_closed(parser, expression(parser), ")");

	node = cc_plain_unary(parser, CC_PLAIN_LENGTH, node);
	if (node)
		node->name = "len";
	return node;
}

static const char *const keywords[] = {
	"and",	  "as",	  "assert", "async",  "await",	  "break",     "class", "continue", "def",
	"del",	  "elif", "else",   "except", "finally",  "for",       "from",	"global",   "if",
	"import", "in",	  "is",	    "lambda", "nonlocal", "not",       "or",	"pass",	    "raise",
	"return", "try",  "while",  "with",   "yield",	  "__debug__", NULL,
};

static int is_keyword(const char *word, size_t length)
{
	return cc_plain_is_one_of(keywords, word, length);
}

static Node *variable(Parser *parser)
{
	size_t length = cc_plain_word(parser->at);
	Node *node;

	if (!length || is_keyword(parser->at, length) || parser->at[length] & 0x80)
		return NULL;
	node = cc_plain_named(parser, CC_PLAIN_VARIABLE, NULL, parser->at, length);
	parser->at += length;
	/* No prefix of a string */
	return node && *parser->at != '"' && *parser->at != '\'' ? node : NULL;
}

static Node *atom(Parser *parser)
{
	char c = *parser->at;

	if (c == '"' || c == '\'')
		return string(parser, literal);
	if ((c == 'f' || c == 'F') && (parser->at[1] == '"' || parser->at[1] == '\'')) {
		parser->at++;
		return string(parser, formatted);
	}
	if (c >= '0' && c <= '9')
		return cc_plain_number(parser);
	if (c == '(')
		return cc_plain_grouped(parser, expression);
	if (!strncmp(parser->at, "len(", 4)) {
		parser->at += 4;
		return length(parser);
	}
	if (cc_plain_skip_word(parser, "None"))
		return constant(parser, CC_PLAIN_NOTHING, 0);
	if (cc_plain_skip_word(parser, "True"))
		return constant(parser, CC_PLAIN_BOOLEAN, 1);
	if (cc_plain_skip_word(parser, "False"))
		return constant(parser, CC_PLAIN_BOOLEAN, 0);
	return variable(parser);
}

static Node *attribute(Parser *parser, Node *from)
{
	size_t length = cc_plain_word(parser->at + 1);
	Node *node =
		length && !is_keyword(parser->at + 1, length)
			? cc_plain_named(parser, CC_PLAIN_ATTRIBUTE, from, parser->at + 1, length)
			: NULL;

	parser->at += 1 + length;
	return node && !(*parser->at & 0x80) ? node : NULL;
}

static Node *item(Parser *parser, Node *from)
{
	Node *at;

	parser->at++;
	at = cc_plain_closed(parser, expression(parser), "]");
	return at ? cc_plain_node(parser, CC_PLAIN_ELEMENT, from, at) : NULL;
}

static Node *primary(Parser *parser)
{
	Node *node = atom(parser);
	unsigned count = 0;

	while (node && (*parser->at == '.' || *parser->at == '[')) {
		if (++count > CC_PLAIN_DEPTH_MAX)
			return NULL;
		node = *parser->at == '.' ? attribute(parser, node) : item(parser, node);
	}
	return node;
}

static Node *operand(Parser *parser);

static Node *operand_here(Parser *parser)
{
	if (*parser->at != '-')
		return primary(parser);
	parser->at++;
	return cc_plain_unary(parser, CC_PLAIN_NEGATE, operand(parser));
}

static Node *operand(Parser *parser)
{
	cc_plain_spaces(parser);
	return cc_plain_nested(parser, operand_here);
}

/* ---- not, and, or, if ---- */

static Node *inversion(Parser *parser)
{
	if (!cc_plain_skip_word(parser, "not"))
		return cc_plain_operators(parser, 1);
	return cc_plain_unary(parser, CC_PLAIN_NOT_OP, cc_plain_nested(parser, inversion));
}

static Node *conditional(Parser *parser)
{
	Node *node = cc_plain_logic(parser, 0, inversion), *chosen;

	if (!node || !cc_plain_skip_word(parser, "if"))
		return node;
	chosen = cc_plain_node(parser, CC_PLAIN_IF, cc_plain_logic(parser, 0, inversion), node);
	if (!chosen || !chosen->child[0] || !cc_plain_skip_word(parser, "else"))
		return NULL;
	chosen->child[2] = expression(parser);
	return chosen->child[2] ? chosen : NULL;
}

static Node *expression(Parser *parser)
{
	return cc_plain_nested(parser, conditional);
}

Node *cc_python_plain_parse(Parser *parser)
{
	parser->operators = operators;
	parser->operand = operand;
	return expression(parser);
}
