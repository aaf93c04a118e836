/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CC_CMD_REPLAY_H
#define CC_CMD_REPLAY_H

#include <argp.h>

/* An option of one runtime, handed to its analysis as name=value. */
struct cc_cmd_analysis {
	const char *name, *argument, *doc;
};

struct cc_cmd_replay {
	const char *tool;      /* the command's name */
	const char *kind;      /* of its slices: "plog" */
	const char *object;    /* file name of the replaying objects, but for "-VERSION.so" */
	const char *symbol;    /* which every such interpreter defines */
	const char *version;   /* of the interpreter, for slices that do not say: "5.36" */
	const char *arguments; /* for --help: "SLICE.plog" */
	const char *doc;
	const struct cc_cmd_analysis *analyses; /* ends with name NULL; or NULL */
	/* Suffixes of hooks that the runtime runs, ".py"; ends with NULL */
	const char *const *scripts;
	const char *path; /* the environment's variable that says where its modules are */
	/* Directories of modules that are not below /usr; ends with NULL */
	const char *const *modules;
	/* Names of the files, here and in the user's home, that its debugger reads; as above */
	const char *const *settings;
	const char *const *variables; /* of the user's, which the debugger looks at; as above */
	const struct argp_option *debugger; /* opens the runtime's debugger; NULL: it has none */
};

/* main() of such a command: its exit status. */
int cc_cmd_replay(const struct cc_cmd_replay *command, int argc, char **argv);

#endif
