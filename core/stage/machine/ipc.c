/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What no call says of System V's objects: how long a segment of shared memory is, how many
 * semaphores a set has. The guest's kernel knows (ipc/util.h, lib/radix-tree.c): objects stand in a
 * tree for each kind, by the lower bits of their ids.
 */
#include "core/stage/machine/stage.h"

#define INDEX_BITS 15 /* IPCMNI_SHIFT */
#define IS_NODE(entry) (((entry)&3) == 2)

enum kind { SEMAPHORES, QUEUES, SEGMENTS }; /* IPC_SEM_IDS and so on */

static uint64_t pointer_at(uint64_t address)
{
	uint64_t pointer = 0;

	guest_read(address, &pointer, sizeof(pointer));
	return pointer;
}

/* Its struct kern_ipc_perm, which the object begins with; 0: there is none. */
static uint64_t object(enum kind kind, uint32_t id)
{
	const struct cc_kernel_types *kernel = &stage.kernel;
	uint64_t space = pointer_at(pointer_at(task_current()->address + kernel->task_nsproxy) +
				    kernel->nsproxy_ipc);
	uint64_t ids = space + kernel->ipc_ids + (unsigned)kind * kernel->ids_size;
	uint64_t entry = pointer_at(ids + kernel->ids_idr + kernel->idr_root + kernel->tree_head);
	uint32_t index = id & ((1u << INDEX_BITS) - 1);

	while (IS_NODE(entry)) {
		uint64_t node = entry & ~3ul;
		uint8_t shift = 64;

		guest_read(node + kernel->node_shift, &shift, sizeof(shift));
		if (shift >= 32)
			return 0;
		entry = pointer_at(node + kernel->node_slots + 8ul * (index >> shift & 63));
	}
	return entry;
}

int64_t ipc_semaphores(uint32_t id)
{
	uint64_t set = object(SEMAPHORES, id);
	int32_t count = -1;

	if (set)
		guest_read(set + stage.kernel.semaphores_count, &count, sizeof(count));
	return count;
}

uint64_t ipc_segment_size(uint32_t id)
{
	uint64_t segment = object(SEGMENTS, id);

	return segment ? pointer_at(segment + stage.kernel.segment_size) : 0;
}
