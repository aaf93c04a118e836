/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/preload/mapping.h"
#include "core/preload/special.h"
#include "core/session/processor.h"

#define EXPORT __attribute__((visibility("default")))

/*
 * dlopen gives the program the recorded handle, so that it sees the same number; this is what
 * stands behind it here.
 */
static struct handle {
	uint64_t recorded;
	void *real;
} *handles;
static size_t handle_count;

static void *real_handle(uint64_t recorded)
{
	for (size_t i = 0; i < handle_count; i++)
		if (handles[i].recorded == recorded)
			return handles[i].real;
	return (void *)(uintptr_t)recorded; /* RTLD_DEFAULT and the like */
}

/* ---- which file it is --------------------------------------------------------------------------- */

static struct module {
	struct module *next;
	char *path, *build_id;
	uint64_t base;
} *modules; /* the latest first */

void cc_module_note(const char *path, const char *build_id, uint64_t base)
{
	struct module *module = cc_heap_malloc(sizeof(*module));

	module->path = strdup(path);
	module->build_id = strdup(build_id);
	module->base = base;
	module->next = modules;
	modules = module;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The program names it its own way (relative, through links); the log has the file that it was. */
static const struct module *module_named(const char *path)
{
	const struct module *module = modules;

	while (module && strcmp(base_name(module->path), base_name(path)))
		module = module->next;
	return module;
}

/* ---- where it goes, and what it sees there --------------------------------------------------------- */

static const struct module *being_loaded;

uint64_t cc_module_base(int descriptor)
{
	char link[32], path[4096];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", descriptor);
	length = readlink(link, path, sizeof(path) - 1);
	if (length < 0)
		return 0;
	path[length] = '\0';
	if (!strncmp(path, "/memfd:", 7)) /* the slice brought it */
		return being_loaded ? being_loaded->base : 0;
	for (const struct module *module = modules; module; module = module->next)
		if (!strcmp(module->path, path))
			return module->base;
	return 0;
}

static const char *processor; /* the run's; NULL: this is no replay */

void cc_special_begin(const json_t *manifest)
{
	const char *features = json_string_value(json_object_get(manifest, "processor"));

	processor = features ? features : CC_PROCESSOR_GUEST;
}

/*
 * What libraries ask the environment for. Where it has nothing to say, those that would go by this machine's
 * processor are told of the run's (core/session/processor.h).
 */
EXPORT char *getenv(const char *name)
{
	size_t length = strlen(name);

	for (char **variable = environ; variable && *variable; variable++)
		if (!strncmp(*variable, name, length) && (*variable)[length] == '=')
			return *variable + length + 1;
	return processor ? cc_processor_variable(processor, name) : NULL;
}

/* A program with more rights than its user's is not loaded with an object in front. */
EXPORT char *secure_getenv(const char *name)
{
	return getenv(name);
}

static void *load_as_then(const char *path, int flags, const struct module *module)
{
	void *handle;

	being_loaded = module;
	cc_loading(CC_LOADING_MODULE);
	handle = dlopen(path, flags);
	cc_loading(CC_LOADING_NOTHING);
	return handle;
}

void cc_special_load_unwinder(void)
{
	cc_loading(CC_LOADING_MODULE);
	if (!dlopen("libgcc_s.so.1", RTLD_NOW))
		cc_die("%s: a thread's end needs it: install libgcc-s1", dlerror());
	cc_loading(CC_LOADING_NOTHING);
}

struct wanted_object {
	uint64_t base;
	char *hex;
	size_t size;
};

static int note_of(struct dl_phdr_info *info, size_t size, void *context)
{
	struct wanted_object *wanted = context;

	if (info->dlpi_addr != wanted->base)
		return 0;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
		const char *at = (const char *)(info->dlpi_addr + segment->p_vaddr);
		const char *end = at + segment->p_memsz;

		if (segment->p_type != PT_NOTE)
			continue;
		while (at + sizeof(ElfW(Nhdr)) < end) {
			const ElfW(Nhdr) *note = (const void *)at;
			const uint8_t *id = (const uint8_t *)(note + 1) + ((note->n_namesz + 3) & ~3u);

			if (note->n_type == NT_GNU_BUILD_ID && note->n_descsz * 2 < wanted->size)
				for (unsigned byte = 0; byte < note->n_descsz; byte++)
					sprintf(wanted->hex + 2 * byte, "%02x", id[byte]);
			at = (const char *)id + ((note->n_descsz + 3) & ~3u);
		}
	}
	return 1;
}

void cc_loaded_build_id(uint64_t base, char *hex, size_t size)
{
	struct wanted_object wanted = {base, hex, size};

	*hex = '\0';
	dl_iterate_phdr(note_of, &wanted);
}

static void check_build(const char *path, void *handle, const struct module *module)
{
	struct link_map *map;
	char build_id[129];

	if (!module || !*module->build_id || dlinfo(handle, RTLD_DI_LINKMAP, &map))
		return;
	cc_loaded_build_id(map->l_addr, build_id, sizeof(build_id));
	if (strcmp(build_id, module->build_id))
		cc_die("%s here is not the run's (build-id %s, the run had %s): install the package "
		       "version that was recorded", path, build_id, module->build_id);
}

static int64_t load(const uint64_t *args, int64_t recorded)
{
	const char *name = (const char *)(uintptr_t)args[0];
	const struct module *module = name ? module_named(name) : NULL;
	const char *path = module ? module->path : name;
	int carried = module ? cc_data_descriptor(module->path) : -1;
	char in_slice[64];
	void *real;

	if (!recorded)
		return 0; /* it failed in the run; dlerror is served */
	if (carried >= 0) {
		snprintf(in_slice, sizeof(in_slice), "/proc/self/fd/%d", carried);
		path = in_slice;
	}
	real = load_as_then(path, (int)args[1], module);
	if (!real)
		cc_die("%s: the run loaded this module, and it does not load here (%s): install the "
		       "package that holds it", module ? module->path : name, dlerror());
	check_build(path, real, module);
	handles = cc_heap_realloc(handles, (handle_count + 1) * sizeof(*handles));
	handles[handle_count++] = (struct handle){(uint64_t)recorded, real};
	return recorded;
}

void *cc_interposed(void *function)
{
	for (unsigned i = 0; function && i < cc_symbol_count; i++)
		if (cc_real_function(i) == function)
			return dlsym(RTLD_DEFAULT, cc_symbols[i].name);
	return function;
}

static int64_t symbol_of(const uint64_t *args, int64_t recorded)
{
	void *real;

	if (!recorded)
		return 0;
	real = cc_interposed(dlsym(real_handle(args[0]), (const char *)(uintptr_t)args[1]));
	if (!real)
		cc_die("%s: the module that is installed here lacks it: it is not the run's",
		       (const char *)(uintptr_t)args[1]);
	return (int64_t)(uintptr_t)real;
}

/* Real, in our own heap, on the slice's files; NULL stays NULL. */
static int64_t data(unsigned symbol, const struct cc_hostcall *call, const uint64_t *args,
		    int64_t recorded)
{
	int64_t real;

	cc_data_begin();
	real = cc_call_real(symbol, args);
	cc_data_end();
	if (call->ret.kind != CC_ITEM_VOID && !recorded != !real)
		cc_die("%s gave %s in the run and does not here: the slice lacks a file that the C "
		       "library read", cc_symbols[symbol].name, recorded ? "a result" : "nothing");
	return real;
}

int64_t cc_special(unsigned symbol, const struct cc_hostcall *call, uint64_t *args, int64_t recorded)
{
	switch (call->class) {
	case CC_LOAD:
		if (cc_call_does(call, CC_EFFECT_LOAD))
			return load(args, recorded);
		if (cc_call_does(call, CC_EFFECT_SYMBOL))
			return symbol_of(args, recorded);
		return recorded;
	case CC_DATA:
		return data(symbol, call, args, recorded);
	case CC_HOST:
		if (cc_call_does(call, CC_EFFECT_MAP) && recorded != -1)
			cc_mapping_make(args, (uint64_t)recorded);
	}
	return recorded;
}
