/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is an interpreter of the version, and of the build, whose memory is known? */
#include <string.h>

#include "core/runtime/runtime.h"

/* A mark's number, little-endian; where it is not there 0, which no version is. */
static uint64_t value_of(const struct cc_mark *mark, cc_find_symbol *find, void *context)
{
	uint64_t size = 0, value = 0;
	const void *at = find(context, mark->symbol, &size);

	if (!mark->bytes)
		return at && size ? size : mark->is;
	if (at)
		memcpy(&value, at, mark->bytes);
	return value;
}

int cc_runtime_check(const struct cc_runtime *runtime, cc_find_symbol *find, void *context,
		     struct cc_error *error)
{
	const struct cc_mark *other = NULL;
	uint64_t values[CC_MARKS_MAX] = {0};
	char version[64];

	for (unsigned i = 0; runtime->marks[i].symbol; i++) {
		const struct cc_mark *mark = &runtime->marks[i];

		values[i] = value_of(mark, find, context);
		if (!other && (values[i] & mark->mask) != (mark->is & mark->mask))
			other = mark;
	}
	if (!other)
		return 0;
	runtime->name_version(values, version, sizeof(version));
	if (strcmp(version, runtime->version))
		return cc_fail(error, CC_EVERSION,
			       "this is %s %s; of %s, %s is understood: use a Crosscut that was "
			       "built for that one",
			       runtime->name, version, runtime->name, runtime->version);
	return cc_fail(error, CC_EVERSION,
		       "this is %s %s, built with other options than Debian's (%s differs): its "
		       "memory is not understood",
		       runtime->name, version, other->symbol);
}
