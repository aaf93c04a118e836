/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/host/processor.h"

#include <cpuid.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VARIABLE "GLIBC_TUNABLES="
#define MASK "glibc.cpu.hwcaps"
#define TEXT_MAX 512

/*
 * Bits as OPENSSL_ia32cap numbers them: CPUID 1 edx at 0, ecx at 32; CPUID 7 ebx at 64, ecx at 96.
 */
enum { ECX = 32, EBX7 = 64, ECX7 = 96 };

struct feature {
	const char *name;
	unsigned bit;
};

/*
 * Features that the C library can be told to do without (its cpu-tunables.c). A feature that has no
 * bit of its own here stands at a bit of the processors which have it: FMA4 needs AVX, LZCNT came
 * with AVX2, fast unaligned loads with SSSE3.
 */
static const struct feature of_libc[] = {
	{"SSSE3", ECX + 9},	 {"FMA", ECX + 12},
	{"SSE4_1", ECX + 19},	 {"SSE4_2", ECX + 20},
	{"MOVBE", ECX + 22},	 {"POPCNT", ECX + 23},
	{"AVX", ECX + 28},	 {"FMA4", ECX + 28},
	{"BMI1", EBX7 + 3},	 {"AVX2", EBX7 + 5},
	{"LZCNT", EBX7 + 5},	 {"BMI2", EBX7 + 8},
	{"ERMS", EBX7 + 9},	 {"RTM", EBX7 + 11},
	{"AVX512F", EBX7 + 16},	 {"AVX512DQ", EBX7 + 17},
	{"AVX512PF", EBX7 + 26}, {"AVX512ER", EBX7 + 27},
	{"AVX512CD", EBX7 + 28}, {"AVX512BW", EBX7 + 30},
	{"AVX512VL", EBX7 + 31}, {"Fast_Unaligned_Load", ECX + 9},
};

static int has(const char *processor, unsigned bit)
{
	const char *second = strchr(processor, ':');
	uint64_t words[2] = {strtoull(processor, NULL, 16),
			     second ? strtoull(second + 1, NULL, 16) : 0};

	return words[bit / 64] >> bit % 64 & 1;
}

void cc_processor_here(char *text, size_t size)
{
	unsigned a, b = 0, c = 0, d = 0, b7 = 0, c7 = 0;

	__get_cpuid(1, &a, &b, &c, &d);
	if (__get_cpuid_max(0, NULL) >= 7)
		__cpuid_count(7, 0, a, b7, c7, b);
	snprintf(text, size, "0x%08x%08x:0x%08x%08x", c, d, c7, b7);
}

/* What the environment itself has to say of it: the last one counts. `length` 0: nothing. */
static const char *own_mask(char *const *environment, size_t *length)
{
	const char *mask = "";

	*length = 0;
	for (; *environment; environment++) {
		if (strncmp(*environment, VARIABLE, strlen(VARIABLE)))
			continue;
		for (const char *at = *environment + strlen(VARIABLE); *at;) {
			size_t size = strcspn(at, ":");

			if (size > strlen(MASK) && !strncmp(at, MASK "=", strlen(MASK) + 1)) {
				mask = at + strlen(MASK) + 1;
				*length = size - strlen(MASK) - 1;
			}
			at += size + (at[size] == ':');
		}
	}
	return mask;
}

char *cc_processor_tunables(const char *processor, char *const *environment)
{
	size_t length;
	const char *mask = own_mask(environment, &length);
	char *text = malloc(strlen(VARIABLE) + strlen(MASK) + length + TEXT_MAX);
	char *at =
		text ? text + sprintf(text, "%s%s=%.*s", VARIABLE, MASK, (int)length, mask) : NULL;
	const char *before = length ? "," : "";

	for (size_t i = 0; text && i < sizeof(of_libc) / sizeof(*of_libc); i++) {
		if (has(processor, of_libc[i].bit))
			continue;
		at += sprintf(at, "%s-%s", before, of_libc[i].name);
		before = ",";
	}
	return text;
}
