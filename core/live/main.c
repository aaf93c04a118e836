/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A recording without a machine, from before the program's main() to its end. */
#include <string.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "core/live/record.h"
#include "core/replay/preload.h"
#include "core/replay/stack.h"
#include "core/replay/start.h"

/* The value of this variable, a copy, as the environment is to go elsewhere; or NULL. */
static const char *take(char **envp, const char *name)
{
	size_t length = strlen(name);
	const char *value = NULL;

	for (; *envp; envp++)
		if (!strncmp(*envp, name, length) && (*envp)[length] == '=')
			value = *envp + length + 1;
	return value ? cc_copy(value) : NULL;
}

/* Our variables do not stand in the program's environment. */
static void cut(char **envp)
{
	char **to = envp;

	for (; *envp; envp++)
		if (strncmp(*envp, "LD_PRELOAD=", 11) && strncmp(*envp, "CC_PRELOAD_", 11))
			*to++ = *envp;
	*to = NULL;
}

int cc_start(int argc, char **argv, char **envp)
{
	const char *log = take(envp, "CC_PRELOAD_RECORD");
	struct cc_error error;

	if (!log)
		return cc_program(argc, argv, envp);
	cut(envp);
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
