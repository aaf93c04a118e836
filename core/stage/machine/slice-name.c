/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The names that slices get in a directory: PID-SCRIPT.KIND, and PID.N-… of a process's Nth
 * program. They are known before the slices are written, as those of forked children refer to their
 * parents' by name.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/stage/machine/stage.h"

#define SCRIPT_MAX 64

/* The script if there is one, else the program. */
static const char *program_name(const struct cc_task *task)
{
	const char *name = task->argc > 1 && *task->argv[1] != '-' ? task->argv[1]
			   : task->argc				   ? task->argv[0]
								   : NULL;

	if (name && strrchr(name, '/'))
		name = strrchr(name, '/') + 1;
	return name && *name ? name : "run";
}

/* What is trouble in a shell, and what is not text, becomes an underscore. */
static void clean(const char *name, char text[SCRIPT_MAX])
{
	json_t *utf8;
	size_t i;

	snprintf(text, SCRIPT_MAX, "%s", name);
	utf8 = json_string(text);
	for (i = 0; text[i]; i++)
		if ((unsigned char)text[i] <= ' ' || text[i] == 127 || (!utf8 && text[i] < 0) ||
		    strchr("'\"*?[]$&;|<>(){}\\", text[i]))
			text[i] = '_';
	json_decref(utf8);
}

/* A process's number may come again in a long run. */
static int is_new(json_t *given, const char *name)
{
	if (json_object_get(given, name))
		return 0;
	json_object_set_new(given, name, json_true());
	return 1;
}

char *slice_name(const struct cc_task *task, const char *kind)
{
	static json_t *given;
	char script[SCRIPT_MAX], nth[16] = "", again[16] = "", *name = NULL;

	given = given ? given : json_object();
	clean(program_name(task), script);
	if (task->exec_count > 1)
		snprintf(nth, sizeof(nth), ".%d", task->exec_count);
	for (unsigned i = 2; !name || !is_new(given, name); i++) {
		free(name);
		name = cc_format("%u%s%s-%s.%s", task->pid, nth, again, script, kind);
		snprintf(again, sizeof(again), "+%u", i);
	}
	return name;
}
