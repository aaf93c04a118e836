/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/vm/closure.h"

#include <dirent.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/files.h"
#include "core/base/memory.h"

#define ALTERNATIVES "/var/lib/dpkg/alternatives"
#define ALTERNATIVES_FILE_MAX (1u << 20)

/* ---- libraries ---- */

/* Where the dynamic linker looks on Debian, packages first. */
static const char *const library_directories[] = {"/usr/lib/x86_64-linux-gnu",
						  "/lib/x86_64-linux-gnu",
						  "/usr/local/lib",
						  "/usr/local/lib/x86_64-linux-gnu",
						  "/usr/lib",
						  "/lib",
						  NULL};

struct worklist {
	char **paths;
	size_t count;
	struct cc_fileset *set;
};

static void push(struct worklist *work, const char *path)
{
	cc_array_room(work->paths, work->count);
	work->paths[work->count++] = cc_copy(path);
}

static void add_library(struct worklist *work, const char *name)
{
	for (size_t i = 0; library_directories[i]; i++) {
		char *path = cc_format("%s/%s", library_directories[i], name);
		char *real = realpath(path, NULL);

		if (real) {
			int known = cc_fileset_has(work->set, real);

			cc_fileset_add(work->set, path);
			/* when the set did not take it, the guest has it with all it needs */
			if (!known && cc_fileset_has(work->set, real))
				push(work, real);
		}
		free(path);
		free(real);
		if (real)
			return;
	}
}

static void add_needed(struct worklist *work, Elf *elf, Elf_Scn *section, const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t count = header->sh_entsize ? header->sh_size / header->sh_entsize : 0;

	for (size_t i = 0; data && i < count; i++) {
		const char *name;
		GElf_Dyn entry;

		if (!gelf_getdyn(data, i, &entry) || entry.d_tag != DT_NEEDED)
			continue;
		name = elf_strptr(elf, header->sh_link, entry.d_un.d_val);
		if (name && *name && !strchr(name, '/'))
			add_library(work, name);
	}
}

static void add_libraries_of(struct worklist *work, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	Elf *elf;

	if (fd < 0)
		return;
	elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	while (elf && elf_kind(elf) == ELF_K_ELF && (section = elf_nextscn(elf, section)))
		if (gelf_getshdr(section, &header) && header.sh_type == SHT_DYNAMIC)
			add_needed(work, elf, section, &header);
	elf_end(elf);
	close(fd);
}

/* ELF objects are executable or called something.so; looking into every file would take long. */
static int consider(void *context, const struct cc_fileset_entry *entry)
{
	if (S_ISREG(entry->status.st_mode) && !entry->data &&
	    (entry->status.st_mode & 0111 || strstr(entry->path, ".so")))
		push(context, entry->path);
	return 0;
}

void cc_add_libraries(struct cc_fileset *set)
{
	struct worklist work = {.set = set};

	elf_version(EV_CURRENT);
	cc_fileset_each(set, consider, &work);
	for (size_t i = 0; i < work.count; i++) {
		add_libraries_of(&work, work.paths[i]);
		free(work.paths[i]);
	}
	free(work.paths);
}

/* ---- alternatives ---- */

static void add_link(struct cc_fileset *set, const char *link)
{
	char *real = realpath(link, NULL);

	if (real && cc_fileset_has(set, real))
		cc_fileset_add(set, link);
	free(real);
}

/*
 * update-alternatives keeps a file per name: the status, the link, then pairs of a further name
 * and its link, up to an empty line.
 */
static void add_alternative(struct cc_fileset *set, const char *name)
{
	char *path = cc_format(ALTERNATIVES "/%s", name), *rest, *line;
	char *text = cc_read_file(path, ALTERNATIVES_FILE_MAX, NULL, NULL);

	free(path);
	rest = text;
	for (int i = 0; rest && (line = strsep(&rest, "\n")) && *line; i++)
		if (i % 2)
			add_link(set, line);
	free(text);
}

void cc_add_alternatives(struct cc_fileset *set)
{
	DIR *directory = opendir(ALTERNATIVES);
	struct dirent *entry;

	while (directory && (entry = readdir(directory)))
		if (entry->d_name[0] != '.')
			add_alternative(set, entry->d_name);
	if (directory)
		closedir(directory);
}
