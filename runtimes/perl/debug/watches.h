/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Expressions whose values are watched, as perl5db's `w` has them. */
#ifndef CC_PERL_WATCHES_H
#define CC_PERL_WATCHES_H

#include <jansson.h>

#pragma GCC visibility push(hidden)

struct cc_perl_lasting;
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

/*
 * The same of an expression that means the same everywhere (lasting.h), from memory alone: where
 * its variables are not there, that of undef.
 */
char *cc_perl_watch_lasting(const struct cc_perl_watch *watch, struct cc_perl_lasting *lasting,
			    int in_call);

/* Takes a rule's watches: [[expression, value]…]; NULL: none. */
void cc_perl_watches_read(const json_t *list);
void cc_perl_watches_forget(void); /* all watches */
int cc_perl_watches_any(void);	   /* Are there any? */
/* Has one of the expressions another value than the rule says? */
int cc_perl_watches_change(void);
/*
 * Has one another value than when this was called last? *before, if asked for, is then what all had
 * there, in their order: a new reference. What cannot be told has not changed.
 */
int cc_perl_watches_step(json_t **before);

#pragma GCC visibility pop

#endif
