/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a session takes.
 *
 *   travel run OBJECT KIND SLICE [RULE]     runs it to its end; RULE is JSON
 *   travel walk OBJECT KIND SLICE COUNT     prints two numbers: seconds of the slowest `go` to a
 *                                           random moment of the last stretch without host calls,
 *                                           and of the 95th of a hundred steps back from there,
 *                                           with COUNT of each
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/session/session.h"

static struct cc_error error;

static void check(int status)
{
	if (status >= 0)
		return;
	fprintf(stderr, "travel: %s\n", error.text);
	exit(125);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void walk(struct cc_session *session, const json_t *step, size_t count)
{
	double *back = calloc(count, sizeof(*back)), slowest = 0, start;
	struct cc_moment last;
	json_t *nowhere = json_pack("{s:[]}", "breaks");

	while (cc_session_stop(session)->why != CC_STOP_END) /* perl's last event stops it, too */
		check(cc_session_run(session, nowhere, &error));
	do { /* what comes behind it is short */
		check(cc_session_back(session, step, &error));
		last = cc_session_stop(session)->at;
	} while (last.events < 1000000);
	srand48(1);
	for (size_t i = 0; i < count; i++) {
		struct cc_moment moment = {last.calls,
					   2 + (uint64_t)(drand48() * (double)(last.events - 2))};

		start = now();
		check(cc_session_go(session, moment, &error));
		slowest = now() - start > slowest ? now() - start : slowest;
		start = now();
		check(cc_session_back(session, step, &error));
		back[i] = now() - start;
	}
	qsort(back, count, sizeof(*back), compare);
	printf("%.4f %.4f %llu\n", slowest, back[count * 95 / 100],
	       (unsigned long long)last.events);
	free(back);
	json_decref(nowhere);
}

int main(int argc, char **argv)
{
	struct cc_launch launch = {.tool = "travel"};
	json_t *first = json_pack("{s:s}", "step", "start"),
	       *step = json_pack("{s:s}", "back", "in"), *rule = NULL;
	struct cc_session *session;

	if (argc < 5)
		return 125;
	launch.object = argv[2];
	launch.kind = argv[3];
	launch.log = argv[4];
	session = cc_session_start(&launch, first, &error);
	check(session ? 0 : -1);
	if (!strcmp(argv[1], "walk")) {
		walk(session, step, argc > 5 ? strtoul(argv[5], NULL, 10) : 100);
	} else {
		rule = argc > 5 ? json_loads(argv[5], 0, NULL) : NULL;
		/* Perl's last event stops it, too */
		while (cc_session_stop(session)->why != CC_STOP_END)
			check(cc_session_run(session, rule, &error));
	}
	cc_session_end(session);
	json_decref(first);
	json_decref(step);
	json_decref(rule);
	return 0;
}
