/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a machine needs of this one: files, address space, room on a disk. Asked before QEMU is, who
 * says it badly.
 */
#include "core/vm/limits.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/vm/job.h"

#define FILES 64		       /* QEMU has 40 open, and we a few */
#define BESIDES (UINT64_C(1350) << 20) /* QEMU's translated code and its libraries */
#define LEAST_SPACE 65536

static const struct {
	int resource;
	const char *option, *what, *unit;
	uint64_t least;
	double scale;
} limits[] = {
	{RLIMIT_NOFILE, "-n", "open files", "", FILES, 1},
	{RLIMIT_AS, "-v", "of memory", " MB", BESIDES, 1e6},
	{RLIMIT_FSIZE, "-f", "in a file", " MB", CC_JOB_DRIVE_SIZE, 1e6},
};

/* A limit may be below what the hard one allows: it is raised. */
static uint64_t allowed(int resource, uint64_t need)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) || limit.rlim_cur == RLIM_INFINITY)
		return UINT64_MAX;
	if (limit.rlim_cur < need && limit.rlim_max > limit.rlim_cur) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(resource, &limit);
	}
	return limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX : limit.rlim_cur;
}

int cc_limits_check(uint64_t ram, struct cc_error *error)
{
	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		uint64_t need = limits[i].least + (limits[i].resource == RLIMIT_AS ? ram : 0);
		uint64_t have = allowed(limits[i].resource, need);

		if (have < need)
			return cc_fail(
				error, CC_ELIMIT,
				"ulimit %s allows %.0f%s %s, and a machine needs %.0f%s: raise it",
				limits[i].option, have / limits[i].scale, limits[i].unit,
				limits[i].what, need / limits[i].scale, limits[i].unit);
	}
	return 0;
}

uint64_t cc_space_left(const char *path)
{
	struct statvfs space;

	if (statvfs(path, &space))
		return UINT64_MAX;
	return (geteuid() ? space.f_bavail : space.f_bfree) * (uint64_t)space.f_frsize;
}

int cc_space_full(const char *path)
{
	return cc_space_left(path) < LEAST_SPACE;
}

int cc_fail_full(struct cc_error *error, const char *path, const char *variable)
{
	return cc_fail(error, CC_EIO, "the disk that holds %s is full; %s names another directory",
		       path, variable);
}
