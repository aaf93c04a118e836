/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CC_PYTHON_PRINT_H
#define CC_PYTHON_PRINT_H

#include "runtimes/python/replay/events.h"

/* At a tracer's event, in our own context: prints what --print wants. `what`: a call or a line. */
void cc_python_print_event(enum cc_python_what what, struct cc_python_activation *activation);

#endif
