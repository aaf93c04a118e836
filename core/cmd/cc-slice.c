/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <argp.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/files.h"
#include "core/base/memory.h"
#include "core/base/progress.h"
#include "core/base/text.h"
#include "core/base/work.h"
#include "core/cmd/cmd.h"
#include "core/cmd/kinds.h"
#include "core/cmd/options.h"
#include "core/cmd/processes.h"
#include "core/runtime/language.h"
#include "core/stage/slice.h"
#include "core/vm/limits.h"
#include "logs/newfile.h"
#include "logs/text.h"

#define TOOL "cc-slice"

static const char doc[] =
	"Cut the log of one interpreter out of a recorded machine.\v"
	"Without -o the slice is named for its process and script, 73-report.pl.plog, and the name "
	"is printed. With one interpreter in the run no choice is needed. --exe takes the program "
	"as it was exec'ed, the file it resolves to, or the script; --match any part of an "
	"argument. Forked copies of a program are chosen by --pid. `cc-slice --list run.vmlog` "
	"shows all that can be sliced, and with -o DIR/ all that is; --exe, --match and --pid take "
	"a part of either.";

enum { KEY_LIST = 256, KEY_PID, KEY_EXE, KEY_MATCH, KEY_JSON };

static const struct argp_option options[] = {
	{"output", 'o', "FILE", 0,
	 "Write the slice to FILE (an existing directory, or FILE/: every interpreter's)", 0},
	{"list", KEY_LIST, 0, 0,
	 "Show the processes of the run, and the slices that would be made of them", 0},
	{"json", KEY_JSON, 0, 0, "With --list: for machines", 0},
	{"pid", KEY_PID, "N[.M]", 0, "The process with this id, or the Mth program that it ran", 0},
	{"exe", KEY_EXE, "NAME", 0, "The process that ran this program or script", 0},
	{"match", KEY_MATCH, "TEXT", 0, "The process that has TEXT in an argument", 0},
	{0},
};

struct arguments {
	const char *log, *output;
	struct cc_processes_choice choice;
	int list, json;
	int directory; /* `output` is one */
	int all;       /* every interpreter that is meant, and not the only one */
};

static volatile sig_atomic_t interrupted;
static double began;

static void on_interrupt(int signal)
{
	interrupted = signal;
}

static void parse_pid(struct cc_processes_choice *choice, const char *value,
		      struct argp_state *state)
{
	char *end;

	choice->pid = strtol(value, &end, 10);
	choice->exec = 0;
	if (*end == '.')
		choice->exec = strtol(end + 1, &end, 10);
	if (!cc_is_digit(*value) || *end || end[-1] == '.' || choice->pid <= 0 || choice->exec < 0)
		argp_error(state, "--pid %s: a process id is a positive number", value);
}

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case 'o':
		arguments->output = value;
		break;
	case KEY_LIST:
		arguments->list = 1;
		break;
	case KEY_JSON:
		arguments->json = 1;
		break;
	case KEY_PID:
		parse_pid(&arguments->choice, value, state);
		break;
	case KEY_EXE:
		arguments->choice.exe = value;
		break;
	case KEY_MATCH:
		arguments->choice.match = value;
		break;
	case ARGP_KEY_ARG:
		if (arguments->log)
			argp_error(state, "one recording at a time");
		arguments->log = value;
		break;
	case ARGP_KEY_END:
		if (!arguments->log)
			argp_error(state, "which recording? (cc-record -- COMMAND makes one)");
		if (arguments->json && !arguments->list)
			argp_error(state, "--json goes with --list");
		if (arguments->output && arguments->list)
			argp_error(state, "--list makes no slice: give it without -o");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* Progress on a terminal, and the way out at ^C. */
static int tick(void *context, uint64_t done, uint64_t total, struct cc_error *error)
{
	if (interrupted)
		return cc_fail(error, CC_EUSAGE, "interrupted: nothing was written");
	if (total && cc_seconds() - began >= 1)
		cc_progress(TOOL ": %.0f s, %3d %%", cc_seconds() - began,
			    (int)(done * 100 / total));
	return 0;
}

/* ---- the work directory ---- */

static char *work_directory(const struct arguments *arguments, struct cc_error *error)
{
	char *copy = cc_copy(arguments->output ? arguments->output : "");
	const char *parent = arguments->list	    ? cc_temporary_parent()
			     : arguments->directory ? arguments->output
						    : dirname(copy);
	char *path = cc_work_directory(parent, ".cc-slice-", error);

	free(copy);
	if (path) { /* QEMU runs elsewhere */
		copy = path;
		path = realpath(copy, NULL);
		free(copy);
	}
	return path;
}

/* ---- choosing ---- */

/*
 * Without -o: gives the slice its own name here, or below `directory`. What has that name already
 * stays, and the slice gets the next one. The name is printed.
 */
static int name_itself(const char *file, const json_t *image, const char *directory,
		       struct cc_error *error)
{
	char *name = cc_json_copy(json_object_get(image, "name"), NULL), *path, *to;
	size_t length = strlen(directory);
	int status = 0;

	if (!name)
		return cc_fail(error, CC_EIO, "no slice was made");
	path = cc_format("%s%s%s", directory, length && directory[length - 1] != '/' ? "/" : "",
			 name);
	if (cc_newfile_move_new(file, path, &to))
		status = cc_fail(error, CC_EIO, "%s: %s", path, strerror(errno));
	else
		puts(to);
	free(path);
	free(name);
	free(to);
	return status;
}

static int place(const json_t *image, const struct arguments *arguments, struct cc_error *error)
{
	char *file = cc_json_copy(json_object_get(image, "file"), NULL);
	const char *why = json_string_value(json_object_get(image, "error")),
		   *to = arguments->output;
	int status = 0;

	if (why)
		status = cc_fail(error, CC_EUNSUPPORTED, "process %lld: %s",
				 (long long)json_integer_value(json_object_get(image, "pid")), why);
	else if (!file)
		status = cc_fail(error, CC_EIO, "no slice was made");
	else if (!to || arguments->directory)
		status = name_itself(file, image, to ? to : "", error);
	else if (rename(file, to))
		status = cc_fail(error, CC_EIO, "%s: %s", to, strerror(errno));
	free(file);
	return status;
}

/*
 * A log that is no slice by itself goes into the store, where only the slices that continue it look
 * for it.
 */
static int place_in(const json_t *image, const char *directory, const char *store, char *to,
		    size_t size, struct cc_error *error)
{
	char *file = cc_json_copy(json_object_get(image, "file"), NULL);
	char *name = cc_json_copy(json_object_get(image, "name"), NULL);
	size_t length = strlen(directory);
	struct stat info;
	int status = 0;

	snprintf(to, size, "%s%s%s", directory, length && directory[length - 1] == '/' ? "" : "/",
		 store);
	if (*store && mkdir(to, 0777) && errno != EEXIST)
		status = cc_fail(error, CC_EIO, "%s: %s", to, strerror(errno));
	else if (*store && (lstat(to, &info) || !S_ISDIR(info.st_mode)))
		status = cc_fail(error, CC_EIO, "%s: is no directory: remove it", to);
	length = strlen(to);
	snprintf(to + length, size - length, "%s", name ? name : "");
	if (!status && (!name || !file || rename(file, to)))
		status = cc_fail(error, CC_EIO, "%s: %s", to,
				 name && file ? strerror(errno) : "no slice was made");
	free(file);
	free(name);
	return status;
}

/* The runtimes that are understood, each with its version. */
static void understood(const json_t *report, char *text, size_t size)
{
	size_t i, length = 0;
	json_t *name;

	*text = '\0';
	json_array_foreach(json_object_get(report, "runtimes"), i, name) if (length < size)
		length += (size_t)snprintf(text + length, size - length, "%s%s", i ? ", " : "",
					   json_string_value(name));
}

static int none_fits(const json_t *report, const struct cc_processes_choice *choice,
		     struct cc_error *error)
{
	static const struct cc_processes_choice all;
	char names[256], *near = choice->exe ? cc_processes_near(report, choice->exe) : cc_copy("");
	int status;

	cc_processes_print(report, &all, stderr);
	understood(report, names, sizeof(names));
	status = cc_fail(error, CC_EMISSING,
			 "no process that fits holds an interpreter that is understood "
			 "(%s, in the executable itself); above are the run's processes%s",
			 names, near);
	free(near);
	return status;
}

static int place_all(const json_t *report, const char *directory,
		     const struct cc_processes_choice *choice, struct cc_error *error)
{
	json_t *image;
	size_t i, done = 0, failed = 0;

	json_array_foreach(json_object_get(report, "images"), i, image)
	{
		const char *why = json_string_value(json_object_get(image, "error"));
		char to[PATH_MAX];

		if (why) {
			fprintf(stderr, TOOL ": process %lld: ",
				(long long)json_integer_value(json_object_get(image, "pid")));
			cc_put_shown(why, stderr);
			fputc('\n', stderr);
			failed++;
		}
		if (!json_object_get(image, "file"))
			continue;
		if (place_in(image, directory, why ? "store/" : "", to, sizeof(to), error) < 0)
			return error->status;
		if (why)
			continue;
		puts(to);
		done++;
	}
	if (failed)
		return cc_fail(error, CC_EUNSUPPORTED,
			       "%zu of %zu processes could not be sliced, as said above", failed,
			       failed + done);
	return done ? 0 : none_fits(report, choice, error);
}

static int place_one(const json_t *report, const struct arguments *arguments,
		     struct cc_error *error)
{
	const json_t *images = json_object_get(report, "images"), *chosen = NULL;
	json_t *image;
	size_t i, count = 0;

	json_array_foreach(images, i, image) if ((json_object_get(image, "file") ||
						  json_object_get(image, "error")) &&
						 cc_processes_chosen(image, &arguments->choice))
	{
		chosen = image;
		count++;
	}
	if (count == 1)
		return place(chosen, arguments, error);
	if (!count)
		return none_fits(report, &arguments->choice, error);
	cc_processes_print(report, &arguments->choice, stderr);
	return cc_fail(error, CC_EUSAGE,
		       "%zu interpreters fit: choose one of the above with --pid, or slice them "
		       "all with -o DIRECTORY/",
		       cc_processes_count(report, &arguments->choice));
}

/* --pid: a forked copy needs its ancestors up to their exec. */
static json_t *serials_of(const json_t *report, long pid, int *forks, struct cc_error *error)
{
	static const struct cc_processes_choice all;
	json_t *serials = cc_processes_chain(report, pid, forks);

	if (!json_array_size(serials)) {
		cc_processes_print(report, &all, stderr);
		cc_fail(error, CC_EMISSING,
			"no process %ld in the run; above are those that it has", pid);
		json_decref(serials);
		return NULL;
	}
	return serials;
}

/* A first pass tells which processes are needed for that of --pid. */
static json_t *slice_pid(struct cc_vmlog *log, struct cc_slice_request *request, long pid,
			 const char *directory, struct cc_error *error)
{
	json_t *none = json_array(), *serials, *report;

	request->serials = none;
	report = cc_slice(log, request, directory, error);
	request->serials = serials =
		report ? serials_of(report, pid, &request->forks, error) : NULL;
	json_decref(report);
	report = serials ? cc_slice(log, request, directory, error) : NULL;
	json_decref(serials);
	json_decref(none);
	return report;
}

/* Prints, or puts where they are to be, what the pass has brought. */
static int hand_over(const json_t *report, const struct arguments *arguments,
		     struct cc_error *error)
{
	if (arguments->list && arguments->json)
		cc_processes_print_json(report, &arguments->choice, stdout);
	else if (arguments->list)
		cc_processes_print(report, &arguments->choice, stdout);
	else if (arguments->all)
		return place_all(report, arguments->output, &arguments->choice, error);
	else
		return place_one(report, arguments, error);
	return 0;
}

static int run(struct cc_vmlog *log, const struct arguments *arguments, char *const *argv,
	       const char *directory, struct cc_error *error)
{
	const struct cc_processes_choice *choice = &arguments->choice;
	char plugin[PATH_MAX];
	struct cc_slice_request request = {
		.languages = cc_languages,
		.plugin = plugin,
		.exe = choice->exe,
		.match = choice->match,
		.all = arguments->all || arguments->list,
		.list = arguments->list,
		.tick = tick,
		.options = json_array(),
	};
	json_t *report;
	int status;

	for (int i = 1; argv[i]; i++)
		json_array_append_new(request.options, cc_json_text(argv[i]));
	cc_cmd_library("cc-stage.so", plugin, sizeof(plugin));
	report = choice->pid && !arguments->list
			 ? slice_pid(log, &request, choice->pid, directory, error)
			 : cc_slice(log, &request, directory, error);
	cc_progress_clear();
	status = report ? hand_over(report, arguments, error) : error->status;
	json_decref(report);
	json_decref(request.options);
	return status;
}

/* A slip of the hand must not replace the recording by its slice. */
static int check_output(const struct arguments *arguments, struct cc_error *error)
{
	struct stat log, output;

	if (!stat(arguments->log, &log) && !stat(arguments->output, &output) &&
	    log.st_dev == output.st_dev && log.st_ino == output.st_ino)
		return cc_fail(error, CC_EUSAGE, "%s: is the recording itself: name another file",
			       arguments->output);
	return cc_cmd_check_output(arguments->output, error);
}

int main(int argc, char **argv)
{
	static const struct argp argp = {options, parse, "RUN.vmlog", doc, NULL, NULL, NULL};
	struct arguments arguments = {0};
	struct cc_vmlog *log = NULL;
	struct cc_error error;
	struct stat info;
	char *directory;
	size_t length;
	int made;

	cc_cmd_begin(TOOL);
	began = cc_seconds();
	cc_cmd_parse(&argp, argc, argv, 0, NULL, &arguments);
	length = arguments.output ? strlen(arguments.output) : 0;
	made = length && arguments.output[length - 1] == '/' && !mkdir(arguments.output, 0777);
	arguments.directory = length && !stat(arguments.output, &info) && S_ISDIR(info.st_mode);
	arguments.all = arguments.directory && !arguments.choice.pid;
	cc_cmd_catch_interrupts(on_interrupt);
	error.status = 0;
	if (cc_limits_check(0, &error))
		return cc_cmd_fail(TOOL, &error);
	if (arguments.output && !arguments.directory && check_output(&arguments, &error))
		return cc_cmd_fail(TOOL, &error);
	directory = work_directory(&arguments, &error);
	if (directory && !cc_kind_check(arguments.log, CC_WANTED_MACHINE, NULL, &error) &&
	    (log = cc_vmlog_open(arguments.log, &error)))
		run(log, &arguments, argv, directory, &error);
	if (directory)
		cc_cmd_remove_directory(directory);
	cc_vmlog_close(log);
	if (error.status && made)
		rmdir(arguments.output); /* if nothing came into it */
	return error.status ? cc_cmd_fail(TOOL, &error) : 0;
}
