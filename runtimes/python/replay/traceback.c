/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/python/replay/traceback.h"

#include "core/replay/patch.h"
#include "core/replay/preload.h"

/* traceback-entry.S: PyTraceBack_Here's first bytes, and a jump behind them. */
extern uint8_t cc_traceback_begin[];
extern uint64_t cc_traceback_rest;
static const uint8_t prologue[CC_PATCH_SIZE] = {0x41, 0x57, 0x66, 0x0f, 0xef, 0xc0, 0x41, 0x56,
						0x41, 0x55, 0x41, 0x54, 0x55, 0x48, 0x89, 0xfd};

void cc_python_watch_tracebacks(void)
{
	if (cc_patch("PyTraceBack_Here", prologue, cc_traceback_begin, &cc_traceback_rest))
		cc_die("this python's PyTraceBack_Here is compiled in a way that is not known");
}
