/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CC_PYTHON_TEXT_H
#define CC_PYTHON_TEXT_H

#include <sys/types.h>

#include "core/host/hostcall.h"

/* A str as UTF-8, up to size - 1 bytes of it, NUL-terminated; its length, or -1. */
ssize_t cc_python_text(const struct cc_memory *memory, const void *object, char *text, size_t size);

#endif
