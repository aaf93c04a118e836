/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The end of a replay: of the program, as it ended in the run, by a signal, or with the recording.
 */
#include <stdio.h>
#include <sys/syscall.h>

#include "core/replay/agent.h"
#include "core/replay/hooked.h"
#include "core/replay/initializers.h"
#include "core/replay/print.h"
#include "core/replay/raw.h"
#include "core/replay/replay.h"
#include "core/replay/replayer.h"
#include "core/replay/report.h"
#include "core/replay/threads.h"

/* What ended the recording, in words. */
static const char *end_of_recording(void)
{
	static char text[600];
	struct cc_thread_now now;
	size_t length;
	const json_t *of = json_object_get(cc_log_manifest(cc_replay.log.reader), "from");
	const char *by =
		json_string_value(json_object_get(json_object_get(of, "manifest"), "ended-by"));

	length = (size_t)snprintf(text, sizeof(text),
				  "the recording was ended here%s%s%s: the run was not over",
				  by ? " (" : "", by ? by : "", by ? ")" : "");
	for (unsigned i = 0; length < sizeof(text) && cc_thread_now(i, &now); i++) {
		const char *what = now.call	 ? now.call
				   : now.at_work ? "at work"
						 : "waiting for the interpreter";

		if (cc_thread_many())
			length += (size_t)snprintf(text + length, sizeof(text) - length,
						   "%s thread %u %s%s", i ? "," : ";", now.id,
						   now.call ? "in " : "", what);
		else
			length += (size_t)snprintf(text + length, sizeof(text) - length,
						   "; it was %s%s", now.call ? "in " : "", what);
	}
	return text;
}

static void __attribute__((noreturn)) finish(int status)
{
	struct cc_error error;

	cc_leave_program();
	if (cc_agent.on)
		cc_agent_end(status);
	else
		cc_replay_report_unshown();
	cc_hooks_end(status);
	if (cc_print_end(&error) < 0)
		cc_complain("%s", error.text);
	if (cc_language.replayer->end)
		cc_language.replayer->end();
	if (cc_complaints_report())
		cc_raw(SYS_exit_group, 125, 0, 0, 0, 0, 0);
	if (status < 0) { /* the run died by a signal: 128 + n */
		cc_raw(SYS_exit_group, 128 - status, 0, 0, 0, 0, 0);
	}
	cc_raw(SYS_exit_group, status, 0, 0, 0, 0, 0);
	__builtin_trap();
}

/* The log ends here because the recording did; the program, in the run, went on. */
static void __attribute__((noreturn)) finish_running(int status)
{
	const char *text = end_of_recording();

	cc_leave_program();
	if (cc_agent.on)
		cc_agent_died(text);
	cc_say("%s", text);
	finish(status);
}

void cc_replay_finish(void)
{
	struct cc_end end = cc_replay_read_end();

	if (end.running)
		finish_running(end.status);
	finish(end.status);
}

static int ends_running(void)
{
	return cc_replay_is(CC_REC_END) && cc_replay_read_end().running;
}

void cc_replay_killed(void)
{
	int status = cc_replay_is(CC_REC_END) ? cc_replay_read_end().status : 0;

	if (status < 0)
		finish(status);
}

void cc_replay_wind_up(int status)
{
	if (cc_replay_is(CC_REC_END))
		cc_replay_end(status);
	cc_initializers_end(status);
}

void cc_replay_end(int status)
{
	int recorded;

	cc_leave_program();
	if (ends_running())
		cc_die("diverged: the program ends with status %d; in the run it was not over",
		       status);
	if (!cc_replay_is(CC_REC_END))
		cc_report_divergence("the end of the program");
	recorded = (int)cc_get_s(&cc_replay.log.next.cursor);
	if (recorded != status)
		cc_die("diverged: the replay ends with status %d, the run ended with %d", status,
		       recorded);
	finish(status);
}

/*
 * If the run ended by this fault, which no handler took, or which was blocked, so does the replay.
 */
void cc_replay_faults(int signal)
{
	if (cc_replay_is(CC_REC_END) && cc_replay.log.thread == cc_thread &&
	    cc_replay_read_end().status == -signal)
		cc_replay_finish();
}
