/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/debian/owners.h"
#include "core/replay/heap.h"
#include "core/replay/modules.h"
#include "core/replay/state.h"

#define ID_SIZE 129

static struct {
	struct cc_module *list; /* the latest first */
	struct stranger *strangers;
	size_t stranger_count, object_count;
} modules CC_STATE;

/* ---- the run's ---- */

void cc_module_note(const struct cc_module *noted)
{
	struct cc_module *module = cc_heap_malloc(sizeof(*module));

	*module = *noted;
	module->path = cc_heap_copy(noted->path);
	module->build_id = cc_heap_copy(noted->build_id);
	module->package = cc_heap_copy(noted->package);
	module->next = modules.list;
	modules.list = module;
}

const struct cc_module *cc_module_at(const char *path)
{
	const struct cc_module *module = modules.list;

	while (module && strcmp(module->path, path))
		module = module->next;
	return module;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/*
 * The program names a module its own way (relative, through links); the log has the file that it
 * was.
 */
const struct cc_module *cc_module_named(const char *path)
{
	const struct cc_module *module = modules.list;

	while (module && strcmp(base_name(module->path), base_name(path)))
		module = module->next;
	return module;
}

uint64_t cc_module_base(int descriptor)
{
	const char *path = cc_data_path(descriptor);
	const struct cc_module *module;
	char link[32], real[4096];
	ssize_t length;

	if (!path) {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", descriptor);
		length = readlink(link, real, sizeof(real) - 1);
		if (length < 0)
			return 0;
		real[length] = '\0';
		path = real;
	}
	module = cc_module_at(path);
	return module ? module->base : 0;
}

/* ---- what is loaded ---- */

static void put_hex(char *hex, const uint8_t *bytes, size_t length)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < length; i++) {
		*hex++ = digits[bytes[i] >> 4];
		*hex++ = digits[bytes[i] & 15];
	}
	*hex = '\0';
}

static void read_build_id(const struct dl_phdr_info *info, char *hex, size_t size)
{
	*hex = '\0';
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
		const char *at = (const char *)(info->dlpi_addr + segment->p_vaddr);
		const char *end = at + segment->p_memsz;

		if (segment->p_type != PT_NOTE)
			continue;
		while (at + sizeof(ElfW(Nhdr)) < end) {
			const ElfW(Nhdr) *note = (const void *)at;
			const uint8_t *id =
				(const uint8_t *)(note + 1) + ((note->n_namesz + 3) & ~3u);

			if (note->n_type == NT_GNU_BUILD_ID && note->n_descsz * 2 < size)
				put_hex(hex, id, note->n_descsz);
			at = (const char *)id + ((note->n_descsz + 3) & ~3u);
		}
	}
}

struct wanted_object {
	uint64_t base;
	char *hex;
	size_t size;
};

static int read_wanted(struct dl_phdr_info *info, size_t size, void *context)
{
	struct wanted_object *wanted = context;

	if (info->dlpi_addr != wanted->base)
		return 0;
	read_build_id(info, wanted->hex, wanted->size);
	return 1;
}

void cc_loaded_build_id(uint64_t base, char *hex, size_t size)
{
	struct wanted_object wanted = {base, hex, size};

	*hex = '\0';
	dl_iterate_phdr(read_wanted, &wanted);
}

struct wanted_code {
	uint64_t base, offset, length;
};

static int find_code(struct dl_phdr_info *info, size_t size, void *context)
{
	const struct wanted_code *wanted = context;

	if (info->dlpi_addr != wanted->base)
		return 0;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
		uint64_t from = wanted->offset - segment->p_vaddr;

		if (segment->p_type == PT_LOAD && segment->p_flags & PF_X &&
		    from < segment->p_memsz && wanted->length <= segment->p_memsz - from)
			return 1;
	}
	return 0;
}

int cc_loaded_code(uint64_t base, uint64_t offset, uint64_t length)
{
	struct wanted_code wanted = {base, offset, length};

	return dl_iterate_phdr(find_code, &wanted);
}

int cc_module_has(uint64_t address)
{
	const struct cc_module *best = NULL;
	char build_id[ID_SIZE];

	for (const struct cc_module *module = modules.list; module; module = module->next)
		if (module->base <= address && (!best || module->base > best->base))
			best = module;
	if (!best)
		return 0;
	cc_loaded_build_id(best->base, build_id, sizeof(build_id));
	return !strcmp(build_id, best->build_id) &&
	       cc_loaded_code(best->base, address - best->base, 1);
}

/* ---- are they the same? ---- */

/*
 * Objects that are loaded here and were none of the run's, as far as its objects were known then.
 * Loaded objects stay, and keep their order.
 */
struct stranger {
	char *path, build_id[ID_SIZE];
};

static int sort_object(struct dl_phdr_info *info, size_t size, void *context)
{
	size_t *number = context;
	struct stranger stranger;
	int known = 0;

	if ((*number)++ < modules.object_count) /* in an earlier look */
		return 0;
	modules.object_count++;
	read_build_id(info, stranger.build_id, sizeof(stranger.build_id));
	for (const struct cc_module *module = modules.list; module && !known; module = module->next)
		known = !strcmp(module->build_id, stranger.build_id);
	if (known || !*stranger.build_id || !*info->dlpi_name)
		return 0;
	stranger.path = cc_heap_copy(info->dlpi_name);
	cc_heap_room(modules.strangers, modules.stranger_count);
	modules.strangers[modules.stranger_count++] = stranger;
	return 0;
}

/* "libz.so.1" and "libz.so.1.2.13" are versions of one library. */
static int same_library(const char *one, const char *other)
{
	const char *dot;

	one = base_name(one);
	other = base_name(other);
	dot = strstr(one, ".so");
	return !strcmp(one, other) ||
	       (dot && !strncmp(one, other, (size_t)(dot - one) + strlen(".so")));
}

static int is_loaded(const struct cc_module *module)
{
	for (size_t i = 0; i < modules.stranger_count; i++)
		if (!strcmp(modules.strangers[i].build_id, module->build_id))
			return 1;
	return 0;
}

void cc_modules_check(void)
{
	struct cc_error error;
	size_t number = 0;

	dl_iterate_phdr(sort_object, &number);
	for (const struct cc_module *module = modules.list; module; module = module->next) {
		if (!*module->build_id || is_loaded(module))
			continue;
		for (size_t i = 0; i < modules.stranger_count; i++)
			if (same_library(module->path, modules.strangers[i].path)) {
				cc_other_object(modules.strangers[i].path,
						modules.strangers[i].build_id, module->build_id,
						module->package, &error);
				cc_die("%s", error.text);
			}
	}
}
