/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What cc-slice is told of the run's interpreters. */
#include <jansson.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/stage/machine/stage.h"
#include "logs/text.h"

static json_t *reported; /* array, filled as images end */

/* What its slice is, or would have been. */
static void report_slice(const struct cc_image *image, uint64_t calls, json_t *object)
{
	struct stat info;

	if (stat(image->path, &info))
		return;
	json_object_set_new(object, "calls", json_integer((json_int_t)calls));
	json_object_set_new(object, "bytes", json_integer(info.st_size));
	if (!stage_keeps())
		unlink(image->path);
	else
		json_object_set_new(object, "file", cc_json_text(image->path));
}

void image_report(const struct cc_image *image, int status, int runs_on, uint64_t calls)
{
	const struct cc_task *task = image->task;
	json_t *object =
		cc_json_pack("{s:i, s:i, s:b, s:i, s:s, s:i, s:o, s:o, s:o}", "serial",
			     task->serial, "exec", task->exec_count, "forked", image->forks > 0,
			     "pid", task->pid, "runtime", image->runtime->name, "status", status,
			     "start", task_seconds(image->began), "executable",
			     cc_json_text(image->object->path), "argv",
			     task_strings(task->argv, task->argc));

	if (!runs_on)
		json_object_set_new(object, "end", task_seconds(task_clock()));
	if (image->path && (!image->error.status || image->is_base))
		report_slice(image, calls, object);
	if (image->name)
		json_object_set_new(object, "name", cc_json_text(image->name));
	if (image->error.status)
		json_object_set_new(object, "error", cc_json_shown(image->error.text));
	if (!reported)
		reported = json_array();
	json_array_append_new(reported, object);
}

json_t *images_reported(void)
{
	return reported ? json_incref(reported) : json_array();
}
