/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instructions that bring something in from outside: what the processor is (CPUID), what time it is
 * (RDTSC), chance (RDRAND). And instructions of x87 whose results differ from processor to
 * processor in the last bit, which QEMU rounds correctly: libm's functions for `long double` are
 * made of these. What the instructions brought is logged (EXECUTED records) and given again in a
 * replay. One definition, for the stage and the replay: how such an instruction is known, what goes
 * into it, and what it changes.
 */
#ifndef CC_INSTRUCTION_H
#define CC_INSTRUCTION_H

#include "logs/buffer.h"

enum cc_instruction_kind {
	CC_CPUID,
	CC_RDTSC,
	CC_RDTSCP,
	CC_XGETBV,
	CC_RDRAND,
	CC_RDSEED,
	CC_RDPID,
	CC_F2XM1,
	CC_FYL2X,
	CC_FPTAN,
	CC_FPATAN,
	CC_FYL2XP1,
	CC_FSINCOS,
	CC_FSIN,
	CC_FCOS,
	CC_INSTRUCTION_KINDS
};

#define CC_INSTRUCTION_MAX 15 /* bytes that an instruction of x86 has at most */

struct cc_instruction {
	uint8_t kind; /* enum cc_instruction_kind */
	uint8_t length;
	/* The number of the general register that the instruction names; 0 when it names none */
	uint8_t operand;
	uint8_t width; /* of the operand, in bytes */
};

/* Do these bytes begin with such an instruction? Then 1 and *instruction; 0. */
int cc_instruction_decode(const uint8_t *code, size_t length, struct cc_instruction *instruction);
const char *cc_instruction_name(const struct cc_instruction *instruction);

/* Numbers of general registers are the processor's: rax 0, rcx 1, rdx 2, rbx 3, … r15 15. */
#define CC_INSTRUCTION_VALUES 4

struct cc_executed {
	/* In the order of their registers' numbers */
	uint64_t in[CC_INSTRUCTION_VALUES], out[CC_INSTRUCTION_VALUES];
};

/* Whose registers `in` and `out` have: bits by number. What goes in are 32 bits each. */
unsigned cc_instruction_ins(const struct cc_instruction *instruction);
unsigned cc_instruction_outs(const struct cc_instruction *instruction);
/* How many registers of x87 it changes, from the top of the stack on; then no general ones. */
int cc_instruction_floats(const struct cc_instruction *instruction);
struct cc_float {
	uint64_t significand;
	uint16_t exponent; /* and sign */
};
/* Of registers of x87: a hash of what went in, 32 bits; and what came out, two values each. */
void cc_executed_floats_in(struct cc_executed *executed, const struct cc_float floats[2]);
void cc_executed_floats_out(struct cc_executed *executed, const struct cc_float floats[2]);
void cc_executed_floats(const struct cc_executed *executed, struct cc_float floats[2]);

/*
 * What went in is made 0 where it does not matter: most of CPUID's leaves have no subleaves, and
 * who asks for those leaves anything in that register.
 */
void cc_executed_trim(const struct cc_instruction *instruction, struct cc_executed *executed);
/*
 * Does the carry flag say that the instruction succeeded, and the other flags nothing? It always
 * succeeds: QEMU's does not fail.
 */
int cc_instruction_carries(const struct cc_instruction *instruction);

/*
 * The content of an EXECUTED record: for each execution the number of its INSTRUCTION record, what
 * went in, and what came out, as the difference from what came out last of its kind in this record.
 */
struct cc_executed_before {
	uint64_t out[CC_INSTRUCTION_KINDS][CC_INSTRUCTION_VALUES];
};

/* Appends one execution to the content; `before` is the record's own, zeros at its beginning. */
void cc_executed_put(struct cc_buffer *to, struct cc_executed_before *before, uint64_t number,
		     const struct cc_instruction *instruction, const struct cc_executed *executed);
/* Reads one execution, after the number of its instruction was read. -1: malformed. */
int cc_executed_get(struct cc_cursor *from, struct cc_executed_before *before,
		    const struct cc_instruction *instruction, struct cc_executed *executed);

#endif
