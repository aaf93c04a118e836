/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Perl's syntax of plain expressions (perlop, perldata). Whatever might be read otherwise than here
 * is left to perl itself: lists, calls, methods, slices, regular expressions, assignments.
 */
#include <stdio.h>
#include <string.h>

#include "core/print/plain.h"
#include "runtimes/perl/debug/plain-parse.h"

typedef struct cc_plain_node Node;
typedef struct cc_plain_parser Parser;

#define COMPARISON 4
#define ARITHMETIC 5

/* From || upwards; what binds more loosely follows below. */
static const struct cc_plain_operator operators[] = {
	{"||", 1, CC_PLAIN_OR, 0, 0},
	{"//", 1, CC_PLAIN_ELSE, 0, 0},
	{"&&", 2, CC_PLAIN_AND, 0, 0},
	{"<=>", 3, CC_PLAIN_ORDER, CC_PLAIN_BY_NUMBER, 0},
	{"==", 3, CC_PLAIN_COMPARE, CC_PLAIN_BY_NUMBER, CC_PLAIN_EQUAL},
	{"!=", 3, CC_PLAIN_COMPARE, CC_PLAIN_BY_NUMBER, CC_PLAIN_DIFFERS},
	{"cmp", 3, CC_PLAIN_ORDER, CC_PLAIN_BY_TEXT, 0},
	{"eq", 3, CC_PLAIN_COMPARE, CC_PLAIN_BY_TEXT, CC_PLAIN_EQUAL},
	{"ne", 3, CC_PLAIN_COMPARE, CC_PLAIN_BY_TEXT, CC_PLAIN_DIFFERS},
	{"<=", COMPARISON, CC_PLAIN_COMPARE, CC_PLAIN_BY_NUMBER, CC_PLAIN_LESS | CC_PLAIN_EQUAL},
	{">=", COMPARISON, CC_PLAIN_COMPARE, CC_PLAIN_BY_NUMBER, CC_PLAIN_GREATER | CC_PLAIN_EQUAL},
	{"<", COMPARISON, CC_PLAIN_COMPARE, CC_PLAIN_BY_NUMBER, CC_PLAIN_LESS},
	{">", COMPARISON, CC_PLAIN_COMPARE, CC_PLAIN_BY_NUMBER, CC_PLAIN_GREATER},
	{"le", COMPARISON, CC_PLAIN_COMPARE, CC_PLAIN_BY_TEXT, CC_PLAIN_LESS | CC_PLAIN_EQUAL},
	{"ge", COMPARISON, CC_PLAIN_COMPARE, CC_PLAIN_BY_TEXT, CC_PLAIN_GREATER | CC_PLAIN_EQUAL},
	{"lt", COMPARISON, CC_PLAIN_COMPARE, CC_PLAIN_BY_TEXT, CC_PLAIN_LESS},
	{"gt", COMPARISON, CC_PLAIN_COMPARE, CC_PLAIN_BY_TEXT, CC_PLAIN_GREATER},
	{"+", ARITHMETIC, CC_PLAIN_ADD, 0, 0},
	{"-", ARITHMETIC, CC_PLAIN_SUBTRACT, 0, 0},
	{".", ARITHMETIC, CC_PLAIN_CONCATENATE, 0, 0},
	{"*", ARITHMETIC + 1, CC_PLAIN_MULTIPLY, 0, 0},
	{"/", ARITHMETIC + 1, CC_PLAIN_DIVIDE, 0, 0},
	{"%", ARITHMETIC + 1, CC_PLAIN_MODULO, 0, 0},
	{NULL, 0, 0, 0, 0},
};

static Node *expression(Parser *parser);

/* ---- variables ---- */

/*
 * Shop::total, with every package that it names; 0: none, or the old separator, ', might be meant.
 */
static size_t name_length(const char *at)
{
	size_t length = cc_plain_word(at), part;

	while (length && at[length] == ':' && at[length + 1] == ':') {
		part = cc_plain_word(at + length + 2);
		if (!part)
			return 0;
		length += 2 + part;
	}
	return at[length] == '\'' && cc_plain_word(at + length + 1) ? 0 : length;
}

static Node *named(Parser *parser, char sigil, const char *name, size_t length)
{
	Node *node = cc_plain_named(parser, CC_PLAIN_VARIABLE, NULL, name, length);

	if (node)
		node->sigil = sigil;
	return node;
}

static Node *deref(Parser *parser, Node *from, char sigil)
{
	Node *node = cc_plain_unary(parser, CC_PLAIN_DEREF, from);

	if (node)
		node->sigil = sigil;
	return node;
}

/* {word}, {-word}, {expression} */
static Node *key(Parser *parser)
{
	const char *before = parser->at, *from;
	size_t length;

	cc_plain_spaces(parser);
	from = parser->at;
	length = cc_plain_word(from + (*from == '-'));
	if (length) {
		length += *from == '-';
		parser->at += length;
		if (cc_plain_skip(parser, "}"))
			return cc_plain_literal_text(parser, from, length, 0);
	}
	parser->at = before;
	return cc_plain_closed(parser, expression(parser), "}");
}

static Node *element(Parser *parser, Node *container, char sigil)
{
	Node *at, *node;

	if (!container)
		return NULL;
	parser->at++;
	at = sigil == '@' ? cc_plain_closed(parser, expression(parser), "]") : key(parser);
	node = at ? cc_plain_node(parser, CC_PLAIN_ELEMENT, container, at) : NULL;
	if (node)
		node->sigil = sigil;
	return node;
}

static char container_of(char bracket)
{
	return bracket == '[' ? '@' : bracket == '{' ? '%' : '\0';
}

/* ->[…], ->{…} and, behind a first element, […] and {…}. */
static Node *subscripts(Parser *parser, Node *node, int is_element)
{
	unsigned count = 0;

	while (node && ++count <= CC_PLAIN_DEPTH_MAX) {
		char sigil = is_element ? container_of(*parser->at) : '\0';

		if (!sigil && parser->at[0] == '-' && parser->at[1] == '>') {
			sigil = container_of(parser->at[2]);
			if (!sigil)
				return node;
			parser->at += 2;
		}
		if (!sigil)
			return node;
		node = element(parser, deref(parser, node, sigil), sigil);
		is_element = 1;
	}
	return NULL;
}

/*
 * What follows a sigil: a name, ${name}, or what is dereferenced: $name, {$name->{list}}. With
 * `*refers` the node is of a reference; otherwise of the named variable itself, as `sigil` has it.
 */
static Node *behind_sigil(Parser *parser, char sigil, int *refers)
{
	size_t length = name_length(parser->at);
	const char *from = parser->at;
	Node *node;

	*refers = 0;
	if (length) {
		parser->at += length;
		return named(parser, sigil, from, length);
	}
	if (*from == '$') {
		*refers = 1;
		parser->at++;
		node = behind_sigil(parser, '$', &(int){0});
		return node && node->op == CC_PLAIN_VARIABLE && from[1] != '{' && from[1] != '$'
			       ? node
			       : NULL;
	}
	if (*from != '{')
		return NULL;
	parser->at++;
	cc_plain_spaces(parser);
	from = parser->at;
	length = name_length(from);
	if (length) {
		parser->at += length;
		return cc_plain_closed(parser, named(parser, sigil, from, length), "}");
	}
	*refers = 1;
	return cc_plain_closed(parser, expression(parser), "}");
}

/* $name, $name[0], $$name{key}, ${name}, $name->[0]{key} … */
static Node *scalar_variable(Parser *parser)
{
	const char *from = ++parser->at;
	int refers;
	Node *node = NULL;
	char sigil;

	if (!cc_plain_deeper(parser))
		return cc_plain_higher(parser, NULL);
	node = behind_sigil(parser, '$', &refers);
	if (!node || from[0] == '#')
		return cc_plain_higher(parser, NULL);
	sigil = container_of(*parser->at);
	/* In a string nothing belongs to ${name} any more. */
	if (from[0] == '{' && !refers && (sigil || !strncmp(parser->at, "->", 2)))
		return cc_plain_higher(parser, NULL);
	if (!sigil)
		return cc_plain_higher(parser,
				       subscripts(parser, refers ? deref(parser, node, '$') : node,
						  0));
	if (refers)
		node = deref(parser, node, sigil);
	else
		node->sigil = sigil;
	return cc_plain_higher(parser, subscripts(parser, element(parser, node, sigil), 1));
}

/* @name, @$name, @{…}: no slices. */
static Node *array(Parser *parser)
{
	int refers;
	Node *node;

	parser->at++;
	if (!cc_plain_deeper(parser))
		return cc_plain_higher(parser, NULL);
	node = behind_sigil(parser, '@', &refers);
	if (node && refers)
		node = deref(parser, node, '@');
	return cc_plain_higher(parser, node && !container_of(*parser->at) ? node : NULL);
}

static Node *last_index(Parser *parser)
{
	int refers;
	Node *node;

	parser->at += 2;
	if (*parser->at != '{' && *parser->at != '$' && !cc_plain_word(parser->at))
		return NULL;
	node = cc_plain_deeper(parser) ? behind_sigil(parser, '@', &refers) : NULL;
	if (node && refers)
		node = deref(parser, node, '@');
	return cc_plain_higher(parser,
			       node ? cc_plain_node(parser, CC_PLAIN_LAST, node, NULL) : NULL);
}

/* ---- strings ---- */

/* Where a literal ends, or NULL; perl finds that before it looks inside. */
static const char *end_of(const char *at, char quote)
{
	const char *end = cc_plain_quote(at, quote);

	/* Other than ASCII: bytes or characters, as `use utf8` has it */
	for (; end && at < end; at++)
		if (*at & 0x80)
			return NULL;
	return end;
}

static Node *single_quoted(Parser *parser)
{
	const char *from = parser->at + 1, *end = end_of(from, '\'');
	char text[CC_PLAIN_LENGTH_MAX + 1];
	size_t length = 0;

	if (!end)
		return NULL;
	for (; from < end; from++) {
		if (*from == '\\' && (from[1] == '\\' || from[1] == '\''))
			from++;
		text[length++] = *from;
	}
	parser->at = end + 1;
	return cc_plain_literal_text(parser, text, length, 0);
}

static const struct cc_plain_quoting quoting = {.stops = "$@", .escapes = "e\033$$@@"};

static Node *interpolated_array(Parser *parser)
{
	Node *node;

	if (!cc_plain_word(parser->at + 1) && parser->at[1] != '$' && parser->at[1] != '{')
		return NULL;
	node = array(parser);
	return cc_plain_unary(parser, CC_PLAIN_SPREAD, node);
}

static Node *interpolated_part(Parser *parser)
{
	return *parser->at == '$'   ? scalar_variable(parser)
	       : *parser->at == '@' ? interpolated_array(parser)
				    : cc_plain_quoted_text(parser, &quoting);
}

static Node *interpolated(Parser *parser)
{
	return cc_plain_joined(parser, interpolated_part);
}

/* ---- operands ---- */

/* The operand of a named operator without parentheses is all that binds closer than comparison. */
static int binds_closer(Parser *parser)
{
	cc_plain_spaces(parser);
	return *parser->at && strchr("+-*/%.x~[{(=", *parser->at) && strncmp(parser->at, "==", 2);
}

static int is_array(const Node *node)
{
	return (node->op == CC_PLAIN_VARIABLE || node->op == CC_PLAIN_DEREF) && node->sigil == '@';
}

static Node *argument(Parser *parser)
{
	Node *node;

	if (cc_plain_skip(parser, "(")) {
		cc_plain_spaces(parser);
		return cc_plain_closed(parser,
				       *parser->at == '@' ? array(parser) : expression(parser),
				       ")");
	}
	cc_plain_spaces(parser);
	node = *parser->at == '$' && parser->at[1] != '#' ? scalar_variable(parser)
	       : *parser->at == '@'			  ? array(parser)
							  : NULL;
	return node && !binds_closer(parser) ? node : NULL;
}

static Node *named_operator(Parser *parser)
{
	enum cc_plain_op op;
	Node *node;

	if (cc_plain_skip_word(parser, "length"))
		op = CC_PLAIN_LENGTH;
	else if (cc_plain_skip_word(parser, "defined"))
		op = CC_PLAIN_DEFINED;
	else if (cc_plain_skip_word(parser, "scalar"))
		op = CC_PLAIN_COUNT;
	else
		return NULL;
	node = argument(parser);
	if (!node || (op == CC_PLAIN_COUNT) != is_array(node))
		return NULL;
	node = cc_plain_node(parser, op, node, NULL);
	if (node)
		node->sigil = '$'; /* a scalar in any context */
	return node;
}

static Node *grouped(Parser *parser)
{
	Node *node = cc_plain_grouped(parser, expression);

	return node && !container_of(*parser->at) ? node : NULL;
}

static Node *operand(Parser *parser);

static Node *operand_here(Parser *parser)
{
	cc_plain_spaces(parser);
	switch (*parser->at) {
	case '$':
		return parser->at[1] == '#' ? last_index(parser) : scalar_variable(parser);
	case '@':
		return cc_plain_unary(parser, CC_PLAIN_COUNT, array(parser));
	case '"':
		return cc_plain_quoted(parser, end_of(parser->at + 1, '"'), interpolated);
	case '\'':
		return single_quoted(parser);
	case '(':
		return grouped(parser);
	case '!':
		parser->at++;
		return *parser->at == '~'
			       ? NULL
			       : cc_plain_unary(parser, CC_PLAIN_NOT_OP, operand(parser));
	case '-':
		parser->at++;
		cc_plain_spaces(parser);
		/* -e 'file', -word; and --$x */
		return *parser->at == '$' || *parser->at == '(' ||
				       (*parser->at >= '0' && *parser->at <= '9')
			       ? cc_plain_unary(parser, CC_PLAIN_NEGATE, operand(parser))
			       : NULL;
	}
	if (*parser->at >= '0' && *parser->at <= '9')
		return cc_plain_number(parser);
	return named_operator(parser);
}

static Node *operand(Parser *parser)
{
	Node *node = cc_plain_nested(parser, operand_here);

	return node && strncmp(parser->at, "++", 2) && strncmp(parser->at, "--", 2) ? node : NULL;
}

static Node *ternary(Parser *parser);

static Node *ternary_here(Parser *parser)
{
	Node *node = cc_plain_operators(parser, 1), *chosen;

	if (!node || !cc_plain_skip(parser, "?"))
		return node;
	chosen = cc_plain_node(parser, CC_PLAIN_IF, node, ternary(parser));
	if (!chosen || !chosen->child[1] || !cc_plain_skip(parser, ":"))
		return NULL;
	chosen->child[2] = ternary(parser);
	return chosen->child[2] ? chosen : NULL;
}

static Node *ternary(Parser *parser)
{
	return cc_plain_nested(parser, ternary_here);
}

static Node *logic(Parser *parser)
{
	return cc_plain_logic(parser, 0, ternary);
}

static Node *expression(Parser *parser)
{
	return cc_plain_nested(parser, logic);
}

/* An array that would be in list context gives its elements, not their number. */
static int gives_list(const Node *node)
{
	switch (node->op) {
	case CC_PLAIN_COUNT:
		return !node->sigil;
	case CC_PLAIN_IF:
		return gives_list(node->child[1]) || gives_list(node->child[2]);
	case CC_PLAIN_AND:
	case CC_PLAIN_OR:
	case CC_PLAIN_ELSE:
		return gives_list(node->child[1]);
	}
	return 0;
}

Node *cc_perl_plain_parse(Parser *parser)
{
	Node *node;

	parser->operators = operators;
	parser->operand = operand;
	node = expression(parser);
	return node && !gives_list(node) ? node : NULL;
}
