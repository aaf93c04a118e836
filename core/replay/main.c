/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A replay, from before the program's main() on. The launcher execs the interpreter with the
 * recorded arguments and environment, and behind them the few variables of ours that are read and
 * taken away here.
 */
#include <string.h>
#include <unistd.h>

#include "core/replay/agent.h"
#include "core/replay/hooked.h"
#include "core/replay/print.h"
#include "core/replay/replay.h"
#include "core/replay/replayer.h"
#include "core/replay/stack.h"
#include "core/replay/start.h"

/* What would have steered our dynamic linker came with its first letter hidden (launch.c). */
static void uncover(char **envp)
{
	for (; *envp; envp++)
		if (**envp == '\1')
			**envp = 'L';
}

/* What was asked for besides the replay itself. */
struct wanted {
	const char *hooks, *analysis, *session, *prints;
};

static void begin_wanted(const struct wanted *wanted)
{
	struct cc_error error;

	if (wanted->hooks)
		cc_hooks_load(wanted->hooks);
	if (wanted->analysis)
		cc_language.replayer->analyse(wanted->analysis);
	if (wanted->prints &&
	    cc_print_begin(wanted->prints, cc_tool, cc_language.plain, &error) < 0)
		cc_die("%s", error.text);
	if (wanted->session && cc_hooks_wanted) /* in which the run goes to and fro */
		cc_die("--hook does not go with a debugger: replay the slice once for each");
	if ((wanted->session || wanted->prints) &&
	    cc_agent_begin(cc_language.debuggee, wanted->session, &error) < 0)
		cc_die("%s", error.text);
}

int cc_start(int argc, char **argv, char **envp)
{
	const char *replay = cc_start_take(envp, "CC_PRELOAD_REPLAY");
	const char *ahead = cc_start_take(envp, "CC_PRELOAD_AHEAD");
	const char *tool = cc_start_take(envp, "CC_PRELOAD_TOOL");
	const char *show = cc_start_take(envp, "CC_PRELOAD_SHOW");
	const struct wanted wanted = {
		.hooks = cc_start_take(envp, "CC_PRELOAD_HOOKS"),
		.analysis = cc_start_take(envp, "CC_PRELOAD_ANALYSIS"),
		.session = cc_start_take(envp, "CC_PRELOAD_SESSION"),
		.prints = cc_start_take(envp, "CC_PRELOAD_PRINT"),
	};
	struct cc_error error;
	uint64_t stack = 0;

	if (tool)
		cc_tool = tool;
	if (!replay)
		return cc_program(argc, argv, envp);
	cc_start_cut(envp, 1);
	uncover(envp);
	if (cc_replay_begin(replay, ahead, show != NULL, &stack, &error) < 0)
		cc_die("%s", error.text);
	cc_stack_move(stack, &argv, &envp);
	environ = envp;
	begin_wanted(&wanted);
	cc_enter_program();
	cc_stack_run(cc_program, argc, argv, envp, (uint64_t *)__builtin_frame_address(0) + 1);
}

void cc_stack_returned(int status)
{
	cc_leave_program();
	cc_replay_wind_up(status & 255);
}
