/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command that replays slices of one runtime: options and start are the same for all. */
#include "core/cmd/replay.h"

#include <argp.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cmd/cmd.h"
#include "core/session/launch.h"

static const struct argp_option options[] = {
	{"hook", 'H', "FILE.so", 0, "Load a C hook (see core/session/hooks.h); may be repeated", 0},
	{0},
};

struct arguments {
	const char *kind, *log;
	char hooks[8 * PATH_MAX];
};

static void add_hook(struct arguments *arguments, const char *path, struct argp_state *state)
{
	char *real = realpath(path, NULL);
	size_t have = strlen(arguments->hooks);

	if (!real)
		argp_failure(state, 125, 0, "--hook %s: no such file", path);
	else if (have + strlen(real) + 2 > sizeof(arguments->hooks))
		argp_failure(state, 125, 0, "--hook %s: too many hooks", path);
	else
		sprintf(arguments->hooks + have, "%s%s", have ? "\n" : "", real);
	free(real);
}

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case 'H':
		add_hook(arguments, value, state);
		break;
	case ARGP_KEY_ARG:
		if (arguments->log)
			argp_error(state, "one slice at a time");
		arguments->log = value;
		break;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which slice? (cc-slice run.vmlog -o slice.%s makes one)",
			   arguments->kind);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

int cc_cmd_replay(const struct cc_cmd_replay *command, int argc, char **argv)
{
	struct argp argp = {options, parse, command->arguments, command->doc, NULL, NULL, NULL};
	struct arguments arguments = {.kind = command->kind};
	char object[PATH_MAX];
	struct cc_launch launch = {.tool = command->tool, .kind = command->kind, .object = object};
	struct cc_error error;
	int status;

	cc_cmd_begin(command->tool);
	argp_parse(&argp, argc, argv, 0, NULL, &arguments);
	cc_cmd_library(command->object, object, sizeof(object));
	launch.log = arguments.log;
	launch.hooks = *arguments.hooks ? arguments.hooks : NULL;
	status = cc_launch(&launch, &error);
	if (status < 0)
		return cc_cmd_fail(command->tool, &error);
	return status;
}
