/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System calls of the C library's own, outside of every host call that is served
 * (core/host/inner.h). Their answers are logged, but for what is read from files: those go along,
 * and are read again in a replay.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "core/base/memory.h"
#include "core/host/inner.h"
#include "core/stage/machine/stage.h"

/* A module that makes them by itself is not known to wait for their answers only. */
static int is_of_the_c_library(const struct cc_image *image)
{
	const struct cc_map *map = task_map_of(image->task, guest_register(R_RIP));

	return !map || map->object->inside;
}

int inner_begins(const struct cc_image *image, struct cc_task *task, uint64_t number)
{
	uint64_t args[6];

	syscall_args(args);
	task->inner = cc_inner_known(number, args) && is_of_the_c_library(image);
	return task->inner;
}

void inner_returns(struct cc_task *task, struct cc_image *image, int64_t result)
{
	int64_t descriptor = cc_inner_descriptor(task->syscall, task->syscall_args);
	unsigned argument = 0;
	void *out = NULL;
	size_t length;

	if (!task->inner)
		return;
	task->inner = 0;
	if (cc_inner_is_data(task->leader->data, descriptor)) { /* the replay has it, too */
		if (task->syscall == SYS_close)
			cc_inner_set_data(task->leader->data, descriptor, 0);
		return;
	}
	length = cc_inner_out(task->syscall, task->syscall_args, result, &argument);
	out = cc_allocate(length + 1);
	if (length && guest_read(task->syscall_args[argument], out, length))
		image_fail(
			image,
			"what system call %llu of the C library gave cannot be read in the guest",
			(unsigned long long)task->syscall);
	image_trace_aside(image);
	cc_trace_syscall(image->trace, (unsigned)task->syscall, result, out, length);
	free(out);
}

/* ---- memory and threads that the kernel refused ---- */

int inner_may_be_refused(uint64_t number)
{
	switch (number) {
	case SYS_mprotect:
	case SYS_madvise:
	case SYS_mlock:
	case SYS_munlock:
	case SYS_msync:
	case SYS_munmap:
		return 1;
	}
	return 0;
}

/*
 * What says which one it was, when it is made again: a length where memory is asked for, an address
 * of what is there.
 */
static uint64_t key_of(const struct cc_task *task)
{
	switch (task->syscall) {
	case SYS_mmap:
		return task->syscall_args[1];
	case SYS_mremap:
		return task->syscall_args[2];
	case SYS_clone:
	case SYS_clone3:
		return 0;
	}
	return task->syscall_args[0];
}

/*
 * The heap's growth. What is refused may have been granted before, at the same place: so that is
 * told, too. brk says no by another result than what it was asked for.
 */
void inner_grows(const struct cc_task *task, struct cc_image *image, int64_t result)
{
	if (task->syscall == SYS_brk && (uint64_t)result < task->syscall_args[0])
		inner_refused(task, image, -ENOMEM);
	else if (image->started && task->syscall_args[0] && !image->thread->exits &&
		 !image_busy(image))
		cc_trace_map(image_trace_aside(image), (unsigned)task->syscall,
			     task->syscall_args[0], (uint64_t)result);
}

void inner_refused(const struct cc_task *task, struct cc_image *image, int64_t result)
{
	if (!image->started || image->thread->exits || image_busy(image))
		return;
	switch (task->syscall) {
	case SYS_clone:
	case SYS_clone3:
		image_remove_thread(image);
		break;
	case SYS_mmap:
		if (!(task->syscall_args[3] & MAP_ANONYMOUS))
			return;
		break;
	case SYS_brk:
	case SYS_mremap:
		break;
	default:
		if (!inner_may_be_refused(task->syscall))
			return;
	}
	cc_trace_map(image_trace_aside(image), (unsigned)task->syscall, key_of(task),
		     (uint64_t)result);
}
