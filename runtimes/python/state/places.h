/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CC_PYTHON_PLACES_H
#define CC_PYTHON_PLACES_H

#include "core/runtime/runtime.h"

/*
 * What the stage watches and no symbol names: the code of each opcode, the C signal handler. Only
 * the stage has it (it needs libelf); elsewhere the address is NULL.
 */
void cc_python_find_places(const struct cc_elf *elf, cc_place_function *found, void *context)
	__attribute__((weak));

#endif
