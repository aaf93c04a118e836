/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What tests need of core/vm without a stage:
 *   vm replay LOG            replay; prints the status
 *   vm list LOG              the guest's files
 *   vm extract LOG PATH TO
 *   vm time LOG record|replay|plain
 *                            run the same job again in that mode (plain: same QEMU without rr);
 *                            prints QEMU's seconds
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/files.h"
#include "core/base/memory.h"
#include "core/base/work.h"
#include "core/vm/run.h"
#include "core/vm/vmlog.h"

static int print_file(void *context, const char *path, mode_t mode, uint64_t size, const char *link)
{
	printf("%s%s%s\n", path, link ? " -> " : "", link ? link : "");
	return 0;
}

static int replay(struct cc_vmlog *log, struct cc_error *error)
{
	const struct cc_vm_replay_options options = {.plugins = NULL};
	struct cc_vm_result result;
	int status = cc_vm_replay(log, &options, &result, error);

	if (!status)
		printf("status %d, replayed identically\n", result.status);
	return status;
}

static int time_run(struct cc_vmlog *log, const char *mode, struct cc_error *error)
{
	char *directory = cc_temporary_directory(error);
	char *fresh = directory ? cc_format("%s/rr", directory) : NULL;
	struct cc_run run = {
		.base = cc_vmlog_base(log, error),
		.directory = directory,
		.output = {-1, -1},
		.drive = cc_vmlog_member(log, CC_MEMBER_JOB, error),
		.rr = strcmp(mode, "plain") ? mode : NULL,
		.rr_file =
			strcmp(mode, "replay") ? fresh : cc_vmlog_member(log, CC_MEMBER_RR, error),
	};
	int status = directory && run.base && run.drive && run.rr_file ? 0 : error->status;

	if (!status)
		status = cc_run_machine(&run, error);
	if (!status)
		printf("%.3f\n", run.seconds);
	cc_remove_tree(directory);
	free(directory);
	free(fresh);
	return status;
}

int main(int argc, char **argv)
{
	struct cc_error error = {0};
	struct cc_vmlog *log = argc > 2 ? cc_vmlog_open(argv[2], &error) : NULL;
	int status = log ? CC_EUSAGE : CC_EIO;

	if (log && !strcmp(argv[1], "replay"))
		status = replay(log, &error);
	if (log && !strcmp(argv[1], "list"))
		status = cc_vm_list(log, print_file, NULL, &error);
	if (log && argc > 4 && !strcmp(argv[1], "extract"))
		status = cc_vm_extract(log, argv[3], argv[4], &error);
	if (log && argc > 3 && !strcmp(argv[1], "time"))
		status = time_run(log, argv[3], &error);
	cc_vmlog_close(log);
	if (status)
		fprintf(stderr, "vm: %s\n", error.text);
	return status ? 125 : 0;
}
