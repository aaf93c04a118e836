/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/session/checkpoints.h"

#include <stdio.h>
#include <string.h>

int cc_checkpoints_before(const struct cc_checkpoints *checkpoints, struct cc_moment moment,
			  int inclusive)
{
	size_t low = 0, high = checkpoints->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (cc_moment_compare(checkpoints->at[middle].at, moment) < inclusive)
			low = middle + 1;
		else
			high = middle;
	}
	return (int)low - 1;
}

static void drop(struct cc_checkpoints *checkpoints, size_t i)
{
	cc_process_kill(&checkpoints->at[i]);
	checkpoints->count--;
	memmove(&checkpoints->at[i], &checkpoints->at[i + 1],
		(checkpoints->count - i) * sizeof(*checkpoints->at));
}

/*
 * The checkpoint that is missed least: the stretch that it parts is short for how far away it is.
 * So checkpoints get sparser with the distance.
 */
static size_t least(const struct cc_checkpoints *checkpoints, uint64_t ran)
{
	size_t found = 1;
	double lowest = 0;

	for (size_t i = 1; i < checkpoints->count; i++) {
		const struct cc_process *at = &checkpoints->at[i];
		uint64_t next = i + 1 < checkpoints->count ? at[1].ran : at->ran;
		double gap = (double)(next - at[-1].ran);
		double away = at->ran > ran ? (double)(at->ran - ran) : (double)(ran - at->ran);
		double worth = gap / (away + 1e7);

		if (i == 1 || worth < lowest) {
			lowest = worth;
			found = i;
		}
	}
	return found;
}

void cc_checkpoints_add(struct cc_checkpoints *checkpoints, struct cc_process process)
{
	int before = cc_checkpoints_before(checkpoints, process.at, 1);
	size_t to = (size_t)(before + 1);

	if (process.socket < 0)
		return;
	if (before >= 0 && !cc_moment_compare(checkpoints->at[before].at, process.at)) {
		cc_process_kill(&process);
		return;
	}
	memmove(&checkpoints->at[to + 1], &checkpoints->at[to],
		(checkpoints->count - to) * sizeof(*checkpoints->at));
	checkpoints->at[to] = process;
	checkpoints->count++;
	if (checkpoints->count == sizeof(checkpoints->at) / sizeof(*checkpoints->at))
		drop(checkpoints, least(checkpoints, process.ran));
}

static int is_memory_scarce(void)
{
	unsigned long total = 0, available = 0;
	char line[128];
	FILE *file = fopen("/proc/meminfo", "re");

	while (file && fgets(line, sizeof(line), file)) {
		sscanf(line, "MemTotal: %lu", &total);
		sscanf(line, "MemAvailable: %lu", &available);
	}
	if (file)
		fclose(file);
	return available < total / 4;
}

void cc_checkpoints_thin(struct cc_checkpoints *checkpoints, uint64_t ran)
{
	size_t bound = CC_CHECKPOINTS_MAX;

	if (checkpoints->count > 8 && is_memory_scarce())
		bound = checkpoints->count / 2;
	while (checkpoints->count > bound)
		drop(checkpoints, least(checkpoints, ran));
}

void cc_checkpoints_end(struct cc_checkpoints *checkpoints)
{
	while (checkpoints->count)
		drop(checkpoints, checkpoints->count - 1);
}
