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

#define DIFFERS (CC_PLAIN_LESS | CC_PLAIN_GREATER | CC_PLAIN_UNORDERED)

static const struct cc_plain_operator operators[] = {
	{"is not", 1, CC_PLAIN_IS, 0, 0},
	{"is", 1, CC_PLAIN_IS, 0, 1},
	{"==", 1, CC_PLAIN_COMPARE, CC_PLAIN_BY_TYPE, CC_PLAIN_EQUAL},
	{"!=", 1, CC_PLAIN_COMPARE, CC_PLAIN_BY_TYPE, DIFFERS},
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

static const char *end_of(const char *at, char quote)
{
	for (; *at != quote; at++) {
		if (*at == '\\')
			at++;
		if (!*at)
			return NULL;
	}
	return at;
}

static int unescape(char letter)
{
	switch (letter) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case 'r':
		return '\r';
	case '\\':
	case '\'':
	case '"':
		return letter;
	}
	return -1;
}

/* All of it, or up to the next expression of an f-string; NULL: a brace stands alone. */
static Node *literal_part(Parser *parser, int formatted)
{
	char text[CC_PLAIN_LENGTH_MAX + 1];
	size_t length = 0;

	for (; *parser->at; parser->at++) {
		int c = (unsigned char)*parser->at;

		if (formatted && (c == '{' || c == '}')) {
			if (parser->at[1] != c) {
				if (c == '}')
					return NULL;
				break;
			}
			parser->at++;
		} else if (c == '\\') {
			c = unescape(*++parser->at);
			if (c < 0)
				return NULL;
		}
		text[length++] = (char)c;
	}
	return cc_plain_literal_text(parser, text, length, 1);
}

/* {expression}, with !r and !s; {expression=} shows itself, and is two parts. */
static Node *replacement(Parser *parser, Node ***next)
{
	const char *from = ++parser->at;
	Node *node = expression(parser), *shown;
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
		**next = shown;
		*next = &shown->next;
		repr = 1;
	}
	if (parser->at[0] == '!' && (parser->at[1] == 'r' || parser->at[1] == 's')) {
		repr = parser->at[1] == 'r';
		parser->at += 2;
	}
	if (*parser->at != '}')
		return NULL;
	parser->at++;
	if (repr)
		return cc_plain_node(parser, CC_PLAIN_REPR, node, NULL);
	/* As an operand of its own: a node may stand in one list only. */
	shown = cc_plain_node(parser, CC_PLAIN_JOIN, node, NULL);
	return shown;
}

static Node *formatted(Parser *parser)
{
	Node *join = cc_plain_node(parser, CC_PLAIN_JOIN, NULL, NULL), **next, *part;

	if (!join)
		return NULL;
	next = &join->child[0];
	while (*parser->at) {
		part = parser->at[0] == '{' && parser->at[1] != '{' ? replacement(parser, &next)
								    : literal_part(parser, 1);
		if (!part)
			return NULL;
		*next = part;
		next = &part->next;
	}
	return join;
}

static Node *string(Parser *parser, int is_formatted)
{
	const char *from = parser->at + 1, *end = end_of(from, *parser->at), *inside;
	Node *node = NULL;

	if (end == from && *from == from[1]) /* """ */
		return NULL;
	inside = end ? cc_plain_copy(parser, from, (size_t)(end - from)) : NULL;
	if (!inside)
		return NULL;
	parser->at = inside;
	if (cc_plain_deeper(parser))
		node = is_formatted ? formatted(parser) : literal_part(parser, 0);
	parser->at = end + 1;
	return cc_plain_higher(parser, node);
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
	Node *node = expression(parser);

	node = node && cc_plain_skip(parser, ")")
		       ? cc_plain_node(parser, CC_PLAIN_LENGTH, node, NULL)
		       : NULL;
	if (node)
		node->name = "len";
	return node;
}

static int is_keyword(const char *word, size_t length)
{
	static const char *const keywords[] = {
		"and",	    "as",	"assert", "async", "await",	"break",  "class",
		"continue", "def",	"del",	  "elif",  "else",	"except", "finally",
		"for",	    "from",	"global", "if",	   "import",	"in",	  "is",
		"lambda",   "nonlocal", "not",	  "or",	   "pass",	"raise",  "return",
		"try",	    "while",	"with",	  "yield", "__debug__",
	};

	for (size_t i = 0; i < sizeof(keywords) / sizeof(*keywords); i++)
		if (strlen(keywords[i]) == length && !memcmp(keywords[i], word, length))
			return 1;
	return 0;
}

static Node *variable(Parser *parser)
{
	size_t length = cc_plain_word(parser->at);
	Node *node;

	if (!length || is_keyword(parser->at, length) || parser->at[length] & 0x80)
		return NULL;
	node = cc_plain_node(parser, CC_PLAIN_VARIABLE, NULL, NULL);
	if (!node)
		return NULL;
	node->name = cc_plain_copy(parser, parser->at, length);
	parser->at += length;
	/* No prefix of a string */
	return node->name && *parser->at != '"' && *parser->at != '\'' ? node : NULL;
}

static Node *grouped(Parser *parser)
{
	Node *node = expression(parser);

	if (!node || !cc_plain_skip(parser, ")"))
		return NULL;
	node->grouped = 1;
	return node;
}

static Node *atom(Parser *parser)
{
	char c = *parser->at;

	if (c == '"' || c == '\'')
		return string(parser, 0);
	if ((c == 'f' || c == 'F') && (parser->at[1] == '"' || parser->at[1] == '\'')) {
		parser->at++;
		return string(parser, 1);
	}
	if (c >= '0' && c <= '9')
		return cc_plain_number(parser);
	if (cc_plain_skip(parser, "("))
		return grouped(parser);
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
	Node *node = length && !is_keyword(parser->at + 1, length)
			     ? cc_plain_node(parser, CC_PLAIN_ATTRIBUTE, from, NULL)
			     : NULL;

	if (!node)
		return NULL;
	node->name = cc_plain_copy(parser, parser->at + 1, length);
	parser->at += 1 + length;
	return node->name && !(*parser->at & 0x80) ? node : NULL;
}

static Node *item(Parser *parser, Node *from)
{
	Node *at;

	parser->at++;
	at = expression(parser);
	return at && cc_plain_skip(parser, "]") ? cc_plain_node(parser, CC_PLAIN_ELEMENT, from, at)
						: NULL;
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

static Node *operand(Parser *parser)
{
	Node *node = NULL;

	cc_plain_spaces(parser);
	if (!cc_plain_deeper(parser))
		return cc_plain_higher(parser, NULL);
	if (*parser->at == '-') {
		parser->at++;
		node = operand(parser);
		node = node ? cc_plain_node(parser, CC_PLAIN_NEGATE, node, NULL) : NULL;
	} else {
		node = primary(parser);
	}
	return cc_plain_higher(parser, node);
}

/* ---- not, and, or, if ---- */

static Node *inversion(Parser *parser)
{
	Node *node;

	if (!cc_plain_skip_word(parser, "not"))
		return cc_plain_operators(parser, 1);
	node = cc_plain_deeper(parser) ? inversion(parser) : NULL;
	node = node ? cc_plain_node(parser, CC_PLAIN_NOT_OP, node, NULL) : NULL;
	return cc_plain_higher(parser, node);
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
	Node *node = cc_plain_deeper(parser) ? conditional(parser) : NULL;

	return cc_plain_higher(parser, node);
}

Node *cc_python_plain_parse(Parser *parser)
{
	parser->operators = operators;
	parser->operand = operand;
	return expression(parser);
}
