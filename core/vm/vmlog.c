/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A recording on the disk: opening, checking, and its parts as files. */
#include "core/vm/vmlog.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/files.h"
#include "core/base/memory.h"
#include "core/base/sha256.h"
#include "core/base/work.h"
#include "core/vm/job.h"
#include "core/vm/recordings.h"
#include "core/vm/request.h"

#define MANIFEST_MAX (64u << 20)

/* ---- opening ---- */

static int check_digest(const char *path, const char *text, size_t length, struct cc_error *error)
{
	size_t digest_length;
	char *wanted = cc_vmlog_read_small(path, CC_VMLOG_DIGEST, 256, &digest_length, error);
	struct cc_sha256 *sha;
	char digest[65];
	int status = 0;

	if (!wanted)
		return error ? error->status : CC_EFORMAT;
	sha = cc_sha256_new();
	cc_sha256_add(sha, text, length);
	cc_sha256_end(sha, digest);
	if (digest_length < 64 || memcmp(digest, wanted, 64))
		status = cc_fail(error, CC_EFORMAT,
				 "%s: its manifest is damaged; copy or record it again", path);
	free(wanted);
	return status;
}

static int check_kind(const struct cc_vmlog *log, struct cc_error *error)
{
	const char *kind = "";
	int version = 0;

	if (json_unpack(log->manifest, "{s:s,s:i}", "kind", &kind, "version", &version) ||
	    strcmp(kind, "vmlog"))
		return cc_fail(error, CC_EFORMAT,
			       "%s: is not a recording: its manifest is of something else: name a "
			       "file that cc-record made",
			       log->path);
	if (version != CC_VMLOG_VERSION)
		return cc_fail(error, CC_EVERSION,
			       "%s: is of version %d, this crosscut reads %d; use a newer crosscut",
			       log->path, version, CC_VMLOG_VERSION);
	if (!json_is_string(json_object_get(log->manifest, "base")) ||
	    !json_is_object(json_object_get(log->manifest, "members")) ||
	    cc_base_parse_kernel(json_object_get(log->manifest, "kernel"),
				 &((struct cc_vmlog *)log)->kernel))
		return cc_fail(error, CC_EFORMAT, "%s: its manifest is incomplete", log->path);
	return 0;
}

static int read_manifest(struct cc_vmlog *log, struct cc_error *error)
{
	size_t length;
	json_error_t why;
	char *text =
		cc_vmlog_read_small(log->path, CC_VMLOG_MANIFEST, MANIFEST_MAX, &length, error);
	int status;

	if (!text)
		return error ? error->status : CC_EFORMAT;
	status = check_digest(log->path, text, length, error);
	if (!status) {
		log->manifest = json_loadb(text, length, 0, &why);
		if (!log->manifest)
			status = cc_fail(error, CC_EFORMAT, "%s: its manifest, line %d: %s",
					 log->path, why.line, why.text);
	}
	free(text);
	return status ? status : check_kind(log, error);
}

struct cc_vmlog *cc_vmlog_open(const char *path, struct cc_error *error)
{
	struct cc_vmlog *log = cc_allocate_zeros(1, sizeof(*log));
	struct cc_error why = {0};

	log->path = cc_copy(path);
	if (!read_manifest(log, &why))
		return log;
	cc_fail(error, why.status, "%s", why.text);
	cc_vmlog_close(log);
	return NULL;
}

void cc_vmlog_close(struct cc_vmlog *log)
{
	if (!log)
		return;
	if (log->directory)
		cc_remove_tree(log->directory);
	for (int i = 0; i < CC_MEMBERS; i++)
		free(log->unpacked[i]);
	cc_base_close(log->base);
	json_decref(log->manifest);
	cc_guestfs_free(&log->files);
	free(log->directory);
	free(log->path);
	free(log);
}

json_t *cc_vmlog_manifest(const struct cc_vmlog *log)
{
	return log->manifest;
}

const struct cc_vm_kernel *cc_vmlog_kernel(const struct cc_vmlog *log)
{
	return &log->kernel;
}

const char *cc_vmlog_path(const struct cc_vmlog *log)
{
	return log->path;
}

/* ---- parts ---- */

const char *cc_vmlog_directory(struct cc_vmlog *log, struct cc_error *error)
{
	if (!log->directory)
		log->directory = cc_temporary_directory(error);
	return log->directory;
}

json_t *cc_vmlog_entry(const struct cc_vmlog *log, enum cc_member member)
{
	return json_object_get(json_object_get(log->manifest, "members"), cc_member_names[member]);
}

/* The image of the job is kept without the hole and the sector at its end: put them back. */
static int complete_job(struct cc_vmlog *log, const char *image, struct cc_error *error)
{
	const char *path = cc_vmlog_member(log, CC_MEMBER_START, error);
	char *start = path ? cc_read_file(path, CC_JOB_SECTOR, NULL, error) : NULL;
	int status = start ? 0 : CC_EIO;

	if (start && json_integer_value(json_object_get(cc_vmlog_entry(log, CC_MEMBER_START),
							"bytes")) != sizeof(struct cc_job_start))
		status = cc_fail(error, CC_EFORMAT, "%s: its start has a wrong size", log->path);
	if (!status && truncate(image, CC_JOB_DRIVE_SIZE))
		status = cc_fail(error, CC_EIO, "%s: %s", image, strerror(errno));
	if (!status)
		status = cc_image_restart(image, (struct cc_job_start *)start, error);
	free(start);
	return status;
}

const char *cc_vmlog_member(struct cc_vmlog *log, enum cc_member member, struct cc_error *error)
{
	const char *directory = cc_vmlog_directory(log, error);
	char *path;

	if (!directory || log->unpacked[member])
		return log->unpacked[member];
	path = cc_format("%s/%s", directory, cc_member_names[member]);
	if (cc_vmlog_unpack(log->path, cc_member_names[member], cc_vmlog_entry(log, member), path,
			    error) ||
	    (member == CC_MEMBER_JOB && complete_job(log, path, error))) {
		unlink(path);
		free(path);
		return NULL;
	}
	log->unpacked[member] = path;
	return path;
}

const char *cc_vm_output(struct cc_vmlog *log, int stream, struct cc_error *error)
{
	return cc_vmlog_member(log, stream == 1 ? CC_MEMBER_STDOUT : CC_MEMBER_STDERR, error);
}

struct cc_base *cc_vmlog_base(struct cc_vmlog *log, struct cc_error *error)
{
	const char *id = json_string_value(json_object_get(log->manifest, "base"));
	struct cc_error why = {0}, import = {0};

	if (log->base)
		return log->base;
	log->base = cc_base_open(id, &why);
	if (!log->base && why.status == CC_EMISSING) {
		int status = cc_vmlog_import(log, id, &import);

		if (!status)
			log->base = cc_base_open(id, &why);
		else if (status != CC_EMISSING) /* it is packed, but that failed */
			why = import;
	}
	if (!log->base)
		cc_fail(error, why.status, "%s: %s", log->path, why.text);
	else /* it may have been moved here */
		cc_recordings_note(log->base, log->path);
	return log->base;
}

/* ---- checking ---- */

int cc_vmlog_verify(struct cc_vmlog *log, struct cc_error *error)
{
	struct cc_base *base;

	for (int i = 0; i < CC_MEMBERS; i++) {
		int status = log->unpacked[i]
				     ? 0
				     : cc_vmlog_unpack(log->path, cc_member_names[i],
						       cc_vmlog_entry(log, i), NULL, error);

		if (status)
			return status;
	}
	base = cc_vmlog_base(log, error);
	if (!base)
		return error ? error->status : CC_EMISSING;
	return cc_base_verify(base, error);
}
