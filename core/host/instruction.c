/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Encodings: Intel SDM vol. 2. */
#include "core/host/instruction.h"

enum { RAX = 1 << 0, RCX = 1 << 1, RDX = 1 << 2, RBX = 1 << 3 };
#define REPEATS 0xf3

static const struct kind {
	const char *name;
	uint8_t prefix; /* that is a part of it, or 0 */
	/* Behind 0x0f; the second one 0: there is none, or a ModRM byte that names a register */
	uint8_t code[2];
	int8_t operation;  /* the ModRM byte's middle field, or -1 */
	uint8_t ins, outs; /* outs 0: the register that it names */
	uint8_t carries;
	uint8_t floating, floats; /* of x87: behind 0xd9 */
} kinds[CC_INSTRUCTION_KINDS] = {
	[CC_CPUID] = {"cpuid", 0, {0xa2}, -1, RAX | RCX, RAX | RCX | RDX | RBX, 0},
	[CC_RDTSC] = {"rdtsc", 0, {0x31}, -1, 0, RAX | RDX, 0},
	[CC_RDTSCP] = {"rdtscp", 0, {0x01, 0xf9}, -1, 0, RAX | RCX | RDX, 0},
	[CC_XGETBV] = {"xgetbv", 0, {0x01, 0xd0}, -1, RCX, RAX | RDX, 0},
	[CC_RDRAND] = {"rdrand", 0, {0xc7}, 6, 0, 0, 1},
	[CC_RDSEED] = {"rdseed", 0, {0xc7}, 7, 0, 0, 1},
	[CC_RDPID] = {"rdpid", REPEATS, {0xc7}, 7, 0, 0, 0},
	[CC_F2XM1] = {.name = "f2xm1", .floating = 0xf0, .floats = 1},
	[CC_FYL2X] = {.name = "fyl2x", .floating = 0xf1, .floats = 1},
	[CC_FPTAN] = {.name = "fptan", .floating = 0xf2, .floats = 2},
	[CC_FPATAN] = {.name = "fpatan", .floating = 0xf3, .floats = 1},
	[CC_FYL2XP1] = {.name = "fyl2xp1", .floating = 0xf9, .floats = 1},
	[CC_FSINCOS] = {.name = "fsincos", .floating = 0xfb, .floats = 2},
	[CC_FSIN] = {.name = "fsin", .floating = 0xfe, .floats = 1},
	[CC_FCOS] = {.name = "fcos", .floating = 0xff, .floats = 1},
};

/* What stands before the opcode. */
struct prefixes {
	uint8_t repeats; /* 0xf3, 0xf2 or 0 */
	uint8_t narrow;	 /* 0x66 */
	uint8_t rex;
	size_t length;
};

static struct prefixes read_prefixes(const uint8_t *code, size_t length)
{
	struct prefixes prefixes = {0};
	uint8_t byte;

	while (prefixes.length < length) {
		byte = code[prefixes.length];
		if (byte == 0xf2 || byte == 0xf3)
			prefixes.repeats = byte;
		else if (byte == 0x66)
			prefixes.narrow = 1;
		else if (byte != 0x67 && byte != 0x2e && byte != 0x36 && byte != 0x3e &&
			 byte != 0x26 && byte != 0x64 && byte != 0x65)
			break;
		prefixes.length++;
	}
	if (prefixes.length < length && (code[prefixes.length] & 0xf0) == 0x40)
		prefixes.rex = code[prefixes.length++];
	return prefixes;
}

static int is(const struct kind *kind, const struct prefixes *prefixes, const uint8_t *code,
	      size_t length)
{
	if (kind->floating || code[0] != kind->code[0] ||
	    (kind->prefix && prefixes->repeats != kind->prefix))
		return 0;
	if (kind->operation < 0)
		return !kind->code[1] || (length > 1 && code[1] == kind->code[1]);
	return length > 1 && code[1] >> 6 == 3 && (code[1] >> 3 & 7) == kind->operation &&
	       prefixes->repeats == kind->prefix;
}

static int decode_floating(uint8_t code, struct cc_instruction *instruction)
{
	for (size_t i = 0; i < CC_INSTRUCTION_KINDS; i++)
		if (kinds[i].floating == code) {
			*instruction = (struct cc_instruction){.kind = (uint8_t)i, .length = 2};
			return 1;
		}
	return 0;
}

int cc_instruction_decode(const uint8_t *code, size_t length, struct cc_instruction *instruction)
{
	struct prefixes prefixes = read_prefixes(code, length);
	const uint8_t *at = code + prefixes.length;

	length -= prefixes.length;
	if (length > 1 && !prefixes.length && *at == 0xd9 && at[1] >= 0xc0)
		return decode_floating(at[1], instruction);
	if (length < 2 || *at++ != 0x0f)
		return 0;
	length--;
	for (size_t i = 0; i < CC_INSTRUCTION_KINDS; i++) {
		const struct kind *kind = &kinds[i];
		int names = kind->operation >= 0;

		if (!is(kind, &prefixes, at, length))
			continue;
		*instruction = (struct cc_instruction){
			.kind = (uint8_t)i,
			.length = (uint8_t)(prefixes.length + (names || kind->code[1] ? 3 : 2)),
			.operand = names ? (uint8_t)((prefixes.rex & 1) << 3 | (at[1] & 7)) : 0,
			.width = prefixes.rex & 8 || kind->prefix ? 8
				 : prefixes.narrow		  ? 2
								  : 4,
		};
		return 1;
	}
	return 0;
}

const char *cc_instruction_name(const struct cc_instruction *instruction)
{
	return kinds[instruction->kind].name;
}

unsigned cc_instruction_ins(const struct cc_instruction *instruction)
{
	return kinds[instruction->kind].ins;
}

unsigned cc_instruction_outs(const struct cc_instruction *instruction)
{
	unsigned outs = kinds[instruction->kind].outs;

	return outs || kinds[instruction->kind].floats ? outs : 1u << instruction->operand;
}

int cc_instruction_carries(const struct cc_instruction *instruction)
{
	return kinds[instruction->kind].carries;
}

/* ---- of x87 ---- */

int cc_instruction_floats(const struct cc_instruction *instruction)
{
	return kinds[instruction->kind].floats;
}

void cc_executed_floats_in(struct cc_executed *executed, const struct cc_float floats[2])
{
	uint64_t sum = 0;

	for (int i = 0; i < 2; i++) {
		sum = (sum ^ floats[i].significand) * 0x9e3779b97f4a7c15ull;
		sum = (sum ^ floats[i].exponent) * 0x9e3779b97f4a7c15ull;
	}
	executed->in[0] = sum >> 32;
}

void cc_executed_floats_out(struct cc_executed *executed, const struct cc_float floats[2])
{
	for (int i = 0; i < 2; i++) {
		executed->out[2 * i] = floats[i].significand;
		executed->out[2 * i + 1] = floats[i].exponent;
	}
}

void cc_executed_floats(const struct cc_executed *executed, struct cc_float floats[2])
{
	for (int i = 0; i < 2; i++)
		floats[i] =
			(struct cc_float){executed->out[2 * i], (uint16_t)executed->out[2 * i + 1]};
}

/* ---- what matters ---- */

static int has_subleaves(uint32_t leaf)
{
	static const uint32_t leaves[] = {0x4,	0x7,	    0xb,	0xd,	   0xf,	 0x10,
					  0x12, 0x14,	    0x17,	0x18,	   0x19, 0x1a,
					  0x1b, 0x1d,	    0x1e,	0x1f,	   0x20, 0x23,
					  0x24, 0x8000001d, 0x80000020, 0x80000026};

	for (size_t i = 0; i < sizeof(leaves) / sizeof(*leaves); i++)
		if (leaves[i] == leaf)
			return 1;
	return 0;
}

void cc_executed_trim(const struct cc_instruction *instruction, struct cc_executed *executed)
{
	for (int i = 0; i < CC_INSTRUCTION_VALUES; i++)
		executed->in[i] &= UINT32_MAX;
	if (instruction->kind == CC_CPUID && !has_subleaves((uint32_t)executed->in[0]))
		executed->in[1] = 0;
}

/* ---- in the log ---- */

static int count_ins(const struct cc_instruction *instruction)
{
	return kinds[instruction->kind].floats
		       ? 1
		       : __builtin_popcount(cc_instruction_ins(instruction));
}

static int count_outs(const struct cc_instruction *instruction)
{
	int floats = kinds[instruction->kind].floats;

	return floats ? 2 * floats : __builtin_popcount(cc_instruction_outs(instruction));
}

void cc_executed_put(struct cc_buffer *to, struct cc_executed_before *before, uint64_t number,
		     const struct cc_instruction *instruction, const struct cc_executed *executed)
{
	uint64_t *last = before->out[instruction->kind];
	int ins = count_ins(instruction), outs = count_outs(instruction);

	cc_put_u(to, number);
	for (int i = 0; i < ins; i++)
		cc_put_u(to, executed->in[i]);
	for (int i = 0; i < outs; i++) {
		cc_put_s(to, (int64_t)(executed->out[i] - last[i]));
		last[i] = executed->out[i];
	}
}

int cc_executed_get(struct cc_cursor *from, struct cc_executed_before *before,
		    const struct cc_instruction *instruction, struct cc_executed *executed)
{
	uint64_t *last = before->out[instruction->kind];
	int ins = count_ins(instruction), outs = count_outs(instruction);

	for (int i = 0; i < ins; i++)
		executed->in[i] = cc_get_u(from);
	for (int i = 0; i < outs; i++) {
		last[i] += (uint64_t)cc_get_s(from);
		executed->out[i] = last[i];
	}
	return from->bad ? -1 : 0;
}
