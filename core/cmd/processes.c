/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/cmd/processes.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/base/near.h"
#include "core/stage/choice.h"
#include "logs/text.h"

#define COMMAND_MAX 100 /* bytes of a command line that are shown */
#define DEPTH_MAX 64

static long number(const json_t *object, const char *name)
{
	return (long)json_integer_value(json_object_get(object, name));
}

/* ---- choosing ---- */

/* Is this program, of an image or of a process, meant? */
static int fits(const json_t *program, const struct cc_processes_choice *choice)
{
	const json_t *words = json_object_get(program, "argv");
	size_t count = json_array_size(words);
	char **argv = cc_allocate_zeros(count + 1, sizeof(*argv)),
	     *executable = cc_json_copy(json_object_get(program, "executable"), NULL);
	int is;

	for (size_t i = 0; i < count; i++)
		if (!(argv[i] = cc_json_copy(json_array_get(words, i), NULL)))
			argv[i] = cc_copy("");
	is = cc_choice_fits(executable, argv, count, choice->exe, choice->match);
	for (size_t i = 0; i < count; i++)
		free(argv[i]);
	free(argv);
	free(executable);
	return is && (!choice->pid || number(program, "pid") == choice->pid);
}

int cc_processes_chosen(const json_t *image, const struct cc_processes_choice *choice)
{
	return fits(image, choice) && (!choice->exec || number(image, "exec") == choice->exec);
}

size_t cc_processes_count(const json_t *report, const struct cc_processes_choice *choice)
{
	size_t i, count = 0;
	json_t *image;

	json_array_foreach(json_object_get(report, "images"), i, image) count +=
		(size_t)cc_processes_chosen(image, choice);
	return count;
}

/*
 * The interpreters of a process that are meant, in the order in which they ran. A new reference.
 */
static json_t *images_of(const json_t *report, const json_t *process,
			 const struct cc_processes_choice *choice)
{
	json_t *list = json_array(), *image;
	size_t i;

	json_array_foreach(json_object_get(report, "images"), i,
			   image) if (number(image, "serial") == number(process, "serial") &&
				      cc_processes_chosen(image, choice))
		json_array_append(list, image);
	return list;
}

/* Is what the process ran last, or still is, no interpreter, and meant? */
static int other_chosen(const json_t *report, const json_t *process,
			const struct cc_processes_choice *choice)
{
	json_t *image;
	size_t i;

	json_array_foreach(json_object_get(report, "images"), i,
			   image) if (number(image, "serial") == number(process, "serial") &&
				      number(image, "exec") == number(process, "execs")) return 0;
	return fits(process, choice) && !choice->exec;
}

static const json_t *process_of(const json_t *report, const char *key, long value)
{
	const json_t *found = NULL;
	json_t *process;
	size_t i;

	json_array_foreach(json_object_get(report, "processes"), i,
			   process) if (number(process, key) == value) found = process;
	return found;
}

json_t *cc_processes_chain(const json_t *report, long pid, int *forks)
{
	const json_t *process = process_of(report, "pid", pid);
	json_t *serials = json_array();

	*forks = 0;
	while (process && json_array_size(serials) < 1000) {
		json_array_append(serials, json_object_get(process, "serial"));
		if (number(process, "execs"))
			break;
		*forks = 1;
		process = process_of(report, "pid", number(process, "parent"));
	}
	return serials;
}

static void add_names(struct cc_near_names *names, const json_t *programs)
{
	json_t *program;
	size_t i;

	json_array_foreach(programs, i, program)
	{
		const json_t *argv = json_object_get(program, "argv");
		const json_t *paths[] = {json_object_get(program, "executable"),
					 json_array_get(argv, 0), json_array_get(argv, 1)};

		for (size_t at = 0; at < sizeof(paths) / sizeof(*paths); at++) {
			char *path = cc_json_copy(paths[at], NULL);

			if (path && *path != '-')
				cc_near_add(names, cc_choice_name(path));
			free(path);
		}
	}
}

char *cc_processes_near(const json_t *report, const char *exe)
{
	struct cc_near_names names = {0};

	add_names(&names, json_object_get(report, "images"));
	add_names(&names, json_object_get(report, "processes"));
	return cc_near_take(&names, exe);
}

/* ---- for people ---- */

static void print_command(const json_t *argv, FILE *to)
{
	size_t i, printed = 0;
	json_t *word;

	json_array_foreach(argv, i, word)
	{
		char *text = cc_json_copy(word, NULL);

		if (!text || printed >= COMMAND_MAX) {
			fputs(" …", to);
			free(text);
			break;
		}
		if (strlen(text) > COMMAND_MAX - printed)
			text[COMMAND_MAX - printed] = '\0';
		printed += strlen(text);
		fputs(i ? " " : "", to);
		cc_put_shown(text, to);
		free(text);
	}
}

/* A number, or a dash where it is not known. */
static void print_number(const json_t *object, const char *name, int width, FILE *to)
{
	const json_t *value = json_object_get(object, name);

	if (json_is_real(value))
		fprintf(to, " %*.3f", width, json_real_value(value));
	else if (json_is_integer(value))
		fprintf(to, " %*lld", width, (long long)json_integer_value(value));
	else
		fprintf(to, " %*s", width, "-");
}

/* How the process ended; `last`: by itself, and not because another program came in its place. */
static void print_status(const json_t *process, int last, FILE *to)
{
	const json_t *status = json_object_get(process, "status");
	char text[24] = "running";

	if (!last)
		strcpy(text, "exec");
	else if (status)
		snprintf(text, sizeof(text), json_integer_value(status) < 0 ? "sig %ld" : "%ld",
			 labs(number(process, "status")));
	fprintf(to, " %-7s", text);
}

/* `program`: an image, or the process itself for what is no interpreter. */
static void print_program(const json_t *process, const json_t *program, int depth, FILE *to)
{
	const char *runtime = json_string_value(json_object_get(program, "runtime"));
	char *error = cc_json_copy(json_object_get(program, "error"), NULL);
	long execs = number(process, "execs"),
	     exec = program == process ? execs : number(program, "exec");

	fprintf(to, "%6ld %6ld  %-7s", number(process, "pid"), number(process, "parent"),
		runtime ? runtime : "-");
	print_status(process, exec == execs, to);
	print_number(program, "start", 8, to);
	print_number(program, "end", 8, to);
	print_number(program, "calls", 8, to);
	print_number(program, "bytes", 9, to);
	fprintf(to, "  %*s", depth * 2, "");
	if (exec)
		print_command(json_object_get(program, "argv"), to);
	else
		fputs("(forked copy)", to);
	if (error) {
		fputs(": cannot be sliced: ", to);
		cc_put_shown(error, to);
	}
	fputc('\n', to);
	free(error);
}

static void print_process(const json_t *report, const json_t *process, int depth,
			  const struct cc_processes_choice *choice, FILE *to)
{
	json_t *images = images_of(report, process, choice), *image;
	size_t i;

	json_array_foreach(images, i, image) print_program(process, image, depth, to);
	if (other_chosen(report, process, choice))
		print_program(process, process, depth, to);
	json_decref(images);
}

static void print_tree(const json_t *report, long parent, int depth,
		       const struct cc_processes_choice *choice, FILE *to)
{
	json_t *process;
	size_t i;

	json_array_foreach(json_object_get(report, "processes"), i, process)
	{
		if (number(process, "parent") != parent || depth > DEPTH_MAX)
			continue;
		print_process(report, process, depth, choice, to);
		print_tree(report, number(process, "pid"), depth + 1, choice, to);
	}
}

void cc_processes_print(const json_t *report, const struct cc_processes_choice *choice, FILE *to)
{
	json_t *process;
	size_t i;

	fprintf(to, "%6s %6s  %-7s %-7s %8s %8s %8s %9s  %s\n", "PID", "PARENT", "RUNTIME",
		"STATUS", "START", "END", "CALLS", "BYTES", "COMMAND");
	json_array_foreach(json_object_get(report, "processes"), i,
			   process) if (!process_of(report, "pid", number(process, "parent")))
	{
		print_process(report, process, 0, choice, to);
		print_tree(report, number(process, "pid"), 1, choice, to);
	}
}

/* ---- for machines ---- */

void cc_processes_print_json(const json_t *report, const struct cc_processes_choice *choice,
			     FILE *to)
{
	json_t *list = json_array(), *process;
	size_t i;

	json_array_foreach(json_object_get(report, "processes"), i, process)
	{
		json_t *images = images_of(report, process, choice), *line;
		size_t count = json_array_size(images);

		if (!count && !other_chosen(report, process, choice)) {
			json_decref(images);
			continue;
		}
		line = json_deep_copy(process);
		json_object_set_new(line, "forked", json_boolean(!number(process, "execs")));
		if (!json_object_get(process, "status"))
			json_object_set_new(line, "running", json_true());
		if (count)
			json_object_set(line, "runtime",
					json_object_get(json_array_get(images, count - 1),
							"runtime"));
		json_object_set_new(line, "slices", images);
		json_array_append_new(list, line);
	}
	json_dumpf(list, to, JSON_INDENT(2));
	fputc('\n', to);
	json_decref(list);
}
