/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/near.h"
#include "core/base/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH 255 /* longer names are not compared */
#define NAMES 20000

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Optimal string alignment, a row for each letter of the one; three rows are needed at a time. */
static size_t distance(const char *one, const char *other)
{
	static size_t rows[3][LENGTH + 1];
	size_t length = strlen(one), width = strlen(other);

	for (size_t j = 0; j <= width; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= length; i++) {
		size_t *row = rows[i % 3], *above = rows[(i - 1) % 3], *before = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= width; j++) {
			row[j] = least(least(above[j], row[j - 1]) + 1,
				       above[j - 1] + (one[i - 1] != other[j - 1]));
			if (i > 1 && j > 1 && one[i - 1] == other[j - 2] &&
			    one[i - 2] == other[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
	}
	return rows[length % 3][width];
}

/* The end of `name` that has as many components as `wanted` has. */
static const char *end_of(const char *name, const char *wanted, const char *separators)
{
	const char *at = name + strlen(name);
	size_t parts = 1;

	for (const char *c = wanted; *c; c++)
		parts += strchr(separators, *c) != NULL;
	while (at > name && (!strchr(separators, at[-1]) || --parts))
		at--;
	return at;
}

size_t cc_near(const char *wanted, const char *name)
{
	const char *separators = strchr(name, '/') || strchr(wanted, '/') ? "/"
				 : strstr(name, "::")			  ? ":"
									  : ".";
	const char *end = end_of(name, wanted, separators);
	size_t length = strlen(wanted), found;

	if (length > LENGTH || strlen(end) > LENGTH)
		return SIZE_MAX;
	found = distance(wanted, end);
	return found <= (length + 2) / 3 && found < length ? found : SIZE_MAX;
}

void cc_near_add(struct cc_near_names *names, const char *name)
{
	int added = 0;

	if (names->count < NAMES)
		cc_intern(&names->set, name, strlen(name), &added);
	if (!added)
		return;
	cc_array_room(names->names, names->count);
	names->names[names->count++] = cc_copy(name);
}

size_t cc_near_find(const struct cc_near_names *names, const char *wanted,
		    const char *found[CC_NEAR_NAMES])
{
	size_t distances[CC_NEAR_NAMES], count = 0;

	for (size_t i = 0; i < names->count; i++) {
		size_t far = cc_near(wanted, names->names[i]), at = count;

		if (far == SIZE_MAX)
			continue;
		while (at && distances[at - 1] > far)
			at--;
		if (at == CC_NEAR_NAMES)
			continue;
		count += count < CC_NEAR_NAMES;
		for (size_t to = count - 1; to > at; to--) {
			distances[to] = distances[to - 1];
			found[to] = found[to - 1];
		}
		distances[at] = far;
		found[at] = names->names[i];
	}
	while (count && distances[count - 1] > distances[0])
		count--;
	return count;
}

void cc_near_text(const struct cc_near_names *names, const char *wanted, char text[CC_NEAR_TEXT])
{
	const char *found[CC_NEAR_NAMES];
	size_t count = cc_near_find(names, wanted, found), length = 0;

	*text = '\0';
	for (size_t i = 0; i < count; i++)
		length += (size_t)snprintf(text + length, CC_NEAR_TEXT - length, "%s%s",
					   !i		    ? "; did you mean "
					   : i + 1 == count ? " or "
							    : ", ",
					   found[i]);
	if (count)
		snprintf(text + length, CC_NEAR_TEXT - length, "?");
}

void cc_near_free(struct cc_near_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->names[i]);
	free(names->names);
	cc_intern_free(&names->set);
	*names = (struct cc_near_names){0};
}

char *cc_near_take(struct cc_near_names *names, const char *wanted)
{
	char text[CC_NEAR_TEXT];

	cc_near_text(names, wanted, text);
	cc_near_free(names);
	return cc_copy(text);
}
