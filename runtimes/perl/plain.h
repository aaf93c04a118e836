/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plain expressions in perl (core/session/plain.h). */
#ifndef CC_PERL_PLAIN_H
#define CC_PERL_PLAIN_H

#include "core/session/plain.h"

extern const struct cc_plain_language cc_perl_plain;

const HEK *cc_perl_stash_name(const HV *stash); /* NULL: it has none */

#endif
