/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/replay/instructions.h"

#include <cpuid.h>
#include <link.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <x86intrin.h>

#include "core/host/instruction.h"
#include "core/replay/faults.h"
#include "core/replay/heap.h"
#include "core/replay/modules.h"
#include "core/replay/raw.h"
#include "core/replay/replay.h"
#include "core/replay/state.h"
#include "core/replay/threads.h"

#define PAGE 4096ul

/*
 * What stands in the place of an instruction: INT3, whose signal is SIGTRAP; and UD2 for one that
 * the run's processor did not know. (UD2 for all would take twice as long on virtual machines:
 * hypervisors look at each.)
 */
static const uint8_t traps[2][2] = {{0xcc}, {0x0f, 0x0b}};
static const size_t trap_lengths[2] = {1, 2};

/* Objects that instructions of the run stand in. */
struct object {
	struct object *next;
	const struct cc_module *module;
	const struct link_map *map; /* NULL: it is not loaded */
};

struct known {
	struct object *object; /* NULL: in memory that none is mapped to */
	uint64_t offset;       /* in it, or the address */
	uint64_t at;	       /* where it stands here; 0: nowhere yet */
	struct cc_instruction instruction;
	uint8_t code[CC_INSTRUCTION_MAX], length, faults;
	struct cc_executed last; /* for copies: what the instruction brought */
};
static struct {
	struct object *objects;
	struct known *known;
	size_t known_count;
	struct batch *batches, **last_batch;
	struct identity *identities;
} instructions CC_STATE = {.last_batch = &instructions.batches};

static const char *describe(const struct known *which, char *text, size_t size)
{
	if (which->object)
		snprintf(text, size, "%s at %#llx of %s", cc_instruction_name(&which->instruction),
			 (unsigned long long)which->offset, which->object->module->path);
	else
		snprintf(text, size, "%s at %#llx", cc_instruction_name(&which->instruction),
			 (unsigned long long)which->offset);
	return text;
}

/* ---- changing the code ---- */

/* Changes the code at `address`, but only if it is what the run had there. */
static void change(struct known *which, uint64_t address, long protection)
{
	uint64_t from = address & ~(PAGE - 1),
		 to = (address + which->length + PAGE - 1) & ~(PAGE - 1);
	const uint8_t *trap = traps[which->faults];
	size_t length = trap_lengths[which->faults];
	uint8_t *code = (uint8_t *)(uintptr_t)address;

	if (memcmp(code + length, which->code + length, which->length - length) ||
	    (memcmp(code, trap, length) && memcmp(code, which->code, length)))
		return;
	which->at = address;
	if (!memcmp(code, trap, length))
		return;
	if (cc_raw(SYS_mprotect, (long)from, (long)(to - from), PROT_READ | PROT_WRITE, 0, 0, 0) <
	    0)
		cc_die("code of the program cannot be changed: mprotect failed");
	memcpy(code, trap, length);
	cc_raw(SYS_mprotect, (long)from, (long)(to - from), protection, 0, 0, 0);
}

/*
 * An object that is linked with the interpreter stands elsewhere than in the run: its build-id
 * tells.
 */
static const struct link_map *find_map(const struct cc_module *module)
{
	char id[129];

	for (int anywhere = 0; anywhere < 2; anywhere++)
		for (const struct link_map *map = _r_debug.r_map; map; map = map->l_next) {
			if (anywhere ? !*module->build_id : map->l_addr != module->base)
				continue;
			cc_loaded_build_id(map->l_addr, id, sizeof(id));
			if (!strcmp(id, module->build_id))
				return map;
		}
	return NULL;
}

/* The log may say anything: only code is changed. */
static void change_known(struct known *which)
{
	const struct link_map *map = which->object->map;

	if (map && cc_loaded_code(map->l_addr, which->offset, which->length))
		change(which, map->l_addr + which->offset, PROT_READ | PROT_EXEC);
}

void cc_instructions_mapped(void)
{
	for (struct object *object = instructions.objects; object; object = object->next) {
		const struct link_map *before = object->map;

		object->map = find_map(object->module);
		for (size_t i = 0; object->map && !before && i < instructions.known_count; i++)
			if (instructions.known[i].object == object)
				change_known(&instructions.known[i]);
	}
}

static struct object *object_at(const char *path)
{
	const struct cc_module *module = cc_module_at(path);
	struct object *object = instructions.objects;

	while (object && object->module != module)
		object = object->next;
	if (object || !module)
		return object;
	object = cc_heap_malloc(sizeof(*object));
	*object = (struct object){instructions.objects, module, find_map(module)};
	return instructions.objects = object;
}

/* ---- in memory that no object is mapped to (instruction-guards.c) ---- */

int cc_instructions_made_in(uint64_t address, uint64_t length)
{
	for (size_t i = 0; i < instructions.known_count; i++)
		if (!instructions.known[i].object &&
		    instructions.known[i].offset - address < length)
			return 1;
	return 0;
}

void cc_instructions_change_made(uint64_t address, uint64_t length, long protection)
{
	for (size_t i = 0; i < instructions.known_count; i++)
		if (!instructions.known[i].object &&
		    instructions.known[i].offset - address < length &&
		    instructions.known[i].length <= address + length - instructions.known[i].offset)
			change(&instructions.known[i], instructions.known[i].offset, protection);
}

/* ---- records ---- */

int cc_instructions_note(struct cc_cursor *cursor)
{
	size_t path_length, length;
	const uint8_t *path = cc_get_blob(cursor, &path_length), *code;
	struct known which = {.offset = cc_get_u(cursor)};
	char name[4096];

	code = cc_get_blob(cursor, &length);
	which.faults = cc_get_u(cursor) != 0;
	if (cursor->bad || path_length >= sizeof(name) || length < sizeof(*traps) ||
	    length > sizeof(which.code) ||
	    (!which.faults && (!cc_instruction_decode(code, length, &which.instruction) ||
			       which.instruction.length != length)))
		return -1;
	memcpy(which.code, code, length);
	which.length = (uint8_t)length;
	memcpy(name, path, path_length);
	name[path_length] = '\0';
	which.object = *name ? object_at(name) : NULL;
	if (*name && !which.object)
		return -1;
	if (!which.faults)
		cc_faults_watch(SIGTRAP);
	cc_heap_room(instructions.known, instructions.known_count);
	instructions.known[instructions.known_count++] = which;
	if (which.object)
		change_known(&instructions.known[instructions.known_count - 1]);
	else
		cc_instructions_guard(which.offset);
	return 0;
}

/*
 * Instructions that a thread executed before its next record; the batch, of an EXECUTED record, is
 * taken apart as they are asked for.
 */
struct batch {
	struct batch *next;
	unsigned thread;
	uint64_t left;
	struct cc_executed_before before;
	struct cc_cursor cursor;
	uint8_t content[];
};

int cc_instructions_executed(struct cc_log_reader *reader, struct cc_cursor *cursor,
			     unsigned thread)
{
	uint64_t count = cc_get_u(cursor);
	size_t length;
	const uint8_t *content = cc_log_get_blob(reader, cursor, &length);
	struct batch *batch;

	if (!content || count > length)
		return -1;
	batch = cc_heap_malloc(sizeof(*batch) + length);
	*batch = (struct batch){.thread = thread, .left = count};
	memcpy(batch->content, content, length);
	batch->cursor = (struct cc_cursor){batch->content, batch->content + length, 0};
	*instructions.last_batch = batch;
	instructions.last_batch = &batch->next;
	return 0;
}

static struct batch *batch_of_thread(void)
{
	struct batch **at = &instructions.batches, *batch;

	while ((batch = *at)) {
		if (batch->thread == cc_thread && batch->left)
			return batch;
		if (batch->left) {
			at = &batch->next;
			continue;
		}
		*at = batch->next;
		if (!*at)
			instructions.last_batch = at;
		cc_heap_free(batch);
	}
	return NULL;
}

/*
 * The next instruction that the running thread executed, by the log; NULL: none before its next
 * record.
 */
static struct known *take(struct cc_executed *executed)
{
	struct batch *batch = batch_of_thread();
	uint64_t number;

	if (!batch && cc_thread_many()) {
		/* What comes before a batch in the log may be another thread's to do. */
		cc_thread_turn();
		batch = batch_of_thread();
	}
	if (!batch)
		return NULL;
	number = cc_get_u(&batch->cursor);
	if (number >= instructions.known_count || instructions.known[number].faults ||
	    cc_executed_get(&batch->cursor, &batch->before, &instructions.known[number].instruction,
			    executed) < 0)
		cc_die("malformed record of executed instructions");
	batch->left--;
	return &instructions.known[number];
}

void cc_instructions_check(void)
{
	struct cc_executed executed;
	char name[4300];

	if (instructions.batches && batch_of_thread())
		cc_die("diverged: the run executed %s before this call, and the replay did not",
		       describe(take(&executed), name, sizeof(name)));
}

/* ---- what instructions bring ---- */

static const uint8_t by_number[] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
				    REG_RSI, REG_RDI, REG_R8,  REG_R9,	REG_R10, REG_R11,
				    REG_R12, REG_R13, REG_R14, REG_R15};

static void read_registers(const greg_t *registers, unsigned numbers, uint64_t *values)
{
	for (unsigned i = 0; i < sizeof(by_number); i++)
		if (numbers >> i & 1)
			*values++ = (uint64_t)registers[by_number[i]];
}

static void read_floats(const struct _libc_fpstate *state, struct cc_float floats[2])
{
	for (int i = 0; i < 2; i++) {
		memcpy(&floats[i].significand, state->_st[i].significand,
		       sizeof(floats[i].significand));
		floats[i].exponent = state->_st[i].exponent;
	}
}

/*
 * Executes the instruction here: the floating-point stack, flags and tags become what they do on
 * any processor.
 */
static void execute_floating(const struct cc_instruction *instruction, struct _libc_fpstate *state)
{
	struct {
		uint8_t bytes[512];
	} __attribute__((aligned(16))) own;

#define EXECUTE(name)                                                                              \
	__asm__ volatile("fxsave64 %0\n\tfxrstor64 %1\n\t" name "\n\tfxsave64 %1\n\tfxrstor64 %0"  \
			 : "=m"(own), "+m"(*state)                                                 \
			 :                                                                         \
			 : "memory")
	switch (instruction->kind) {
	case CC_F2XM1:
		EXECUTE("f2xm1");
		break;
	case CC_FYL2X:
		EXECUTE("fyl2x");
		break;
	case CC_FPTAN:
		EXECUTE("fptan");
		break;
	case CC_FPATAN:
		EXECUTE("fpatan");
		break;
	case CC_FYL2XP1:
		EXECUTE("fyl2xp1");
		break;
	case CC_FSINCOS:
		EXECUTE("fsincos");
		break;
	case CC_FSIN:
		EXECUTE("fsin");
		break;
	case CC_FCOS:
		EXECUTE("fcos");
		break;
	}
#undef EXECUTE
}

#define FLAGS 0x8d5ul /* overflow, sign, zero, auxiliary carry, parity, carry */
#define CARRY 1ul

static void write_registers(const struct cc_instruction *instruction,
			    const struct cc_executed *executed, greg_t *registers)
{
	unsigned numbers = cc_instruction_outs(instruction);
	const uint64_t *values = executed->out;

	for (unsigned i = 0; i < sizeof(by_number); i++) {
		greg_t *to = &registers[by_number[i]];

		if (!(numbers >> i & 1))
			continue;
		if (instruction->width == 2)
			*to = (*to & ~0xffffl) | (greg_t)(*values++ & 0xffff);
		else
			*to = (greg_t)*values++;
	}
	if (cc_instruction_carries(instruction))
		registers[REG_EFL] = (greg_t)(((uint64_t)registers[REG_EFL] & ~FLAGS) | CARRY);
}

/* What goes into the instruction that the program is at. */
static void read_ins(const struct cc_instruction *instruction, const mcontext_t *context,
		     struct cc_executed *now)
{
	struct cc_float floats[2];

	if (!cc_instruction_floats(instruction)) {
		read_registers(context->gregs, cc_instruction_ins(instruction), now->in);
		cc_executed_trim(instruction, now);
		return;
	}
	read_floats(context->fpregs, floats);
	cc_executed_floats_in(now, floats);
}

/* Gives the program what came out of the instruction. */
static void bring(const struct cc_instruction *instruction, const struct cc_executed *executed,
		  mcontext_t *context)
{
	struct cc_float floats[2];

	if (!cc_instruction_floats(instruction)) {
		write_registers(instruction, executed, context->gregs);
		return;
	}
	cc_executed_floats(executed, floats);
	for (int i = 0; i < cc_instruction_floats(instruction); i++) {
		memcpy(context->fpregs->_st[i].significand, &floats[i].significand,
		       sizeof(floats[i].significand));
		context->fpregs->_st[i].exponent = floats[i].exponent;
	}
}

static void compare(const struct known *here, const struct known *then,
		    const struct cc_executed *executed, const mcontext_t *context)
{
	struct cc_executed now = {0};
	char name[4300], other[4300];

	if (!then) {
		describe(here, name, sizeof(name));
		cc_replay_diverges(name);
	}
	if (then->at != here->at)
		cc_die("diverged: the program executes %s; the run executed %s",
		       describe(here, name, sizeof(name)), describe(then, other, sizeof(other)));
	read_ins(&here->instruction, context, &now);
	if (memcmp(now.in, executed->in, sizeof(now.in)))
		cc_die("diverged: the program executes %s with %#llx, %#llx; the run with %#llx, "
		       "%#llx",
		       describe(here, name, sizeof(name)), (unsigned long long)now.in[0],
		       (unsigned long long)now.in[1], (unsigned long long)executed->in[0],
		       (unsigned long long)executed->in[1]);
}

/* ---- in a copy, or for a hook ---- */

/* What CPUID said in the run, to one question */
struct identity {
	struct identity *next;
	struct cc_executed executed;
};

static const struct cc_executed *identity_of(const uint64_t *in)
{
	for (const struct identity *identity = instructions.identities; identity;
	     identity = identity->next)
		if (!memcmp(identity->executed.in, in, sizeof(identity->executed.in)))
			return &identity->executed;
	return NULL;
}

static void remember(struct known *here, const struct cc_executed *executed)
{
	struct identity *identity;

	here->last = *executed;
	if (here->instruction.kind != CC_CPUID || identity_of(executed->in))
		return;
	identity = cc_heap_malloc(sizeof(*identity));
	*identity = (struct identity){instructions.identities, *executed};
	instructions.identities = identity;
}

/* CPUID says what it said in the run to the same question; else what this machine says. */
static void identify(const struct cc_executed *now, struct cc_executed *executed)
{
	const struct cc_executed *then = identity_of(now->in);
	uint32_t a, b, c, d;

	if (then) {
		*executed = *then;
		return;
	}
	__cpuid_count((uint32_t)now->in[0], (uint32_t)now->in[1], a, b, c, d);
	*executed = (struct cc_executed){.out = {a, c, d, b}};
}

/* The time-stamp counter goes on from where it was in the run. */
static void continue_time(uint64_t *low, uint64_t *high)
{
	static uint64_t since CC_STATE;

	if (!since)
		since = __rdtsc() - (*high << 32 | *low);
	*low = (uint32_t)(__rdtsc() - since);
	*high = (__rdtsc() - since) >> 32;
}

/*
 * Floating-point instructions are computed, time goes on, and CPUID is answered by what it is
 * asked; all others bring what they brought last.
 */
static void bring_aside(const struct known *here, mcontext_t *context)
{
	struct cc_executed now = {0}, last = here->last, *executed = &last;

	if (cc_instruction_floats(&here->instruction)) {
		execute_floating(&here->instruction, context->fpregs);
		return;
	}
	read_ins(&here->instruction, context, &now);
	if (here->instruction.kind == CC_CPUID)
		identify(&now, executed);
	else if (here->instruction.kind == CC_RDTSC)
		continue_time(&executed->out[0], &executed->out[1]);
	else if (here->instruction.kind == CC_RDTSCP)
		continue_time(&executed->out[0], &executed->out[2]);
	bring(&here->instruction, executed, context);
}

/* ---- the trap ---- */

static size_t number_at(uint64_t address)
{
	for (size_t i = 0; i < instructions.known_count; i++)
		if (instructions.known[i].at && instructions.known[i].at == address &&
		    !instructions.known[i].faults)
			return i;
	return instructions.known_count;
}

int cc_instructions_trapped(mcontext_t *context, int of_the_run)
{
	size_t here = number_at((uint64_t)context->gregs[REG_RIP] - *trap_lengths);
	struct cc_executed executed = {0};

	if (here == instructions.known_count)
		return 0;
	if (of_the_run) {
		const struct known *then = take(&executed); /* may read others' records */

		compare(&instructions.known[here], then, &executed, context);
		remember(&instructions.known[here], &executed);
		execute_floating(&instructions.known[here].instruction, context->fpregs);
		bring(&instructions.known[here].instruction, &executed, context);
	} else {
		bring_aside(&instructions.known[here], context);
	}
	context->gregs[REG_RIP] =
		(greg_t)(instructions.known[here].at + instructions.known[here].length);
	return 1;
}
