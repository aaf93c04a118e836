/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <argp.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cmd/cmd.h"
#include "core/session/launch.h"

static const char doc[] =
	"Run a past run of a perl program again, from its slice (made by cc-slice).\v"
	"The program's output appears as it did, and the exit status is the program's; 125 when the "
	"replay itself fails. Nothing of this machine is visible to the program but perl itself and "
	"its XS modules, which must be the run's.";

static const struct argp_option options[] = {
	{"hook", 'H', "FILE.so", 0, "Load a C hook (see core/session/hooks.h); may be repeated", 0},
	{0},
};

struct arguments {
	const char *log;
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
		argp_error(state, "which slice? (cc-slice run.vmlog -o slice.plog makes one)");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

int main(int argc, char **argv)
{
	static const struct argp argp = {options, parse, "SLICE.plog", doc, NULL, NULL, NULL};
	struct arguments arguments = {0};
	char object[PATH_MAX];
	struct cc_launch launch = {.tool = "cc-perl-replay", .kind = "plog", .object = object};
	struct cc_error error;
	int status;

	cc_cmd_begin("cc-perl-replay");
	argp_parse(&argp, argc, argv, 0, NULL, &arguments);
	cc_cmd_library("crosscut-perl.so", object, sizeof(object));
	launch.log = arguments.log;
	launch.hooks = *arguments.hooks ? arguments.hooks : NULL;
	status = cc_launch(&launch, &error);
	if (status < 0)
		return cc_cmd_fail("cc-perl-replay", &error);
	return status;
}
