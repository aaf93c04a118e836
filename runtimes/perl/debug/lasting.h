/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plain expressions that mean the same wherever the program is: of package variables, of lexicals
 * that a sub shares with others, and of what a sub's own variables refer to. So who looks for the
 * last change of `$self->{size}` need not stop at the sub's call. Include perl.h first.
 */
#ifndef CC_PERL_LASTING_H
#define CC_PERL_LASTING_H

#include <jansson.h>

#include "runtimes/perl/debug/scope.h"

#pragma GCC visibility push(hidden)

struct cc_perl_lasting;

/*
 * What the expression's variables are where the program stands, one by one: for a rule. A new
 * reference; NULL: it means something there only.
 */
json_t *cc_perl_lasting_find(const char *expression);

/*
 * Takes what cc_perl_lasting_find gave, for the same expression. NULL: the two do not go together.
 */
struct cc_perl_lasting *cc_perl_lasting_read(const json_t *variables, struct cc_plain *plain);
void cc_perl_lasting_free(struct cc_perl_lasting *lasting); /* NULL is fine */

/*
 * Until it is called with NULL, variables that are evaluated are these. In the user's own call of
 * the sub (`in_call`), its variables are what they are there, once they refer to anything.
 */
void cc_perl_lasting_use(struct cc_perl_lasting *lasting, int in_call);
extern struct cc_perl_lasting *cc_perl_lasting_used; /* NULL: none */
/* Was something that was asked for since then not there yet, or not any more? */
int cc_perl_lasting_misses(const struct cc_perl_lasting *lasting);

/* As cc_perl_scope_variable. */
int cc_perl_lasting_variable(const struct cc_perl_scope *scope, const struct cc_plain_node *node,
			     const SV **found);

#pragma GCC visibility pop

#endif
