/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command that replays slices of one runtime: options and start are the same for all. */
#include "core/cmd/replay.h"

#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "core/base/files.h"
#include "core/base/near.h"
#include "core/base/text.h"
#include "core/base/work.h"
#include "core/cmd/cmd.h"
#include "core/cmd/hooks.h"
#include "core/cmd/kinds.h"
#include "core/cmd/options.h"
#include "core/print/options.h"
#include "core/replay/hooked.h"
#include "core/session/console.h"
#include "core/session/launch.h"
#include "logs/text.h"

enum {
	KEY_PRINT = 0x200,
	KEY_PRINT_IF,
	KEY_PRINT_TO,
	KEY_JSON,
	KEY_SHOW,
	KEY_AT,
	KEY_WITH_PARENT,
	KEY_SHOW_PROCESS,
	KEY_HOOK_OUTPUT,
	KEY_ALLOW_HOST,
	KEY_LIMIT_CPU,
	KEY_LIMIT_MEMORY
};

static const struct argp_option common_options[] = {
	{"hook", 'H', "HOOK[=ARGUMENTS]", 0,
	 "Tell a hook of the run's events: one that comes with Crosscut (coverage, "
	 "callprofile, calltrace, audit, whowrote), FILE.so in C, or a file in the program's "
	 "language; may be "
	 "repeated",
	 0},
	{"hook-output", KEY_HOOK_OUTPUT, "FILE|DIR", 0,
	 "Let hooks and tracers write to FILE, or below DIR, besides to the files that out= names; "
	 "may "
	 "be repeated",
	 0},
	{"allow-host", KEY_ALLOW_HOST, NULL, 0,
	 "Do not keep the replay from this machine: hooks, expressions, and the program that the "
	 "slice brings may do whatever you may",
	 0},
	{"limit-cpu", KEY_LIMIT_CPU, "SECONDS", 0,
	 "End a process of the replay that takes more processor time", 0},
	{"limit-memory", KEY_LIMIT_MEMORY, "SIZE", 0,
	 "Let each process of the replay have so much address space; with K, M or G behind it", 0},
	{"print", KEY_PRINT, "FILE:LINE:EXPR", 0,
	 "Print as if a statement that prints had stood there in the "
	 "run; FUNCTION:EXPR prints where a function begins. May be repeated",
	 0},
	{"print-if", KEY_PRINT_IF, "COND", 0, "Only when this is true: for the --print before it",
	 0},
	{"print-to", KEY_PRINT_TO, "FILE", 0, "Print to FILE, not to stderr", 0},
	{"json", KEY_JSON, "FILE", OPTION_ARG_OPTIONAL,
	 "Print a JSON object a line, for machines; to FILE, not to stderr", 0},
	{"show-output", KEY_SHOW, NULL, 0,
	 "Also show what the process wrote to its own stdout and stderr where those were "
	 "a pipe or a file, as in `sh -c '... | sort >out'`",
	 0},
	{"at", KEY_AT, "MOMENT", 0,
	 "With the debugger: open it there, at a moment as prints, hooks and `when` tell it", 0},
	{"with-parent", KEY_WITH_PARENT, NULL, 0,
	 "Of a forked child: prints, hooks, tracers and the debugger begin with what its parent "
	 "did "
	 "before the fork",
	 0},
	{"show-process", KEY_SHOW_PROCESS, NULL, 0,
	 "Name the run's process on each line of prints and hooks: `[pid 75] ...`; in JSON as "
	 "`process`",
	 0},
};
#define COMMON (sizeof(common_options) / sizeof(*common_options))
#define ANALYSES_MAX 8
#define ANALYSIS_KEY 0x100 /* of the first of the runtime's own options */

struct arguments {
	const struct cc_cmd_replay *command;
	const char *kind, *log;
	int debug, show_output, with_parent, show_process, allow_host;
	uint64_t cpu_seconds, memory_bytes;
	struct cc_allowed allowed; /* files of this machine */
	char *temporary;	   /* a directory; NULL: there is none */
	json_t *prints;		   /* NULL: none */
	const char *prints_to;	   /* likewise */
	char *prints_option;	   /* which says so */
	int prints_key, prints_open;
	const char *at;	       /* where the debugger is to open; NULL: where the run begins */
	const char *analysing; /* the last option that asks for a hook or tracer; or NULL */
	char hooks[8 * PATH_MAX];
	char analysis[8 * PATH_MAX]; /* key=value lines */
};

/*
 * Adds an option for the runtime, which reads these in the replay. A line each: line breaks in
 * values are escaped (logs/text.h).
 */
static void add_analysis(struct arguments *arguments, const char *name, const char *value)
{
	size_t have = strlen(arguments->analysis);
	char *escaped = cc_escape(value ? value : "");

	snprintf(arguments->analysis + have, sizeof(arguments->analysis) - have, "%s=%s\n", name,
		 escaped);
	free(escaped);
}

/* Does the runtime itself run files of this name? */
static int is_scripted(const struct cc_cmd_replay *command, const char *path)
{
	const char *dot = strrchr(path, '.');

	for (const char *const *suffix = command->scripts; dot && suffix && *suffix; suffix++)
		if (!strcmp(*suffix, dot))
			return 1;
	return 0;
}

/*
 * Options of hooks, of those that come with Crosscut and of others, that name a file to write, or a
 * directory to write into.
 */
static const char *const output_options[] = {"out=", "stacks=", "sources="};

/* Where hooks that come with Crosscut write if nobody says. */
static const struct {
	const char *hook, *file;
} outputs[] = {
	{"coverage", "coverage.info"},
	{"callprofile", "callgrind.out"},
	{"callprofile", "callstacks.txt"},
	{"calltrace", "calltrace.txt"},
	{"audit", "audit.txt"},
	{"whowrote", "whowrote.txt"},
	{"arguments.pl", "arguments.txt"},
	{"exceptions.py", "exceptions.txt"},
};

/* Allows a hook its own folder, and the files that it is to write. */
static void allow_hook(struct cc_allowed *allowed, const char *name, const char *path,
		       const char *options)
{
	char *directory = cc_format("%.*s", (int)(strrchr(path, '/') - path), path),
	     *copy = cc_copy(options), *rest = copy, *option;

	cc_allow_reading(allowed, *directory ? directory : "/");
	free(directory);
	for (size_t i = 0; i < sizeof(outputs) / sizeof(*outputs); i++)
		if (!strcmp(name, outputs[i].hook))
			cc_allow_writing(allowed, outputs[i].file);
	while ((option = strsep(&rest, ",")))
		for (size_t i = 0; i < sizeof(output_options) / sizeof(*output_options); i++)
			if (!strncmp(option, output_options[i], strlen(output_options[i])))
				cc_allow_writing(allowed, option + strlen(output_options[i]));
	free(copy);
}

static void add_hook(struct arguments *arguments, const char *text, struct argp_state *state)
{
	char *name = cc_copy(text), *equals = access(text, F_OK) ? strchr(name, '=') : NULL, *real,
	     *line, *escaped;
	size_t have = strlen(arguments->hooks);
	struct cc_error error;

	if (equals)
		*equals = '\0';
	real = cc_hook_find(name);
	if (!real) {
		char *near = cc_hook_near(name);

		argp_failure(state, 125, 0, "--hook %s: no such %s%s", name,
			     strpbrk(name, "/.") ? "file" : "hook", near);
		free(near);
		free(name);
		return;
	}
	if (!is_scripted(arguments->command, real) &&
	    cc_kind_check(access(name, F_OK) ? real : name, CC_WANTED_HOOK, NULL, &error))
		argp_failure(state, 125, 0, "--hook %s", error.text);
	line = cc_format("%s%c%s", real, CC_HOOK_SEPARATOR, equals ? equals + 1 : "");
	allow_hook(&arguments->allowed, name, real, equals ? equals + 1 : "");
	if (have + 2 * strlen(line) + 2 > sizeof(arguments->hooks)) {
		argp_failure(state, 125, 0, "--hook %s: too many hooks", name);
	} else if (is_scripted(arguments->command, real)) {
		add_analysis(arguments, "hook", line);
	} else {
		escaped = cc_escape(line);
		sprintf(arguments->hooks + have, "%s%s", have ? "\n" : "", escaped);
		free(escaped);
	}
	free(line);
	free(real);
	free(name);
}

/* Allows a tracer, FILE:FUNCTION, the folder of its file. */
static void allow_tracer(struct cc_allowed *allowed, const char *value)
{
	const char *colon = strrchr(value, ':');
	char *file = cc_format("%.*s", (int)(colon ? colon - value : 0), value),
	     *resolved = *file ? realpath(file, NULL) : NULL;

	if (resolved) {
		*strrchr(resolved, '/') = '\0';
		cc_allow_reading(allowed, *resolved ? resolved : "/");
	}
	free(resolved);
	free(file);
}

static void allow_path(struct cc_allowed *allowed, const char *here, const char *path)
{
	char *copy = cc_copy(path ? path : ""), *rest = copy, *directory;

	cc_allow_reading(allowed, here);
	while ((directory = strsep(&rest, ":")))
		cc_allow_reading(allowed, directory);
	free(copy);
}

/* Allows what the debugger reads of the user's, here and at home. */
static void allow_settings(struct cc_allowed *allowed, const char *const *settings)
{
	const char *home = getenv("HOME");

	for (; settings && *settings; settings++) {
		char *at_home = cc_format("%s/%s", home ? home : "", *settings);

		cc_allow_reading(allowed, *settings);
		cc_allow_reading(allowed, home ? at_home : "");
		free(at_home);
	}
}

/*
 * Makes a directory where hooks and tracers have files of their own for as long as the replay
 * lasts.
 */
static void add_temporary(struct arguments *arguments)
{
	struct cc_error error;

	arguments->temporary = cc_temporary_directory(&error);
	if (!arguments->temporary) /* who needs it will say so */
		return;
	cc_allow_writing(&arguments->allowed, arguments->temporary);
	add_analysis(arguments, "temporary", arguments->temporary);
}

/*
 * These variables of the user's environment: NAME=VALUE, or NAME where it is not set, a line each
 * (logs/text.h). To be freed.
 */
static char *user_environment(const char *const *variables)
{
	char *lines = cc_copy("");

	for (; variables && *variables; variables++) {
		const char *value = getenv(*variables);
		char *escaped = cc_escape(value ? value : ""), *before = lines;

		lines = cc_format("%s%s%s%s\n", before, *variables, value ? "=" : "", escaped);
		free(before);
		free(escaped);
	}
	return lines;
}

/* Adds where the runtime's modules are looked for: here, and where the user says. */
static void add_path(struct arguments *arguments)
{
	const char *path = getenv(arguments->command->path);
	char here[PATH_MAX], *escaped_here, *escaped_path;
	size_t have;

	if (!getcwd(here, sizeof(here)))
		strcpy(here, "/");
	have = strlen(arguments->analysis);
	escaped_here = cc_escape(here);
	escaped_path = cc_escape(path ? path : "");
	for (char *at = escaped_path; *at; at++)
		if (*at == ':')
			*at = '\n';
	snprintf(arguments->analysis + have, sizeof(arguments->analysis) - have, "\npath=%s\n%s",
		 escaped_here, escaped_path);
	allow_path(&arguments->allowed, here, path);
	free(escaped_here);
	free(escaped_path);
}

/*
 * Where prints go. What is there is opened at once: /dev/fd/3 is the user's, before any descriptor
 * is ours. It is emptied, or made, when the replay starts.
 */
static void set_prints_to(struct arguments *arguments, int key, const char *value,
			  struct argp_state *state)
{
	char *option = cc_format("%s%s", key == KEY_JSON ? "--json=" : "--print-to ", value);

	if (arguments->prints_to && arguments->prints_key != key)
		argp_failure(state, 125, 0, "%s: %s already says where to print: give one of them",
			     option, arguments->prints_option);
	if (arguments->prints_to && arguments->prints_open >= 0)
		close(arguments->prints_open);
	arguments->prints_open = open(value, O_WRONLY | O_NOCTTY | O_CLOEXEC);
	if (arguments->prints_open < 0 && errno != ENOENT)
		argp_failure(state, 125, 0, "%s: %s", option, strerror(errno));
	arguments->prints_to = value;
	arguments->prints_key = key;
	arguments->prints_option = option;
	cc_print_set(&arguments->prints, "to", option);
}

static void add_print(struct arguments *arguments, int key, const char *value,
		      struct argp_state *state)
{
	struct cc_error error = {0};

	if (key == KEY_PRINT)
		cc_print_add(&arguments->prints, value, &error);
	else if (key == KEY_PRINT_IF)
		cc_print_condition(arguments->prints, value, &error);
	else if (value)
		set_prints_to(arguments, key, value, state);
	if (key == KEY_JSON)
		cc_print_set(&arguments->prints, "json", NULL);
	if (error.status)
		argp_failure(state, 125, 0, "%s", error.text);
}

/* A number above 0, with one of `units` behind it, each 1024 times the one before. */
static uint64_t amount(const char *value, const char *units, struct argp_state *state)
{
	char *end;
	unsigned long long number = strtoull(value, &end, 10);
	const char *unit = *end ? strchr(units, *end) : NULL;
	unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;

	if (!cc_is_digit(*value) || !number || (*end && (!unit || end[1])) ||
	    number > UINT64_MAX >> shift)
		argp_failure(state, 125, 0, "%s: a number above 0 is needed%s%s", value,
			     *units ? ", which may end in one of " : "", units);
	return (uint64_t)number << shift;
}

/* What an option without a value says. */
static int *flag_of(struct arguments *arguments, int key)
{
	switch (key) {
	case KEY_SHOW:
		return &arguments->show_output;
	case KEY_WITH_PARENT:
		return &arguments->with_parent;
	case KEY_SHOW_PROCESS:
		return &arguments->show_process;
	default:
		return &arguments->allow_host;
	}
}

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case 'H':
		arguments->analysing = "hook";
		add_hook(arguments, value, state);
		break;
	case KEY_PRINT:
	case KEY_PRINT_IF:
	case KEY_PRINT_TO:
	case KEY_JSON:
		add_print(arguments, key, value, state);
		break;
	case KEY_AT:
		arguments->at = value;
		break;
	case KEY_SHOW:
	case KEY_WITH_PARENT:
	case KEY_SHOW_PROCESS:
	case KEY_ALLOW_HOST:
		*flag_of(arguments, key) = 1;
		break;
	case KEY_HOOK_OUTPUT:
		cc_allow_writing(&arguments->allowed, value);
		break;
	case KEY_LIMIT_CPU:
		arguments->cpu_seconds = amount(value, "", state);
		break;
	case KEY_LIMIT_MEMORY:
		arguments->memory_bytes = amount(value, "KMG", state);
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
		if (arguments->command->debugger && key == arguments->command->debugger->key) {
			arguments->debug = 1;
			break;
		}
		if (key < ANALYSIS_KEY || key >= ANALYSIS_KEY + ANALYSES_MAX)
			return ARGP_ERR_UNKNOWN;
		arguments->analysing = arguments->command->analyses[key - ANALYSIS_KEY].name;
		add_analysis(arguments, arguments->analysing, value);
		allow_tracer(&arguments->allowed, value);
	}
	return 0;
}

/* What people call a debugger, whatever the runtime's own is called. */
static const char *const debugger_names[] = {"debug", "pdb"};
#define DEBUGGER_NAMES (sizeof(debugger_names) / sizeof(*debugger_names))

static struct argp_option *list_debugger(const struct argp_option *debugger,
					 struct argp_option *options)
{
	*options++ = *debugger;
	for (size_t i = 0; i < DEBUGGER_NAMES; i++)
		if (!debugger->name || strcmp(debugger->name, debugger_names[i]))
			*options++ = (struct argp_option){debugger_names[i], 0,	   NULL,
							  OPTION_ALIAS,	     NULL, 0};
	return options;
}

static void list_options(const struct cc_cmd_replay *command, struct argp_option *options)
{
	const struct cc_cmd_analysis *analysis = command->analyses;

	memcpy(options, common_options, sizeof(common_options));
	options += COMMON;
	if (command->debugger)
		options = list_debugger(command->debugger, options);
	for (int key = ANALYSIS_KEY; analysis && analysis->name; key++, analysis++)
		*options++ = (struct argp_option){analysis->name, key, analysis->argument, 0,
						  analysis->doc,  0};
}

/* Prints, hooks and tracers are for a replay from its beginning to its end. */
static int check_debugger(const struct arguments *arguments, struct cc_error *error)
{
	const char *beside = arguments->prints ? "print" : arguments->analysing;

	if (arguments->at && !arguments->debug)
		return cc_fail(error, CC_EUSAGE,
			       "--at is where the debugger opens: give --debug, too");
	return arguments->debug && beside
		       ? cc_fail(error, CC_EUNSUPPORTED,
				 "--%s does not go with the debugger: replay the slice once for "
				 "each",
				 beside)
		       : 0;
}

static int check_prints(const struct arguments *arguments, struct cc_launch *launch,
			struct cc_error *error)
{
	if (!arguments->prints)
		return 0;
	launch->prints = cc_print_options(arguments->prints, error);
	launch->prints_to = arguments->prints_to;
	launch->prints_option = arguments->prints_option;
	launch->prints_open = arguments->prints_open;
	return launch->prints ? 0 : error->status;
}

/*
 * The path of the replaying objects without "-VERSION.so": all are where the one for the usual
 * version is.
 */
static void find_objects(const struct cc_cmd_replay *command, char *path, size_t size)
{
	char name[64], suffix[32];

	snprintf(suffix, sizeof(suffix), "-%s.so", command->version);
	snprintf(name, sizeof(name), "%s%s", command->object, suffix);
	cc_cmd_library(name, path, size);
	path[strlen(path) - strlen(suffix)] = '\0';
}

int cc_cmd_replay(const struct cc_cmd_replay *command, int argc, char **argv)
{
	struct argp_option options[ANALYSES_MAX + COMMON + DEBUGGER_NAMES + 2] = {{0}};
	struct argp argp = {options, parse, command->arguments, command->doc, NULL, NULL, NULL};
	static struct arguments arguments; /* large, and mostly empty */
	char object[PATH_MAX];
	struct cc_launch launch = {.tool = command->tool,
				   .kind = command->kind,
				   .object = object,
				   .symbol = command->symbol,
				   .version = command->version};
	struct cc_error error;
	int status;

	arguments.command = command;
	arguments.kind = command->kind;
	cc_cmd_begin(command->tool);
	list_options(command, options);
	cc_cmd_parse(&argp, argc, argv, 0, cc_hook_names, &arguments);
	find_objects(command, object, sizeof(object));
	launch.log = arguments.log;
	launch.show_output = arguments.show_output;
	launch.with_parent = arguments.with_parent;
	launch.show_process = arguments.show_process;
	launch.cpu_seconds = arguments.cpu_seconds;
	launch.memory_bytes = arguments.memory_bytes;
	for (size_t i = 0; command->modules && command->modules[i]; i++)
		cc_allow_reading(&arguments.allowed, command->modules[i]);
	if (arguments.debug) {
		allow_settings(&arguments.allowed, command->settings);
		launch.user = user_environment(command->variables);
	}
	if (!arguments.allow_host)
		launch.allowed = &arguments.allowed;
	if (*arguments.analysis) {
		if (!arguments.allow_host)
			add_temporary(&arguments);
		add_path(&arguments);
		launch.analysis = arguments.analysis;
	}
	launch.hooks = *arguments.hooks ? arguments.hooks : NULL;
	status = cc_kind_check(arguments.log, CC_WANTED_SLICE, command->kind, &error);
	if (!status)
		status = check_debugger(&arguments, &error);
	if (!status)
		status = check_prints(&arguments, &launch, &error);
	if (!status)
		status = arguments.debug ? cc_console(&launch, arguments.at, &error)
					 : cc_launch(&launch, &error);
	if (arguments.temporary)
		cc_remove_tree(arguments.temporary);
	if (status < 0)
		return cc_cmd_fail(command->tool, &error);
	return status;
}
