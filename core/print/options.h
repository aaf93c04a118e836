/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --print and its companions, from the command line to the replay (core/replay/print.h). */
#ifndef CC_PRINT_OPTIONS_H
#define CC_PRINT_OPTIONS_H

#include <jansson.h>

#include "core/base/error.h"

/*
 * Add FILE:LINE:EXPRESSION or FUNCTION:EXPRESSION to *prints (NULL at first); then a condition of
 * the print that was added last, and options of all. The object goes to cc_print_begin as text
 * (cc_print_options; the caller's).
 */
int cc_print_add(json_t **prints, const char *specification, struct cc_error *error);
int cc_print_condition(json_t *prints, const char *condition, struct cc_error *error);
/* "json"; "to", with the option that says where, for messages */
void cc_print_set(json_t **prints, const char *option, const char *value);
char *cc_print_options(const json_t *prints, struct cc_error *error); /* NULL: there is no print */

#endif
