/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plain expressions: variables, elements, attributes, strings made of them, comparison, arithmetic,
 * logic. They are answered by reading the program's memory: nothing of it is written, none of its
 * code runs, and a hundred thousand of them cost what one evaluation in a copy of the replay costs
 * a thousand times. A language has a parser into this tree and accessors; whatever is not surely
 * plain, to the parser or to an accessor (magic, overloading, properties, an error), is said to be
 * not plain, and is for a copy.
 */
#ifndef CC_PLAIN_H
#define CC_PLAIN_H

#include <stddef.h>
#include <stdint.h>

/* Longer or deeper expressions are not plain. */
#define CC_PLAIN_LENGTH_MAX 4096
#define CC_PLAIN_DEPTH_MAX 64
/* Nor are those with longer results. */
#define CC_PLAIN_TEXT_MAX (1u << 20)

#define CC_PLAIN_NOT (-1) /* not plain */

/* ---- values ---- */

enum cc_plain_kind {
	CC_PLAIN_NOTHING, /* undef, None */
	CC_PLAIN_BOOLEAN,
	CC_PLAIN_INTEGER,
	CC_PLAIN_UNSIGNED, /* above INT64_MAX */
	CC_PLAIN_DOUBLE,
	CC_PLAIN_TEXT,
	CC_PLAIN_OBJECT, /* of the program's: only its accessors look into it */
};

/* Valid until the program goes on, or the expression is evaluated again. */
struct cc_plain_value {
	enum cc_plain_kind kind;
	int wide; /* of a text: it is UTF-8; otherwise bytes */
	union {
		int64_t i; /* also of a boolean */
		uint64_t u;
		double d;
		struct {
			const char *data;
			size_t length;
		};
	};
	void *object; /* what it was read from, or NULL */
};

struct cc_plain_text {
	char *data; /* malloc'ed; not terminated */
	size_t length, room;
	int wide, high; /* characters in UTF-8; bytes above 127 */
};

/* Append. 0, or CC_PLAIN_NOT: too long, or bytes and characters mixed. */
int cc_plain_put(struct cc_plain_text *text, const char *data, size_t length, int wide);
int cc_plain_format(struct cc_plain_text *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* ---- expressions ---- */

enum cc_plain_op {
	CC_PLAIN_LITERAL,
	CC_PLAIN_VARIABLE, /* name, sigil */
	CC_PLAIN_DEREF,	   /* what child 0 refers to, as `sigil` */
	/* Child 0 at child 1; `sigil` tells sequences from mappings where syntax does */
	CC_PLAIN_ELEMENT,
	CC_PLAIN_ATTRIBUTE, /* name, of child 0 */
	/* Length of child 0; with the name of the function, which the program may have defined */
	CC_PLAIN_LENGTH,
	CC_PLAIN_COUNT,	 /* elements of child 0 */
	CC_PLAIN_LAST,	 /* the index of the last element of child 0 */
	CC_PLAIN_JOIN,	 /* texts of all children: `next` from child 0 */
	CC_PLAIN_SPREAD, /* elements of child 0 with a separator between them, as text */
	CC_PLAIN_REPR,	 /* child 0 as the language writes it */
	CC_PLAIN_DEFINED,
	CC_PLAIN_NOT_OP,
	CC_PLAIN_NEGATE,
	CC_PLAIN_AND,
	CC_PLAIN_OR,
	CC_PLAIN_ELSE,	  /* child 1 when child 0 is nothing */
	CC_PLAIN_IF,	  /* child 0 ? child 1 : child 2 */
	CC_PLAIN_IS,	  /* the same object; `relation` 0: not */
	CC_PLAIN_COMPARE, /* by `how`; true when it comes out as one of `relation` */
	CC_PLAIN_ORDER,	  /* by `how`: -1, 0, 1 */
	CC_PLAIN_ADD,
	CC_PLAIN_SUBTRACT,
	CC_PLAIN_MULTIPLY,
	CC_PLAIN_DIVIDE,
	CC_PLAIN_FLOOR_DIVIDE,
	CC_PLAIN_MODULO,
	CC_PLAIN_CONCATENATE,
};

enum cc_plain_how { CC_PLAIN_BY_TYPE, CC_PLAIN_BY_NUMBER, CC_PLAIN_BY_TEXT };
enum {
	CC_PLAIN_LESS = 1,
	CC_PLAIN_EQUAL = 2,
	CC_PLAIN_GREATER = 4,
	CC_PLAIN_UNORDERED = 8,
	CC_PLAIN_DIFFERS = CC_PLAIN_LESS | CC_PLAIN_GREATER | CC_PLAIN_UNORDERED,
};

struct cc_plain_node {
	uint8_t op, how, relation;
	uint8_t grouped; /* the node stands in parentheses */
	char sigil;
	const char *name;
	struct cc_plain_value literal;
	struct cc_plain_node *child[3], *next;
	uint64_t hint; /* the language's: where the variable was found last */
};

struct cc_plain; /* an expression */

/* An evaluation that goes on; `frame` is the language's own note of where it is. */
struct cc_plain_run {
	struct cc_plain *plain;
	uint64_t frame[8];
};

struct cc_plain_parser;

struct cc_plain_language {
	/* The whole expression; NULL: it is not surely plain. */
	struct cc_plain_node *(*parse)(struct cc_plain_parser *parser);
	/*
	 * The functions below are called where the program stands between two events, in our own
	 * context. 0 or CC_PLAIN_NOT. Frame 0 is the innermost one of the program's functions.
	 * `deref`, `attribute` and `spread` are NULL in a language whose parser makes no such
	 * nodes.
	 */
	int (*enter)(struct cc_plain_run *run, unsigned frame);
	int (*variable)(struct cc_plain_run *run, struct cc_plain_node *node,
			struct cc_plain_value *value);
	int (*deref)(const struct cc_plain_value *from, char sigil, struct cc_plain_value *value);
	int (*element)(const struct cc_plain_value *from, const struct cc_plain_value *at,
		       char sigil, struct cc_plain_value *value);
	int (*attribute)(const struct cc_plain_value *from, const char *name,
			 struct cc_plain_value *value);
	int (*count)(const struct cc_plain_value *from, int64_t *count);
	int (*length)(struct cc_plain_run *run, const struct cc_plain_node *node,
		      const struct cc_plain_value *from, struct cc_plain_value *length);
	int (*truth)(const struct cc_plain_value *value); /* of a text or object; 0 or 1 */
	/* As arithmetic takes it: CC_PLAIN_INTEGER or CC_PLAIN_DOUBLE. */
	int (*number)(const struct cc_plain_value *value, struct cc_plain_value *number);
	int (*text)(struct cc_plain_text *text, const struct cc_plain_value *value, int repr);
	int (*spread)(struct cc_plain_run *run, struct cc_plain_text *text,
		      const struct cc_plain_value *value);
	unsigned whole_quotients : 1;	/* 6 / 2 is an integer */
	unsigned tends_to_integers : 1; /* so large doubles may print as integers do */
	unsigned adds_texts : 1;
};

/* `text` is copied. NULL: it is not surely plain. */
struct cc_plain *cc_plain_new(const struct cc_plain_language *language, const char *text);
void cc_plain_free(struct cc_plain *plain);

/* The expression's value in this frame. 0, or CC_PLAIN_NOT. */
int cc_plain_evaluate(struct cc_plain *plain, unsigned frame, struct cc_plain_value *value);
/* Is the expression true in this frame? 0 or 1, or CC_PLAIN_NOT. */
int cc_plain_truth(struct cc_plain *plain, unsigned frame);
/*
 * What evaluation gave, as the language prints it (or writes it: repr); appended. 0 or
 * CC_PLAIN_NOT.
 */
int cc_plain_show(const struct cc_plain *plain, const struct cc_plain_value *value, int repr,
		  struct cc_plain_text *text);

/* ---- for parsers ---- */

/*
 * An operator between two operands, all left-associative. Longer ones before those that they begin
 * with.
 */
struct cc_plain_operator {
	const char *text;
	uint8_t level; /* 1 binds most loosely */
	uint8_t op, how, relation;
};

/* Reads something at parser->at, up to its end. NULL: not plain. */
typedef struct cc_plain_node *cc_plain_operand(struct cc_plain_parser *parser);

struct cc_plain_parser {
	const char *at;
	struct cc_plain *plain;
	unsigned depth;
	const struct cc_plain_operator *operators; /* ends with text NULL */
	cc_plain_operand *operand;
};

/*
 * A node with up to two children (NULL: none), in the expression's memory (parser->plain). NULL:
 * too many nodes and texts, or no memory.
 */
struct cc_plain_node *cc_plain_node(struct cc_plain_parser *parser, enum cc_plain_op op,
				    struct cc_plain_node *one, struct cc_plain_node *other);
/* A node with one child. NULL: the child is NULL, or as above. */
struct cc_plain_node *cc_plain_unary(struct cc_plain_parser *parser, enum cc_plain_op op,
				     struct cc_plain_node *child);
/* A node with a name, which is copied, and perhaps a child. NULL: as above. */
struct cc_plain_node *cc_plain_named(struct cc_plain_parser *parser, enum cc_plain_op op,
				     struct cc_plain_node *child, const char *name, size_t length);
/* A literal string; the bytes are copied. `wide`: they are UTF-8 for characters, not bytes. */
struct cc_plain_node *cc_plain_literal_text(struct cc_plain_parser *parser, const char *data,
					    size_t length, int wide);
/*
 * A copy of the bytes with a NUL behind them, in the expression's memory; NULL: that is used up.
 */
const char *cc_plain_copy(struct cc_plain_parser *parser, const char *data, size_t length);
/* Operands with operators of this level and above between them. NULL: not plain. */
struct cc_plain_node *cc_plain_operators(struct cc_plain_parser *parser, unsigned level);
/* Operands with `or` (level 0) and `and` (1) between them. NULL: not plain. */
struct cc_plain_node *cc_plain_logic(struct cc_plain_parser *parser, unsigned level,
				     cc_plain_operand *operand);
/* A decimal number without a sign. NULL: not plain. */
struct cc_plain_node *cc_plain_number(struct cc_plain_parser *parser);
void cc_plain_spaces(struct cc_plain_parser *parser);
/* Skips spaces, and the token or word if it stands behind them. 1; 0: it does not. */
int cc_plain_skip(struct cc_plain_parser *parser, const char *token);
int cc_plain_skip_word(struct cc_plain_parser *parser, const char *word);
int cc_plain_is_word(char c);	      /* a letter, a digit, _ */
size_t cc_plain_word(const char *at); /* length of an ASCII identifier here; 0: none */
/* Is `word`, of `length` bytes, one of the words? These end with NULL. */
int cc_plain_is_one_of(const char *const *words, const char *word, size_t length);
/* The node if the token stands behind it, which is skipped; otherwise NULL. */
struct cc_plain_node *cc_plain_closed(struct cc_plain_parser *parser, struct cc_plain_node *node,
				      const char *token);
/*
 * Every recursion of a parser begins with cc_plain_deeper, goes on if that is true, and ends with
 * cc_plain_higher.
 */
int cc_plain_deeper(struct cc_plain_parser *parser);
struct cc_plain_node *cc_plain_higher(struct cc_plain_parser *parser, struct cc_plain_node *node);
/* What `operand` reads, between these two. */
struct cc_plain_node *cc_plain_nested(struct cc_plain_parser *parser, cc_plain_operand *operand);
/* What `inside` reads, in parentheses that begin here. NULL: not plain. */
struct cc_plain_node *cc_plain_grouped(struct cc_plain_parser *parser, cc_plain_operand *inside);

/* ---- for parsers, of strings ---- */

/* How a language writes the text of a string. */
struct cc_plain_quoting {
	const char *stops; /* characters at which something else begins */
	/*
	 * What may follow a backslash, besides n, t, r, a backslash and ": pairs of a letter and
	 * the character that it means.
	 */
	const char *escapes;
	int wide; /* as in cc_plain_literal_text */
};

/*
 * Where a string ends that has begun before `at`: at the first quote without a backslash before it.
 * NULL: it does not.
 */
const char *cc_plain_quote(const char *at, char quote);
/*
 * What `inside` reads in a string by itself, from behind the quote that stands here up to the quote
 * at `end` (NULL: there is none). The parser goes on behind `end`. NULL: not plain.
 */
struct cc_plain_node *cc_plain_quoted(struct cc_plain_parser *parser, const char *end,
				      cc_plain_operand *inside);
/* Inside: parts up to the end, joined. NULL: one of them is not plain. */
struct cc_plain_node *cc_plain_joined(struct cc_plain_parser *parser, cc_plain_operand *part);
/* Inside: literal text, up to the end or one of the stops. NULL: an escape that is not known. */
struct cc_plain_node *cc_plain_quoted_text(struct cc_plain_parser *parser,
					   const struct cc_plain_quoting *quoting);

#endif
