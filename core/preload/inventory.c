/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a recording without a machine says of its surroundings: objects. */
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/preload/inventory.h"
#include "core/preload/preload.h"

static uint64_t *known; /* where objects are that the log has, or that were there from the start */
static size_t known_count;

static int is_known(uint64_t base)
{
	for (size_t i = 0; i < known_count; i++)
		if (known[i] == base)
			return 1;
	known = realloc(known, (known_count + 1) * sizeof(*known));
	known[known_count++] = base;
	return 0;
}

/* Does an object but ours ask for this one? */
static int is_needed(const struct link_map *wanted, const struct link_map *ours)
{
	for (const struct link_map *map = _r_debug.r_map; map; map = map->l_next) {
		const char *strings = NULL;

		for (const ElfW(Dyn) *entry = map->l_ld; entry && entry->d_tag != DT_NULL; entry++)
			if (entry->d_tag == DT_STRTAB)
				strings = (const char *)entry->d_un.d_ptr;
		for (const ElfW(Dyn) *entry = map->l_ld; strings && map != ours && entry->d_tag != DT_NULL; entry++)
			if (entry->d_tag == DT_NEEDED && !strcmp(strings + entry->d_un.d_val,
								 strrchr(wanted->l_name, '/') + 1))
				return 1;
	}
	return 0;
}

/* Ours, and what only ours needs, are none of the run's. */
void cc_inventory_begin(void)
{
	const struct link_map *ours = NULL;
	Dl_info info;

	dladdr1(&known, &info, (void **)&ours, RTLD_DL_LINKMAP);
	for (const struct link_map *map = _r_debug.r_map; map; map = map->l_next)
		if (map == ours || !strchr(map->l_name, '/') || !is_needed(map, ours))
			is_known(map->l_addr);
}

/* An object that no package installed goes along. */
static void note(struct cc_trace *trace, const struct link_map *map, void (*carry)(const char *path))
{
	char *path = realpath(map->l_name, NULL);
	char build_id[129];

	cc_loaded_build_id(map->l_addr, build_id, sizeof(build_id));
	if (path && strncmp(path, "/usr/lib/", 9))
		carry(path);
	cc_trace_module(trace, path ? path : map->l_name, build_id, map->l_addr, "");
	free(path);
}

void cc_inventory_modules(struct cc_trace *trace, void (*carry)(const char *path))
{
	for (const struct link_map *map = _r_debug.r_map; map; map = map->l_next)
		if (!is_known(map->l_addr))
			note(trace, map, carry);
}
