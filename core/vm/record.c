/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/vm/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/files.h"
#include "core/base/memory.h"
#include "core/base/work.h"
#include "core/vm/job.h"
#include "core/vm/members.h"
#include "core/vm/missed.h"
#include "core/vm/recordings.h"
#include "core/vm/run.h"
#include "core/vm/vmlog.h"
#include "logs/text.h"

struct recording {
	const struct cc_record_options *options;
	struct cc_request *request;
	struct cc_packages *packages;
	struct cc_base *base;
	char *directory, *image, *rr; /* of the run */
	char *bases;		      /* never go into a guest */
	uint64_t image_length;	      /* without the hole and the start sector */
	struct cc_fileset *files;     /* that went into the guest */
	struct cc_job_start start;
	struct cc_run run;
};

/* ---- stdin ---- */

static int spool_stdin(const char *path, struct cc_error *error)
{
	int to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), status = 0;
	char chunk[65536];
	ssize_t n;

	if (to < 0)
		return cc_fail(error, CC_EIO, "%s: %s", path, strerror(errno));
	while (!status && (n = read(0, chunk, sizeof(chunk))) != 0) {
		if (n < 0 && errno == EINTR)
			status = cc_fail(error, CC_EUSAGE, "interrupted while reading stdin");
		else if (n < 0)
			status = cc_fail(error, CC_EIO, "stdin: %s", strerror(errno));
		else
			status = cc_write_all(to, chunk, n, path, error);
	}
	close(to);
	return status;
}

/* A file stays a file and a pipe a pipe; a terminal is nothing that a recording could wait for. */
static int take_stdin(struct recording *recording, struct cc_error *error)
{
	struct cc_request *request = recording->request;
	struct stat what;

	if (request->stdin_kind)
		return 0;
	request->stdin_kind = "null";
	if (fstat(0, &what))
		return 0;
	if (isatty(0)) {
		if (request->notice)
			request->notice("stdin is a terminal: the command reads /dev/null instead");
		return 0;
	}
	if (S_ISCHR(what.st_mode) || S_ISDIR(what.st_mode))
		return 0;
	request->stdin_kind = S_ISREG(what.st_mode) ? "file" : "pipe";
	request->stdin_path = cc_format("%s/stdin.spool", recording->directory);
	return spool_stdin(request->stdin_path, error);
}

/* ---- the manifest ---- */

static json_t *list_json(char *const *list)
{
	json_t *array = json_array();

	for (size_t i = 0; list[i]; i++)
		json_array_append_new(array, cc_json_text(list[i]));
	return array;
}

static char *when(uint64_t realtime)
{
	time_t seconds = realtime / 1000000000;
	struct tm time;
	char text[64];

	gmtime_r(&seconds, &time);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &time);
	return cc_copy(text);
}

static json_t *describe(const struct recording *recording)
{
	const struct cc_request *request = recording->request;
	const struct cc_report *report = &recording->run.report;
	char **environment = cc_request_environment(request), *user = cc_user_name();
	char *started = when(recording->start.realtime);
	json_t *manifest = cc_json_pack(
		"{s:s,s:i,s:s,s:s,s:s,s:O,s:o,s:o,s:o,s:o,s:i,s:i,s:s,s:s,s:f,s:I,s:i,s:i,s:b}",
		"kind", "vmlog", "version", CC_VMLOG_VERSION, "made-by", "crosscut " CC_VERSION,
		"base", recording->base->id, "qemu", recording->base->qemu, "kernel",
		json_object_get(recording->base->manifest, "kernel"), "argv",
		list_json(request->argv), "cwd", cc_json_text(request->cwd), "env",
		list_json(environment), "user", cc_json_text(user), "uid", (int)getuid(), "gid",
		(int)getgid(), "stdin", request->stdin_kind, "started", started, "seconds",
		recording->run.seconds, "instructions", (json_int_t)recording->run.instructions,
		"status", report->status, "signal", report->signal, "end-marker", report->ended);

	if (*recording->run.ended_by)
		json_object_set_new(manifest, "ended-by", json_string(recording->run.ended_by));
	cc_free_list(environment);
	free(user);
	free(started);
	return manifest;
}

/* ---- the log ---- */

static int add_members(const struct recording *recording, struct cc_vmlog_writer *writer,
		       json_t *members, struct cc_error *error)
{
	char *start = cc_format("%s/start", recording->directory);
	char *output = cc_format("%s/" CC_STDOUT_FILE, recording->directory);
	char *complaints = cc_format("%s/" CC_STDERR_FILE, recording->directory);
	const struct {
		const char *path;
		uint64_t length;
	} from[CC_MEMBERS] = {
		[CC_MEMBER_RR] = {recording->rr, UINT64_MAX},
		[CC_MEMBER_JOB] = {recording->image, recording->image_length},
		[CC_MEMBER_START] = {start, UINT64_MAX},
		[CC_MEMBER_STDOUT] = {output, UINT64_MAX},
		[CC_MEMBER_STDERR] = {complaints, UINT64_MAX},
	};
	int status = cc_write_file(start, &recording->start, sizeof(recording->start), error);

	for (int i = 0; !status && i < CC_MEMBERS; i++) {
		json_t *entry = NULL;

		status = cc_vmlog_add(writer, cc_member_names[i], from[i].path, from[i].length,
				      &entry, error);
		if (!status)
			json_object_set_new(members, cc_member_names[i], entry);
	}
	free(start);
	free(output);
	free(complaints);
	return status;
}

/* Somebody else has made a file of that name meanwhile: both stay. */
static void say_renamed(const struct cc_request *request, const char *name)
{
	char *text;

	if (!strcmp(name, request->output) || !request->notice)
		return;
	text = cc_format("%s came to be while the command ran: the recording is %s",
			 request->output, name);
	request->notice(text);
	free(text);
}

static int write_log(const struct recording *recording, struct cc_error *error)
{
	struct cc_vmlog_writer *writer =
		cc_vmlog_create(recording->request->output, recording->options->interrupted, error);
	char *name = NULL;
	json_t *manifest, *members = json_object();
	int status = writer ? add_members(recording, writer, members, error) : CC_EIO;

	manifest = describe(recording);
	json_object_set_new(manifest, "members", members);
	if (!status)
		status = cc_vmlog_finish(writer, manifest,
					 recording->options->replace ? NULL : &name, error);
	else
		cc_vmlog_abandon(writer);
	json_decref(manifest);
	if (!status)
		cc_recordings_note(recording->base, name ? name : recording->request->output);
	if (name)
		say_renamed(recording->request, name);
	free(name);
	return status;
}

/* ---- the run ---- */

static int prepare(struct recording *recording, struct cc_error *error)
{
	struct cc_fileset *set = recording->files;
	int status = take_stdin(recording, error);

	cc_fileset_exclude(set, recording->directory);
	cc_fileset_exclude(set, recording->request->output);
	recording->bases = cc_format("%s/bases", recording->base->cache);
	cc_fileset_exclude(set, recording->bases);
	if (!status)
		status = cc_request_files(recording->request, recording->base, recording->packages,
					  set, error);
	if (!status)
		status = cc_image_write(recording->image, recording->request, set,
					&recording->image_length, error);
	if (!status)
		status = cc_image_start(recording->image, &recording->start, error);
	return status;
}

static int run(struct recording *recording, struct cc_error *error)
{
	const struct cc_record_options *options = recording->options;

	recording->run = (struct cc_run){
		.base = recording->base,
		.directory = recording->directory,
		.drive = recording->image,
		.rr = "record",
		.rr_file = recording->rr,
		.output = {options->output[0], options->output[1]},
		.interrupted = options->interrupted,
		.keeps = 1,
		.timeout = options->timeout,
		.tick = options->tick,
		.passing = options->passing,
		.context = options->context,
		.notice = recording->request->notice,
	};
	return cc_run_machine(&recording->run, error);
}

static int bring_back(struct recording *recording, struct cc_error *error)
{
	char *tar = cc_format("%s/" CC_PULL_FILE, recording->directory);
	int status = cc_pull(tar, recording->options->pull_to, recording->request->notice, error);

	free(tar);
	return status;
}

/* Last, as the recording is whole. */
static int check_output(const struct cc_run *run, struct cc_error *error)
{
	for (int i = 0; i < 2; i++)
		if (run->unwritten[i])
			return cc_fail(
				error, CC_EIO,
				"standard %s: %s: what the command printed is not complete here; "
				"the recording is",
				i ? "error" : "output", strerror(run->unwritten[i]));
	return 0;
}

static void report_missed(const struct recording *recording)
{
	char *complaints = cc_format("%s/" CC_STDERR_FILE, recording->directory);

	cc_report_missed(complaints, recording->request->cwd, recording->files, recording->base,
			 recording->request->notice);
	free(complaints);
}

static int record(struct recording *recording, struct cc_record_result *result,
		  struct cc_error *error)
{
	int status = prepare(recording, error), noexec = 0;

	if (!status) {
		status = run(recording, error);
		noexec = recording->run.report.noexec;
	}
	if (!status && noexec) {
		recording->request->shell_status = noexec == ENOENT ? 127 : 126;
		status = cc_fail(error, CC_EMISSING, "%s: %s (in the guest)",
				 recording->request->argv[0], strerror(noexec));
	}
	if (status)
		return status;
	status = write_log(recording, error);
	if (!status && recording->options->pull_to)
		status = bring_back(recording, error);
	result->status = recording->run.report.status;
	memcpy(result->ended_by, recording->run.ended_by, sizeof(result->ended_by));
	if (result->status && !*result->ended_by)
		report_missed(recording);
	result->seconds = recording->run.seconds;
	return status ? status : check_output(&recording->run, error);
}

static int record_in(struct recording *recording, struct cc_record_result *result,
		     struct cc_error *error)
{
	int status;

	recording->directory = cc_temporary_directory(error);
	if (!recording->directory)
		return error->status;
	recording->image = cc_format("%s/job.image", recording->directory);
	recording->rr = cc_format("%s/rr", recording->directory);
	recording->files = cc_fileset_new();
	status = record(recording, result, error);
	cc_fileset_free(recording->files);
	cc_remove_tree(recording->directory);
	free(recording->directory);
	free(recording->image);
	free(recording->rr);
	free(recording->bases);
	return status;
}

/* ---- trying a new base out ---- */

#define TRIAL "it works"

static int replay_trial(const char *path, struct cc_error *error)
{
	const struct cc_vm_replay_options options = {.verified = 1};
	struct cc_vmlog *log = cc_vmlog_open(path, error);
	struct cc_vm_result result;
	int status = log ? cc_vm_replay(log, &options, &result, error) : error->status;

	cc_vmlog_close(log);
	return status;
}

static int validate(const struct cc_language *const *languages, struct cc_base *base,
		    struct cc_error *error)
{
	char *const argv[] = {"sh", "-c", "test $(echo " TRIAL " | wc -c) = 9", NULL};
	char *directory = cc_temporary_directory(error);
	char *output = directory ? cc_format("%s/trial.vmlog", directory) : NULL;
	struct cc_request request = {.languages = languages,
				     .argv = argv,
				     .output = output,
				     .stdin_kind = "null",
				     .cwd = "/"};
	const struct cc_record_options options = {.request = &request, .output = {-1, -1}};
	struct recording recording = {.options = &options, .request = &request, .base = base};
	struct cc_record_result result = {0};
	struct cc_error why = {0};
	int status = directory ? 0 : CC_EIO;

	if (directory && (recording.packages = cc_packages_read(&why)))
		status = record_in(&recording, &result, &why);
	if (!status && result.status)
		status = cc_fail(&why, CC_EIO, "a shell command fails in it (status %d)",
				 result.status);
	if (!status)
		status = replay_trial(output, &why);
	if (status)
		cc_fail(error, status, "the guest base was made, but does not work: %s", why.text);
	cc_packages_free(recording.packages);
	cc_remove_tree(directory);
	free(directory);
	free(output);
	return status;
}

int cc_record(const struct cc_record_options *options, struct cc_record_result *result,
	      struct cc_error *error)
{
	struct recording recording = {.options = options, .request = options->request};
	struct cc_base_builder builder = *options->builder;
	int status;

	*result = (struct cc_record_result){.status = -1};
	recording.packages = cc_packages_read(error);
	if (!recording.packages)
		return error->status;
	builder.validate = validate;
	recording.base = cc_base_current(&builder, recording.packages, error);
	if (recording.base)
		cc_base_make_room(recording.base, options->request->notice);
	status = recording.base ? record_in(&recording, result, error) : error->status;
	cc_base_close(recording.base);
	cc_packages_free(recording.packages);
	return status;
}
