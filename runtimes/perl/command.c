/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/cmd/replay.h"

#include <stddef.h>

static const char *const scripts[] = {".pl", ".pm", NULL}, *const modules[] = {"/etc/perl", NULL},
			 *const settings[] = {".perldb", NULL};

/* What perl5db looks at. */
static const char *const variables[] = {
	"TERM",	       "HOME",		 "LOGDIR",	 "PAGER",
	"MANPATH",     "LINES",		 "COLUMNS",	 "PERL_RL",
	"PERLDB_OPTS", "PERLDB_PIDS",	 "DISPLAY",	 "TMUX",
	"EMACS",       "PERLDB_RESTART", "PERLDB_NOTTY", "PERL5DB_THREADED",
	NULL};

int main(int argc, char **argv)
{
	static const struct argp_option debugger = {
		NULL,
		'd',
		NULL,
		0,
		"Open perl's debugger at the first statement (see perldebug(1)); it can go back, "
		"too",
		0,
	};
	static const struct cc_cmd_replay command = {
		.tool = "cc-perl-replay",
		.kind = "plog",
		.symbol = "perl_run",
		.object = "crosscut-perl",
		.version = CC_RUNTIME_VERSION,
		.arguments = "SLICE.plog",
		.debugger = &debugger,
		.doc = "Run a past run of a perl program again, from its slice (made by "
		       "cc-slice).\v"
		       "The program's output appears as it did, and the exit status is the "
		       "program's; 125 "
		       "when the replay itself fails. Nothing of this machine is visible to the "
		       "program "
		       "but perl itself and its XS modules, which must be the run's.",
		.scripts = scripts,
		.path = "PERL5LIB",
		.modules = modules,
		.settings = settings,
		.variables = variables,
	};

	return cc_cmd_replay(&command, argc, argv);
}
