/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/fence.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/base/confine.h"

#define PATHS_MAX 32

static int fence_files(const struct cc_fence *fence, struct cc_error *error)
{
	const char *readable[PATHS_MAX] = {"/usr", "/lib", "/lib64", "/etc/ld.so.cache",
					   "/dev/urandom"};
	size_t count = 5;

	if (fence->program)
		readable[count++] = fence->program;
	for (size_t i = 0; fence->readable && fence->readable[i]; i++) {
		if (count + 1 >= PATHS_MAX)
			return cc_fail(error, CC_ELIMIT, "too many paths for one program");
		readable[count++] = fence->readable[i];
	}
	return cc_confine_files(readable, fence->writable, error);
}

static void limit(int resource, uint64_t most)
{
	if (most)
		cc_confine_resource(resource, most, most);
}

int cc_fence(const struct cc_fence *fence, struct cc_error *error)
{
	int status = fence_files(fence, error);

	if (status < 0)
		return status;
	limit(RLIMIT_FSIZE, fence->file_bytes);
	limit(RLIMIT_AS, fence->memory_bytes);
	limit(RLIMIT_CPU, fence->seconds);
	return cc_confine_calls(CC_CONFINE_TOOL, NULL, error);
}
