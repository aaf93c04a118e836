/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the program was compiled from, as it came out of the slice: what a debugger shows and breaks at. */
#ifndef CC_PERL_SOURCES_H
#define CC_PERL_SOURCES_H

#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

struct cc_perl_source {
	char *name; /* as the statements have it */
	char *text;
	size_t length, room;
	const void *parser, *handle; /* who reads it */
	uint8_t *lines;              /* a bit for each with a statement */
	unsigned line_room;
};

void cc_perl_sources_line(const char *file, unsigned line);
/* A sub whose optree's root is `root`. */
void cc_perl_sources_sub(const void *root, const char *file, unsigned first, unsigned last);
/* The text of the eval that will be "(eval NUMBER)". */
void cc_perl_sources_eval(unsigned long number, const char *text, size_t length);
/* Bytes of a file that is being compiled. */
void cc_perl_sources_read(const char *file, const void *parser, const void *handle, const void *bytes, size_t length);

/* From `*place` 0 on, up to NULL. */
const struct cc_perl_source *cc_perl_sources_next(size_t *place);
int cc_perl_sources_is_statement(const struct cc_perl_source *source, unsigned line);
/* NULL: not known. */
const char *cc_perl_sources_find_sub(const void *root, unsigned *first, unsigned *last);

#pragma GCC visibility pop

#endif
