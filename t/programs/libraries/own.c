/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A library as many are: what its constructor allocates, its functions free; it asks for things at its beginning and end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char *kept;

static void say(const char *what)
{
	char text[200];
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(text, sizeof(text), "%s: %d %ld %s\n", what, getpid(), now.tv_nsec, kept);
	if (write(1, text, strlen(text)) < 0)
		abort();
}

static void last(void)
{
	say("atexit");
}

__attribute__((constructor)) static void begin(void)
{
	kept = strdup("a string of forty bytes, for its own block");
	if (!getenv("CLOSE"))
		atexit(last);
	say("constructor");
}

/* Its last call stands in its own place: that returns to the dynamic linker. */
__attribute__((constructor, optimize("O2"))) static void jumps(void)
{
	sync();
}

__attribute__((destructor)) static void end(void)
{
	say("destructor");
	free(kept);
}

int work(int size)
{
	free(kept);
	kept = malloc(size);
	strcpy(kept, "work");
	say("work");
	return 1;
}
