/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System calls of the guest's processes. They tell what was mapped, forked and redirected; and each
 * one of a sliced interpreter must lie inside a host call, or belong to the heap.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "core/base/memory.h"
#include "core/stage/machine/stage.h"

/* ---- the check ---- */

static int belongs_to_the_c_library(uint64_t number)
{
	switch (number) {
	case SYS_brk:
	case SYS_mmap:
	case SYS_munmap:
	case SYS_mremap:
	case SYS_mprotect:
	case SYS_madvise:
	case SYS_msync:
	case SYS_mlock:
	case SYS_munlock:
	case SYS_futex:
	case SYS_clone: /* of a thread; fork(3) is a host call */
	case SYS_clone3:
	case SYS_set_robust_list:
	case SYS_rseq:
	case SYS_rt_sigaction: /* of the signals that threads send each other */
	case SYS_rt_sigprocmask:
	case SYS_sched_getaffinity: /* how many heaps threads may have */
	case SYS_rt_sigreturn:
	case SYS_exit_group:
	case SYS_exit:
		return 1;
	}
	return 0;
}

void syscall_args(uint64_t args[6])
{
	static const uint8_t registers[] = {R_RDI, R_RSI, R_RDX, R_R10, R_R8, R_R9};

	for (int i = 0; i < 6; i++)
		args[i] = guest_register(registers[i]);
}

/* A call that a replay makes again: what the C library asks meanwhile is answered as in the run. */
static int is_made_again(const struct cc_image *image)
{
	const struct cc_thread *thread = image->thread;
	const struct cc_pending *top = thread->depth ? &thread->pending[thread->depth - 1] : NULL;

	return top && top->call && top->call->class == CC_DATA;
}

/* Whether its answer is to be logged. */
static void check(struct cc_image *image, struct cc_task *task, uint64_t number)
{
	if (!image->started || image->thread->lock == LOCK_TAKING || image->thread->exits ||
	    belongs_to_the_c_library(number))
		return;
	if (image_busy(image)) {
		if (is_made_again(image))
			inner_begins(image, task, number);
		return;
	}
	if (inner_begins(image, task, number))
		return;
	if (image->winds_up && (number == SYS_write || number == SYS_writev || number == SYS_lseek))
		return; /* what its streams still hold is written out */
	image_frame(image);
	image_fail(image,
		   "%s:%u: system call %llu outside of any host call: a module that bypasses the "
		   "C library cannot be sliced",
		   image->frame.file, image->frame.frame.line, (unsigned long long)number);
}

/* ---- entry ---- */

/* clone3's flags are in memory. */
static uint64_t clone_flags(const struct cc_task *task)
{
	uint64_t flags = 0;

	if (task->syscall == SYS_clone)
		return task->syscall_args[0];
	if (task->syscall == SYS_clone3)
		guest_read(task->syscall_args[0], &flags, 8);
	return flags;
}

/* What FS base the new thread gets: struct clone_args has it at 56. */
static uint64_t thread_pointer(const struct cc_task *task)
{
	uint64_t pointer = 0;

	if (task->syscall == SYS_clone)
		return task->syscall_args[4];
	guest_read(task->syscall_args[0] + 56, &pointer, 8);
	return pointer;
}

static void enter_clone(struct cc_task *task, struct cc_image *image)
{
	uint64_t flags = clone_flags(task);

	if (!image || (!image->trace && flags & CLONE_THREAD))
		return;
	if (flags & CLONE_THREAD && image->runtime->lock) {
		image_start(image);
		heaps_settle(image);
		image_note_lock(image);
		image_add_thread(image, thread_pointer(task));
		cc_trace_create_thread(image_trace(image), thread_pointer(task));
	} else if (flags & CLONE_THREAD) {
		image_frame(image);
		image_fail(image,
			   "%s:%u: the program starts a thread: threads of %s are not modelled",
			   image->frame.file, image->frame.frame.line, image->runtime->name);
	} else if (task->syscall != SYS_vfork && !(flags & CLONE_VM)) {
		image_start(image);
		task = task->leader;
		if (task->embryo_count == 64) {
			if (image->trace)
				image_fail(image, "more than 64 forked children that never ran");
			return;
		}
		task->embryos[task->embryo_count].pid = 0;
		task->embryos[task->embryo_count++].image = image_copy(image);
	}
}

/* Is it a call whose arguments are looked at when it returns? 1 or 0. */
static int is_followed(uint64_t number)
{
	switch (number) {
	case SYS_open:
	case SYS_openat:
	case SYS_creat:
	case SYS_close:
	case SYS_close_range:
	case SYS_dup:
	case SYS_dup2:
	case SYS_dup3:
	case SYS_fcntl:
	case SYS_chdir:
	case SYS_mmap:
	case SYS_mremap:
	case SYS_brk:
	case SYS_set_tid_address:
	case SYS_clone:
	case SYS_clone3:
	case SYS_fork:
	case SYS_vfork:
		return 1;
	}
	return identity_changes(number);
}

#define INIT 1

/*
 * ... and those of a process that is sliced, or of init, which carries the run's outputs to the
 * host.
 */
static int concerns_output(const struct cc_image *image, uint64_t number)
{
	if (image)
		return image->trace && outputs_writes(number);
	return number == SYS_read && task_current()->pid == INIT;
}

static int makes_a_process(const struct cc_task *task)
{
	switch (task->syscall) {
	case SYS_clone:
	case SYS_clone3:
		return !(clone_flags(task) & CLONE_THREAD);
	case SYS_fork:
	case SYS_vfork:
		return 1;
	}
	return 0;
}

/* How many returns are worth a callback. */
static void await(int more)
{
	static int64_t awaited;

	awaited += more;
	score_set(SCORE_AWAITED, awaited > 0);
}

/*
 * What threads do without any host call, and yet in an order that a replay has to keep: the first
 * system calls of a new one come before it takes memory, from the heap of one that is over maybe;
 * the C library blocks all signals (with no interest in those that were) when a thread has given
 * its own back.
 */
static int is_a_threads_step(uint64_t number)
{
	return number == SYS_rseq || number == SYS_set_robust_list ||
	       number == SYS_rt_sigprocmask || number == SYS_exit;
}

static void step(struct cc_image *image, uint64_t number)
{
	struct cc_thread *thread = image->thread;

	if (number == SYS_rt_sigprocmask && /* and not the program's own, a host call */
	    (!thread->id || image_busy(image) || guest_register(R_RDI) != SIG_BLOCK ||
	     guest_register(R_RDX)))
		return;
	if (number == SYS_rseq || number == SYS_set_robust_list) {
		if (thread->id && !thread->begun)
			cc_trace_begin_thread(image_trace(image));
		thread->task = task_current()->address;
		thread->begun = 1;
	} else {
		heap_left(image);
	}
}

/* A call begins that tells something; most do not get here. */
static void enter(uint64_t number)
{
	struct cc_task *task = task_current();
	struct cc_image *image = task->leader->image ? image_current() : NULL;

	task->fresh = task->inner = 0;
	if (number == SYS_exit_group)
		task->leader->exiting = 1;
	if (image && image->trace)
		check(image, task, number);
	if (is_a_threads_step(number) && image && image->trace && image->thread_count > 1)
		step(image, number);
	if (number == SYS_rt_sigreturn && image)
		boundary_handler_left(image);
	if (!is_followed(number) && !concerns_output(image, number) && !task->inner &&
	    !(image && inner_may_be_refused(number)))
		return;
	syscall_args(task->syscall_args);
	if (!task->in_syscall) /* else a signal handler's, inside another */
		await(1);
	task->in_syscall = 1;
	task->syscall = number;
	if (image && concerns_output(image, number))
		outputs_enter(task);
	if (makes_a_process(task)) {
		task->leader->forks++;
		await(1);
	}
	if (number == SYS_clone || number == SYS_clone3 || number == SYS_fork ||
	    number == SYS_vfork)
		enter_clone(task, image);
}

/* A file's mapping is moved by a call that says so. */
static int is_remapped(const struct cc_image *image)
{
	const struct cc_pending *top =
		image->thread->depth ? &image->thread->pending[image->thread->depth - 1] : NULL;

	return top && top->call && cc_call_does(top->call, CC_EFFECT_REMAP);
}

static void refuse_mapped(struct cc_image *image, const char *what)
{
	image_frame(image);
	image_fail(image, "%s:%u: %s of a file's mapping is not modelled", image->frame.file,
		   image->frame.frame.line, what);
}

static void unmaps(struct cc_image *image, uint64_t number)
{
	uint64_t address = guest_register(R_RDI), length = guest_register(R_RSI);

	if (number == SYS_munmap || (number == SYS_mmap && guest_register(R_R10) & MAP_FIXED))
		mappings_drop(image, address, length);
	else if (number == SYS_shmdt)
		mappings_detach(image, address);
	else if (number == SYS_mremap && mappings_hold(image, address) && !is_remapped(image))
		refuse_mapped(image, "mremap");
	else if (number == SYS_madvise &&
		 mappings_loses(image, address, (int)guest_register(R_RDX)))
		refuse_mapped(image, "madvise with MADV_DONTNEED or MADV_REMOVE");
}

void syscall_enter(unsigned vcpu, void *data)
{
	uint64_t number = guest_register(R_RAX);
	struct cc_image *image = image_running();
	int stray = image && image->trace && image->started &&
		    (!image_busy(image) || is_made_again(image));

	if (image && number == SYS_futex)
		switches_futex(image, guest_register(R_RDI), guest_register(R_RSI));
	if (image && image->mappings) {
		unmaps(image, number);
		mappings_syscall(image, number);
	}
	if (is_followed(number) || concerns_output(image, number) || number == SYS_rt_sigreturn ||
	    number == SYS_exit_group || is_a_threads_step(number) ||
	    (stray && (!belongs_to_the_c_library(number) || inner_may_be_refused(number))))
		enter(number);
}

/* ---- return ---- */

/* A relative path becomes absolute. Takes `path`; the caller owns the result. */
static char *from_directory(const struct cc_task *task, char *path)
{
	char *joined;

	if (!path || *path == '/' || !task->directory)
		return path;
	joined = cc_format("%s/%s", task->directory, path);
	free(path);
	return joined;
}

/* The replay's C library will ask by the same name. */
static void read_by_the_c_library(struct cc_image *image, struct cc_task *task, int64_t descriptor,
				  const char *name, const char *path)
{
	struct cc_error error;
	int carried = image_carry(image, task, (uint64_t)descriptor, name, path, &error);

	if (carried < 0)
		image_fail(image, "the C library reads %s, which cannot go into the slice: %s",
			   path, error.text);
	cc_inner_set_data(task->data, descriptor, carried > 0);
}

static int is_read_only(uint64_t number, const uint64_t *args)
{
	if (number == SYS_creat)
		return 0;
	return (args[number == SYS_openat ? 2 : 1] & O_ACCMODE) == O_RDONLY;
}

static void opened(struct cc_task *thread, struct cc_image *image, int64_t result)
{
	struct cc_task *task = thread->leader;
	const uint64_t *args = thread->syscall_args;
	uint64_t number = thread->syscall;
	char *name = guest_string(number == SYS_openat ? args[1] : args[0], 4096);
	char *path = name ? cc_copy(name) : NULL;

	if (number != SYS_openat || (int)args[0] == AT_FDCWD)
		path = from_directory(task, path);
	if (path && thread->inner && image && is_read_only(number, args))
		read_by_the_c_library(image, task, result, name, path);
	free(name);
	task_set_path(task, (uint64_t)result, path);
}

static void duplicated(struct cc_task *task, uint64_t from, uint64_t to)
{
	const char *path = from < task->path_count ? task->paths[from] : NULL;

	if (from == to)
		return;
	task_set_path(task, to, path ? cc_copy(path) : NULL);
}

static void closed(struct cc_task *task, uint64_t first, uint64_t last)
{
	for (uint64_t i = first; i <= last && i < 4096; i++)
		task_set_path(task, i, NULL);
}

static void controlled(struct cc_task *task, const uint64_t *args, int64_t result)
{
	if (args[1] == F_DUPFD || args[1] == F_DUPFD_CLOEXEC)
		duplicated(task, args[0], (uint64_t)result);
}

static void changed_directory(struct cc_task *task, uint64_t address)
{
	char *path = from_directory(task, guest_string(address, 4096));

	free(task->directory);
	task->directory = path;
}

static void mapped(struct cc_task *task, struct cc_image *image, const uint64_t *args,
		   int64_t result)
{
	const struct cc_pending *top = image && image->thread->depth
					       ? &image->thread->pending[image->thread->depth - 1]
					       : NULL;

	if (!(args[3] & MAP_ANONYMOUS)) {
		if (!args[5])
			task_map(task, args[4], (uint64_t)result);
	} else if (image && image->started &&
		   (!image->thread->exits || thread_unwinds(image->thread)) &&
		   (!top || !top->call || !image_busy(image))) {
		cc_trace_map(image_trace_aside(image), SYS_mmap, args[1], (uint64_t)result);
		heap_mapped(image, args, (uint64_t)result);
	}
}

static void succeeded(struct cc_task *thread, struct cc_image *image, int64_t result)
{
	struct cc_task *task = thread->leader;
	const uint64_t *args = thread->syscall_args;

	identity_changed(task, thread->syscall, args);
	switch (thread->syscall) {
	case SYS_open:
	case SYS_openat:
	case SYS_creat:
		opened(thread, image, result);
		break;
	case SYS_close:
		closed(task, args[0], args[0]);
		break;
	case SYS_close_range:
		closed(task, args[0], args[1]);
		break;
	case SYS_dup:
		duplicated(task, args[0], (uint64_t)result);
		break;
	case SYS_dup2:
	case SYS_dup3:
		duplicated(task, args[0], args[1]);
		break;
	case SYS_fcntl:
		controlled(task, args, result);
		break;
	case SYS_chdir:
		changed_directory(task, args[0]);
		break;
	case SYS_mmap:
		mapped(task, image, args, result);
		break;
	case SYS_mremap:
		if (image && mappings_hold(image, args[0]))
			mappings_move(image, args, (uint64_t)result);
		else if (image && image->started)
			cc_trace_map(image_trace_aside(image), SYS_mremap, args[2],
				     (uint64_t)result);
		break;
	case SYS_brk:
		if (!task->brk)
			task->brk = (uint64_t)result;
		else if (image)
			inner_grows(thread, image, result);
		break;
	case SYS_mprotect:
		if (image)
			inner_grows(thread, image, result);
		break;
	case SYS_set_tid_address:
		task_loaded(task);
		break;
	case SYS_read:
		if (task->pid == INIT)
			outputs_carried(task, args[0], (uint64_t)result);
		break;
	default:
		if (image && outputs_writes(thread->syscall) && result > 0)
			outputs_wrote(thread, image, (uint64_t)result);
	}
}

static struct cc_image *take_embryo(struct cc_task *task, unsigned index)
{
	struct cc_image *image = task->embryos[index].image;

	memmove(&task->embryos[index], &task->embryos[index + 1],
		(--task->embryo_count - index) * sizeof(*task->embryos));
	return image;
}

/*
 * The parent's clone returns: the child's id, or a failure, belongs to the copy made at its entry.
 */
static void cloned(struct cc_task *task, int64_t result)
{
	for (unsigned i = 0; i < task->embryo_count; i++) {
		if (task->embryos[i].pid)
			continue;
		if (result > 0)
			task->embryos[i].pid = (uint32_t)result;
		else
			image_discard(take_embryo(task, i));
		return;
	}
}

/* Nothing returns that was not called: a new process comes out of its parent's clone. */
static void born(struct cc_task *task)
{
	struct cc_task *parent = task_parent();

	parent = parent ? parent->leader : NULL;
	if (!parent || !parent->forks)
		return;
	parent->forks--;
	await(-1);
	task->fresh = 0;
	task_fork(parent);
	for (unsigned i = 0; i < parent->embryo_count; i++)
		if (!parent->embryos[i].pid || parent->embryos[i].pid == task->pid) {
			image_adopt(take_embryo(parent, i), task);
			return;
		}
}

void syscall_over(struct cc_task *task)
{
	task->in_syscall = 0;
	await(-1);
}

void syscall_return(unsigned vcpu, void *data)
{
	struct cc_task *task = task_current();
	struct cc_image *image;
	int64_t result;

	if (!task->in_syscall && !task->fresh)
		return;
	result = (int64_t)guest_register(R_RAX);
	if (!task->in_syscall) {
		if (!result && task->leader == task)
			born(task);
		return;
	}
	syscall_over(task);
	image = task->leader->image && task->leader->image->trace ? image_current() : NULL;
	if (result < 0 && result >= -4095 && image)
		inner_refused(task, image, result);
	if (result >= 0 || result < -4095) {
		succeeded(task, image, result);
	} else if (makes_a_process(task)) {
		task->leader->forks--;
		await(-1);
	}
	if (image)
		inner_returns(task, image, result);
	if (makes_a_process(task))
		cloned(task->leader, result);
}
