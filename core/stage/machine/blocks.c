/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How often a thread has been at an instruction since a point that a replay knows: where the guest
 * leaves a thread amidst code of a library's, without any call, that is a place which a replay
 * finds by a breakpoint. It is counted block by block, as QEMU translates them. An instruction that
 * is come by too often (switches.c) is no place; then it is the last one before it that is: the
 * anchor, from which counting goes on.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/stage/machine/stage.h"

struct cc_block {
	struct cc_block *next;	      /* in its bucket */
	uint64_t first, last;	      /* instructions */
	const struct cc_image *image; /* in which it was found to be the program's, or not, */
	size_t maps;		      /* when that had so many objects */
	int is_programs;
};

#define BUCKETS 65536
static struct cc_block *buckets[BUCKETS];

/* While it counts instructions, QEMU cuts a block at many lengths. */
static struct cc_block **bucket_of(uint64_t first, uint64_t last)
{
	return &buckets[((first ^ first >> 16) + (last - first) * 257) % BUCKETS];
}

static struct cc_block *find_block(uint64_t first, uint64_t last)
{
	struct cc_block **bucket = bucket_of(first, last), *block = *bucket;

	while (block && (block->first != first || block->last != last))
		block = block->next;
	if (block)
		return block;
	block = cc_allocate(sizeof(*block));
	*block = (struct cc_block){.next = *bucket, .first = first, .last = last};
	*bucket = block;
	return block;
}

/* ---- counting ---- */

struct ran {
	struct cc_block *block;
	int64_t times;
	int64_t since; /* of these, since the anchor, if `epoch` is that of the table */
	uint64_t epoch;
	size_t hot; /* so many hot blocks were looked at: none of them has its last instruction */
};
/* A part of a block that was counted and did not run. */
struct cut {
	uint64_t first, last, epoch;
};
/* What ran since blocks_begin, in a table that is never full. */
struct cc_blocks {
	struct ran *slots;
	size_t capacity, used;
	uint64_t count; /* how much ran */
	/*
	 * Since the thread's last record: of one that has the interpreter, it is counted within one
	 */
	uint64_t ops;
	struct cc_block *latest;
	/*
	 * Where it was last that can be a place: before this instruction, which ran since, or
	 * begins anew.
	 */
	uint64_t anchor, epoch;
	int anchor_ran, is_anchor; /* is_anchor: the place that was found */
	uint64_t rest;		   /* an instruction that counts once besides: 0: none */
	struct cut *cuts;
	size_t cut_count;
	struct cc_block **hot; /* what ran more often than a replay can count */
	size_t hot_count;
};

static struct ran *slot_of(const struct cc_blocks *blocks, const struct cc_block *block)
{
	size_t i = ((uintptr_t)block / sizeof(*block)) & (blocks->capacity - 1);

	while (blocks->slots[i].block && blocks->slots[i].block != block)
		i = (i + 1) & (blocks->capacity - 1);
	return &blocks->slots[i];
}

static void grow(struct cc_blocks *blocks)
{
	struct cc_blocks old = *blocks;

	blocks->capacity = old.capacity ? old.capacity * 2 : 256;
	blocks->slots = cc_allocate_zeros(blocks->capacity, sizeof(*blocks->slots));
	for (size_t i = 0; i < old.capacity; i++)
		if (old.slots[i].block)
			*slot_of(blocks, old.slots[i].block) = old.slots[i];
	free(old.slots);
}

/*
 * In a replay the C library is another one, in part, and elsewhere, and the unwinder reads what the
 * compiler wrote about it. What the interpreter does is counted in ops.
 */
static int is_programs(const struct cc_image *image, uint64_t instruction)
{
	const struct cc_map *map = task_map_of(image->task, instruction);

	return map && !map->object->inside && !map->object->runtime && !map->object->is_unwinder &&
	       cc_elf_bytes(map->object->elf, instruction - map->bias, 1);
}

static int counts(const struct cc_image *image, struct cc_block *block)
{
	if (block->image != image || block->maps != image->task->map_count) {
		block->image = image;
		block->maps = image->task->map_count;
		block->is_programs = is_programs(image, block->last);
	}
	return block->is_programs;
}

static void add_hot(struct cc_blocks *blocks, struct cc_block *block)
{
	cc_array_room(blocks->hot, blocks->hot_count);
	blocks->hot[blocks->hot_count++] = block;
}

/*
 * QEMU cuts a block short when the time of an interrupt has come: that ran seldom, and its last
 * instruction often.
 */
static int is_hot(const struct cc_blocks *blocks, struct ran *slot)
{
	while (slot->hot < blocks->hot_count) {
		const struct cc_block *hot = blocks->hot[slot->hot];

		if (hot->first <= slot->block->last && slot->block->last <= hot->last)
			return 1;
		slot->hot++;
	}
	return 0;
}

/*
 * QEMU translates a page once for all addresses that it is mapped at: where this one runs, RIP
 * tells.
 */
void blocks_ran(unsigned vcpu, void *bytes)
{
	struct cc_image *image = image_running();
	struct cc_thread *thread = image ? image->thread : NULL;
	struct cc_blocks *blocks;
	struct cc_block *block;
	struct ran *slot;
	uint64_t first;

	if (!thread)
		return;
	first = guest_register(R_RIP);
	if (image->late_count) {
		boundary_late(image, first);
		if (!image_counts_blocks(image))
			return;
	}
	boundary_block(image, first);
	block = find_block(first, first + (uintptr_t)bytes);
	if (!counts(image, block))
		return;
	if (!thread->stand.blocks)
		thread->stand.blocks = cc_allocate_zeros(1, sizeof(*blocks));
	blocks = thread->stand.blocks;
	if (blocks->ops != thread->ops + score_get(SCORE_OPS))
		blocks_begin(thread);
	blocks->ops = thread->ops + score_get(SCORE_OPS);
	if (blocks->used * 2 >= blocks->capacity)
		grow(blocks);
	slot = slot_of(blocks, block);
	blocks->used += !slot->block;
	slot->block = blocks->latest = block;
	blocks->count++;
	if (++slot->times == thread->stand.times_max + 1)
		add_hot(blocks, slot->block);
	if (slot->times <= thread->stand.times_max && !is_hot(blocks, slot)) {
		blocks->anchor = slot->block->last;
		blocks->anchor_ran = 1;
		blocks->epoch++;
		return;
	}
	slot->since = slot->epoch == blocks->epoch ? slot->since + 1 : 1;
	slot->epoch = blocks->epoch;
}

void blocks_begin(struct cc_thread *thread)
{
	struct cc_blocks *blocks = thread->stand.blocks;

	if (!blocks || (!blocks->used && !blocks->rest))
		return;
	memset(blocks->slots, 0, blocks->capacity * sizeof(*blocks->slots));
	blocks->used = blocks->cut_count = blocks->count = blocks->hot_count = 0;
	blocks->anchor = blocks->rest = 0;
	blocks->latest = NULL;
}

void blocks_place_emitted(struct cc_thread *thread)
{
	struct cc_blocks *blocks = thread->stand.blocks;
	size_t kept = 0;

	if (!blocks || !blocks->is_anchor) {
		blocks_begin(thread);
		return;
	}
	blocks->hot_count = 0;
	for (size_t i = 0; i < blocks->capacity; i++) {
		struct ran *slot = &blocks->slots[i];

		slot->times = slot->epoch == blocks->epoch ? slot->since : 0;
		slot->hot = 0;
		if (slot->times > thread->stand.times_max)
			add_hot(blocks, slot->block);
	}
	for (size_t i = 0; i < blocks->cut_count; i++)
		if (blocks->cuts[i].epoch == blocks->epoch)
			blocks->cuts[kept++] = blocks->cuts[i];
	blocks->cut_count = kept;
	blocks->rest = blocks->anchor_ran ? blocks->anchor : 0;
	blocks->count = blocks->anchor = 0;
}

uint64_t blocks_count(const struct cc_thread *thread)
{
	return thread->stand.blocks ? thread->stand.blocks->count : 0;
}

void blocks_free(struct cc_thread *thread)
{
	struct cc_blocks *blocks = thread->stand.blocks;

	if (blocks) {
		free(blocks->slots);
		free(blocks->cuts);
		free(blocks->hot);
	}
	free(blocks);
	thread->stand.blocks = NULL;
}

/* ---- page faults: the block that was counted as a whole begins anew amidst ---- */

#define IDT 0xfffffe0000000000ul /* Linux: CPU_ENTRY_AREA_RO_IDT */
#define PAGE_FAULT 14

uint64_t blocks_fault_handler(void)
{
	static uint64_t handler;
	struct {
		uint16_t low, selector, flags, middle;
		uint32_t high, reserved;
	} gate;

	if (!handler && !guest_read(IDT + PAGE_FAULT * sizeof(gate), &gate, sizeof(gate)))
		handler = (uint64_t)gate.high << 32 | (uint32_t)gate.middle << 16 | gate.low;
	return handler;
}

void blocks_faulted(unsigned vcpu, void *data)
{
	struct cc_image *image = image_running();
	struct cc_blocks *blocks = image && image->thread ? image->thread->stand.blocks : NULL;
	uint64_t instruction = 0;

	/* Above the error code */
	guest_read(guest_register(R_RSP) + 8, &instruction, sizeof(instruction));
	if (!blocks || !blocks->latest || instruction < blocks->latest->first ||
	    instruction > blocks->latest->last)
		return;
	cc_array_room(blocks->cuts, blocks->cut_count);
	if (blocks->anchor == blocks->latest->last) { /* it has not come there */
		blocks->anchor = instruction;
		blocks->anchor_ran = 0;
	}
	blocks->cuts[blocks->cut_count++] = (struct cut){instruction, blocks->latest->last,
							 blocks->epoch - !blocks->anchor_ran};
	blocks->latest = NULL;
}

/* ---- places ---- */

/*
 * How often the thread was there; or had been when it was at the anchor, which it may have come by
 * again since.
 */
static int64_t times_at(const struct cc_blocks *blocks, uint64_t instruction, int by_the_anchor)
{
	int64_t times = blocks->rest == instruction;

	for (size_t i = 0; i < blocks->capacity; i++) {
		const struct ran *slot = &blocks->slots[i];

		if (!slot->block || instruction < slot->block->first ||
		    slot->block->last < instruction)
			continue;
		times += slot->times;
		if (by_the_anchor && slot->epoch == blocks->epoch)
			times -= slot->since;
	}
	for (size_t i = 0; i < blocks->cut_count; i++)
		if (!by_the_anchor || blocks->cuts[i].epoch != blocks->epoch)
			times -= blocks->cuts[i].first <= instruction &&
				 instruction <= blocks->cuts[i].last;
	return times;
}

int blocks_place(const struct cc_image *image, const struct cc_thread *thread, uint64_t instruction,
		 uint64_t *address, uint64_t *times)
{
	struct cc_blocks *blocks = thread->stand.blocks;
	int64_t count;

	if (!blocks || !blocks->count || blocks->ops != thread->ops) /* none in this op */
		return 0;
	count = times_at(blocks, instruction, 0);
	blocks->is_anchor = !is_programs(image, instruction) || count > thread->stand.times_max;
	if (blocks->is_anchor)
		count = times_at(blocks, instruction = blocks->anchor, 1) - blocks->anchor_ran;
	*address = instruction;
	*times = (uint64_t)count;
	return instruction && count >= 0;
}
