/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Takes memory of the replay's own heap until there is none: by the function that is named. As ours
 * do, it uses what it gets without asking.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/replay/hooks.h"

#define PIECE (64u << 10)

static char text[PIECE];

static void take_malloc(void)
{
	*(volatile char *)malloc(PIECE) = 1;
}

static void take_calloc(void)
{
	*(volatile char *)calloc(PIECE / 16, 16) = 1;
}

static void take_realloc(void)
{
	static char *grown;
	static size_t size;

	grown = realloc(grown, size += PIECE);
	grown[size - 1] = 1;
}

static void take_aligned(void)
{
	void *aligned;

	if (posix_memalign(&aligned, 4096, PIECE))
		abort();
	*(volatile char *)aligned = 1;
}

static void take_strdup(void)
{
	*(volatile char *)strdup(text) = 1;
}

static void take_asprintf(void)
{
	char *line;

	if (asprintf(&line, "%s", text) < 0)
		abort();
}

static void take_memstream(void)
{
	static FILE *stream;
	static char *line;
	static size_t length;

	if (!stream)
		stream = open_memstream(&line, &length);
	if (fputs(text, stream) < 0 || fflush(stream))
		abort();
}

static const struct {
	const char *name;
	void (*take)(void);
} ways[] = {
	{"malloc", take_malloc},
	{"calloc", take_calloc},
	{"realloc", take_realloc},
	{"memalign", take_aligned},
	{"strdup", take_strdup},
	{"asprintf", take_asprintf},
	{"open_memstream", take_memstream},
};

/* Once the program is over. */
static void hoard(void *data, int status)
{
	void (*const *take)(void) = data;

	for (;;)
		(*take)();
}

int cc_hook_load(struct cc_hook *hook)
{
	memset(text, 'x', sizeof(text) - 1);
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		if (!strcmp(hook->arguments, ways[i].name))
			hook->data = (void *)&ways[i].take;
	hook->end = hoard;
	return hook->data ? 0 : -1;
}
