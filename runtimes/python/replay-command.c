/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/cmd/replay.h"

int main(int argc, char **argv)
{
	static const struct cc_cmd_replay command = {
		.tool = "cc-python-replay",
		.kind = "pylog",
		.object = "crosscut-python.so",
		.arguments = "SLICE.pylog",
		.doc = "Run a past run of a python program again, from its slice (made by cc-slice).\v"
		       "The program's output appears as it did, and the exit status is the program's; 125 "
		       "when the replay itself fails. Nothing of this machine is visible to the program "
		       "but python itself and its extension modules, which must be the run's.",
	};

	return cc_cmd_replay(&command, argc, argv);
}
