/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CC_PERL_EVALUATE_H
#define CC_PERL_EVALUATE_H

#include <jansson.h>

/*
 * In a throwaway copy of the replay, at a statement: ask("print", {"expression"}), in the
 * statement's scope and in list context. {"text": as print prints it, "wide": it is characters
 * (bytes otherwise, each a character of `text`), "value": for JSON}, or {"error": TEXT}. With
 * "condition", that is evaluated first, and when it is false the answer is {"holds": false}. "file"
 * and "line" are where the expression is said to stand.
 */
json_t *cc_perl_evaluate(const json_t *arguments);

#endif
