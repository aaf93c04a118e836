/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/print/plain-tree.h"

/* Integers up to here are doubles, too. */
#define EXACT (1ll << 53)
/* From here on doubles look otherwise than integers, in languages that mix them. */
#define LOOKS_LARGE 1e15

typedef struct cc_plain_value Value;
typedef struct cc_plain_node Node;

static int evaluate(struct cc_plain_run *run, Node *node, Value *value);

/* ---- texts ---- */

static int has_high(const char *data, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (data[i] & 0x80)
			return 1;
	return 0;
}

int cc_plain_put(struct cc_plain_text *text, const char *data, size_t length, int wide)
{
	if (length > CC_PLAIN_TEXT_MAX - text->length)
		return CC_PLAIN_NOT;
	if (has_high(data, length)) {
		if (text->high && text->wide != wide)
			return CC_PLAIN_NOT;
		text->high = 1;
		text->wide = wide;
	}
	if (text->length + length > text->room) {
		size_t room = (text->length + length) * 2 + 64;
		char *larger = realloc(text->data, room);

		if (!larger)
			return CC_PLAIN_NOT;
		text->data = larger;
		text->room = room;
	}
	if (length)
		memcpy(text->data + text->length, data, length);
	text->length += length;
	return 0;
}

int cc_plain_format(struct cc_plain_text *text, const char *format, ...)
{
	char line[512];
	va_list list;
	int length;

	va_start(list, format);
	length = vsnprintf(line, sizeof(line), format, list);
	va_end(list);
	if (length < 0 || (size_t)length >= sizeof(line))
		return CC_PLAIN_NOT;
	return cc_plain_put(text, line, (size_t)length, 0);
}

/* An empty one that lasts until the next evaluation; NULL: there are too many. */
static struct cc_plain_text *new_text(struct cc_plain *plain)
{
	struct cc_plain_text *text;

	if (plain->texts_used == plain->texts_room) {
		/* None may move while an evaluation goes on: a node makes two at most. */
		if (plain->texts_room)
			return NULL;
		plain->texts_room = 2 * plain->pieces_made + 1;
		plain->texts = calloc(plain->texts_room, sizeof(*plain->texts));
		if (!plain->texts)
			return plain->texts_room = 0, NULL;
	}
	text = &plain->texts[plain->texts_used++];
	text->length = 0;
	text->wide = text->high = 0;
	return text;
}

static int is_text(const struct cc_plain_text *text, Value *value)
{
	*value = (Value){.kind = CC_PLAIN_TEXT,
			 .data = text->data ? text->data : "",
			 .length = text->length,
			 .wide = text->wide};
	return 0;
}

/* ---- numbers ---- */

static Value integer(int64_t i)
{
	return (Value){.kind = CC_PLAIN_INTEGER, .i = i};
}

static Value boolean(int truth)
{
	return (Value){.kind = CC_PLAIN_BOOLEAN, .i = truth};
}

static int as_double(const Value *number, double *d)
{
	if (number->kind == CC_PLAIN_DOUBLE) {
		*d = number->d;
		return 0;
	}
	*d = (double)number->i;
	return number->i > EXACT || number->i < -EXACT ? CC_PLAIN_NOT : 0;
}

static int is_double(const struct cc_plain_language *language, double d, Value *value)
{
	if (language->tends_to_integers && fabs(d) >= LOOKS_LARGE)
		return CC_PLAIN_NOT;
	*value = (Value){.kind = CC_PLAIN_DOUBLE, .d = d};
	return 0;
}

static int64_t floor_quotient(int64_t a, int64_t b)
{
	int64_t quotient = a / b;

	return a % b && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

static int divide(const struct cc_plain_language *language, const Value *a, const Value *b,
		  Value *value)
{
	double x, y;

	if (as_double(a, &x) || as_double(b, &y) || y == 0)
		return CC_PLAIN_NOT;
	if (language->whole_quotients && a->kind == CC_PLAIN_INTEGER &&
	    b->kind == CC_PLAIN_INTEGER && !(a->i % b->i)) {
		*value = integer(a->i / b->i);
		return 0;
	}
	return is_double(language, x / y, value);
}

static int count_integers(enum cc_plain_op op, int64_t a, int64_t b, Value *value)
{
	int64_t result;
	int overflows;

	switch (op) {
	case CC_PLAIN_ADD:
		overflows = __builtin_add_overflow(a, b, &result);
		break;
	case CC_PLAIN_SUBTRACT:
		overflows = __builtin_sub_overflow(a, b, &result);
		break;
	case CC_PLAIN_MULTIPLY:
		overflows = __builtin_mul_overflow(a, b, &result);
		break;
	default: /* rounded down, the remainder is of the divisor's sign: so in both languages */
		if (!b || b == -1)
			return CC_PLAIN_NOT;
		overflows = 0;
		result = floor_quotient(a, b);
		if (op == CC_PLAIN_MODULO)
			result = a - result * b;
	}
	*value = integer(result);
	return overflows ? CC_PLAIN_NOT : 0;
}

static int count_doubles(const struct cc_plain_language *language, enum cc_plain_op op,
			 const Value *a, const Value *b, Value *value)
{
	double x, y;

	if (as_double(a, &x) || as_double(b, &y))
		return CC_PLAIN_NOT;
	switch (op) {
	case CC_PLAIN_ADD:
		return is_double(language, x + y, value);
	case CC_PLAIN_SUBTRACT:
		return is_double(language, x - y, value);
	case CC_PLAIN_MULTIPLY:
		return is_double(language, x * y, value);
	default:
		return CC_PLAIN_NOT;
	}
}

static int concatenate(struct cc_plain_run *run, const Value *a, const Value *b, Value *value)
{
	const struct cc_plain_language *language = run->plain->language;
	struct cc_plain_text *text = new_text(run->plain);

	if (!text || language->text(text, a, 0) || language->text(text, b, 0))
		return CC_PLAIN_NOT;
	return is_text(text, value);
}

static int arithmetic(struct cc_plain_run *run, enum cc_plain_op op, const Value *one,
		      const Value *other, Value *value)
{
	const struct cc_plain_language *language = run->plain->language;
	Value a, b;

	if (op == CC_PLAIN_ADD && language->adds_texts && one->kind == CC_PLAIN_TEXT &&
	    other->kind == CC_PLAIN_TEXT)
		return concatenate(run, one, other, value);
	if (language->number(one, &a) || language->number(other, &b))
		return CC_PLAIN_NOT;
	if (op == CC_PLAIN_DIVIDE)
		return divide(language, &a, &b, value);
	if (a.kind == CC_PLAIN_INTEGER && b.kind == CC_PLAIN_INTEGER)
		return count_integers(op, a.i, b.i, value);
	return count_doubles(language, op, &a, &b, value);
}

static int negate(const struct cc_plain_language *language, const Value *from, Value *value)
{
	/* A word may have a negative, too: the language knows. */
	if (from->kind == CC_PLAIN_TEXT || language->number(from, value))
		return CC_PLAIN_NOT;
	if (value->kind == CC_PLAIN_INTEGER)
		return count_integers(CC_PLAIN_SUBTRACT, 0, value->i, value);
	return is_double(language, -value->d, value);
}

/* ---- comparison ---- */

static unsigned order_integers(int64_t a, int64_t b)
{
	return a < b ? CC_PLAIN_LESS : a > b ? CC_PLAIN_GREATER : CC_PLAIN_EQUAL;
}

static int order_numbers(const struct cc_plain_language *language, const Value *one,
			 const Value *other, unsigned *order)
{
	Value a, b;
	double x, y;

	if (language->number(one, &a) || language->number(other, &b))
		return CC_PLAIN_NOT;
	if (a.kind == CC_PLAIN_INTEGER && b.kind == CC_PLAIN_INTEGER) {
		*order = order_integers(a.i, b.i);
		return 0;
	}
	if (as_double(&a, &x) || as_double(&b, &y))
		return CC_PLAIN_NOT;
	*order = x < y	  ? CC_PLAIN_LESS
		 : x > y  ? CC_PLAIN_GREATER
		 : x == y ? CC_PLAIN_EQUAL
			  : CC_PLAIN_UNORDERED;
	return 0;
}

/* The order of UTF-8's bytes is that of its characters. */
static int order_texts(struct cc_plain_run *run, const Value *one, const Value *other,
		       unsigned *order)
{
	const struct cc_plain_language *language = run->plain->language;
	struct cc_plain_text *a = new_text(run->plain), *b = new_text(run->plain);
	size_t shared;
	int difference;

	if (!a || !b || language->text(a, one, 0) || language->text(b, other, 0) ||
	    ((a->high || b->high) && a->wide != b->wide))
		return CC_PLAIN_NOT;
	shared = a->length < b->length ? a->length : b->length;
	difference = shared ? memcmp(a->data, b->data, shared) : 0;
	*order = difference ? (difference < 0 ? CC_PLAIN_LESS : CC_PLAIN_GREATER)
			    : order_integers((int64_t)a->length, (int64_t)b->length);
	return 0;
}

static int is_number(const Value *value)
{
	return value->kind == CC_PLAIN_BOOLEAN || value->kind == CC_PLAIN_INTEGER ||
	       value->kind == CC_PLAIN_DOUBLE;
}

/* Things of different types are neither less nor more. */
static int order_typed(struct cc_plain_run *run, const Value *one, const Value *other,
		       unsigned *order)
{
	if (is_number(one) && is_number(other))
		return order_numbers(run->plain->language, one, other, order);
	if (one->kind == CC_PLAIN_TEXT && other->kind == CC_PLAIN_TEXT)
		return order_texts(run, one, other, order);
	if (one->kind == CC_PLAIN_OBJECT || other->kind == CC_PLAIN_OBJECT ||
	    one->kind == CC_PLAIN_UNSIGNED || other->kind == CC_PLAIN_UNSIGNED)
		return CC_PLAIN_NOT;
	*order = one->kind == other->kind ? CC_PLAIN_EQUAL : CC_PLAIN_UNORDERED;
	return 0;
}

static int compare(struct cc_plain_run *run, const Node *node, const Value *one, const Value *other,
		   Value *value)
{
	unsigned order;
	int status = node->how == CC_PLAIN_BY_NUMBER
			     ? order_numbers(run->plain->language, one, other, &order)
		     : node->how == CC_PLAIN_BY_TEXT ? order_texts(run, one, other, &order)
						     : order_typed(run, one, other, &order);

	if (status)
		return CC_PLAIN_NOT;
	if (node->op == CC_PLAIN_ORDER) {
		*value = integer(order == CC_PLAIN_LESS ? -1 : order == CC_PLAIN_GREATER);
		return order == CC_PLAIN_UNORDERED ? CC_PLAIN_NOT : 0;
	}
	/* None < 1 is an error, other than None == 1. */
	if (node->how == CC_PLAIN_BY_TYPE && node->relation != CC_PLAIN_EQUAL &&
	    node->relation != CC_PLAIN_DIFFERS && (!is_number(one) || !is_number(other)) &&
	    (one->kind != CC_PLAIN_TEXT || other->kind != CC_PLAIN_TEXT))
		return CC_PLAIN_NOT;
	*value = boolean((order & node->relation) != 0);
	return 0;
}

/* Only what is surely one object, or surely not: nothing is known of numbers and texts. */
static int is_same(const Node *node, const Value *one, const Value *other, Value *value)
{
	int same;

	if (one->kind == CC_PLAIN_OBJECT && other->kind == CC_PLAIN_OBJECT)
		same = one->object == other->object;
	else if (one->kind == CC_PLAIN_NOTHING || other->kind == CC_PLAIN_NOTHING)
		same = one->kind == other->kind;
	else if (one->kind == CC_PLAIN_BOOLEAN || other->kind == CC_PLAIN_BOOLEAN)
		same = one->kind == other->kind && one->i == other->i;
	else
		return CC_PLAIN_NOT;
	*value = boolean(same == node->relation);
	return 0;
}

/* ---- the tree ---- */

static int join(struct cc_plain_run *run, Node *node, Value *value)
{
	struct cc_plain_text *text = new_text(run->plain);
	Value part;

	if (!text)
		return CC_PLAIN_NOT;
	for (Node *child = node->child[0]; child; child = child->next)
		if (evaluate(run, child, &part) || run->plain->language->text(text, &part, 0))
			return CC_PLAIN_NOT;
	return is_text(text, value);
}

static int spread(struct cc_plain_run *run, const Value *from, Value *value)
{
	struct cc_plain_text *text = new_text(run->plain);

	if (!text || run->plain->language->spread(run, text, from))
		return CC_PLAIN_NOT;
	return is_text(text, value);
}

static int repr(struct cc_plain_run *run, const Value *from, Value *value)
{
	struct cc_plain_text *text = new_text(run->plain);

	if (!text || run->plain->language->text(text, from, 1))
		return CC_PLAIN_NOT;
	return is_text(text, value);
}

static int count(const struct cc_plain_language *language, const Value *from, int64_t less,
		 Value *value)
{
	int64_t number;

	if (language->count(from, &number))
		return CC_PLAIN_NOT;
	*value = integer(number - less);
	return 0;
}

static int is_true(const struct cc_plain_language *language, const Value *value)
{
	switch (value->kind) {
	case CC_PLAIN_NOTHING:
		return 0;
	case CC_PLAIN_DOUBLE:
		return value->d != 0;
	case CC_PLAIN_TEXT:
	case CC_PLAIN_OBJECT:
		return language->truth(value);
	default:
		return value->i != 0;
	}
}

/* Which of its operands a node is, by the truth of the first. */
static int choose(struct cc_plain_run *run, Node *node, Value *value)
{
	int truth;

	if (evaluate(run, node->child[0], value))
		return CC_PLAIN_NOT;
	truth = node->op == CC_PLAIN_ELSE ? value->kind != CC_PLAIN_NOTHING
					  : is_true(run->plain->language, value);
	if (truth < 0)
		return CC_PLAIN_NOT;
	switch (node->op) {
	case CC_PLAIN_NOT_OP:
		*value = boolean(!truth);
		return 0;
	case CC_PLAIN_IF:
		return evaluate(run, node->child[truth ? 1 : 2], value);
	case CC_PLAIN_AND:
		return truth ? evaluate(run, node->child[1], value) : 0;
	default:
		return truth ? 0 : evaluate(run, node->child[1], value);
	}
}

static int of_one(struct cc_plain_run *run, Node *node, const Value *one, Value *value)
{
	const struct cc_plain_language *language = run->plain->language;

	switch (node->op) {
	case CC_PLAIN_DEREF:
		return language->deref(one, node->sigil, value);
	case CC_PLAIN_ATTRIBUTE:
		return language->attribute(one, node->name, value);
	case CC_PLAIN_LENGTH:
		return language->length(run, node, one, value);
	case CC_PLAIN_COUNT:
		return count(language, one, 0, value);
	case CC_PLAIN_LAST:
		return count(language, one, 1, value);
	case CC_PLAIN_SPREAD:
		return spread(run, one, value);
	case CC_PLAIN_REPR:
		return repr(run, one, value);
	case CC_PLAIN_DEFINED:
		*value = boolean(one->kind != CC_PLAIN_NOTHING);
		return 0;
	default: /* CC_PLAIN_NEGATE */
		return negate(language, one, value);
	}
}

static int of_two(struct cc_plain_run *run, Node *node, const Value *one, const Value *other,
		  Value *value)
{
	switch (node->op) {
	case CC_PLAIN_ELEMENT:
		return run->plain->language->element(one, other, node->sigil, value);
	case CC_PLAIN_IS:
		return is_same(node, one, other, value);
	case CC_PLAIN_COMPARE:
	case CC_PLAIN_ORDER:
		return compare(run, node, one, other, value);
	case CC_PLAIN_CONCATENATE:
		return concatenate(run, one, other, value);
	default:
		return arithmetic(run, node->op, one, other, value);
	}
}

static int evaluate(struct cc_plain_run *run, Node *node, Value *value)
{
	Value one, other;

	switch (node->op) {
	case CC_PLAIN_LITERAL:
		*value = node->literal;
		return 0;
	case CC_PLAIN_VARIABLE:
		return run->plain->language->variable(run, node, value);
	case CC_PLAIN_JOIN:
		return join(run, node, value);
	case CC_PLAIN_NOT_OP:
	case CC_PLAIN_AND:
	case CC_PLAIN_OR:
	case CC_PLAIN_ELSE:
	case CC_PLAIN_IF:
		return choose(run, node, value);
	}
	if (evaluate(run, node->child[0], &one))
		return CC_PLAIN_NOT;
	if (!node->child[1])
		return of_one(run, node, &one, value);
	if (evaluate(run, node->child[1], &other))
		return CC_PLAIN_NOT;
	return of_two(run, node, &one, &other, value);
}

int cc_plain_evaluate(struct cc_plain *plain, unsigned frame, Value *value)
{
	struct cc_plain_run run = {.plain = plain};

	plain->texts_used = 0;
	if (plain->language->enter(&run, frame))
		return CC_PLAIN_NOT;
	return evaluate(&run, plain->root, value);
}

int cc_plain_truth(struct cc_plain *plain, unsigned frame)
{
	Value value;

	if (cc_plain_evaluate(plain, frame, &value))
		return CC_PLAIN_NOT;
	return is_true(plain->language, &value);
}

int cc_plain_show(const struct cc_plain *plain, const Value *value, int repr,
		  struct cc_plain_text *text)
{
	return plain->language->text(text, value, repr);
}
