/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the records of a slice say, one fact after the other, for whoever shows or checks them. The
 * facts of a CALL are core/host's (its items are of the call's spec), and a definition says nothing
 * by itself (cc_definitions_feed of logs/trace.h).
 */
#ifndef CC_DESCRIBE_H
#define CC_DESCRIBE_H

#include <stddef.h>
#include <stdint.h>

#include "logs/log.h"

enum cc_fact_kind {
	CC_FACT_NUMBER,	  /* signed */
	CC_FACT_UNSIGNED, /* the same 64 bits */
	CC_FACT_ADDRESS,
	CC_FACT_SIGNAL,	  /* the number of a signal */
	CC_FACT_SYSCALL,  /* the number of a system call */
	CC_FACT_BYTES,	  /* text mostly; paths need not be UTF-8 */
	CC_FACT_CODE,	  /* the bytes of an instruction: what it does */
	CC_FACT_NOTHING,  /* a value that is undefined */
	CC_FACT_LIST,	  /* the facts up to the end have no names */
	CC_FACT_LIST_END, /* has no name itself */
};

struct cc_fact {
	enum cc_fact_kind kind;
	const char *name;
	int64_t number;	     /* of kinds that are a number */
	const uint8_t *data; /* of BYTES and CODE; borrowed until the function returns */
	size_t length;
};

/* Is told one fact; `context` is whatever the caller of cc_record_describe has given. */
typedef void cc_fact_function(void *context, const struct cc_fact *fact);

/* The name of a type of records (logs/event.h), or NULL: there is no such type. */
const char *cc_record_name(unsigned type);

/*
 * Takes a record apart to its last field and tells all that it says; the cursor is behind that
 * field then. 0, or -1: the record is malformed, or of a type that is not described here; what was
 * told before holds. Like any reader of the cursor it may leave `bad` set instead.
 */
int cc_record_describe(struct cc_log_reader *reader, struct cc_record *record,
		       cc_fact_function *tell, void *context);

#endif
