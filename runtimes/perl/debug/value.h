/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON as perl data and back, in a throwaway copy. */
#ifndef CC_PERL_VALUE_H
#define CC_PERL_VALUE_H

#include <jansson.h>

#pragma GCC visibility push(hidden)

SV *cc_perl_from_json(pTHX_ const json_t *json); /* a new SV */
/* As JSON, a new reference; all but arrays, hashes, undef and signed integers becomes text. */
json_t *cc_perl_to_json(pTHX_ SV *value);

#pragma GCC visibility pop

#endif
