/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hook (core/replay/hooks.h): prints FILE:LINE of each statement that a replay runs, to standard
 * error, when the program is over.
 *   cc -shared -fPIC -I. -o statements.so t/programs/statements.c
 *   cc-perl-replay --hook ./statements.so slice.plog
 */
#include <stdio.h>
#include <stdlib.h>

#include "core/replay/hooks.h"

struct statements {
	char *text;
	size_t length, capacity;
	uint64_t calls;
};

static void statement(void *data, const char *file, unsigned line, const char *sub)
{
	struct statements *seen = data;

	if (seen->capacity - seen->length < 4096) {
		seen->capacity = 2 * seen->capacity + 8192;
		seen->text = realloc(seen->text, seen->capacity);
		if (!seen->text)
			abort();
	}
	seen->length += (size_t)snprintf(seen->text + seen->length, 4096, "%.4000s:%u\n", file, line);
}

static void host_call(void *data, const char *name, uint64_t ordinal)
{
	((struct statements *)data)->calls++;
}

static void end(void *data, int status)
{
	struct statements *seen = data;

	fwrite(seen->text, 1, seen->length, stderr);
	fprintf(stderr, "%lu host calls\n", (unsigned long)seen->calls);
	free(seen->text);
}

int cc_hook_load(struct cc_hook *hook)
{
	static struct statements seen;

	if (hook->version != CC_HOOKS_VERSION)
		return -1;
	hook->data = &seen;
	hook->statement = statement;
	hook->host_call = host_call;
	hook->end = end;
	return 0;
}
