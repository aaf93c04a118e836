/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A library that another one needs, which finds it in its own directory. */
#include <time.h>
#include <unistd.h>

#ifndef FACTOR
#define FACTOR 2
#endif

int times(int number)
{
	return FACTOR * number;
}

long now(void)
{
	return FACTOR == 2 ? time(NULL) : time(NULL) + getppid();
}
