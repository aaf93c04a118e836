/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Expressions whose values are watched, as perl5db's `w` has them. */
#ifndef CC_PERL_WATCHES_H
#define CC_PERL_WATCHES_H

#include <jansson.h>

#pragma GCC visibility push(hidden)

struct cc_perl_watch {
	char *expression, *value; /* malloc'ed, or NULL: not known */
	struct cc_plain *plain;	  /* or NULL */
};

/* Both are strings of JSON, or NULL. */
struct cc_perl_watch cc_perl_watch_new(const json_t *expression, const json_t *value);
void cc_perl_watch_free(struct cc_perl_watch *watch); /* what is in it */
/*
 * The expression's value where the program stands, from memory or else from a copy of the replay.
 * malloc'ed, or NULL: that cannot be told.
 */
char *cc_perl_watch_value(const struct cc_perl_watch *watch);

/* Takes a rule's watches: [[expression, value]…]; NULL: none. */
void cc_perl_watches_read(const json_t *list);
void cc_perl_watches_forget(void); /* all watches */
int cc_perl_watches_any(void);	   /* Are there any? */
/* Has one of the expressions another value than the rule says? */
int cc_perl_watches_change(void);

#pragma GCC visibility pop

#endif
