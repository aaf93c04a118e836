/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/cmd/replay.h"

#include <stddef.h>

static const char *const scripts[] = {".pl", ".pm", NULL};

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
	};

	return cc_cmd_replay(&command, argc, argv);
}
