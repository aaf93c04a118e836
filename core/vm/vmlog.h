/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside of a struct cc_vmlog, for the files of core/vm that work on one. */
#ifndef CC_VM_VMLOG_H
#define CC_VM_VMLOG_H

#include "core/vm/base.h"
#include "core/vm/guestfs.h"
#include "core/vm/members.h"
#include "core/vm/vm.h"

struct cc_vmlog {
	char *path;
	json_t *manifest;
	struct cc_vm_kernel kernel;
	struct cc_base *base;	    /* NULL until cc_vmlog_base */
	char *directory;	    /* for what is unpacked; NULL until it is needed */
	char *unpacked[CC_MEMBERS]; /* paths; NULL until cc_vmlog_member */
	struct cc_guestfs files;    /* of the job's image */
	int listed;		    /* are `files` listed? */
	unsigned replays;	    /* replays so far, each in a directory of its own */
};

/* The base, opened once; from the log itself when it is packed and the cache lacks it. Borrowed. */
struct cc_base *cc_vmlog_base(struct cc_vmlog *log, struct cc_error *error);

/* The log's own temporary directory. NULL on failure. */
const char *cc_vmlog_directory(struct cc_vmlog *log, struct cc_error *error);

/*
 * A member's content as a file, checked. The job is as large as its drive, with its start
 * sector.
 */
const char *cc_vmlog_member(struct cc_vmlog *log, enum cc_member member, struct cc_error *error);

/* The manifest's entry of a member: {"sha256", "bytes"}; may be NULL. */
json_t *cc_vmlog_entry(const struct cc_vmlog *log, enum cc_member member);

/* pack.c: put the base of a packed log into the cache. */
int cc_vmlog_import(struct cc_vmlog *log, const char *id, struct cc_error *error);

#endif
