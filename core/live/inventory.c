/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a recording without a machine says of its surroundings: objects. */
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "core/live/inventory.h"
#include "core/replay/heap.h"
#include "core/replay/preload.h"

static uint64_t *known; /* where objects are that the log has, or that were there from the start */
static size_t known_count;

static int is_known(uint64_t base)
{
	for (size_t i = 0; i < known_count; i++)
		if (known[i] == base)
			return 1;
	cc_heap_room(known, known_count);
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
		for (const ElfW(Dyn) *entry = map->l_ld;
		     strings && map != ours && entry->d_tag != DT_NULL; entry++)
			if (entry->d_tag == DT_NEEDED &&
			    !strcmp(strings + entry->d_un.d_val, strrchr(wanted->l_name, '/') + 1))
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

static json_t *numbers(const uint32_t *from, int count)
{
	json_t *array = json_array();

	for (int i = 0; i < count; i++)
		json_array_append_new(array, json_integer(from[i]));
	return array;
}

void cc_inventory_identity(json_t *manifest)
{
	uint32_t uids[3], gids[3], groups[64];
	int count = getgroups(64, groups);
	mode_t mask = umask(0);
	struct utsname name;
	json_t *limits = json_array();

	umask(mask);
	uname(&name);
	getresuid(&uids[0], &uids[1], &uids[2]);
	getresgid(&gids[0], &gids[1], &gids[2]);
	for (int i = 0; i < RLIM_NLIMITS; i++) {
		struct rlimit limit;

		if (!getrlimit(i, &limit))
			json_array_append_new(limits,
					      json_pack("[i,I,I]", i, (json_int_t)limit.rlim_cur,
							(json_int_t)limit.rlim_max));
	}
	json_object_set_new(manifest, "host", json_string(name.nodename));
	json_object_set_new(manifest, "release", json_string(name.release));
	json_object_set_new(manifest, "processors", json_integer(sysconf(_SC_NPROCESSORS_ONLN)));
	json_object_set_new(manifest, "identity",
			    json_pack("{s:i, s:i, s:i, s:o, s:o, s:o, s:o}", "group", getpgrp(),
				      "session", getsid(0), "umask", (int)mask, "uids",
				      numbers(uids, 3), "gids", numbers(gids, 3), "groups",
				      numbers(groups, count < 0 ? 0 : count), "limits", limits));
}

/* An object that no package installed goes along. */
static void note(struct cc_trace *trace, const struct link_map *map,
		 void (*carry)(const char *path))
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
