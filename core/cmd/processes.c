/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/cmd/processes.h"

#include <stdlib.h>
#include <string.h>

#include "logs/text.h"

#define COMMAND_MAX 100 /* bytes of a command line that are shown */

static long number(const json_t *object, const char *name)
{
	return (long)json_integer_value(json_object_get(object, name));
}

static const json_t *image_of(const json_t *report, const json_t *process)
{
	json_t *image;
	size_t i;

	json_array_foreach(json_object_get(report, "images"), i,
			   image) if (number(image, "serial") ==
				      number(process, "serial")) return image;
	return NULL;
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

static void print_command(const json_t *process, FILE *to)
{
	size_t i, printed = 0;
	json_t *word;

	json_array_foreach(json_object_get(process, "argv"), i, word)
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

static void print_process(const json_t *report, const json_t *process, int depth, FILE *to)
{
	const json_t *image = image_of(report, process),
		     *status = json_object_get(process, "status");
	char ended[24] = "running";

	if (status)
		snprintf(ended, sizeof(ended), json_integer_value(status) < 0 ? "sig %ld" : "%ld",
			 labs(number(process, "status")));
	fprintf(to, "%6ld %6ld  %-7s %-7s %*s", number(process, "pid"), number(process, "parent"),
		image ? json_string_value(json_object_get(image, "runtime")) : "-", ended,
		depth * 2, "");
	if (number(process, "execs"))
		print_command(process, to);
	else
		fputs("(forked copy)", to);
	fputc('\n', to);
}

static void print_tree(const json_t *report, long parent, int depth, FILE *to)
{
	json_t *process;
	size_t i;

	json_array_foreach(json_object_get(report, "processes"), i, process)
	{
		if (number(process, "parent") != parent || depth > 64)
			continue;
		print_process(report, process, depth, to);
		print_tree(report, number(process, "pid"), depth + 1, to);
	}
}

void cc_processes_print(const json_t *report, FILE *to)
{
	json_t *process;
	size_t i;

	fprintf(to, "%6s %6s  %-7s %-7s %s\n", "PID", "PARENT", "RUNTIME", "STATUS", "COMMAND");
	json_array_foreach(json_object_get(report, "processes"), i,
			   process) if (!process_of(report, "pid", number(process, "parent")))
	{
		print_process(report, process, 0, to);
		print_tree(report, number(process, "pid"), 1, to);
	}
}

void cc_processes_print_json(const json_t *report, FILE *to)
{
	json_t *list = json_array(), *process;
	size_t i;

	json_array_foreach(json_object_get(report, "processes"), i, process)
	{
		const json_t *image = image_of(report, process);
		json_t *line = json_deep_copy(process);

		json_object_set_new(line, "forked", json_boolean(!number(process, "execs")));
		if (!json_object_get(process, "status"))
			json_object_set_new(line, "running", json_true());
		if (image)
			json_object_set(line, "runtime", json_object_get(image, "runtime"));
		json_array_append_new(list, line);
	}
	json_dumpf(list, to, JSON_INDENT(2));
	fputc('\n', to);
	json_decref(list);
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
