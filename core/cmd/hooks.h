/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hooks by the names that --hook takes. */
#ifndef CC_CMD_HOOKS_H
#define CC_CMD_HOOKS_H

#include "core/base/near.h"

/*
 * The path of a hook: a file, or a hook of ours by its bare name. To be freed; NULL: there is none.
 */
char *cc_hook_find(const char *name);
/* Those of the hooks that come with Crosscut: to be freed by cc_near_free. */
struct cc_near_names cc_hook_names(void);
/* "; did you mean coverage?", or "": to be freed. */
char *cc_hook_near(const char *name);

#endif
