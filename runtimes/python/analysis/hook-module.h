/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hooks in Python: what crosscut_hook.py is made of. In the analysis interpreter. */
#ifndef CC_PYTHON_HOOK_MODULE_H
#define CC_PYTHON_HOOK_MODULE_H

#include "core/replay/hooked.h"

/* Before the interpreter starts: the module _crosscut_hook. */
void cc_hook_module_add(const struct cc_hook_functions *functions);
/* When the users' files have been run: what hooks want to be told of. 0; -1 with an exception. */
int cc_hook_module_take(struct cc_hook *hook);
/*
 * An exception is set, and stays set: when a disk is to blame for it, the replay will tell so at
 * its end.
 */
void cc_hook_module_note(void);
/* Nothing more is told: the users' modules may go, and what they have open. */
void cc_hook_module_end(void);

#endif
