/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cc-log info: what a log says of itself, as JSON or as aligned lines. */
#include <string.h>

#include "core/base/text.h"
#include "core/cmd/log.h"
#include "logs/text.h"

#define COLUMN 24

/* A string, or what cc_json_text makes of one that is not UTF-8. */
static int is_text(const json_t *value)
{
	return json_is_string(value) || json_is_string(json_object_get(value, "base64"));
}

static int all_strings(const json_t *array)
{
	size_t i;
	json_t *value;

	json_array_foreach(array, i, value) if (!is_text(value)) return 0;
	return 1;
}

static void print_scalar(const json_t *value)
{
	if (is_text(value))
		cc_json_print(value, stdout);
	else
		json_dumpf(value, stdout, JSON_COMPACT | JSON_ENCODE_ANY);
}

/* A list of strings is most often a command line. */
static void print_strings(const json_t *array)
{
	size_t i;
	json_t *value;

	json_array_foreach(array, i, value)
	{
		if (i)
			putchar(' ');
		print_scalar(value);
	}
}

void cc_log_print_name(const char *name, int width)
{
	char shown[128];

	snprintf(shown, sizeof(shown), "%s", name);
	cc_show_controls(shown, sizeof(shown));
	printf("%-*s ", width, shown);
}

/* Members of objects come as "outer.inner", one line each; what `said` says too is passed over. */
static void print_lines(const char *prefix, json_t *object, const json_t *said)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
	{
		char name[128];

		if (json_equal(json_object_get(said, key), value))
			continue;
		snprintf(name, sizeof(name), "%s%s%s", prefix, *prefix ? "." : "", key);
		if (json_is_object(value) && !is_text(value)) {
			print_lines(name, value, NULL);
			continue;
		}
		cc_log_print_name(name, COLUMN);
		if (json_is_array(value) && all_strings(value))
			print_strings(value);
		else
			print_scalar(value);
		putchar('\n');
	}
}

void cc_log_print_info(const json_t *info, const struct log_options *options)
{
	const char *key;
	json_t *value;

	if (options->json) {
		json_dumpf(info, stdout, JSON_COMPACT);
		putchar('\n');
		return;
	}
	json_object_foreach((json_t *)info, key, value)
	{
		/* What the maker wrote needs no heading: its names say what it is. */
		if (json_is_object(value) && !is_text(value)) {
			print_lines(strcmp(key, "summary") ? "" : key, value, info);
		} else if (!json_is_null(value)) {
			cc_log_print_name(key, COLUMN);
			print_scalar(value);
			putchar('\n');
		}
	}
}
