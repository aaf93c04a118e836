/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the program was compiled from, as it came out of the slice: what a debugger shows and breaks
 * at.
 */
#ifndef CC_PERL_SOURCES_H
#define CC_PERL_SOURCES_H

#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

/*
 * Of several statements in a line perl's debugger breaks at the one that was made last: at the
 * outermost of nested ones, at the last of a row.
 */
struct cc_perl_line {
	const void *statement; /* NULL: one cannot break there */
	unsigned long tree;    /* the compilation in which the statement was found, */
	size_t made;	       /* and when in that */
};

struct cc_perl_source {
	char *name;  /* as the statements have it */
	char *shown; /* as with -d: an eval's place stands behind its number. NULL: the same */
	char *text;
	size_t length, room;
	const void *parser, *handle; /* what reads the file */
	struct cc_perl_line *lines;
	size_t line_room;
};

/* Notes what perl has compiled for that line of the file; the latest compilation counts. */
void cc_perl_sources_line(const char *file, unsigned line, struct cc_perl_line found);
/* Is this the statement at which one breaks there? */
int cc_perl_sources_breaks(const char *file, unsigned line, const void *statement);
/* A sub whose optree's root is `root`. `package`: of one without a name; NULL: it has one. */
void cc_perl_sources_sub(const void *root, const char *package, const char *file, unsigned first,
			 unsigned last);
/* The text of the eval that will be "(eval NUMBER)". */
void cc_perl_sources_eval(unsigned long number, const char *text, size_t length, const char *file,
			  unsigned line);
/* What the debugger calls a file of this name. */
const char *cc_perl_sources_shown(const char *name);
/* Bytes of a file that is being compiled. */
void cc_perl_sources_read(const char *file, const void *parser, const void *handle,
			  const void *bytes, size_t length);

/* The next source, from `*place` 0 on; NULL: there are no more. */
const struct cc_perl_source *cc_perl_sources_next(size_t *place);
/* The file of the sub whose optree's root this is, and its lines. NULL: not known. */
const char *cc_perl_sources_find_sub(const void *root, unsigned *first, unsigned *last);
/* Subs without a name: their packages, from `*place` 0 on, up to NULL. */
const char *cc_perl_sources_next_unnamed(size_t *place, const char **file, unsigned *first,
					 unsigned *last);

#pragma GCC visibility pop

#endif
