/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text from outside in JSON. JSON holds UTF-8; file names, arguments and environments are bytes.
 * What is not UTF-8 stands in JSON as {"base64": …}, in what people read as \xHH. jansson answers
 * bytes that are no UTF-8 with NULL, which looks like success further on: so whatever comes from
 * outside goes through here.
 */
#ifndef CC_LOGS_TEXT_H
#define CC_LOGS_TEXT_H

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

/* The bytes or text as a string, or {"base64": …} if they are no UTF-8. Never NULL. */
json_t *cc_json_bytes(const void *data, size_t length);
json_t *cc_json_text(const char *text);

/* The bytes that such a value stands for, with a NUL behind; malloc'ed. NULL: it is no such. */
char *cc_json_copy(const json_t *value, size_t *length);

/* The bytes as a string always: as Latin-1 if they are no UTF-8. */
json_t *cc_json_characters(const char *data, size_t length);

/* For messages: a string, with \xHH where `text` is not UTF-8. */
json_t *cc_json_shown(const char *text);

/*
 * Writes a text on one line of a message or a listing: with \n and \t for these, and \xHH for other
 * control characters and for what is not UTF-8.
 */
void cc_put_shown(const char *text, FILE *to);
void cc_json_print(const json_t *value, FILE *to); /* of a value that cc_json_text made */

/*
 * As json_pack, but never NULL: a string in it that is not UTF-8 is a fault of ours, and ends the
 * program.
 */
json_t *cc_json_pack(const char *format, ...);

/*
 * A field of a line: a backslash, tabs and line breaks are written as \\, \t, \n, so that one
 * cannot end in a file's name. cc_unescape undoes it in place.
 */
void cc_put_escaped(const char *text, FILE *to);
char *cc_escape(const char *text); /* malloc'ed */
void cc_unescape(char *text);

#endif
