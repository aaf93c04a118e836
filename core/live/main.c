/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A recording without a machine, from before the program's main() to its end. */
#include <unistd.h>

#include "core/live/record.h"
#include "core/replay/preload.h"
#include "core/replay/stack.h"
#include "core/replay/start.h"

int cc_start(int argc, char **argv, char **envp)
{
	const char *log = cc_start_take(envp, "CC_PRELOAD_RECORD");
	struct cc_error error;

	if (!log)
		return cc_program(argc, argv, envp);
	cc_start_cut(envp, 0);
	if (cc_record_begin(log, argc, argv, envp, &error) < 0)
		cc_die("%s", error.text);
	environ = envp;
	cc_context = CC_PROGRAM;
	cc_stack_run(cc_program, argc, argv, envp, (uint64_t *)__builtin_frame_address(0) + 1);
}

void cc_stack_returned(int status)
{
	cc_leave_program();
	cc_record_end(status & 255);
}
