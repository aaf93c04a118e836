/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Members of the guest kernel's structs that the stage looks at, beside those of task_struct that
 * came with the base: offsets in bytes, for Linux 5.5 and newer. They are read out of the BTF that
 * the kernel has in its memory (core/vm/kernel-types.h), so that no base need know what a later
 * build asks for.
 */
#ifndef CC_STAGE_KERNEL_H
#define CC_STAGE_KERNEL_H

#include <stdint.h>

/* name, struct, member ("": the struct's size) */
#define CC_KERNEL_TYPES(X)                                                                         \
	X(task_files, "task_struct", "files")                                                      \
	X(task_stack, "task_struct", "stack")                                                      \
	X(task_entity, "task_struct", "se")                                                        \
	X(entity_clock, "sched_entity", "exec_start")                                              \
	X(registers_size, "pt_regs", "")                                                           \
	X(registers_number, "pt_regs", "orig_ax")                                                  \
	X(registers_ip, "pt_regs", "ip")                                                           \
	X(registers_si, "pt_regs", "si")                                                           \
	X(files_fdt, "files_struct", "fdt")                                                        \
	X(fdt_max_fds, "fdtable", "max_fds")                                                       \
	X(fdt_fd, "fdtable", "fd")                                                                 \
	X(file_inode, "file", "f_inode")                                                           \
	X(file_path, "file", "f_path")                                                             \
	X(path_dentry, "path", "dentry")                                                           \
	X(dentry_name, "dentry", "d_name")                                                         \
	X(qstr_name, "qstr", "name")                                                               \
	X(inode_mode, "inode", "i_mode")                                                           \
	X(inode_number, "inode", "i_ino")                                                          \
	X(inode_pipe, "inode", "i_pipe")                                                           \
	X(inode_size, "inode", "i_size")                                                           \
	X(inode_mapping, "inode", "i_mapping")                                                     \
	X(inode_superblock, "inode", "i_sb")                                                       \
	X(superblock_type, "super_block", "s_type")                                                \
	X(filesystem_name, "file_system_type", "name")                                             \
	X(file_private, "file", "private_data")                                                    \
	X(mapping_pages, "address_space", "i_pages")                                               \
	X(page_index, "page", "index")                                                             \
	X(page_size, "page", "")                                                                   \
	X(pipe_head, "pipe_inode_info", "head")                                                    \
	X(pipe_tail, "pipe_inode_info", "tail")                                                    \
	X(pipe_ring_size, "pipe_inode_info", "ring_size")                                          \
	X(pipe_bufs, "pipe_inode_info", "bufs")                                                    \
	X(buffer_length, "pipe_buffer", "len")                                                     \
	X(buffer_size, "pipe_buffer", "")                                                          \
	X(task_nsproxy, "task_struct", "nsproxy")                                                  \
	X(nsproxy_ipc, "nsproxy", "ipc_ns")                                                        \
	X(ipc_ids, "ipc_namespace", "ids")                                                         \
	X(ids_size, "ipc_ids", "")                                                                 \
	X(ids_idr, "ipc_ids", "ipcs_idr")                                                          \
	X(idr_root, "idr", "idr_rt")                                                               \
	X(tree_head, "xarray", "xa_head")                                                          \
	X(node_shift, "xa_node", "shift")                                                          \
	X(node_slots, "xa_node", "slots")                                                          \
	X(semaphores_count, "sem_array", "sem_nsems")                                              \
	X(segment_size, "shmid_kernel", "shm_segsz")

struct cc_kernel_types {
#define CC_KERNEL_TYPE(name, type, member) uint32_t name;
	CC_KERNEL_TYPES(CC_KERNEL_TYPE)
#undef CC_KERNEL_TYPE
};

#endif
