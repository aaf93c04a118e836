/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's threads. The kernel's own `current` tells which one runs: its address stays the same
 * across exec and tells vfork's child from its parent, which neither cr3 nor the stack does.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/stage/machine/stage.h"
#include "logs/text.h"

#define BUCKETS 1024
static struct cc_task *buckets[BUCKETS];
static struct cc_task **all; /* every process ever seen, for the report */
static size_t all_count;
static uint64_t kernel_gs;
static uint64_t run_began; /* task_clock at the exec of the run's command */

static uint64_t current_address(void)
{
	uint64_t address = 0;

	if (!kernel_gs)
		kernel_gs = guest_register(R_K_GS_BASE); /* one CPU: it never changes */
	guest_read(kernel_gs + stage.current_task, &address, 8);
	return address;
}

uint64_t task_clock(void)
{
	return guest_pointer(current_address() + stage.kernel.task_entity +
			     stage.kernel.entity_clock);
}

json_t *task_seconds(uint64_t time)
{
	return json_real((double)(time > run_began ? time - run_began : 0) / 1e9);
}

static uint32_t pid_of(uint64_t task, uint32_t offset)
{
	uint32_t pid = 0;

	guest_read(task + offset, &pid, 4);
	return pid;
}

/* The process that a thread belongs to. */
static struct cc_task *leader_of(struct cc_task *task)
{
	uint32_t group = pid_of(task->address, stage.task_tgid);

	for (size_t i = all_count; group != task->pid && i--;)
		if (all[i]->pid == group && !all[i]->exited)
			return all[i];
	return task;
}

static struct cc_task *add(uint64_t address)
{
	struct cc_task *task = cc_allocate_zeros(1, sizeof(*task));
	struct cc_task **bucket = &buckets[address / 64 % BUCKETS];
	uint64_t parent = 0;

	task->address = address;
	task->fresh = 1;
	task->began = task_clock();
	task->pid = pid_of(address, stage.task_pid);
	guest_read(address + stage.task_real_parent, &parent, 8);
	task->parent = parent ? pid_of(parent, stage.task_tgid) : 0;
	task->leader = leader_of(task);
	task->next = *bucket;
	*bucket = task;
	cc_array_room(all, all_count);
	task->serial = (unsigned)all_count;
	all[all_count++] = task;
	return task;
}

struct cc_task *task_by_pid(uint32_t pid)
{
	for (size_t i = all_count; i--;)
		if (all[i]->pid == pid && all[i]->leader == all[i] && !all[i]->exited)
			return all[i];
	return NULL;
}

static struct cc_task *find(uint64_t address)
{
	struct cc_task *task = buckets[address / 64 % BUCKETS];

	while (task && task->address != address)
		task = task->next;
	return task;
}

struct cc_task *task_current(void)
{
	static struct cc_task *last;
	uint64_t address = current_address();

	if (!last || last->address != address || last->exited)
		last = find(address);
	if (last && last->exited) { /* its memory went to a new task */
		last->address = 0;
		last = NULL;
	}
	if (!last)
		last = add(address);
	return last;
}

/* ---- descriptors ---- */

void task_set_path(struct cc_task *task, uint64_t descriptor, char *path)
{
	if (descriptor >= 4096) {
		free(path);
		return;
	}
	if (descriptor >= task->path_count) {
		if (!path)
			return;
		task->paths = cc_reallocate(task->paths, descriptor + 1, sizeof(*task->paths));
		memset(task->paths + task->path_count, 0,
		       (descriptor + 1 - task->path_count) * sizeof(char *));
		task->path_count = descriptor + 1;
	}
	free(task->paths[descriptor]);
	task->paths[descriptor] = path;
}

static void add_map(struct cc_task *task, const struct cc_object *object, uint64_t bias)
{
	cc_array_room(task->maps, task->map_count);
	task->maps[task->map_count++] = (struct cc_map){object, bias};
}

static void carry_object(const struct cc_task *task, uint64_t descriptor, const char *path)
{
	struct cc_error error;

	if (image_carry(task->image, task, descriptor, path, path, &error) < 0)
		stage_warn("%s does not go into the slice, and a replay needs it at that place: %s",
			   path, error.text);
}

void task_map(struct cc_task *task, uint64_t descriptor, uint64_t base)
{
	const char *path = descriptor < task->path_count ? task->paths[descriptor] : NULL;
	const struct cc_object *object = path ? object_mapped(task, descriptor, path) : NULL;

	if (!object)
		return;
	add_map(task, object, base);
	if (!task->image || !task->image->trace || !task->image->started)
		return;
	if (object->made || strncmp(object->path, "/usr/lib/", 9)) /* no package has it */
		carry_object(task, descriptor, object->path);
	cc_trace_module(task->image->trace, object->path, object->build_id, base,
			object_package(object));
}

/* The object whose code or data stands at an address: the last one that begins below. */
const struct cc_map *task_map_of(const struct cc_task *task, uint64_t address)
{
	const struct cc_map *best = NULL;

	for (size_t i = 0; i < task->map_count; i++) {
		const struct cc_map *map = &task->maps[i];

		if (map->bias <= address && (!best || map->bias > best->bias))
			best = map;
	}
	return best;
}

const uint8_t *task_file_bytes(const struct cc_task *task, uint64_t address, size_t length)
{
	const struct cc_map *map = task_map_of(task, address);

	return map ? cc_elf_bytes(map->object->elf, address - map->bias, length) : NULL;
}

/* The executable's copy comes first, as for the dynamic linker (R_X86_64_COPY). */
uint64_t task_symbol(const struct cc_task *task, const char *name)
{
	const struct cc_map *library = NULL;
	uint64_t address;

	for (size_t i = 0; i < task->map_count; i++) {
		const struct cc_map *map = &task->maps[i];

		if (map->object->is_libc)
			library = map;
		else if (map->object->runtime &&
			 !cc_elf_symbol(map->object->elf, name, &address, NULL))
			return map->bias + address;
	}
	if (library && !cc_elf_symbol(library->object->elf, name, &address, NULL))
		return library->bias + address;
	return 0;
}

/* ---- fork, exec, exit ---- */

static char **copy_strings(char **strings, size_t count)
{
	char **copy = strings ? cc_allocate_zeros(count + 1, sizeof(char *)) : NULL;

	for (size_t i = 0; copy && i < count; i++)
		copy[i] = cc_copy(strings[i]);
	return copy;
}

static void free_strings(char **strings)
{
	for (size_t i = 0; strings && strings[i]; i++)
		free(strings[i]);
	free(strings);
}

static void copy_descriptors(struct cc_task *to, const struct cc_task *from)
{
	for (size_t i = 0; i < from->path_count; i++)
		if (from->paths[i])
			task_set_path(to, i, cc_copy(from->paths[i]));
}

struct cc_task *task_fork(struct cc_task *parent)
{
	struct cc_task *child = task_current();

	parent = parent->leader;
	child->parent = parent->pid;
	child->command = parent->command;
	copy_descriptors(child, parent);
	memcpy(child->own, parent->own, sizeof(child->own));
	child->argv = copy_strings(parent->argv, parent->argc);
	child->argc = parent->argc;
	child->executable = parent->executable ? cc_copy(parent->executable) : NULL;
	child->directory = parent->directory ? cc_copy(parent->directory) : NULL;
	child->identity = parent->identity;
	child->brk = parent->brk;
	child->stack = parent->stack;
	child->maps = cc_array_copy(parent->maps, parent->map_count, sizeof(*child->maps));
	child->map_count = parent->map_count;
	return child;
}

/* The dynamic linker's first instruction: the stack is as execve left it. */
void task_exec(struct cc_task *task)
{
	static int command_seen;
	uint64_t stack = guest_register(R_RSP), entry = guest_register(R_RIP), argc = 0, pair[2];
	const struct cc_object *loader = object_of_loader(entry);
	size_t envc, argc_read;

	if (task->image) {
		image_end(task->image, 0);
		task->image = NULL;
	}
	if (!command_seen) {
		command_seen = task->command = 1;
		run_began = task_clock();
		outputs_begin(task);
	}
	task->began = task_clock();
	for (unsigned i = 0; i < 2; i++)
		task->own[i] = file_of(task, i + 1);
	free_strings(task->argv);
	free_strings(task->envp);
	free(task->executable);
	task->executable = NULL;
	task->map_count = 0;
	task->brk = task->entry = 0;
	if (loader)
		add_map(task, loader, entry - loader->entry);
	task->exec_count++;
	task->stack = stack;
	guest_read(stack, &argc, 8);
	task->argv = guest_strings(stack + 8, &argc_read);
	task->argc = argc_read;
	task->envp = guest_strings(stack + 16 + 8 * argc, &envc);
	for (uint64_t at = stack + 24 + 8 * (argc + envc); !guest_read(at, pair, 16) && pair[0];
	     at += 16) {
		if (pair[0] == 9) /* AT_ENTRY */
			task->entry = pair[1];
		else if (pair[0] == 31) /* AT_EXECFN */
			task->executable = guest_string(pair[1], 4096);
	}
}

void task_loaded(struct cc_task *task)
{
	const struct cc_object *object;
	uint64_t bias;

	if (!task->entry || task->image)
		return;
	object = object_by_entry(task->entry, &bias);
	if (!object)
		return;
	free(task->executable);
	task->executable = cc_copy(object->path);
	add_map(task, object, bias);
	task->entry = 0;
	task->image = image_new(task, object, bias);
}

void task_exit(struct cc_task *task, int code)
{
	struct cc_task *leader = task->leader;

	if (task->exited)
		return;
	task->exited = 1;
	task->ended = task_clock();
	/* The first thread that a group's end reaches tells how it ends. */
	if (leader != task && !leader->exited && (leader->exiting || code & 0x7f))
		task_exit(leader, code);
	task->status = code & 0x7f ? -(code & 0x7f) : code >> 8 & 0xff;
	if (task->image) {
		image_end(task->image, task->status);
		task->image = NULL;
	}
}

struct cc_task *task_parent(void)
{
	uint64_t parent = 0;

	guest_read(current_address() + stage.task_real_parent, &parent, 8);
	return parent ? find(parent) : NULL;
}

/* ---- report ---- */

json_t *task_strings(char **strings, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, cc_json_text(strings[i]));
	return array;
}

json_t *task_report(void)
{
	json_t *array = json_array();

	for (size_t i = 0; i < all_count; i++) {
		const struct cc_task *task = all[i];
		json_t *object;

		if (!task->command || task->leader != task)
			continue;
		object = cc_json_pack("{s:i, s:i, s:i, s:i, s:o, s:o, s:o}", "serial", task->serial,
				      "pid", task->pid, "parent", task->parent, "execs",
				      task->exec_count, "executable",
				      cc_json_text(task->executable ? task->executable : ""),
				      "argv", task_strings(task->argv, task->argc), "start",
				      task_seconds(task->began));
		if (task->exited) {
			json_object_set_new(object, "status", json_integer(task->status));
			json_object_set_new(object, "end", task_seconds(task->ended));
		}
		json_array_append_new(array, object);
	}
	return array;
}
