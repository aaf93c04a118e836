/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running a recorded machine again, and checking that it did what it did. */
#include <errno.h>
#include <string.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "core/base/files.h"
#include "core/base/memory.h"
#include "core/base/sha256.h"
#include "core/vm/limits.h"
#include "core/vm/machine.h"
#include "core/vm/run.h"
#include "core/vm/vmlog.h"
#include "logs/log.h"

struct ticking {
	const struct cc_vm_replay_options *options;
	uint64_t total;
	const char *job; /* its image */
};

static int tick(void *context, uint64_t instructions, struct cc_error *error)
{
	struct ticking *ticking = context;

	return ticking->options->tick(ticking->options->context, instructions, ticking->total,
				      error);
}

static void answer(void *context, int asked)
{
	const struct ticking *ticking = context;

	cc_guestfs_answer(asked, ticking->job);
}

static int recorded_status(const struct cc_vmlog *log)
{
	return json_integer_value(json_object_get(log->manifest, "status"));
}

static int same_output(const struct cc_vmlog *log, const char *directory, enum cc_member member,
		       const char *file, struct cc_error *error)
{
	json_t *entry = cc_vmlog_entry(log, member);
	const char *wanted = json_string_value(json_object_get(entry, "sha256"));
	char *path = cc_format("%s/%s", directory, file), digest[65] = "";
	int status = cc_sha256_file(path, digest, error);

	if (!status && (!wanted || strcmp(wanted, digest)))
		status = cc_fail(error, CC_EDIVERGED,
				 "%s: the replay's %s is not that of the recording: the recording "
				 "cannot be trusted; record it again",
				 log->path, cc_member_names[member]);
	free(path);
	return status;
}

static int check(const struct cc_vmlog *log, const struct cc_run *run, struct cc_error *error)
{
	int status = 0;

	if (run->report.status != recorded_status(log))
		status = cc_fail(error, CC_EDIVERGED,
				 "%s: the replay ended with status %d, the recording with %d: the "
				 "recording cannot be trusted; record it again",
				 log->path, run->report.status, recorded_status(log));
	if (!status)
		status = same_output(log, run->directory, CC_MEMBER_STDOUT, CC_STDOUT_FILE, error);
	if (!status)
		status = same_output(log, run->directory, CC_MEMBER_STDERR, CC_STDERR_FILE, error);
	return status;
}

/*
 * A replay that hangs or breaks has one known cause that checksums do not find: another QEMU. It is
 * none where the version is the same, or the disk is full.
 */
static int explain(const struct cc_vmlog *log, const struct cc_run *run, const struct cc_error *why,
		   struct cc_error *error)
{
	const char *recorded = json_string_value(json_object_get(log->manifest, "qemu"));
	char here[64] = "";

	if (!run->full &&
	    (why->status == CC_ETIMEOUT || (why->status == CC_EIO && !run->report.ended)))
		cc_machine_version(here, sizeof(here));
	if (!*here || !recorded || !strcmp(here, recorded))
		return cc_fail(error, why->status, "%s: the replay failed: %s", log->path,
			       why->text);
	return cc_fail(
		error, why->status,
		"%s: the replay failed: %s; it was recorded by QEMU %s, and only that version is "
		"sure to replay it (here is %s)",
		log->path, why->text, recorded, here);
}

static int run_replay(struct cc_vmlog *log, struct cc_run *run, struct cc_error *error)
{
	struct cc_error why = {0};
	int status = cc_run_machine(run, &why);

	return status ? explain(log, run, &why, error) : check(log, run, error);
}

static int prepare(struct cc_vmlog *log, const struct cc_vm_replay_options *options,
		   struct cc_run *run, struct cc_error *error)
{
	int status = 0;

	/* unpacking checks a member; the outputs are compared by their digests, and only checked */
	for (int i = CC_MEMBER_STDOUT; !status && !options->verified && i <= CC_MEMBER_STDERR; i++)
		status = log->unpacked[i] ? 0
					  : cc_vmlog_unpack(log->path, cc_member_names[i],
							    cc_vmlog_entry(log, i), NULL, error);
	if (status)
		return status;
	run->rr_file = cc_vmlog_member(log, CC_MEMBER_RR, error);
	if (run->rr_file)
		run->drive = cc_vmlog_member(log, CC_MEMBER_JOB, error);
	if (run->drive)
		run->base = cc_vmlog_base(log, error);
	if (!run->base)
		return error->status;
	/* Before its memory is mapped to be looked at */
	status = cc_limits_check(run->base->ram_bytes, error);
	return status || options->verified ? status : cc_base_verify(run->base, error);
}

int cc_vm_replay(struct cc_vmlog *log, const struct cc_vm_replay_options *options,
		 struct cc_vm_result *result, struct cc_error *error)
{
	struct ticking ticking = {.options = options,
				  .total = json_integer_value(
					  json_object_get(log->manifest, "instructions"))};
	struct cc_error local;
	struct cc_run run = {
		.rr = "replay",
		.plugins = options->plugins,
		.keep = options->keep,
		.keep_count = options->keep_count,
		.stderr_fd = options->stderr_fd,
		.readable = options->readable,
		.writable = options->writable,
		.asked = options->asked,
		.answer = answer,
		.output = {-1, -1},
		.tick = options->tick ? tick : NULL,
		.context = &ticking,
	};
	const char *directory;
	char *own = NULL;
	int status;

	error = error ? error : &local;
	*result = (struct cc_vm_result){.status = -1};
	status = prepare(log, options, &run, error);
	directory = status ? NULL : cc_vmlog_directory(log, error);
	if (!directory)
		return error->status;
	ticking.job = run.drive;
	own = cc_format("%s/replay-%u", directory, log->replays++);
	run.directory = own;
	if (mkdir(own, 0700))
		status = cc_fail(error, CC_EIO, "%s: %s", own, strerror(errno));
	if (!status)
		status = run_replay(log, &run, error);
	result->status = run.report.status;
	result->same = !status;
	result->instructions = run.instructions;
	result->seconds = run.seconds;
	cc_remove_tree(own);
	free(own);
	return status;
}
