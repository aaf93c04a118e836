/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CC_PYTHON_EVALUATE_H
#define CC_PYTHON_EVALUATE_H

#include <jansson.h>

/*
 * In a throwaway copy of the replay, prepared (copy.c): ask("print", {"expression"}), as eval() in
 * the innermost frame. {"text": as print() prints it, "wide": true, "value": for JSON}, or
 * {"error": TEXT}. With "condition", that is evaluated first, and when it is false the answer is
 * {"holds": false}.
 */
json_t *cc_python_evaluate(const json_t *arguments);

/*
 * ask("watched", {"watch": EXPR, …}), in the frame `up` frames out, or in the "module": {"value":
 * the repr of what EXPR gives, or null where it raises}.
 */
json_t *cc_python_evaluate_watched(const json_t *arguments, unsigned up);

#endif
