/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/stop.h"

#include <string.h>

static const char *const names[] = {
	[CC_STOP_NOWHERE] = "",	   [CC_STOP_RULE] = "rule",
	[CC_STOP_LIMIT] = "limit", [CC_STOP_INTERRUPTED] = "interrupted",
	[CC_STOP_START] = "start", [CC_STOP_END] = "end",
	[CC_STOP_DIED] = "died",   [CC_STOP_HERE] = "here",
};

const char *cc_stop_name(enum cc_stop_why why)
{
	return names[why];
}

enum cc_stop_why cc_stop_named(const char *name)
{
	for (unsigned i = 0; name && i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(names[i], name))
			return (enum cc_stop_why)i;
	return CC_STOP_NOWHERE;
}
