/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CC_PYTHON_DIGEST_H
#define CC_PYTHON_DIGEST_H

#include "core/print/plain.h"

/*
 * A number that differs where values differ: builtin values and containers by what they hold, other
 * objects by identity, as == has them. 0, or CC_PLAIN_NOT: == is code of the object's own, or there
 * is too much to look at.
 */
int cc_python_digest(const struct cc_plain_value *value, uint64_t *digest);

#endif
