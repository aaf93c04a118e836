/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/replay/past.h"

#include <stdio.h>

#include "core/replay/copy.h"
#include "core/replay/hooked.h"
#include "core/replay/options.h"
#include "core/replay/replayer.h"
#include "core/replay/state.h"

struct cc_past cc_past CC_STATE;

static pid_t next CC_STATE; /* whose records are next, while its fork is yet to be made; 0: none */

void cc_past_begin(int forks, pid_t process)
{
	cc_past.unread = forks;
	cc_past.process = process;
	cc_past.child = cc_past.before = forks > 0;
	cc_past.on = cc_past.before && !cc_option(CC_OPTION_WITH_PARENT);
	cc_past.shown = cc_option(CC_OPTION_SHOW_PROCESS) != NULL;
}

void cc_past_read(pid_t pid)
{
	cc_past.unread--;
	next = pid;
}

void cc_past_reached(void)
{
	if (!next)
		return;
	cc_past.process = next;
	cc_copy_forked(next);
	next = 0;
	cc_past.before = cc_past.unread > 0;
	if (!cc_past.on || cc_past.before)
		return;
	cc_past.on = 0;
	cc_hooks_forked(cc_past.process);
	if (cc_language.replayer->forked)
		cc_language.replayer->forked();
}

const char *cc_past_prefix(void)
{
	static char text[32] CC_STATE;

	if (cc_past.shown)
		snprintf(text, sizeof(text), "[pid %d] ", (int)cc_past.process);
	return text;
}
