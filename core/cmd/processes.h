/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The stage's report on a run's processes, for people and for choosing. */
#ifndef CC_PROCESSES_H
#define CC_PROCESSES_H

#include <jansson.h>
#include <stdio.h>

/* Which programs of a run are meant. A forked copy's is its parent's. */
struct cc_processes_choice {
	const char *exe, *match; /* core/stage/choice.h; NULL: any */
	long pid;		 /* 0: any */
	long exec;		 /* which of the programs that the process ran; 0: any */
};

/* Is the interpreter (of the report's "images") meant? 1 or 0. */
int cc_processes_chosen(const json_t *image, const struct cc_processes_choice *choice);
/* How many interpreters are meant, forked copies too. */
size_t cc_processes_count(const json_t *report, const struct cc_processes_choice *choice);

/*
 * A line for each interpreter that is meant, and each other process; forked copies stand under
 * their parent.
 */
void cc_processes_print(const json_t *report, const struct cc_processes_choice *choice, FILE *to);
/* Likewise, an object for each process, with its interpreters in "slices". */
void cc_processes_print_json(const json_t *report, const struct cc_processes_choice *choice,
			     FILE *to);

/*
 * The serials of process `pid` and, when it is a forked copy, of its ancestors up to the exec'ed
 * one; *forks says so. Empty when there is no such process. The caller owns it.
 */
json_t *cc_processes_chain(const json_t *report, long pid, int *forks);

/* "; did you mean …?": the programs and scripts of the run whose names are near. To be freed. */
char *cc_processes_near(const json_t *report, const char *exe);

#endif
