/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instructions that bring something in (core/host/instruction.h), as the program executes them: in
 * the interpreter, in extension modules and their libraries, in code made at run time; in the C
 * library, which a replay tunes, those of x87 only. What each brought is kept with the thread, and
 * written before its next record.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/stage/machine/stage.h"

#define CONTENT_MAX 65536

static const uint8_t by_number[] = {R_RAX, R_RCX, R_RDX, R_RBX, R_RSP, R_RBP, R_RSI, R_RDI,
				    R_R8,  R_R9,  R_R10, R_R11, R_R12, R_R13, R_R14, R_R15};

/*
 * Is it the program that runs, and not the C library inside a host call? While the C library loads
 * an object, or looks a symbol up, it is the program all the same: functions that pick an
 * implementation run there (STT_GNU_IFUNC).
 */
static int is_the_programs(const struct cc_image *image)
{
	const struct cc_pending *top;

	if (!image || !image->trace || image->error.status || !image->started ||
	    image->thread->exits)
		return 0;
	if (!image_busy(image))
		return 1;
	top = &image->thread->pending[image->thread->depth - 1];
	return top->call && (cc_call_does(top->call, CC_EFFECT_LOAD) ||
			     cc_call_does(top->call, CC_EFFECT_SYMBOL));
}

/*
 * Where that code stands: at `known->address` of `known->object`, if that is what is in the file
 * there.
 */
static void locate(const struct cc_image *image, uint64_t address,
		   struct cc_known_instruction *known)
{
	const struct cc_map *map = task_map_of(image->task, address);
	const uint8_t *file =
		map ? cc_elf_bytes(map->object->elf, address - map->bias, known->length) : NULL;

	known->object = file && !memcmp(file, known->code, known->length) ? map->object : NULL;
	known->address = known->object ? address - map->bias : address;
}

/* The number of its record, which is written when it is met for the first time. */
static size_t number_of(struct cc_image *image, const struct cc_known_instruction *wanted)
{
	struct cc_known_instruction *known = image->instructions;
	size_t count = image->instruction_count;

	for (size_t i = count; i--;)
		if (known[i].address == wanted->address && known[i].object == wanted->object &&
		    known[i].faults == wanted->faults && known[i].length == wanted->length &&
		    !memcmp(known[i].code, wanted->code, wanted->length))
			return i;
	cc_array_room(image->instructions, count);
	image->instructions[count] = *wanted;
	image->instruction_count++;
	cc_trace_instruction(image->trace, wanted->object ? wanted->object->path : "",
			     wanted->address, wanted->code, wanted->length, wanted->faults);
	return count;
}

void instructions_copied(struct cc_image *copy)
{
	copy->instructions = cc_array_copy(copy->instructions, copy->instruction_count,
					   sizeof(*copy->instructions));
}

/* What registers have, in the order of their numbers. */
static void read_registers(unsigned numbers, uint64_t *values)
{
	for (unsigned i = 0; i < sizeof(by_number); i++)
		if (numbers >> i & 1)
			*values++ = guest_register(by_number[i]);
}

/*
 * QEMU keeps the instruction pointer where the code that it translated begins. That goes on into
 * the next page at most, and is shorter than one: it holds this offset once.
 */
static uint64_t address_of(uint64_t offset)
{
	uint64_t from = guest_register(R_RIP);

	return from + ((offset - from) & 0xfff);
}

void instruction_begins(unsigned vcpu, void *data)
{
	struct cc_image *image = image_current();
	struct cc_known_instruction known = {.length = CC_INSTRUCTION_MAX};
	struct cc_executing *executing;
	uint64_t at;

	if (!is_the_programs(image))
		return;
	executing = &image->thread->executing;
	at = address_of((uintptr_t)data);
	while (known.length && guest_read(at, known.code, known.length))
		known.length--; /* the next page is not there */
	executing->at = 0;
	if (!cc_instruction_decode(known.code, known.length, &executing->instruction))
		return;
	executing->at = at;
	if (cc_instruction_floats(&executing->instruction))
		cc_executed_floats_in(&executing->executed,
				      (struct cc_float[]){guest_float(R_ST0), guest_float(R_ST1)});
	else
		read_registers(cc_instruction_ins(&executing->instruction), executing->executed.in);
}

void instruction_over(unsigned vcpu, void *data)
{
	struct cc_image *image = image_current();
	struct cc_executing *executing = image ? &image->thread->executing : NULL;
	struct cc_known_instruction known = {0};

	if (!image || !executing->at ||
	    ((executing->at + executing->instruction.length) & 0xfff) != (uintptr_t)data)
		return;
	known.length = executing->instruction.length;
	guest_memory.read(guest_memory.context, executing->at, known.code, known.length);
	locate(image, executing->at, &known);
	executing->at = 0;
	if (cc_instruction_floats(&executing->instruction))
		cc_executed_floats_out(&executing->executed,
				       (struct cc_float[]){guest_float(R_ST0), guest_float(R_ST1)});
	else if (known.object && known.object->inside)
		return;
	else
		read_registers(cc_instruction_outs(&executing->instruction),
			       executing->executed.out);
	cc_executed_trim(&executing->instruction, &executing->executed);
	cc_executed_put(&executing->content, &executing->before, number_of(image, &known),
			&executing->instruction, &executing->executed);
	executing->count++;
	if (executing->content.length > CONTENT_MAX)
		instructions_put(image);
}

void instructions_put(struct cc_image *image)
{
	struct cc_executing *executing = &image->thread->executing;

	if (!executing->count || !image->trace || image->error.status)
		return;
	image_trace_aside(image);
	cc_trace_executed(image->trace, executing->count, executing->content.data,
			  executing->content.length);
	executing->content.length = executing->count = 0;
	memset(&executing->before, 0, sizeof(executing->before));
}

/* ---- those that the processor does not know ---- */

void instruction_faulted(struct cc_image *image, uint64_t address)
{
	static const uint8_t undefined[] = {0x0f, 0x0b}; /* UD2: it faults anywhere */
	struct cc_known_instruction known = {.length = sizeof(undefined), .faults = 1};

	image->thread->executing.at = 0;
	if (guest_memory.read(guest_memory.context, address, known.code, known.length) ||
	    !memcmp(known.code, undefined, sizeof(undefined)))
		return;
	locate(image, address, &known);
	number_of(image, &known);
}

void instructions_ended(struct cc_image *image, int status)
{
	uint64_t at = image->thread->executing.at;

	if (status == -SIGILL && at) /* no handler was there to see it */
		instruction_faulted(image, at);
	instructions_put(image);
}
