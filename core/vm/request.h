/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a user wants recorded, and the job image that comes of it. */
#ifndef CC_VM_REQUEST_H
#define CC_VM_REQUEST_H

#include <jansson.h>

#include "core/vm/base.h"
#include "core/vm/fileset.h"

struct cc_language;
struct cc_request {
	/* whose modules come along, and whose variables; NULL-terminated */
	const struct cc_language *const *languages;
	char *const *argv;					   /* NULL-terminated */
	const char *const *include, *const *packages, *const *env; /* NULL-terminated, or NULL */
	const char *const *exclude; /* globs (core/vm/exclude.h); likewise */
	const char
		*pull; /* the directory whose changes come back: the working directory; or NULL */
	const char *output;	/* the log that is being made, which does not go into the guest */
	const char *stdin_kind; /* "null", "file" or "pipe" */
	const char *stdin_path; /* the file with stdin's content; NULL for "null" */
	const char *cwd;
	void (*notice)(const char *text); /* something that the user should know */
	/* out: 126 or 127, as shells have it, when the command itself cannot be run; else 0 */
	int shell_status;
};

/*
 * Choose the files of a job: the command and what it needs, the working directory, files named in
 * arguments, in variables that name the languages' modules, and by the user. Errors: CC_ELIMIT (too
 * much), CC_EMISSING (no such command, file or package).
 */
int cc_request_files(struct cc_request *request, struct cc_base *base,
		     const struct cc_packages *packages, struct cc_fileset *set,
		     struct cc_error *error);

/*
 * The environment that the command gets: NULL-terminated strings K=V, to be freed with
 * free_list.
 */
char **cc_request_environment(const struct cc_request *request);
void cc_free_list(char **list);

/*
 * Write the job drive's image to `path`: a squashfs of the set and of /job, up to the full size of
 * the drive (sparse). *length is that of the squashfs alone. The start sector is cc_image_start's.
 */
int cc_image_write(const char *path, const struct cc_request *request, struct cc_fileset *set,
		   uint64_t *length, struct cc_error *error);

/*
 * Put the start sector at the end of an image: the clock and fresh entropy. cc_image_restart: the
 * start sector that was kept.
 */
struct cc_job_start;
int cc_image_start(const char *path, struct cc_job_start *start, struct cc_error *error);
int cc_image_restart(const char *path, const struct cc_job_start *start, struct cc_error *error);

/* Name of the user, for manifests; malloc'ed. */
char *cc_user_name(void);

#endif
