/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/session/processor.h"

#include <cpuid.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VARIABLE "GLIBC_TUNABLES="
#define MASK	 "glibc.cpu.hwcaps"
#define TEXT_MAX 512

/* Bits as OPENSSL_ia32cap numbers them: CPUID 1 edx at 0, ecx at 32; CPUID 7 ebx at 64, ecx at 96. */
enum { ECX = 32, EBX7 = 64, ECX7 = 96 };

struct feature {
	const char *name;
	unsigned bit;
};

/*
 * Those that the C library can be told to do without (its cpu-tunables.c). What has no bit of its own there stands at that
 * of the processors which have it: FMA4 needs AVX, LZCNT came with AVX2, fast unaligned loads with SSSE3.
 */
static const struct feature of_libc[] = {
	{"SSSE3", ECX + 9},	{"FMA", ECX + 12},	{"SSE4_1", ECX + 19},	{"SSE4_2", ECX + 20},
	{"MOVBE", ECX + 22},	{"POPCNT", ECX + 23},	{"AVX", ECX + 28},	{"FMA4", ECX + 28},
	{"BMI1", EBX7 + 3},	{"AVX2", EBX7 + 5},	{"LZCNT", EBX7 + 5},	{"BMI2", EBX7 + 8},
	{"ERMS", EBX7 + 9},	{"RTM", EBX7 + 11},	{"AVX512F", EBX7 + 16}, {"AVX512DQ", EBX7 + 17},
	{"AVX512PF", EBX7 + 26}, {"AVX512ER", EBX7 + 27}, {"AVX512CD", EBX7 + 28}, {"AVX512BW", EBX7 + 30},
	{"AVX512VL", EBX7 + 31}, {"Fast_Unaligned_Load", ECX + 9},
};

static int has(const char *processor, unsigned bit)
{
	const char *second = strchr(processor, ':');
	uint64_t words[2] = {strtoull(processor, NULL, 16), second ? strtoull(second + 1, NULL, 16) : 0};

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

/* ---- the C library ----------------------------------------------------------------------------- */

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
	char *at = text ? text + sprintf(text, "%s%s=%.*s", VARIABLE, MASK, (int)length, mask) : NULL;
	const char *before = length ? "," : "";

	for (size_t i = 0; text && i < sizeof(of_libc) / sizeof(*of_libc); i++) {
		if (has(processor, of_libc[i].bit))
			continue;
		at += sprintf(at, "%s-%s", before, of_libc[i].name);
		before = ",";
	}
	return text;
}

/* ---- libraries ----------------------------------------------------------------------------------- */

static void openssl(const char *processor, char *text)
{
	snprintf(text, TEXT_MAX, "%s", processor);
}

/*
 * What numpy can be told to do without, as it names it, and what each takes. It warns of what this machine does not have
 * (and of what its build does not know: these are Debian's), so that is not said.
 */
static const struct {
	const char *name;
	uint8_t bits[12]; /* 0: no more */
} of_numpy[] = {
#define SKX EBX7 + 16, EBX7 + 28, EBX7 + 31, EBX7 + 30, EBX7 + 17
#define CNL EBX7 + 21, ECX7 + 1
	{"SSSE3", {ECX + 9}},
	{"SSE41", {ECX + 19}},
	{"POPCNT", {ECX + 23}},
	{"SSE42", {ECX + 20}},
	{"AVX", {ECX + 28}},
	{"F16C", {ECX + 29}},
	{"FMA3", {ECX + 12}},
	{"AVX2", {EBX7 + 5}},
	{"AVX512F", {EBX7 + 16}},
	{"AVX512CD", {EBX7 + 28}},
	{"AVX512_SKX", {SKX}},
	{"AVX512_CLX", {SKX, ECX7 + 11}},
	{"AVX512_CNL", {SKX, CNL}},
	{"AVX512_ICL", {SKX, CNL, ECX7 + 11, ECX7 + 6, ECX7 + 12, ECX7 + 14}},
};

static int has_all(const char *processor, const uint8_t *bits)
{
	while (*bits && has(processor, *bits))
		bits++;
	return !*bits;
}

static void numpy(const char *processor, char *text)
{
	char here[64];

	cc_processor_here(here, sizeof(here));
	for (size_t i = 0; i < sizeof(of_numpy) / sizeof(*of_numpy); i++)
		if (has_all(here, of_numpy[i].bits) && !has_all(processor, of_numpy[i].bits))
			text += sprintf(text, "%s ", of_numpy[i].name);
}

/* It goes by families of processors, which a slice does not hold: only of the guest it is known which one that is. */
static void openblas(const char *processor, char *text)
{
	if (!strcmp(processor, CC_PROCESSOR_GUEST))
		strcpy(text, "Opteron_SSE3");
}

/* "Use none", or those that are there: AES-NI, SSSE3, PCLMUL. */
static void gnutls(const char *processor, char *text)
{
	unsigned use = (unsigned)(has(processor, ECX + 25) << 1 | has(processor, ECX + 9) << 2 |
				  has(processor, ECX + 1) << 3);

	sprintf(text, "0x%x", use ? use : 1);
}

static void jpeg(const char *processor, char *text)
{
	if (!has(processor, EBX7 + 5))
		strcpy(text, "1");
}

static struct {
	const char *name;
	void (*say)(const char *processor, char *text); /* nothing: it is not told */
	char text[TEXT_MAX];
} of_libraries[] = {
	{"OPENSSL_ia32cap", openssl, ""}, {"NPY_DISABLE_CPU_FEATURES", numpy, ""},
	{"OPENBLAS_CORETYPE", openblas, ""}, {"GNUTLS_CPUID_OVERRIDE", gnutls, ""},
	{"JSIMD_FORCESSE2", jpeg, ""},
};

char *cc_processor_variable(const char *processor, const char *name)
{
	for (size_t i = 0; i < sizeof(of_libraries) / sizeof(*of_libraries); i++) {
		if (strcmp(of_libraries[i].name, name))
			continue;
		of_libraries[i].say(processor, of_libraries[i].text);
		return *of_libraries[i].text ? of_libraries[i].text : NULL;
	}
	return NULL;
}
