/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The stage's report on a run's processes, for people and for choosing. */
#ifndef CC_PROCESSES_H
#define CC_PROCESSES_H

#include <jansson.h>
#include <stdio.h>

/* A line a process; forked copies stand under their parent. */
void cc_processes_print(const json_t *report, FILE *to);
void cc_processes_print_json(const json_t *report, FILE *to);

/*
 * The serials of process `pid` and, when it is a forked copy, of its ancestors up to the exec'ed
 * one; *forks says so. Empty when there is no such process. The caller owns it.
 */
json_t *cc_processes_chain(const json_t *report, long pid, int *forks);

#endif
