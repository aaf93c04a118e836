/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What games of threads leave behind: who was where in which order, a letter each. */
#ifndef GAMES_H
#define GAMES_H

#include <stdatomic.h>

#define SEEN 4096

static atomic_int count;
static char seen[SEEN];

static void see(long letter)
{
	int at = atomic_fetch_add(&count, 1);

	if (at < SEEN - 1)
		seen[at] = (char)('a' + letter);
}

/* Work that no call is in: a few hundred microseconds in the machine. */
static volatile unsigned sink;
static void work(unsigned amount)
{
	for (unsigned i = 0; i < amount; i++)
		sink += i * i;
}

#endif
