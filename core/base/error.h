/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Errors: library functions return 0 (or a pointer) on success and a negative CC_E… (or NULL) on
 * failure, with one line of text in a struct that the caller owns. Only core/cmd/ prints and exits.
 */
#ifndef CC_ERROR_H
#define CC_ERROR_H

#define CC_ERROR_TEXT 1024

enum cc_status {
	CC_OK = 0,
	CC_EIO = -1,	      /* the kernel said no: the text carries strerror */
	CC_EFORMAT = -2,      /* the bytes are not what the format allows */
	CC_ECUT = -3,	      /* the log ends in the middle of something */
	CC_EVERSION = -4,     /* made by something newer, or for another interpreter */
	CC_EMISSING = -5,     /* a file, package or image that is needed is not there */
	CC_ELIMIT = -6,	      /* a length or count over its bound */
	CC_EDIVERGED = -7,    /* a replay did not do what its log says */
	CC_EUNSUPPORTED = -8, /* the run did something that is not modelled */
	CC_EUSAGE = -9,	      /* the caller asked for something impossible */
	CC_ENOMEM = -10,
	CC_ETIMEOUT = -11, /* no progress */
};

struct cc_error {
	int status;		  /* a CC_E… */
	char text[CC_ERROR_TEXT]; /* "what: why, and what to do", no newline; for terminals */
};

/* Fills in *error (which may be NULL) and returns status. */
int cc_fail(struct cc_error *error, int status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
