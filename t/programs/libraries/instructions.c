/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Executes each instruction that brings something in, as libraries do: where it is loaded, in functions, in handlers. */
#define _GNU_SOURCE
#include <cpuid.h>
#include <math.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>
#include <x86intrin.h>

static uint64_t began;
static unsigned vendor;

__attribute__((constructor)) static void begin(void)
{
	unsigned a, c, d;

	began = __rdtsc();
	__cpuid(0, a, vendor, c, d);
}

/* Picked as the library is loaded, before its constructor runs. */
static int plain(void)
{
	return 1;
}

static int better(void)
{
	return 2;
}

__attribute__((used)) static int (*pick(void))(void)
{
	unsigned a, b, c, d;

	__cpuid(1, a, b, c, d);
	return c & bit_SSSE3 ? better : plain;
}

int picked(void) __attribute__((ifunc("pick")));

uint64_t start(void)
{
	return began ^ vendor;
}

uint64_t ticks(int count)
{
	uint64_t sum = 0;

	for (int i = 0; i < count; i++)
		sum = sum * 3 + __rdtsc();
	return sum;
}

uint64_t tick(void)
{
	return __rdtsc();
}

/* What the guest's processor does not know. */
uint64_t chance(void)
{
	unsigned long long value = 0;

	__asm__ volatile("rdrand %0" : "=r"(value) : : "cc");
	return value;
}

/* All leaves, and three subleaves of each. */
void describe(char *text, size_t size)
{
	static const unsigned bases[] = {0, 0x80000000, 0x40000000};

	*text = '\0';
	for (unsigned i = 0; i < 3 * 0x22 * 3; i++) {
		unsigned a, b, c, d, leaf = bases[i % 3] + i / 9;

		__cpuid_count(leaf, i / 3 % 3, a, b, c, d);
		if (size > 100 && (a | b | c | d)) {
			int length = snprintf(text, size, "%x.%u %x %x %x %x\n", leaf, i / 3 % 3, a, b, c, d);

			text += length;
			size -= (size_t)length;
		}
	}
}

/* ---- those of x87 ---------------------------------------------------------------------------------------- */

static uint64_t mix(uint64_t sum, long double value)
{
	uint8_t bytes[16] = {0};

	memcpy(bytes, &value, 10);
	for (int i = 0; i < 10; i++)
		sum = (sum ^ bytes[i]) * 1099511628211ull;
	return sum;
}

/* What libm makes of them, and they themselves; two of them push a number. */
void numbers(char *text, size_t size, int count)
{
	uint64_t sums[8] = {0};

	for (int i = 1; i <= count; i++) {
		long double x = i * 0.0137L, a = x, b = x, c, d, e, f;

		__asm__("fsin" : "+t"(a));
		__asm__("fcos" : "+t"(b));
		__asm__("fsincos" : "=t"(c), "=u"(d) : "0"(x));
		__asm__("fptan" : "=t"(e), "=u"(f) : "0"(x));
		sums[0] = mix(sums[0], expl(x));
		sums[1] = mix(sums[1], logl(x));
		sums[2] = mix(sums[2], powl(x, 1.7L));
		sums[3] = mix(sums[3], atanl(x));
		sums[4] = mix(sums[4], log1pl(x / 9999));
		sums[5] = mix(mix(sums[5], a), b);
		sums[6] = mix(mix(sums[6], c), d);
		sums[7] = mix(mix(sums[7], e), f);
	}
	for (int i = 0; i < 8; i++) {
		int length = snprintf(text, size, "%llx ", (long long)sums[i]);

		text += length;
		size -= (size_t)length;
	}
}

/* ---- those that a processor may not know ------------------------------------------------------------- */

static volatile uint64_t resume;
static volatile int faults;

static void skip(int signal, siginfo_t *info, void *context)
{
	greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;

	faults += (uintptr_t)info->si_addr == (uint64_t)registers[REG_RIP];
	registers[REG_RIP] = (greg_t)resume;
}

#define TRY(code)                                                                                              \
	do {                                                                                                   \
		uint64_t a = 7, c = 0, d = 7;                                                                  \
		unsigned char carry;                                                                           \
		faults = 0;                                                                                    \
		__asm__ volatile("leaq 1f(%%rip), %%r8\n\tmovq %%r8, %[to]\n\tclc\n\t" code "\n1:\tsetc %[carry]"   \
				 : "+a"(a), "+c"(c), "+d"(d), [carry] "=q"(carry), [to] "=m"(resume)              \
				 : : "r8", "r9", "cc", "memory");                                                        \
		length += snprintf(text + length, size - (size_t)length, "%s %d %llx %llx %llx %d\n", code, faults, \
				   (long long)a, (long long)c, (long long)d, carry);                            \
	} while (0)

void try_all(char *text, size_t size, int flags)
{
	struct sigaction action = {.sa_sigaction = skip, .sa_flags = SA_SIGINFO | flags}, before, trap_before;
	int length = 0;

	sigaction(SIGTRAP, &action, &trap_before);
	sigaction(SIGILL, &action, &before);
	TRY("rdtsc");
	TRY("rdtscp");
	TRY("rdrand %%eax");
	TRY("rdrand %%rdx");
	TRY("rdrand %%ax");
	TRY("rdseed %%r9");
	TRY("xgetbv");
	TRY("rdpid %%rax");
	TRY("vpaddd %%ymm0, %%ymm0, %%ymm0");
	TRY("ud2");
	TRY("int3");
	TRY("popcnt %%rdx, %%rax");
	sigaction(SIGILL, &before, NULL);
	sigaction(SIGTRAP, &trap_before, NULL);
}
