/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What no call says of System V's objects: how long a segment of shared memory is, how many
 * semaphores a set has. The guest's kernel knows (ipc/util.h): objects stand in a tree for each
 * kind, by the lower bits of their ids.
 */
#include "core/stage/machine/stage.h"

#define INDEX_BITS 15 /* IPCMNI_SHIFT */

enum kind { SEMAPHORES, QUEUES, SEGMENTS }; /* IPC_SEM_IDS and so on */

/* Its struct kern_ipc_perm, which the object begins with; 0: there is none. */
static uint64_t object(enum kind kind, uint32_t id)
{
	const struct cc_kernel_types *kernel = &stage.kernel;
	uint64_t space =
		guest_pointer(guest_pointer(task_current()->address + kernel->task_nsproxy) +
			      kernel->nsproxy_ipc);
	uint64_t ids = space + kernel->ipc_ids + (unsigned)kind * kernel->ids_size;

	return guest_tree_entry(ids + kernel->ids_idr + kernel->idr_root,
				id & ((1u << INDEX_BITS) - 1));
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

	return segment ? guest_pointer(segment + stage.kernel.segment_size) : 0;
}
