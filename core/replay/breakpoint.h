/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CC_BREAKPOINT_H
#define CC_BREAKPOINT_H

#include <stdint.h>

#pragma GCC visibility push(hidden)

/*
 * The running thread is to be stopped at an instruction, given by its address in the run, when it
 * has been there so many times. `record` tells one such wish from the next: a second one for the
 * same record changes nothing. 0: the code is not where the run had it.
 */
int cc_breakpoint_is_set(uint64_t record);
int cc_breakpoint_set(uint64_t record, uint64_t address, uint64_t times);

#pragma GCC visibility pop

#endif
