/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A replay, from before the program's main() on. The launcher execs the interpreter with the
 * recorded arguments and environment, and says by a descriptor what is wanted (options.h).
 */
#include <string.h>
#include <unistd.h>

#include "core/base/confine.h"
#include "core/base/wire.h"
#include "core/replay/agent.h"
#include "core/replay/hooked.h"
#include "core/replay/options.h"
#include "core/replay/print.h"
#include "core/replay/replay.h"
#include "core/replay/replayer.h"
#include "core/replay/stack.h"
#include "core/replay/start.h"

/*
 * The run's environment ends where the launcher's own variables begin; what would have steered our
 * dynamic linker came with its first letter hidden (launch.c).
 */
static void uncover(char **envp)
{
	for (; *envp && strncmp(*envp, "LD_PRELOAD=", 11); envp++)
		if (**envp == '\1')
			**envp = 'L';
	*envp = NULL;
}

/* Begins what was asked for besides the replay itself. */
static void begin_wanted(char *const *argv)
{
	const char *hooks = cc_option(CC_OPTION_HOOKS), *prints = cc_option(CC_OPTION_PRINTS),
		   *analysis = cc_option(CC_OPTION_ANALYSIS);
	int session = cc_option(CC_OPTION_SESSION) ? CC_SESSION_DESCRIPTOR : -1;
	struct cc_error error;

	if (hooks) {
		cc_hooks_command(argv);
		cc_hooks_load(hooks);
	}
	if (analysis)
		cc_language.replayer->analyse(analysis);
	cc_hooks_loaded();
	if (prints && cc_print_begin(prints, cc_tool, cc_language.plain, &error) < 0)
		cc_die("%s", error.text);
	if (session >= 0 && cc_hooks_wanted) /* in which the run goes to and fro */
		cc_die("--hook does not go with a debugger: replay the slice once for each");
	if ((session >= 0 || prints) && cc_agent_begin(cc_language.debuggee, session, &error) < 0)
		cc_die("%s", error.text);
}

/* Begins a stage in which the kernel asks the broker, which is sent the descriptor for that. */
static void confine_asking(enum cc_confine_stage stage)
{
	json_t *nothing = json_object();
	struct cc_error error;
	int listener;

	if (cc_confine_calls(stage, &listener, &error))
		cc_die("%s: " CC_ALLOW_HOST, error.text);
	if (cc_wire_send(CC_BROKER_DESCRIPTOR, nothing, listener))
		cc_die("the broker of the replay is gone");
	json_decref(nothing);
	close(listener);
	close(CC_BROKER_DESCRIPTOR);
}

/*
 * Nothing of the slice has run: its log is open, and what was linked with the interpreter is
 * loaded. From here on modules of packages are loaded, and who owns them is looked up for messages.
 */
static void confine_plainly(void)
{
	struct cc_error error;

	if (cc_option(CC_OPTION_BROKER))
		confine_asking(CC_CONFINE_OPENS);
	else if (cc_confine_files(cc_confine_system, NULL, &error) < 0)
		cc_die("%s", error.text);
	if (cc_confine_calls(CC_CONFINE_PROGRAM, NULL, &error))
		cc_die("%s: " CC_ALLOW_HOST, error.text);
}

int cc_start(int argc, char **argv, char **envp)
{
	const char *log = cc_option(CC_OPTION_LOG), *confined;
	int ahead = cc_option(CC_OPTION_AHEAD) ? CC_AHEAD_DESCRIPTOR : -1;
	struct cc_error error;
	uint64_t stack = 0;

	if (!log)
		cc_die("this object is loaded by the command that replays a slice, and by nobody "
		       "else");
	cc_tool = cc_option(CC_OPTION_TOOL);
	uncover(envp);
	if (cc_replay_begin(log, ahead, cc_option(CC_OPTION_SHOW) != NULL, &stack, &error) < 0)
		cc_die("%s", error.text);
	cc_stack_move(stack, &argv, &envp);
	environ = envp;
	confined = cc_option(CC_OPTION_CONFINED);
	if (confined && !strcmp(confined, CC_CONFINED_GUARDED))
		confine_asking(CC_CONFINE_GUARDED);
	begin_wanted(argv);
	if (confined && !strcmp(confined, CC_CONFINED_PLAIN))
		confine_plainly();
	cc_enter_program();
	cc_stack_run(cc_program, argc, argv, envp, (uint64_t *)__builtin_frame_address(0) + 1);
}

void cc_stack_returned(int status)
{
	cc_leave_program();
	cc_replay_wind_up(status & 255);
}
