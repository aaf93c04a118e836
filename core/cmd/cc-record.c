/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/files.h"
#include "core/base/memory.h"
#include "core/base/progress.h"
#include "core/cmd/cmd.h"
#include "core/cmd/options.h"
#include "core/debian/packages.h"
#include "core/runtime/language.h"
#include "core/vm/base.h"
#include "core/vm/limits.h"
#include "core/vm/record.h"
#include "logs/text.h"

#define TOOL "cc-record"

/* %s: the names of the languages. */
static const char doc_format[] =
	"Run a command in a virtual machine that is recorded, deterministically and as a whole.\v"
	"The guest holds the shell, the usual tools, %s of this machine; the command's Debian "
	"package with what it depends on; the working directory; files named in the command's "
	"arguments; and what --include and --package name. It has no network but loopback. stdin "
	"is read to its end first; stdout, stderr and the exit status are the command's (125: "
	"cc-record itself failed). `cc-slice` cuts the log of one interpreter out of the "
	"recording.";

enum {
	KEY_INCLUDE = 256,
	KEY_EXCLUDE,
	KEY_PACKAGE,
	KEY_ENV,
	KEY_PULL,
	KEY_PRUNE,
	KEY_TIMEOUT,
	KEY_FORCE
};

static const struct argp_option options[] = {
	{"output", 'o', "FILE", 0, "Write the recording to FILE (run.vmlog)", 0},
	{"include", KEY_INCLUDE, "PATH", 0, "Take this file or directory into the guest", 0},
	{"exclude", KEY_EXCLUDE, "GLOB", 0,
	 "Leave files of this name, or with this path from the working directory, out of the guest "
	 "(also one in each line of ./.crosscutignore)",
	 0},
	{"package", KEY_PACKAGE, "NAME", 0,
	 "Take this Debian package and its dependencies into the guest", 0},
	{"env", KEY_ENV, "NAME=VALUE", 0, "Set a variable of the command's environment", 0},
	{"pull", KEY_PULL, "DIR", 0,
	 "Copy files that changed in the working directory to DIR afterwards", 0},
	{"timeout", KEY_TIMEOUT, "SECONDS", 0,
	 "End the recording of a command that is not over by then, and keep it: status 124", 0},
	{"prune", KEY_PRUNE, NULL, 0,
	 "Record nothing: remove the cached guest bases that new recordings do not use, and list "
	 "those "
	 "that recordings need: `cc-log pack` puts its base into one",
	 0},
	{"force", KEY_FORCE, NULL, 0,
	 "Replace a recording that FILE holds already. With --prune: remove what recordings need, "
	 "too; they can then not be replayed any more",
	 0},
	{0},
};

struct list {
	const char **items; /* NULL-terminated */
	size_t count;
};

struct arguments {
	const char *output, *pull;
	struct list include, exclude, package, env;
	char **command;
	double timeout;
	int prune, force;
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal)
{
	interrupted = signal;
}

static void append(struct list *list, const char *item)
{
	cc_array_room(list->items, list->count + 1); /* for the NULL behind them */
	list->items[list->count++] = item;
	list->items[list->count] = NULL;
}

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct arguments *arguments = state->input;
	char *end;

	switch (key) {
	case 'o':
		arguments->output = value;
		break;
	case KEY_INCLUDE:
		append(&arguments->include, value);
		break;
	case KEY_EXCLUDE:
		append(&arguments->exclude, value);
		break;
	case KEY_PACKAGE:
		append(&arguments->package, value);
		break;
	case KEY_ENV:
		if (!strchr(value, '=') || *value == '=')
			argp_error(state, "--env %s: NAME=VALUE is expected", value);
		append(&arguments->env, value);
		break;
	case KEY_PULL:
		arguments->pull = value;
		break;
	case KEY_TIMEOUT:
		arguments->timeout = strtod(value, &end);
		if (end == value || *end || !(arguments->timeout > 0) || arguments->timeout > 1e9)
			argp_error(state, "--timeout %s: a number of seconds is expected", value);
		break;
	case KEY_PRUNE:
		arguments->prune = 1;
		break;
	case KEY_FORCE:
		arguments->force = 1;
		break;
	case ARGP_KEY_ARG: /* the command: all from here on is its own */
		arguments->command = state->argv + state->next - 1;
		state->next = state->argc;
		break;
	case ARGP_KEY_END:
		if (arguments->command && arguments->prune)
			argp_error(state, "--prune records nothing: give it without a command");
		if (!arguments->command && !arguments->prune)
			argp_error(state,
				   "which command? cc-record [OPTION...] -- COMMAND [ARG...]");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static void notice(const char *text)
{
	cc_progress_clear();
	fprintf(stderr, TOOL ": %s\n", text);
}

/* Once in a while a base has to be made. */
static void progress(const char *text, unsigned seconds)
{
	if (text)
		cc_progress(TOOL ": building the guest base (once; %u seconds or more): %s…",
			    seconds, text);
	else
		cc_progress_clear();
}

/* The command, as it runs. */
struct shown {
	double began, timeout; /* 0: not yet; none */
	unsigned seconds;      /* that are shown */
	int amidst; /* the terminal's cursor stands behind what the command has written */
};

/* Once in a second, unless the command is about to go on in that line. */
static int tick(void *context, uint64_t instructions, struct cc_error *error)
{
	struct shown *shown = context;
	unsigned seconds;

	if (!shown->began)
		shown->began = cc_seconds();
	seconds = (unsigned)(cc_seconds() - shown->began);
	if (shown->amidst || seconds == shown->seconds)
		return 0;
	shown->seconds = seconds;
	if (shown->timeout)
		cc_progress(TOOL ": %u of %g s, %.1f million instructions", seconds, shown->timeout,
			    (double)instructions / 1e6);
	else
		cc_progress(TOOL ": %u s, %.1f million instructions", seconds,
			    (double)instructions / 1e6);
	return 0;
}

static void passing(void *context, int which, const char *bytes, size_t length)
{
	struct shown *shown = context;

	if (!isatty(which + 1))
		return;
	cc_progress_clear();
	shown->amidst = bytes[length - 1] != '\n';
}

/* A loop that records until a run fails must not lose that run. */
static int check_name(const struct arguments *arguments, struct cc_error *error)
{
	struct stat info;
	int status = cc_cmd_check_output(arguments->output, error);

	if (!status && !arguments->force && !lstat(arguments->output, &info))
		status = cc_fail(error, CC_EUSAGE,
				 "%s: exists already: --force replaces it, -o FILE writes another",
				 arguments->output);
	return status;
}

static char *absolute(const char *cwd, const char *path)
{
	return cc_format("%s%s%s", *path == '/' ? "" : cwd, *path == '/' ? "" : "/", path);
}

static const char *plural(unsigned count)
{
	return count == 1 ? "" : "s";
}

static void report_needed(const char *id, uint64_t bytes, char *const *recordings)
{
	size_t count = 0;

	while (recordings[count])
		count++;
	printf("the guest base %.12s (%.1f GB) stays: %zu recording%s need%s it\n", id, bytes / 1e9,
	       count, plural(count), count == 1 ? "s" : "");
	for (size_t i = 0; i < count; i++) {
		fputs("    ", stdout);
		cc_put_shown(recordings[i], stdout);
		putchar('\n');
	}
}

static int prune(int force)
{
	const struct cc_prune_options options = {cc_languages, force, report_needed};
	struct cc_error error = {0};
	struct cc_packages *packages = cc_packages_read(&error);
	struct cc_prune_result result;
	int status = packages ? cc_base_prune(packages, &options, &result, &error) : error.status;

	cc_packages_free(packages);
	if (status)
		return cc_cmd_fail(TOOL, &error);
	printf("%u guest base%s removed, %.1f MB freed; this machine's present one %s",
	       result.removed, plural(result.removed), result.bytes / 1e6,
	       result.present ? "stays" : "is not made yet");
	if (result.busy)
		printf("; %u other%s in use", result.busy, plural(result.busy));
	if (result.needed)
		printf("; %u that recordings need: `cc-log pack RUN.vmlog -o PACKED.vmlog` puts "
		       "the base into one, "
		       "`cc-record --prune --force` removes them all the same",
		       result.needed);
	putchar('\n');
	return 0;
}

/* The recording holds a run that was not over. */
static void report_ended(const struct arguments *arguments, const struct cc_record_result *result)
{
	int timeout = !strcmp(result->ended_by, "timeout");

	if (timeout)
		fprintf(stderr, TOOL ": the command was not over after %g s (--timeout)",
			arguments->timeout);
	else
		fprintf(stderr, TOOL ": the command was not over when %s came", result->ended_by);
	fprintf(stderr, ": %s holds the run up to there\n", arguments->output);
}

/* The text of --help, with the languages. To be freed. */
static char *make_doc(void)
{
	char names[128] = "";

	for (size_t i = 0; cc_languages[i]; i++) {
		const char *comma = !i ? "" : cc_languages[i + 1] ? ", " : " and ";
		size_t have = strlen(names);

		snprintf(names + have, sizeof(names) - have, "%s%s", comma, cc_languages[i]->name);
	}
	return cc_format(doc_format, names);
}

static int record(struct arguments *arguments, const char *cwd)
{
	static const struct cc_base_builder builder = {.languages = cc_languages,
						       .progress = progress};
	char *output = absolute(cwd, arguments->output);
	struct cc_request request = {
		.languages = cc_languages,
		.argv = arguments->command,
		.include = arguments->include.items,
		.exclude = arguments->exclude.items,
		.packages = arguments->package.items,
		.env = arguments->env.items,
		.pull = arguments->pull,
		.output = output,
		.cwd = cwd,
		.notice = notice,
	};
	struct shown shown = {.timeout = arguments->timeout};
	const struct cc_record_options options = {
		.request = &request,
		.pull_to = arguments->pull,
		.builder = &builder,
		.output = {1, 2},
		.interrupted = &interrupted,
		.timeout = arguments->timeout,
		.replace = arguments->force,
		.tick = tick,
		.passing = passing,
		.context = &shown,
	};
	struct cc_record_result result = {0};
	struct cc_error error = {0};
	int status = cc_limits_check(0, &error);

	if (!status)
		status = check_name(arguments, &error);
	if (!status)
		status = cc_record(&options, &result, &error);
	cc_progress_clear();
	free(output);
	if (!status && *result.ended_by)
		report_ended(arguments, &result);
	if (!status)
		return result.status;
	cc_cmd_fail(TOOL, &error);
	return request.shell_status ? request.shell_status : 125;
}

int main(int argc, char **argv)
{
	struct argp argp = {options, parse, "-- COMMAND [ARG...]", NULL, NULL, NULL, NULL};
	struct arguments arguments = {.output = "run.vmlog"};
	struct cc_error error = {0};
	char *cwd = getcwd(NULL, 0), *doc;
	int status;

	cc_cmd_begin(TOOL);
	argp.doc = doc = make_doc();
	cc_cmd_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &arguments);
	free(doc);
	if (arguments.prune)
		return prune(arguments.force);
	if (!cwd) {
		cc_fail(&error, CC_EIO, "the working directory: %s", strerror(errno));
		return cc_cmd_fail(TOOL, &error);
	}
	cc_cmd_catch_interrupts(on_interrupt);
	signal(SIGPIPE, SIG_IGN);
	status = record(&arguments, cwd);
	free(cwd);
	return status;
}
