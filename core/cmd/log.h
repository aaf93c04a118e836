/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of cc-log. Every function returns 0 or a CC_E… with its text, but for what is said. */
#ifndef CC_CMD_LOG_H
#define CC_CMD_LOG_H

#include <jansson.h>
#include <stdio.h>

#include "core/base/error.h"
#include "logs/log.h"
#include "logs/trace.h"

struct log_options {
	int json;
	int quiet;
	int number;	    /* dump: each record's ordinal before it */
	size_t limit;	    /* dump: bytes of a string that are shown; 0: all */
	const char *output; /* pack */
};

/* ---- kinds of log, and what can be done with each ---------------------------------------------
 */

enum log_operation { LOG_INFO, LOG_STAT, LOG_DUMP, LOG_PACK, LOG_OPERATIONS };

typedef int (*log_function)(const char *path, const struct log_options *options,
			    struct cc_error *error);

struct log_kind {
	const char *name;
	const char *instead; /* what to do where an operation is missing */
	int (*is)(const uint8_t *head, size_t length); /* by the file's first bytes */
	log_function run[LOG_OPERATIONS];	       /* NULL where it cannot be done */
	/* *about is a line that says what was found right (a new string) */
	int (*verify)(const char *path, char **about, struct cc_error *error);
};

extern const struct log_kind cc_log_slice, cc_log_machine;

/* log-info.c: also used for machines */
void cc_log_print_info(const json_t *info, const struct log_options *options);
/* Prints a name from a log, for terminals, in a column of this many characters, and a blank. */
void cc_log_print_name(const char *name, int width);

/* ---- the records of a slice, printed: log-record.c --------------------------------------------
 */

struct log_decoder {
	struct cc_log_reader *reader;
	struct cc_definitions *definitions;
	const char *path;
	const struct log_options *options;
	FILE *to;
	uint64_t calls;			  /* seen so far */
	uint64_t over;			  /* those of them that a moment counts (moment.h) */
	int error;			  /* errno as the last call left it */
	const struct cc_definition *call; /* of the record decoded last, when that was a call */
};

/* Opens the log for decoding with these options. 0, or a CC_E… with nothing to close. */
int cc_log_decoder_open(struct log_decoder *decoder, const char *path,
			const struct log_options *options, struct cc_error *error);
/* Frees what the decoder owns; the struct itself is the caller's. */
void cc_log_decoder_close(struct log_decoder *decoder);

/* Check one record to its last byte, and print what it says to decoder->to. */
int cc_log_decode(struct log_decoder *decoder, struct cc_record *record, struct cc_error *error);

/* log-slice.c */
int cc_log_slice_stat(const char *path, const struct log_options *options, struct cc_error *error);

#endif
