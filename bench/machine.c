/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * machine MODE RUN.vmlog: the machine of a recording once more, from its snapshot to its end.
 *   free     the same job, with -icount but neither recorded nor replayed
 *   record   the same job, recorded
 *   replay   as it was, by cc_vm_replay with no plugin
 * Prints how many seconds QEMU was up.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/files.h"
#include "core/base/memory.h"
#include "core/base/work.h"
#include "core/vm/run.h"
#include "core/vm/vmlog.h"

static int replay(struct cc_vmlog *log, double *seconds, struct cc_error *error)
{
	const struct cc_vm_replay_options options = {.plugins = NULL};
	struct cc_vm_result result;
	int status = cc_vm_replay(log, &options, &result, error);

	*seconds = result.seconds;
	return status;
}

static int run_again(struct cc_vmlog *log, const char *rr, double *seconds, struct cc_error *error)
{
	char *directory = cc_temporary_directory(error), *file;
	struct cc_run run = {.rr = rr, .output = {-1, -1}};
	int status;

	if (!directory)
		return error->status;
	file = cc_format("%s/rr", directory);
	run.directory = directory;
	run.rr_file = file;
	run.base = cc_vmlog_base(log, error);
	run.drive = run.base ? cc_vmlog_member(log, CC_MEMBER_JOB, error) : NULL;
	status = run.drive ? cc_run_machine(&run, error) : error->status;
	*seconds = run.seconds;
	cc_remove_tree(directory);
	free(directory);
	free(file);
	return status;
}

int main(int argc, char **argv)
{
	struct cc_error error = {.text = "usage: machine free|record|replay RUN.vmlog"};
	const char *mode = argc == 3 ? argv[1] : "";
	struct cc_vmlog *log = argc == 3 ? cc_vmlog_open(argv[2], &error) : NULL;
	int status = CC_EUSAGE;
	double seconds = 0;

	if (log && !strcmp(mode, "replay"))
		status = replay(log, &seconds, &error);
	else if (log && !strcmp(mode, "record"))
		status = run_again(log, "record", &seconds, &error);
	else if (log && !strcmp(mode, "free"))
		status = run_again(log, NULL, &seconds, &error);
	cc_vmlog_close(log);
	if (status) {
		fprintf(stderr, "machine: %s\n", error.text);
		return 125;
	}
	printf("%.3f\n", seconds);
	return 0;
}
