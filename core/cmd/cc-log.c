/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cc-log: looking at logs of every kind. */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/cmd/cmd.h"
#include "core/cmd/kinds.h"
#include "core/cmd/log.h"
#include "core/cmd/options.h"
#include "logs/text.h"

#define TOOL "cc-log"
#define STATUS_WRONG 1	/* verify: something is wrong with a log */
#define STATUS_TOOL 125 /* the tool failed */

static const struct log_kind *const kinds[] = {&cc_log_slice, &cc_log_machine};

struct request {
	struct log_options options;
	char **files;
	int count;
};

struct command {
	const char *name;
	int (*run)(const struct command *command, const struct request *request);
	enum log_operation operation;
	int many; /* takes more than one file */
	const char *arguments, *help, *more;
	const struct argp_option *options;
};

static int operate(const struct command *command, const struct request *request);
static int pack(const struct command *command, const struct request *request);
static int verify(const struct command *command, const struct request *request);

/* ---- the commands ---- */

enum { OPTION_LIMIT = 256 };

static const struct argp_option json_options[] = {
	{"json", 'j', NULL, 0, "Print JSON", 0},
	{0},
};

static const struct argp_option verify_options[] = {
	{"json", 'j', NULL, 0, "Print one JSON object for each file", 0},
	{"quiet", 'q', NULL, 0, "Say nothing of logs that are right", 0},
	{0},
};

static const struct argp_option dump_options[] = {
	{"json", 'j', NULL, 0, "Print one JSON object a line, nothing shortened", 0},
	{"number", 'n', NULL, 0, "Number the records, as divergence messages do", 0},
	{"limit", OPTION_LIMIT, "BYTES", 0, "Shorten strings to this (default 32, 0: never)", 0},
	{0},
};

static const struct argp_option pack_options[] = {
	{"output", 'o', "FILE", 0, "Where to write the packed log (needed)", 0},
	{0},
};

static const struct command commands[] = {
	{"info", operate, LOG_INFO, 0, "FILE",
	 "what a log is: which stage made it, from what, with which options", NULL, json_options},
	{"stat", operate, LOG_STAT, 0, "FILE", "what a slice is made of, and what takes the space",
	 NULL, json_options},
	{"verify", verify, LOG_OPERATIONS, 1, "FILE...", "check every checksum and every record",
	 "Exit status: 0 when all is right, 1 when something is wrong with a log, 125 when it "
	 "could "
	 "not be judged.",
	 verify_options},
	{"dump", operate, LOG_DUMP, 0, "FILE", "print a slice: each op and its host calls", NULL,
	 dump_options},
	{"pack", pack, LOG_PACK, 0, "FILE -o PACKED",
	 "copy a log with all that it needs from elsewhere, for another host",
	 "A recorded machine comes with its base images, a forked child's slice with the beginning "
	 "that it "
	 "shares with its parent's.",
	 pack_options},
};
#define COMMANDS (sizeof(commands) / sizeof(*commands))

/* What may stand in place of a command, too. */
static const char *const others[] = {"help", "--help", "--version"};
#define OTHERS (sizeof(others) / sizeof(*others))

/* ---- which kind of log ---- */

#define HEAD 512

static ssize_t read_head(const char *path, uint8_t head[HEAD], struct cc_error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t got = fd < 0 ? -1 : read(fd, head, HEAD);

	if (got < 0)
		cc_fail(error, CC_EIO, "%s: cannot be read: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return got;
}

/*
 * The kind of a file's log; NULL on failure. What cannot be told is taken for a slice, whose reader
 * says what is wrong.
 */
static const struct log_kind *kind_of(const char *path, struct cc_error *error)
{
	uint8_t head[HEAD];
	ssize_t length;

	if (cc_kind_check(path, CC_WANTED_LOG, NULL, error))
		return NULL;
	length = read_head(path, head, error);
	if (length < 0)
		return NULL;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (kinds[i]->is(head, (size_t)length))
			return kinds[i];
	return &cc_log_slice;
}

static int operate(const struct command *command, const struct request *request)
{
	const char *path = request->files[0];
	struct cc_error error = {CC_OK, ""};
	const struct log_kind *kind = kind_of(path, &error);

	if (!kind)
		return cc_cmd_fail(TOOL, &error);
	if (!kind->run[command->operation])
		cc_fail(&error, CC_EUSAGE, "%s: is %s, which `" TOOL " %s` does not take: %s", path,
			kind->name, command->name, kind->instead);
	else
		kind->run[command->operation](path, &request->options, &error);
	return error.status ? cc_cmd_fail(TOOL, &error) : 0;
}

static int pack(const struct command *command, const struct request *request)
{
	struct cc_error error;

	if (request->options.output)
		return cc_cmd_check_output(request->options.output, &error)
			       ? cc_cmd_fail(TOOL, &error)
			       : operate(command, request);
	cc_fail(&error, CC_EUSAGE, "%s: pack needs a place to write to: give -o FILE",
		request->files[0]);
	return cc_cmd_fail(TOOL, &error);
}

/* ---- verify ---- */

static void say_verdict(const struct request *request, const char *path, const char *about,
			const struct cc_error *error)
{
	json_t *object;

	if (!request->options.json) {
		if (error->status)
			cc_cmd_fail(TOOL, error);
		else if (!request->options.quiet)
			printf("%s: ok: %s\n", path, about);
		return;
	}
	object = cc_json_pack("{s:o, s:b, s:b, s:s?, s:o?}", "file", cc_json_text(path), "ok",
			      !error->status, "cut", error->status == CC_ECUT, "about", about,
			      "error", error->status ? cc_json_shown(error->text) : NULL);
	json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(object);
}

static int verify_one(const struct request *request, const char *path)
{
	struct cc_error error = {CC_OK, ""};
	const struct log_kind *kind = kind_of(path, &error);
	char *about = NULL;

	if (kind)
		kind->verify(path, &about, &error);
	say_verdict(request, path, about, &error);
	free(about);
	switch (error.status) {
	case CC_OK:
		return 0;
	case CC_EFORMAT:
	case CC_ECUT:
	case CC_ELIMIT:
		return STATUS_WRONG;
	}
	return STATUS_TOOL;
}

static int verify(const struct command *command, const struct request *request)
{
	int status = 0;

	for (int i = 0; i < request->count; i++) {
		int one = verify_one(request, request->files[i]);

		status = one > status ? one : status;
	}
	return status;
}

/* ---- the command line ---- */

static error_t parse(int key, char *text, struct argp_state *state)
{
	struct request *request = state->input;
	char *end;

	switch (key) {
	case 'j':
		request->options.json = 1;
		return 0;
	case 'q':
		request->options.quiet = 1;
		return 0;
	case 'n':
		request->options.number = 1;
		return 0;
	case 'o':
		request->options.output = text;
		return 0;
	case OPTION_LIMIT:
		request->options.limit = strtoul(text, &end, 10);
		if (end == text || *end)
			argp_error(state, "--limit: \"%s\" is not a number of bytes", text);
		return 0;
	case ARGP_KEY_ARGS:
		request->files = state->argv + state->next;
		request->count = state->argc - state->next;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "no file is given");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static int run(const struct command *command, int argc, char **argv)
{
	struct request request = {.options.limit = 32};
	char name[32], doc[512];
	const struct argp argp = {.options = command->options,
				  .parser = parse,
				  .args_doc = command->arguments,
				  .doc = doc};

	snprintf(name, sizeof(name), TOOL " %s", command->name);
	snprintf(doc, sizeof(doc), "%s: %s.%s%s", name, command->help, command->more ? "\v" : "",
		 command->more ? command->more : "");
	argv[0] = name;
	cc_cmd_parse(&argp, argc, argv, 0, NULL, &request);
	if (request.count > 1 && !command->many) {
		struct cc_error error;

		cc_fail(&error, CC_EUSAGE, "%s: one file at a time: `%s` takes no second",
			request.files[1], name);
		return cc_cmd_fail(TOOL, &error);
	}
	return command->run(command, &request);
}

static void usage(FILE *to)
{
	fputs("Usage: " TOOL " COMMAND [OPTION]... FILE\nLook at logs: slices (.plog, .pylog) and "
	      "recorded machines (.vmlog).\n\n",
	      to);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(to, "  %-8s %s\n", commands[i].name, commands[i].help);
	fputs("\n`" TOOL " help COMMAND` says more. The exit status is 125 when " TOOL
	      " itself fails.\n",
	      to);
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (!strcmp(name, commands[i].name))
			return &commands[i];
	return NULL;
}

static int no_such_command(const char *name)
{
	struct cc_near_names names = {0};
	struct cc_error error;
	char *near;

	for (size_t i = 0; i < COMMANDS; i++)
		cc_near_add(&names, commands[i].name);
	for (size_t i = 0; i < OTHERS; i++)
		cc_near_add(&names, others[i]);
	near = cc_near_take(&names, name);
	cc_fail(&error, CC_EUSAGE, "%s: there is no such %s%s `" TOOL " --help` lists them", name,
		*name == '-' ? "option" : "command", *near ? near : ":");
	free(near);
	return cc_cmd_fail(TOOL, &error);
}

/* `name`: of a command; NULL: all of them. */
static int help(const char *name)
{
	const struct command *command = name ? find(name) : NULL;
	char *words[] = {TOOL, "--help", NULL};

	if (command)
		return run(command, 2, words);
	if (name)
		return no_such_command(name);
	usage(stdout);
	return 0;
}

static int dispatch(int argc, char **argv)
{
	const struct command *command;

	if (argc < 2) {
		usage(stderr);
		return STATUS_TOOL;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-?") || !strcmp(argv[1], "help"))
		return help(argc > 2 ? argv[2] : NULL);
	if (!strcmp(argv[1], CC_COMPLETION_OPTION)) {
		for (size_t i = 0; i < COMMANDS; i++)
			printf("command\t%s\n", commands[i].name);
		for (size_t i = 0; i < OTHERS; i++)
			printf("%s\t%s\n", *others[i] == '-' ? "option" : "command", others[i]);
		return 0;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		argp_program_version_hook(stdout, NULL);
		return 0;
	}
	command = find(argv[1]);
	return command ? run(command, argc - 1, argv + 1) : no_such_command(argv[1]);
}

int main(int argc, char **argv)
{
	cc_cmd_begin(TOOL);
	return dispatch(argc, argv);
}
