/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ELF files of the guest, read on the host. QEMU translates a piece of code once for all
 * processes that share its physical page, so at translation a place is known by its bytes and its
 * offset in the page only; which object it belongs to is told by the process's mappings when it
 * runs.
 */
#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/files.h"
#include "core/base/intern.h"
#include "core/base/memory.h"
#include "core/debian/owners.h"
#include "core/stage/machine/stage.h"
#include "logs/checksum.h"
#include "logs/text.h"

static struct cc_object **objects;
static size_t object_count;

/* ---- the places' bytes, in a hash ---- */

struct key {
	uint64_t code; /* of its bytes and its page offset; 0: free */
	unsigned mask;
};
static struct key *keys;
static size_t key_capacity, key_count;

/*
 * As many bytes as are sure to be code of the place, up to PLACE_BYTES and to the end of the page:
 * ops are counted by them alone, and code in the middle of one must not look like another's
 * beginning.
 */
static uint64_t key_code(uint64_t offset, const uint8_t *bytes)
{
	size_t length = 4096 - (offset & 0xfff);

	return (cc_checksum(bytes, length < PLACE_BYTES ? length : PLACE_BYTES) ^ length << 44) | 1;
}

static struct key *key_find(uint64_t code)
{
	size_t i = (code * 0x9e3779b97f4a7c15u) >> 20 & (key_capacity - 1);

	while (keys[i].code && keys[i].code != code)
		i = (i + 1) & (key_capacity - 1);
	return &keys[i];
}

static void key_add(uint64_t code, unsigned mask)
{
	struct key *key;

	if (key_count * 2 >= key_capacity) {
		struct key *old = keys;
		size_t capacity = key_capacity;

		key_capacity = capacity ? capacity * 2 : 4096;
		keys = cc_allocate_zeros(key_capacity, sizeof(*keys));
		for (size_t i = 0; i < capacity; i++)
			if (old[i].code)
				*key_find(old[i].code) = old[i];
		free(old);
	}
	key = key_find(code);
	if (!key->code)
		key_count++;
	key->code = code;
	key->mask |= mask;
}

/*
 * Code that was translated, with those kinds of watches that come while the machine runs: a tree,
 * see tsearch(3).
 */
static void *translated;
static const unsigned later = 1u << (8 + CC_WATCH_FOREIGN) | 1u << (8 + CC_WATCH_CALLBACK);

static void *as_translated(uint64_t code, unsigned mask)
{
	return (void *)(uintptr_t)(code ^ (mask & later));
}

static int by_code(const void *one, const void *other)
{
	return ((uintptr_t)one > (uintptr_t)other) - ((uintptr_t)one < (uintptr_t)other);
}

unsigned objects_mask(uint64_t page_offset, const uint8_t bytes[PLACE_BYTES])
{
	uint64_t code = key_code(page_offset, bytes);
	unsigned mask = key_capacity ? key_find(code)->mask : 0;

	tsearch(as_translated(code, mask), &translated, by_code);
	return mask;
}

/* ---- places ---- */

static void add_place(struct cc_object *object, uint64_t address, uint8_t kind, uint8_t detail,
		      const struct cc_hostcall *call)
{
	const uint8_t *bytes = cc_elf_bytes(object->elf, address, PLACE_BYTES);
	unsigned mask = 1u << kind;

	if (!bytes)
		return;
	if (kind == PLACE_WATCH)
		mask |= 1u << (8 + detail);
	cc_array_room(object->places, object->place_count);
	object->places[object->place_count++] =
		(struct cc_place){address, kind, detail, call, NULL};
	key_add(key_code(address, bytes), mask);
}

int objects_watch(uint64_t page_offset, const uint8_t bytes[PLACE_BYTES], enum cc_watch_kind kind)
{
	uint64_t code = key_code(page_offset, bytes);
	unsigned bit = 1u << (8 + kind);

	key_add(code, 1u << PLACE_WATCH | bit);
	return tfind(as_translated(code, 0), &translated, by_code) ||
	       tfind(as_translated(code, later & ~bit), &translated, by_code);
}

/* A function that the table does not know. It matters when the C library has it: see settle. */
struct unknown {
	struct cc_object *object;
	uint64_t address;
	char *symbol;
};
static struct unknown *unknowns;
static size_t unknown_count;

static void add_stub(void *context, uint64_t address, const char *symbol)
{
	const struct cc_hostcall *call = cc_hostcall_find(symbol);

	if (call && call->class == CC_THREAD) {
		if (call->threads != CC_EFFECT_SELF)
			add_place(context, address, PLACE_THREAD, 0, call);
	} else if (call && call->class != CC_PURE && call->class != CC_LIVE) {
		add_place(context, address, PLACE_STUB, 0, call);
	} else if (!call) {
		cc_array_room(unknowns, unknown_count);
		unknowns[unknown_count++] = (struct unknown){context, address, cc_copy(symbol)};
	}
}

static void add_initializer(void *context, uint64_t address)
{
	if (!object_place(context, address, PLACE_INITIALIZER))
		add_place(context, address, PLACE_INITIALIZER, 0, NULL);
}

static void add_watch(struct cc_object *object, const struct cc_watch *watch)
{
	uint64_t address, size;
	const uint8_t *code;

	if (cc_elf_symbol(object->elf, watch->symbol, &address, &size))
		return;
	if (watch->pattern_length) {
		code = cc_elf_bytes(object->elf, address, size);
		code = code ? memmem(code, size, watch->pattern, watch->pattern_length) : NULL;
		if (!code)
			return;
		address += (uint64_t)(code - cc_elf_bytes(object->elf, address, size)) +
			   watch->pattern_length;
	}
	add_place(object, address, PLACE_WATCH, watch->kind, NULL);
}

static void found_place(void *context, uint64_t address, enum cc_watch_kind kind)
{
	add_place(context, address, PLACE_WATCH, kind, NULL);
}

static const void *find_symbol(void *context, const char *name, uint64_t *size)
{
	uint64_t address;

	if (cc_elf_symbol(context, name, &address, size))
		return NULL;
	return cc_elf_bytes(context, address, *size ? *size : 1);
}

/*
 * An interpreter of a version that is not understood is known for what it is, and nothing of it is
 * looked at.
 */
static void add_runtime(struct cc_object *object, const struct cc_language *language)
{
	const struct cc_runtime *runtime = language->runtime;
	const struct cc_runtime_places *places = language->places;

	for (int i = 0; runtime->symbols[i]; i++)
		if (cc_elf_symbol(object->elf, runtime->symbols[i], &object->symbols[i], NULL))
			return;
	object->runtime = runtime;
	object->watched = places;
	if (cc_runtime_check(runtime, find_symbol, object->elf, &object->refusal) < 0)
		return;
	for (const struct cc_watch *watch = places->watches; watch->symbol; watch++)
		add_watch(object, watch);
	if (places->find)
		places->find(object->elf, found_place, object);
}

/* A function that is called by its address: from a table of pointers, through libffi. */
static void add_entry(void *context, const char *symbol, uint64_t function)
{
	const struct cc_hostcall *call = function ? cc_hostcall_find(symbol) : NULL;
	uint8_t kind = call && call->class == CC_THREAD ? PLACE_THREAD_ENTRY : PLACE_ENTRY;

	if (call && call->class != CC_PURE && call->class != CC_LIVE &&
	    call->threads != CC_EFFECT_SELF && !object_place(context, function, kind))
		add_place(context, function, kind, 0, call);
}

static void add_libc(struct cc_object *object)
{
	static const struct {
		const char *name;
		uint8_t kind;
	} allocators[] = {
		{"malloc", CC_ALLOC_MALLOC},	 {"calloc", CC_ALLOC_CALLOC},
		{"realloc", CC_ALLOC_REALLOC},	 {"free", CC_ALLOC_FREE},
		{"memalign", CC_ALLOC_MEMALIGN}, {"aligned_alloc", CC_ALLOC_MEMALIGN},
	};
	uint64_t address;

	object->is_libc = 1;
	if (cc_elf_tpoff_slot(object->elf, "errno", &object->errno_slot, &object->errno_delta))
		stage_warn("%s: no thread-local errno", object->path);
	for (size_t i = 0; i < sizeof(allocators) / sizeof(*allocators); i++)
		if (!cc_elf_symbol(object->elf, allocators[i].name, &address, NULL))
			add_place(object, address, PLACE_ALLOC, allocators[i].kind, NULL);
	cc_elf_each_symbol(object->elf, add_entry, object);
}

/* The C library's own objects call each other: that is inside, not across the boundary. */
static int of_the_c_library(const char *name)
{
	static const char *const names[] = {"libc.so",	  "libm.so",  "libpthread.so",
					    "libdl.so",	  "librt.so", "libresolv.so",
					    "libutil.so", "libnss_",  "ld-linux"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strncmp(name, names[i], strlen(names[i])))
			return 1;
	return 0;
}

/* `part` is an offset and a size; size 0: the whole file. */
static struct cc_elf *open_object(const char *host, const char *part, struct cc_error *error)
{
	char *rest;
	uint64_t offset = strtoull(part, &rest, 10), size = strtoull(rest, NULL, 10);

	return size ? cc_elf_open_part(host, offset, size, error) : cc_elf_open(host, error);
}

static int load(const char *guest, const char *host, const char *part, struct cc_error *error)
{
	const char *name = strrchr(guest, '/') ? strrchr(guest, '/') + 1 : guest;
	struct cc_elf *elf = open_object(host, part, error);
	struct cc_object *object;

	if (!elf)
		return error->status == CC_EFORMAT ? 0 : -1; /* a linker script, say */
	object = cc_allocate_zeros(1, sizeof(*object));
	object->elf = elf;
	object->path = cc_copy(guest);
	object->entry = cc_elf_entry(elf);
	object->inside = of_the_c_library(name);
	object->is_unwinder = !strncmp(name, "libgcc_s.so", 11);
	snprintf(object->build_id, sizeof(object->build_id), "%s", cc_elf_build_id(elf));
	cc_array_room(objects, object_count);
	objects[object_count++] = object;
	if (!strncmp(name, "libc.so", 7)) {
		add_libc(object);
	} else if (!strncmp(name, "ld-linux", 8)) {
		object->is_loader = 1;
		add_place(object, object->entry, PLACE_LOADER, 0, NULL);
	} else if (!object->inside) {
		cc_elf_each_plt(elf, add_stub, object);
		cc_elf_each_initializer(elf, add_initializer, object);
		for (size_t i = 0; stage.languages[i]; i++)
			add_runtime(object, stage.languages[i]);
	}
	cc_elf_rest(elf);
	return 0;
}

/* ---- symbolic links ---- */

static struct link {
	char *guest, *to;
} * links;
static size_t link_count;

static void add_link(const char *guest, const char *to)
{
	cc_array_room(links, link_count);
	links[link_count++] = (struct link){cc_copy(guest), cc_copy(to)};
}

/* Replaces one symbolic link in the path by where it leads to. 1; 0: the path has none. */
static int follow(char *path, size_t size)
{
	char joined[PATH_MAX * 2];

	for (size_t i = 0; i < link_count; i++) {
		const char *link = links[i].guest, *to = links[i].to;
		size_t length = strlen(link);

		if (strncmp(path, link, length) || (path[length] && path[length] != '/'))
			continue;
		if (*to == '/')
			snprintf(joined, sizeof(joined), "%s%s", to, path + length);
		else
			snprintf(joined, sizeof(joined), "%.*s/%s%s",
				 (int)(strrchr(link, '/') - link), link, to, path + length);
		if (strlen(joined) >= size)
			return 0;
		strcpy(path, joined);
		return 1;
	}
	return 0;
}

/* "/a/./b/../c" is "/a/c". */
static void squeeze(char *path)
{
	char *to = path, *from = path;

	while (*from) {
		size_t length = strcspn(from + 1, "/") + 1;

		if (length == 1 || (length == 2 && from[1] == '.')) {
			;
		} else if (length == 3 && from[1] == '.' && from[2] == '.') {
			while (to > path && *--to != '/')
				;
		} else {
			memmove(to, from, length);
			to += length;
		}
		from += length;
	}
	*to = '\0';
}

const char *real_path(const char *path)
{
	static char real[PATH_MAX];

	snprintf(real, sizeof(real), "%s", path);
	if (*path != '/')
		return real;
	squeeze(real);
	for (int hops = 0; hops < 40 && follow(real, sizeof(real)); hops++)
		squeeze(real);
	return real;
}

static const struct cc_object *libc_object(void)
{
	for (size_t i = 0; i < object_count; i++)
		if (objects[i]->is_libc)
			return objects[i];
	return NULL;
}

static void note_name(void *context, const char *symbol, uint64_t function)
{
	int added;

	cc_intern(context, symbol, strlen(symbol), &added);
}

/*
 * Unknown functions of the C library become places too: a run that calls one is told so. One list
 * of its names, as most unknown ones are other libraries'.
 */
static void settle(void)
{
	static size_t settled;
	const struct cc_object *libc = libc_object();
	struct cc_intern names = {0};
	size_t known;

	if (!libc || settled == unknown_count)
		return;
	cc_elf_each_symbol(libc->elf, note_name, &names);
	known = names.count;
	for (; settled < unknown_count; settled++) {
		struct unknown *unknown = &unknowns[settled];
		int added;

		if (cc_intern(&names, unknown->symbol, strlen(unknown->symbol), &added) >= known)
			continue;
		add_place(unknown->object, unknown->address, PLACE_STUB, 0, NULL);
		unknown->object->places[unknown->object->place_count - 1].unknown = unknown->symbol;
	}
	cc_intern_free(&names);
	cc_elf_rest(libc->elf);
}

/* A line of the index, as core/stage/slice.c writes it. */
static int read_line(char *line, struct cc_error *error)
{
	/* The kind, the guest's path, where it leads or stands, the part */
	char *fields[4] = {"", "", "", ""};

	for (size_t i = 0; i < 3; i++)
		fields[i] = strsep(&line, "\t");
	fields[3] = line;
	if (!fields[1] || !fields[2] || !fields[3])
		return cc_fail(error, CC_EFORMAT,
			       "the index of the guest's files has a line that is none");
	cc_unescape(fields[1]);
	cc_unescape(fields[2]);
	if (*fields[0] == 'E')
		return load(fields[1], fields[2], fields[3], error);
	add_link(fields[1], fields[2]);
	return 0;
}

int objects_load(const char *index, struct cc_error *error)
{
	FILE *file = fopen(index, "r");
	char *line = NULL;
	size_t size = 0;
	ssize_t length;
	int status = 0;

	if (!file)
		return cc_fail(error, CC_EIO, "%s: %s", index, strerror(errno));
	cc_hostcall_init();
	while (!status && (length = getline(&line, &size, file)) > 0) {
		line[length - 1] = '\0';
		status = read_line(line, error);
	}
	free(line);
	fclose(file);
	if (!status)
		settle();
	return status;
}

/* ---- looking up ---- */

/* Of several that were at that path one after the other, the latest. */
static const struct cc_object *object_by_path(const char *path)
{
	path = real_path(path);
	for (size_t i = object_count; i--;)
		if (!strcmp(objects[i]->path, path))
			return objects[i];
	return NULL;
}

/* The run made it: compiled, unpacked, copied. */
static const struct cc_object *made(const struct cc_task *task, uint64_t descriptor,
				    const char *path)
{
	struct cc_buffer content = {0};
	struct cc_error error = {.text = "it has no content that is stored"};
	int fd = memfd_create("object", MFD_CLOEXEC);
	char *host = cc_format("/proc/self/fd/%d", fd);
	size_t before = object_count;

	if (fd < 0 || file_content(task, descriptor, path, &content, &error) <= 0 ||
	    cc_write_all(fd, content.data, content.length, path, &error) ||
	    load(real_path(path), host, "0", &error))
		stage_warn("%s, which the run made, cannot be looked at: %s", path, error.text);
	if (fd >= 0)
		close(fd);
	free(host);
	cc_buffer_free(&content);
	if (object_count == before)
		return NULL;
	settle();
	objects[before]->made = 1;
	return objects[before];
}

/*
 * As memory has it when the object is loaded. It tells where the sections are, which is the file's
 * end, and mostly the build's id.
 */
#define HEADER_BYTES 1024

static const uint8_t *header_of(const struct cc_object *object, uint64_t *address)
{
	*address = cc_elf_bytes(object->elf, 0, HEADER_BYTES) ? 0 : 0x400000;
	return cc_elf_bytes(object->elf, *address, HEADER_BYTES);
}

const struct cc_object *object_mapped(const struct cc_task *task, uint64_t descriptor,
				      const char *path)
{
	const struct cc_object *known = object_by_path(path);
	uint8_t header[HEADER_BYTES];
	uint64_t address;
	const uint8_t *expected = known ? header_of(known, &address) : NULL;

	if (cc_inner_object(path) || file_header(task, descriptor, header, sizeof(header)) ||
	    memcmp(header, ELFMAG, SELFMAG) ||
	    (expected && !memcmp(expected, header, sizeof(header))))
		return known;
	return made(task, descriptor, path);
}

const char *object_package(const struct cc_object *known)
{
	struct cc_object *object = (struct cc_object *)known; /* ours to change */
	static struct cc_owners *owners;
	struct cc_elf *here;

	if (object->package)
		return object->package;
	object->package = cc_copy("");
	here = *object->build_id ? cc_elf_open(object->path, NULL) : NULL;
	if (here && !strcmp(cc_elf_build_id(here), object->build_id)) {
		if (!owners)
			owners = cc_owners_read();
		free(object->package);
		object->package = cc_owner(owners, object->path);
	}
	cc_elf_close(here);
	return object->package;
}

const struct cc_object *object_of_loader(uint64_t entry)
{
	uint8_t code[PLACE_BYTES];

	if (guest_read(entry, code, sizeof(code)))
		return NULL;
	for (size_t i = 0; i < object_count; i++) {
		const uint8_t *bytes =
			cc_elf_bytes(objects[i]->elf, objects[i]->entry, sizeof(code));

		if (object_place(objects[i], objects[i]->entry, PLACE_LOADER) && bytes &&
		    !((entry - objects[i]->entry) & 0xfff) && !memcmp(bytes, code, sizeof(code)))
			return objects[i];
	}
	return NULL;
}

/* The page with the ELF header was read by the dynamic linker: the note in it tells which it is. */
const struct cc_object *object_by_entry(uint64_t entry, uint64_t *bias)
{
	for (size_t i = 0; i < object_count; i++) {
		const struct cc_object *object = objects[i];
		uint8_t memory[HEADER_BYTES];
		const uint8_t *file;
		uint64_t header;

		if (!object->runtime || (entry - object->entry) & 0xfff)
			continue;
		*bias = entry - object->entry;
		file = header_of(object, &header);
		if (file && !guest_read(*bias + header, memory, HEADER_BYTES) &&
		    !memcmp(file, memory, HEADER_BYTES))
			return object;
	}
	return NULL;
}

const struct cc_place *object_place(const struct cc_object *object, uint64_t address, uint8_t kind)
{
	for (size_t i = 0; i < object->place_count; i++)
		if (object->places[i].address == address && object->places[i].kind == kind)
			return &object->places[i];
	return NULL;
}
