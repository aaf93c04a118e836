/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/stage/machine/qemu.h"
#include "core/stage/machine/stage.h"

static const char *const register_names[R_COUNT] = {
	"rax", "rbx", "rcx",  "rdx",  "rsi",  "rdi",  "rbp",  "rsp",	 "r8",	      "r9",
	"r10", "r11", "r12",  "r13",  "r14",  "r15",  "rip",  "fs_base", "k_gs_base", "cr3",
	"st0", "st1", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5",	 "xmm6",      "xmm7",
};
static struct qemu_plugin_register *registers[R_COUNT];
static GByteArray *bytes;

void guest_init_registers(void)
{
	GArray *all = qemu_plugin_get_registers();

	bytes = g_byte_array_new();
	for (guint i = 0; i < all->len; i++) {
		qemu_plugin_reg_descriptor *descriptor =
			&g_array_index(all, qemu_plugin_reg_descriptor, i);

		for (int name = 0; name < R_COUNT; name++)
			if (!strcmp(descriptor->name, register_names[name]))
				registers[name] = descriptor->handle;
	}
	g_array_free(all, TRUE);
	for (int name = 0; name < R_COUNT; name++)
		if (!registers[name])
			stage_warn("QEMU shows no register %s", register_names[name]);
}

uint64_t guest_register(enum cc_register name)
{
	uint64_t value = 0;

	g_byte_array_set_size(bytes, 0);
	qemu_plugin_read_register(registers[name], bytes);
	memcpy(&value, bytes->data, bytes->len < 8 ? bytes->len : 8);
	return value;
}

void guest_vectors(uint64_t vectors[8])
{
	for (unsigned i = 0; i < 8; i++)
		vectors[i] = guest_register(R_RAX) & 0xff
				     ? guest_register((enum cc_register)(R_XMM0 + i))
				     : 0;
}

struct cc_float guest_float(enum cc_register name)
{
	struct cc_float value = {guest_register(name), 0};

	if (bytes->len >= 10)
		memcpy(&value.exponent, bytes->data + 8, sizeof(value.exponent));
	return value;
}

int guest_read(uint64_t address, void *data, size_t length)
{
	int direct = length ? memory_read_directly(address, data, length) : 1;

	if (direct >= 0)
		return direct - 1;
	if (length > (64u << 20) || !qemu_plugin_read_memory_vaddr(address, bytes, length))
		return -1;
	memcpy(data, bytes->data, length);
	return 0;
}

uint64_t guest_pointer(uint64_t address)
{
	uint64_t pointer = 0;

	guest_read(address, &pointer, sizeof(pointer));
	return pointer;
}

/*
 * lib/xarray.c: the two lowest bits say what a slot holds. A node's slot may refer to an earlier
 * one of the same node, which holds an object of several indices.
 */
#define IS_NODE(entry) (((entry)&3) == 2)
#define SLOTS 64u
#define SIBLING_MAX (SLOTS << 2)

uint64_t guest_tree_entry(uint64_t tree, uint64_t index)
{
	uint64_t entry = guest_pointer(tree + stage.kernel.tree_head);
	unsigned below = 64; /* a child's shift is smaller than its parent's */

	if (!IS_NODE(entry))
		return index ? 0 : entry;
	while (IS_NODE(entry)) {
		uint64_t node = entry & ~3ul, slots = node + stage.kernel.node_slots, slot;
		uint8_t shift = 64;

		if (guest_read(node + stage.kernel.node_shift, &shift, sizeof(shift)) ||
		    shift >= below)
			return 0;
		slot = index >> shift;
		if (below == 64 && slot >= SLOTS) /* the tree ends before it */
			return 0;
		entry = guest_pointer(slots + 8 * (slot % SLOTS));
		if (IS_NODE(entry) && entry < SIBLING_MAX)
			entry = guest_pointer(slots + 8 * (entry >> 2));
		below = shift;
	}
	return entry;
}

/*
 * A page of a file that the process has not touched (a forked child's, often) is not in its page
 * tables: what stands there is what stands in the file.
 */
static int read_page(uint64_t address, void *data, size_t length)
{
	const uint8_t *bytes_of_file;

	if (!guest_read(address, data, length))
		return 0;
	bytes_of_file = task_file_bytes(task_current(), address, length);
	if (!bytes_of_file)
		return -1;
	memcpy(data, bytes_of_file, length);
	return 0;
}

static int memory_read(void *context, uint64_t address, void *data, size_t length)
{
	if (!guest_read(address, data, length))
		return 0;
	while (length) {
		size_t chunk = 4096 - (address & 0xfff);

		if (chunk > length)
			chunk = length;
		if (read_page(address, data, chunk))
			return -1;
		address += chunk;
		data = (char *)data + chunk;
		length -= chunk;
	}
	return 0;
}

static uint64_t memory_symbol(void *context, const char *name)
{
	return task_symbol(task_current(), name);
}

static uint64_t memory_register(void *context, unsigned number)
{
	switch (number) {
	case CC_REG_R13:
		return guest_register(R_R13);
	case CC_REG_FS_BASE:
		return guest_register(R_FS_BASE);
	}
	return 0;
}

static int memory_variadic(void *context, const uint64_t *args, struct cc_variadic *more)
{
	const struct cc_pending *pending =
		(const void *)((const char *)args - offsetof(struct cc_pending, args));

	more->stack = pending->rsp + 8;
	memcpy(more->vector, pending->vectors, sizeof(more->vector));
	return 0;
}

static int64_t memory_semaphores(void *context, uint32_t id)
{
	return ipc_semaphores(id);
}

static int memory_mapped(void *context, uint64_t address)
{
	const struct cc_image *image = image_running();

	return image && mappings_hold(image, address);
}

const struct cc_memory guest_memory = {
	.semaphores = memory_semaphores,
	.mapped = memory_mapped,
	.read = memory_read,
	.symbol = memory_symbol,
	.reg = memory_register,
	.variadic = memory_variadic,
};

char *guest_string(uint64_t address, size_t size)
{
	char *text = NULL;
	size_t have = 0;

	while (address && have < size - 1) {
		size_t chunk = 256 - (address + have) % 256;
		char *end;

		text = cc_reallocate(text, have + chunk + 1, 1);
		if (guest_read(address + have, text + have, chunk))
			break;
		end = memchr(text + have, '\0', chunk);
		if (end)
			return text;
		have += chunk;
		text[have] = '\0';
	}
	if (have >= size - 1)
		return text;
	free(text);
	return NULL;
}

#define STRINGS_MAX 65536
char **guest_strings(uint64_t address, size_t *count)
{
	char **strings = NULL;

	for (*count = 0; *count < STRINGS_MAX; (*count)++) {
		uint64_t pointer;

		cc_array_room(strings, *count);
		strings[*count] = NULL;
		if (guest_read(address + 8 * *count, &pointer, 8) || !pointer)
			break;
		strings[*count] = guest_string(pointer, 1 << 17);
		if (!strings[*count])
			strings[*count] = cc_copy("");
	}
	return strings;
}
