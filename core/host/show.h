/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside core/host: what a walk over logged items says to whoever prints them. There are two
 * printers, text.c and json.c.
 */
#ifndef CC_HOST_SHOW_H
#define CC_HOST_SHOW_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

struct cc_names;

struct cc_emit {
	void (*null)(struct cc_emit *emit, const char *name);
	/* `names` may be NULL. */
	void (*number)(struct cc_emit *emit, const char *name, const struct cc_names *names,
		       int64_t value, int is_signed);
	void (*address)(struct cc_emit *emit, const char *name, uint64_t value);
	void (*bytes)(struct cc_emit *emit, const char *name, const uint8_t *data, size_t length);
	/* A pointer to what another argument points to. */
	void (*argument)(struct cc_emit *emit, const char *name, const char *argument);
	/* A struct '{' or a list '['; the names inside a list are ignored. */
	void (*open)(struct cc_emit *emit, const char *name, char bracket);
	void (*close)(struct cc_emit *emit, char bracket);
	int brief; /* only the fields that a person looks for */
	int quiet; /* what comes now is no such field: not shown */
};

/* ---- constants by name: names.c ---- */

struct cc_name {
	uint64_t value;
	const char *text;
};

/*
 * A list of constants: the bits of `mask` are one value, every other constant is a flag. So mask
 * ~0 is an enumeration, 0 a set of flags, and O_ACCMODE both.
 */
struct cc_names {
	const char *name;
	uint64_t mask;
	const struct cc_name *list;
	int octal; /* how what has no name is written */
	void (*format)(int64_t value, char *text, size_t size); /* instead of a list */
};

const struct cc_names *cc_names_find(const char *name); /* NULL: no such list */
int cc_names_index(const char *name);			/* the same, -1 */
/* The list of this index, which cc_names_index gave. */
const struct cc_names *cc_names_at(unsigned index);
/* Writes O_WRONLY|O_CREAT and the like; 0 when no bit of the value has a name. */
int cc_names_format(const struct cc_names *names, int64_t value, char *text, size_t size);

/* ---- bytes that are more than bytes: views.c ---- */

struct cc_view {
	const char *name;
	void (*show)(struct cc_emit *emit, const char *name, const uint8_t *data, size_t length);
	/*
	 * Do two such sequences of bytes, of one length, mean the same? Bytes that mean nothing are
	 * as they were on somebody's stack.
	 * NULL: every byte counts.
	 */
	int (*same)(const uint8_t *one, const uint8_t *other, size_t length);
};
int cc_view_index(const char *name); /* -1: no such view */
/* The view of this index, which cc_view_index gave. */
const struct cc_view *cc_view_at(unsigned index);
/* Wide characters, as UTF-8. */
void cc_view_wide(struct cc_emit *emit, const char *name, const uint8_t *data, size_t length);

/* ---- the printers ---- */

/*
 * For people, as strace does: `name(a, b=1)`. Numbers carry their names unless they are symbolic,
 * strings stand alone.
 */
struct cc_text {
	struct cc_emit emit;
	FILE *to;
	size_t limit; /* bytes of a string that are shown, 0: all */
	unsigned depth;
	uint32_t lists;	  /* bit n: the bracket at depth n is a list */
	uint32_t started; /* bit n: something stands in the bracket at depth n */
	/* How many results can come: of several each is named, and a NULL is not shown; 0:
	 * arguments */
	unsigned results;
};
/* Prepares `text` to write to `to`, at most `limit` bytes of each string or buffer (0: all). */
void cc_text_init(struct cc_text *text, FILE *to, size_t limit, unsigned results);

/* For machines: members of `root`. */
#define CC_JSON_DEPTH 8
struct cc_json {
	struct cc_emit emit;
	json_t *stack[CC_JSON_DEPTH]; /* borrowed; the innermost bracket last */
	unsigned depth;
};
/* Prepares `json` to add members to `root`, which the caller keeps. */
void cc_json_init(struct cc_json *json, json_t *root);

#endif
