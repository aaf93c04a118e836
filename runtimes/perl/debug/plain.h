/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plain expressions in perl (core/print/plain.h). */
#ifndef CC_PERL_PLAIN_H
#define CC_PERL_PLAIN_H

#include "core/print/plain.h"

extern const struct cc_plain_language cc_perl_plain;

/*
 * An expression whose values are watched, in list context: plain, or a whole array. NULL: neither.
 * cc_perl_plain_watched appends the values as perl5db shows those of a watch, without the outer
 * quotes; 0 or CC_PLAIN_NOT.
 */
struct cc_plain *cc_perl_plain_watch(const char *expression);
int cc_perl_plain_watched(struct cc_plain *plain, struct cc_plain_text *values);

const HEK *cc_perl_stash_name(const HV *stash); /* NULL: the stash has none */

#endif
