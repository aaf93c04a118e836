/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/cmd/replay.h"

#include <stddef.h>

static const struct cc_cmd_analysis analyses[] = {
	{"trace", "MODULE:FUNC",
	 "Call this function for each event of the past run, as sys.settrace would; "
	 "FILE.py:FUNC works too"},
	{"profile", "MODULE:FUNC", "Likewise, as sys.setprofile would"},
	{NULL, NULL, NULL},
};

static const char *const scripts[] = {".py", NULL}, *const settings[] = {".pdbrc", NULL},
			 *const modules[] = {"/etc/python3", "/etc/python3.11", NULL};
static const struct argp_option debugger = {
	"pdb",
	'd',
	NULL,
	0,
	"Debug the past run with pdb, forward and back; it begins at the program's first line",
	0,
};

int main(int argc, char **argv)
{
	static const struct cc_cmd_replay command = {
		.tool = "cc-python-replay",
		.kind = "pylog",
		.symbol = "_PyRuntime",
		.object = "crosscut-python",
		.version = CC_RUNTIME_VERSION,
		.arguments = "SLICE.pylog",
		.doc = "Run a past run of a python program again, from its slice (made by "
		       "cc-slice).\v"
		       "The program's output appears as it did, and the exit status is the "
		       "program's; 125 "
		       "when the replay itself fails. Nothing of this machine is visible to the "
		       "program "
		       "but python itself and its extension modules, which must be the run's. "
		       "Functions that "
		       "trace run in an interpreter of their own beside the program.",
		.analyses = analyses,
		.scripts = scripts,
		.path = "PYTHONPATH",
		.modules = modules,
		.settings = settings,
		.debugger = &debugger,
	};

	return cc_cmd_replay(&command, argc, argv);
}
