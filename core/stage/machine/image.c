/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/base/text.h"
#include "core/stage/machine/stage.h"
#include "logs/checksum.h"
#include "logs/text.h"

static struct cc_image *images, *running;

static char *trace_path(const struct cc_task *task, const struct cc_runtime *runtime)
{
	return cc_format("%s/%u-%d.%s", stage.out, task->serial, task->exec_count, runtime->kind);
}

/* `identity`: as the program began; what changes it comes in calls of its own. */
static json_t *manifest(const struct cc_task *task, const struct cc_object *object, unsigned forks,
			const struct cc_identity *identity)
{
	json_t *base = json_object_get(stage.request, "manifest");
	json_t *manifest = base ? json_deep_copy(base) : json_object();

	json_object_set_new(manifest, "runtime", json_string(object->runtime->name));
	json_object_set_new(manifest, "runtime-version", json_string(object->runtime->version));
	json_object_set_new(manifest, "interpreter", cc_json_text(object->path));
	json_object_set_new(manifest, "build_id", json_string(object->build_id));
	json_object_set_new(manifest, "pid", json_integer(task->pid));
	json_object_set_new(manifest, "parent", json_integer(task->parent));
	json_object_set_new(manifest, "forks", json_integer(forks));
	json_object_set_new(manifest, "identity", identity_json(identity));
	json_object_set_new(manifest, "opens", json_true());	/* what the C library opened, too */
	json_object_set_new(manifest, "switches", json_true()); /* SWITCH records are in it */
	return manifest;
}

static struct cc_thread *add_thread(struct cc_image *image, uint64_t pointer)
{
	struct cc_thread *thread = cc_allocate_zeros(1, sizeof(*thread));

	thread->id = image->thread_count++;
	thread->pointer = pointer;
	thread->stand.times_max = switches_times_max(image);
	thread->next = image->threads;
	image->threads = thread;
	return thread;
}

/* The thread may get the memory, so the FS base, of one that is over: then it is found first. */
void image_add_thread(struct cc_image *image, uint64_t pointer)
{
	struct cc_thread *thread = add_thread(image, pointer);

	thread->lock = LOCK_DROPPED;
	thread->heapless = 1;
	image->natives++;
	score_set(SCORE_LOCKS, 1);
}

void image_note_lock(struct cc_image *image)
{
	const struct cc_lock *lock = image->runtime->lock;
	uint64_t holder = 1;

	guest_read(image->at[lock->symbol] + lock->holder, &holder, sizeof(holder));
	if (image->thread_count > 1 || holder)
		return;
	image_keep_frame(image);
	image->thread->lock = LOCK_DROPPED;
}

static void free_thread(struct cc_thread *thread)
{
	for (unsigned i = 0; i < PENDING_MAX; i++)
		cc_buffer_free(&thread->pending[i].in_items);
	free(thread->allocs);
	cc_buffer_free(&thread->executing.content);
	blocks_free(thread);
	free(thread);
}

void image_remove_thread(struct cc_image *image)
{
	struct cc_thread *latest = image->threads;

	image->threads = latest->next;
	image->thread_count--;
	image->natives--;
	free_thread(latest);
	image_arm(image);
}

static void free_threads(struct cc_image *image)
{
	while (image->threads) {
		struct cc_thread *thread = image->threads;

		image->threads = thread->next;
		free_thread(thread);
	}
}

struct cc_image *image_new(struct cc_task *task, const struct cc_object *object, uint64_t bias)
{
	struct cc_image *image = cc_allocate_zeros(1, sizeof(*image));

	image->task = task;
	image->runtime = object->runtime;
	image->object = object;
	image->identity = task->identity;
	image->began = task_clock();
	image->cr3 = guest_register(R_CR3) & 0xffffffffff000ull;
	for (int i = 0; object->runtime->symbols[i]; i++)
		image->at[i] = object->symbols[i] + bias;
	image->thread = add_thread(image, guest_register(R_FS_BASE));
	image->thread->task = task->address;
	image->next = images;
	images = image;
	if (stage_wanted(task, 0) && object->refusal.status) {
		image_fail(image, "%s", object->refusal.text);
	} else if (stage_wanted(task, 0)) {
		struct cc_error error;
		json_t *head = manifest(task, object, 0, &image->identity);

		image->path = trace_path(task, image->runtime);
		image->name = slice_name(task, image->runtime->kind);
		image->trace = cc_trace_create(image->path, image->runtime->kind, head, &error);
		json_decref(head);
		if (!image->trace)
			image_fail(image, "%s", error.text);
		else if (!stage_keeps())
			cc_log_measure(cc_trace_writer(image->trace));
	}
	running = image;
	image_arm(image);
	return image;
}

static void free_data(struct cc_image *image)
{
	for (size_t i = 0; i < image->data_count; i++)
		free(image->data[i].name);
	free(image->data);
}

/* Only the thread that forks goes on in the child. */
static struct cc_thread *copy_thread(const struct cc_thread *thread)
{
	struct cc_thread *copy = cc_allocate(sizeof(*copy));

	*copy = *thread;
	copy->next = NULL;
	copy->value_op = 0;
	copy->executing = (struct cc_executing){0};
	copy->stand.away = 0;
	copy->stand.blocks = NULL;
	for (unsigned i = 0; i < PENDING_MAX; i++) {
		const struct cc_buffer *items = &thread->pending[i].in_items;

		copy->pending[i].in_items = (struct cc_buffer){0};
		if (i < thread->depth)
			cc_put_bytes(&copy->pending[i].in_items, items->data, items->length);
	}
	copy->allocs = cc_allocate_zeros(thread->alloc_capacity + 1, sizeof(*copy->allocs));
	if (thread->alloc_count)
		memcpy(copy->allocs, thread->allocs, thread->alloc_count * sizeof(*copy->allocs));
	return copy;
}

struct cc_image *image_copy(struct cc_image *image)
{
	struct cc_image *copy = cc_allocate(sizeof(*copy));

	instructions_put(image);
	*copy = *image;
	copy->task = NULL;
	copy->trace = NULL;
	copy->path = copy->name = NULL;
	copy->is_base = 0;
	copy->away = copy->taking = 0;
	copy->natives = image->thread->id && !image->thread->took;
	copy->forks++;
	copy->thread = copy->threads = copy_thread(image->thread);
	copy->mappings = mappings_copy(image);
	copy->mapped_frames = NULL;
	copy->frames_unknown = 1;
	signals_copied(copy);
	instructions_copied(copy);
	copy->data = cc_array_copy(image->data, image->data_count, sizeof(*image->data));
	for (size_t i = 0; i < image->data_count; i++)
		copy->data[i].name = cc_copy(image->data[i].name);
	if (image->trace && !image->error.status && stage_wants_forks()) {
		static unsigned count;
		json_t *head = manifest(image->task, copy->object, copy->forks, &copy->identity);

		copy->path = cc_format("%s/fork-%u.%s", stage.out, count++, copy->runtime->kind);
		copy->trace = cc_trace_branch(image->trace, copy->path,
					      stage_shares() ? image->name : NULL, head);
		image->is_base |= stage_shares();
		json_decref(head);
	}
	return copy;
}

void image_discard(struct cc_image *copy)
{
	if (copy->trace)
		cc_trace_abandon(copy->trace);
	free_threads(copy);
	signals_free(copy);
	free_data(copy);
	mappings_free(copy);
	free(copy->instructions);
	free(copy->name);
	free(copy->path);
	free(copy);
}

static void fail_as_parent(struct cc_image *copy, const struct cc_task *child)
{
	struct cc_error error = copy->error;

	copy->error.status = 0;
	if (stage_wanted(child, 1))
		image_fail(copy,
			   "it began as a copy of process %u, which had already done what cannot "
			   "be sliced: %s",
			   child->parent, error.text);
}

void image_adopt(struct cc_image *copy, struct cc_task *child)
{
	copy->task = child;
	copy->began = child->began;
	copy->thread->task = child->address;
	copy->cr3 = guest_register(R_CR3) & 0xffffffffff000ull;
	if (copy->trace && stage_wanted(child, 1)) {
		copy->name = slice_name(child, copy->runtime->kind);
		cc_trace_forked(copy->trace, child->pid);
	} else if (copy->trace) {
		cc_trace_abandon(copy->trace);
		copy->trace = NULL;
		free(copy->path);
		copy->path = NULL;
	} else if (copy->error.status) { /* its slice would begin with its parent's */
		fail_as_parent(copy, child);
	}
	child->image = copy;
	copy->next = images;
	images = copy;
	running = copy;
	image_arm(copy);
}

/*
 * The recording ended before the process. What each thread waits in is told, and the end by the one
 * that was at work, if any was: the ops since its last record say how far it came.
 */
static void leave_running(struct cc_image *image)
{
	struct cc_thread *at_work = NULL;

	for (struct cc_thread *thread = image->threads; thread; thread = thread->next) {
		image->thread = thread;
		for (unsigned i = 0; i < thread->depth; i++)
			if (thread->pending[i].call && !thread->pending[i].encoded) {
				/* No guest is there to read. */
				image_fail(image,
					   "the recording ended in %s, whose arguments could not "
					   "be read",
					   thread->pending[i].call->name);
				return;
			}
		if (!thread->depth && !thread->left && thread->lock == LOCK_HELD)
			at_work = thread;
		else
			boundary_abandon(image);
	}
	if (at_work)
		image->thread = at_work;
}

static void end(struct cc_image *image, int status, int runs_on)
{
	struct cc_image **at = &images;
	uint64_t calls = image->trace ? cc_trace_calls(image->trace) : 0;
	struct cc_error error;

	image_take_ops(image);
	if (image->trace && !image->error.status) {
		json_t *summary =
			json_pack("{s:i, s:I}", "status", status, "calls", (json_int_t)calls);

		image_start(image);
		instructions_ended(image, status);
		if (runs_on)
			leave_running(image);
		else
			boundary_abandon(image);
		cc_trace_end(image_trace(image), status, image->thread->ops, runs_on);
		if (cc_trace_finish(image->trace, summary, &error) < 0)
			image->error = error;
		json_decref(summary);
	} else if (image->trace && image->is_base) { /* the children's slices are whole with it */
		if (cc_trace_finish(image->trace, NULL, &error) < 0)
			image->is_base = 0;
	} else if (image->trace) {
		cc_trace_abandon(image->trace);
	}
	image_report(image, status, runs_on, calls);
	while (*at != image)
		at = &(*at)->next;
	*at = image->next;
	image->task->image = NULL;
	if (running == image) {
		running = NULL;
		image_arm(NULL);
	}
	free_threads(image);
	signals_free(image);
	free_data(image);
	mappings_free(image);
	free(image->instructions);
	free(image->name);
	free(image->path);
	free(image);
}

void image_end(struct cc_image *image, int status)
{
	end(image, status, 0);
}

/* Images that are left run still: the recording was ended before them, with this status. */
json_t *images_report(void)
{
	const json_t *recording =
		json_object_get(json_object_get(json_object_get(stage.request, "manifest"), "from"),
				"manifest");
	int status = (int)json_integer_value(json_object_get(recording, "status"));

	while (images)
		end(images, status, 1);
	return images_reported();
}

void image_fail(struct cc_image *image, const char *format, ...)
{
	va_list list;

	if (image->error.status)
		return; /* the first reason is the one to tell */
	image->error.status = CC_EUNSUPPORTED;
	va_start(list, format);
	cc_text_format(image->error.text, sizeof(image->error.text), format, list);
	va_end(list);
}

/* START is written at the first host call: by then the heap has begun. */
void image_start(struct cc_image *image)
{
	struct cc_task *task = image->task;
	struct cc_start start = {
		.pid = task->pid,
		.parent = task->parent,
		.brk = task->brk,
		.executable = image->object->path,
		.build_id = image->object->build_id,
		.libc_build_id = "",
		.directory = task->directory ? task->directory : "",
		.argv = task->argv,
		.envp = task->envp,
		.thread = image->thread->pointer,
		.stack = task->stack,
	};

	if (image->started || !image->trace)
		return;
	image->started = 1;
	for (size_t i = 0; i < task->map_count; i++)
		if (task->maps[i].object->is_libc)
			start.libc_build_id = task->maps[i].object->build_id;
	for (uint64_t i = 0; i < 3; i++) {
		struct cc_file file = file_of(task, i);

		start.streams[i] = !i && outputs_is_stdin(&file) ? 0 : outputs_stream(&file);
	}
	for (unsigned i = 0; i < 2; i++)
		start.outputs[i] = outputs_name(task, i + 1);
	cc_trace_start(image->trace, &start);
	for (unsigned i = 0; i < 2; i++)
		free((char *)start.outputs[i]);
	for (size_t i = 0; i < task->map_count; i++)
		cc_trace_module(image->trace, task->maps[i].object->path,
				task->maps[i].object->build_id, task->maps[i].bias,
				object_package(task->maps[i].object));
}

struct cc_image *image_running(void)
{
	return running;
}

struct cc_image *image_current(void)
{
	return running && running->task == task_current()->leader ? running : NULL;
}

void image_take_ops(struct cc_image *image)
{
	struct cc_thread *thread = image->thread;
	uint64_t ops = score_get(SCORE_OPS);

	if (image != running)
		return;
	thread->ops += ops;
	thread->loops = score_get(SCORE_LOOPS) + (ops ? 0 : thread->loops);
	score_set(SCORE_OPS, 0);
	score_set(SCORE_LOOPS, 0);
}

int image_counts_blocks(const struct cc_image *image)
{
	const struct cc_thread *thread = image->thread;
	const struct cc_pending *top = thread->depth ? &thread->pending[thread->depth - 1] : NULL;

	if (image->thread_count == 1 || thread->left || thread->exits == EXITS_REFUSED)
		return 0;
	if (top && top->lock == CC_EFFECT_ONCE) /* the program's function may begin */
		return 1;
	return (!top || top->outside) &&
	       (thread->lock == LOCK_DROPPED || (thread->lock == LOCK_HELD && image->natives));
}

void image_arm(struct cc_image *image)
{
	const struct cc_thread *thread = image ? image->thread : NULL;
	const struct cc_pending *top =
		thread && thread->depth ? &thread->pending[thread->depth - 1] : NULL;

	score_set(SCORE_ARMED, top ? top->return_address & 0xfff : NOT_ARMED);
	score_set(SCORE_INNER, (top && image_busy(image)) ||
				       (thread && (thread->heapless || thread_unwinds(thread))));
	score_set(SCORE_VALUE, thread && (thread->value_op ||
					  (image->arrived_count && image->runtime->signal_waits)));
	score_set(SCORE_MAPPED, image && image->mappings);
	score_set(SCORE_LOCKS, image && image->thread_count > 1);
	score_set(SCORE_BLOCKS, image && (image->late_count || image_counts_blocks(image)));
}

/* The kernel is going to load another address space. */
void image_leave(uint64_t cr3)
{
	if (running && running->mappings && running->cr3 != cr3)
		mappings_leave(running);
}

/* The kernel loads another address space. */
void image_switch(uint64_t cr3)
{
	struct cc_image *next = images;

	if (running && running->cr3 == cr3)
		return;
	while (next && next->cr3 != cr3)
		next = next->next;
	if (running)
		image_take_ops(running);
	score_set(SCORE_OPS, 0);
	running = next;
	if (running && running->mappings)
		mappings_enter(running);
	image_arm(running);
}

/* The kernel loads another FS base: the process, if it is another, has been switched to before. */
void image_switch_thread(uint64_t pointer)
{
	struct cc_thread *thread = running ? running->threads : NULL;

	if (!running || running->thread_count == 1 || running->thread->pointer == pointer)
		return;
	while (thread && thread->pointer != pointer)
		thread = thread->next;
	if (!thread)
		return;
	image_take_ops(running);
	instructions_put(running);
	switches_left(running);
	running->thread = thread;
	thread->stand.came = thread->stand.steps;
	image_arm(running);
}

struct cc_trace *image_trace_aside(struct cc_image *image)
{
	if (image->spoke != image->thread->id) {
		image->spoke = image->thread->id;
		cc_trace_thread(image->trace, image->spoke);
	}
	return image->trace;
}

struct cc_trace *image_trace(struct cc_image *image)
{
	switches_emit(image);
	image_trace_aside(image);
	instructions_put(image);
	return image->trace;
}

int image_busy(const struct cc_image *image)
{
	const struct cc_pending *top =
		image->thread->depth ? &image->thread->pending[image->thread->depth - 1] : NULL;

	return top && !top->outside && !top->lock && !top->not_logged &&
	       (!image->thread->handlers ||
		image->thread->handler_depth[image->thread->handlers - 1] < image->thread->depth);
}

/* Is the file news? If it has changed since, it goes along again: a replay takes the latest. */
static int note_carried(struct cc_image *image, const char *name, uint64_t checksum)
{
	for (size_t i = image->data_count; i--;) {
		if (strcmp(image->data[i].name, name))
			continue;
		if (image->data[i].checksum == checksum)
			return 0;
		image->data[i].checksum = checksum;
		return 1;
	}
	cc_array_room(image->data, image->data_count);
	image->data[image->data_count++] = (struct cc_carried){cc_copy(name), checksum};
	return 1;
}

int image_carry(struct cc_image *image, const struct cc_task *task, uint64_t descriptor,
		const char *name, const char *path, struct cc_error *error)
{
	struct cc_buffer content = {0};
	int got = file_content(task, descriptor, path, &content, error);

	if (got > 0 && note_carried(image, name, cc_checksum(content.data, content.length)))
		cc_trace_file(image->trace, name, content.data, content.length);
	cc_buffer_free(&content);
	return got;
}

static void read_frame(struct cc_image *image)
{
	static const struct cc_frame_text none;

	if (image->runtime->frame(&guest_memory, image->at, &image->frame))
		cc_frame_keep(&image->frame, &none);
}

uint64_t image_frame(struct cc_image *image)
{
	if (image->thread->lock == LOCK_HELD)
		read_frame(image);
	else
		cc_frame_keep(&image->frame, &image->thread->kept);
	return cc_trace_frame(image->trace, &image->frame.frame);
}

void image_keep_frame(struct cc_image *image)
{
	read_frame(image);
	cc_frame_keep(&image->thread->kept, &image->frame);
}
