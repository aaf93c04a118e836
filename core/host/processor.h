/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The C library picks code by processor as the program begins (libm's variants with FMA differ in
 * the last bit), before a replay can answer its instructions (core/replay/instructions.h). But an
 * environment variable, GLIBC_TUNABLES, can tell the C library what to leave out. So from what the
 * run's processor had, written as OPENSSL_ia32cap(3) has it ("processor" in a slice's manifest), a
 * value of that variable is made, under which the C library picks in a replay what it did in the
 * run.
 */
#ifndef CC_PROCESSOR_H
#define CC_PROCESSOR_H

#include <stddef.h>

/* What a guest has (CPUID 1: ecx, edx; 7: ecx, ebx), and a run of which nothing else is known. */
#define CC_PROCESSOR_GUEST "0x80002001078bfbfd:0x0"

/* What this machine has, at most 38 characters. */
void cc_processor_here(char *text, size_t size);

/*
 * "GLIBC_TUNABLES=…", behind what the environment's own value says: the C library masks each
 * feature that the run's processor lacked. malloc'ed.
 */
char *cc_processor_tunables(const char *processor, char *const *environment);

#endif
