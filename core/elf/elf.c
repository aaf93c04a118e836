/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/elf/elf.h"
#include "core/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE 4096

struct cc_elf {
	void *map; /* the pages that the object stands in */
	size_t mapped;
	Elf *elf;
	GElf_Ehdr header;
	char build_id[129];
};

typedef int section_function(const struct cc_elf *elf, Elf_Scn *section, const GElf_Shdr *header,
			     void *context);

/* Each section of a type, until a function says nonzero; that is given back. */
static int each_section(const struct cc_elf *elf, GElf_Word type, section_function *function,
			void *context)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	int status = 0;

	while (!status && (section = elf_nextscn(elf->elf, section)))
		if (gelf_getshdr(section, &header) && header.sh_type == type)
			status = function(elf, section, &header, context);
	return status;
}

static int note_section(const struct cc_elf *elf, Elf_Scn *section, const GElf_Shdr *header,
			void *context)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t at = 0, next, name, description;
	GElf_Nhdr note;

	(void)header;
	while (data && (next = gelf_getnote(data, at, &note, &name, &description))) {
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && note.n_descsz <= 64) {
			const uint8_t *bytes = (const uint8_t *)data->d_buf + description;

			for (size_t i = 0; i < note.n_descsz; i++)
				sprintf((char *)context + 2 * i, "%02x", bytes[i]);
			return 1;
		}
		at = next;
	}
	(void)elf;
	return 0;
}

/* Maps a part of a file; *size 0: to the file's end, and *size is set. */
static int map_part(struct cc_elf *elf, int descriptor, uint64_t offset, uint64_t *size)
{
	uint64_t before = offset % PAGE;
	struct stat info;

	if (fstat(descriptor, &info) || (uint64_t)info.st_size < offset)
		return -1;
	if (!*size)
		*size = (uint64_t)info.st_size - offset;
	if (!*size || (uint64_t)info.st_size - offset < *size)
		return -1;
	elf->mapped = before + *size;
	elf->map = mmap(NULL, elf->mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE, descriptor,
			(off_t)(offset - before));
	if (elf->map == MAP_FAILED) {
		elf->map = NULL;
		return -1;
	}
	elf->elf = elf_memory((char *)elf->map + before, *size);
	return 0;
}

struct cc_elf *cc_elf_open_part(const char *path, uint64_t offset, uint64_t size,
				struct cc_error *error)
{
	struct cc_elf *elf = cc_allocate_zeros(1, sizeof(*elf));
	int descriptor = open(path, O_RDONLY | O_CLOEXEC), mapped;

	elf_version(EV_CURRENT);
	if (descriptor < 0) {
		cc_fail(error, CC_EIO, "%s: %s", path, strerror(errno));
		goto fail;
	}
	mapped = !map_part(elf, descriptor, offset, &size);
	close(descriptor);
	if (!mapped || !elf->elf || elf_kind(elf->elf) != ELF_K_ELF ||
	    !gelf_getehdr(elf->elf, &elf->header) || elf->header.e_machine != EM_X86_64) {
		cc_fail(error, CC_EFORMAT, "%s: not an x86-64 ELF object", path);
		goto fail;
	}
	each_section(elf, SHT_NOTE, note_section, elf->build_id);
	return elf;
fail:
	cc_elf_close(elf);
	return NULL;
}

struct cc_elf *cc_elf_open(const char *path, struct cc_error *error)
{
	return cc_elf_open_part(path, 0, 0, error);
}

void cc_elf_close(struct cc_elf *elf)
{
	if (!elf)
		return;
	elf_end(elf->elf);
	if (elf->map)
		munmap(elf->map, elf->mapped);
	free(elf);
}

void cc_elf_rest(const struct cc_elf *elf)
{
	madvise(elf->map, elf->mapped, MADV_DONTNEED);
}

const char *cc_elf_build_id(const struct cc_elf *elf)
{
	return elf->build_id;
}

int cc_elf_has_linker(const struct cc_elf *elf)
{
	GElf_Phdr segment;
	size_t count;

	if (elf_getphdrnum(elf->elf, &count))
		return 0;
	for (size_t i = 0; i < count; i++)
		if (gelf_getphdr(elf->elf, (int)i, &segment) && segment.p_type == PT_INTERP)
			return 1;
	return 0;
}

uint64_t cc_elf_entry(const struct cc_elf *elf)
{
	return elf->header.e_entry;
}

/* Told of each defined symbol, until it says nonzero. */
typedef int symbol_function(void *context, const char *name, const GElf_Sym *symbol);
struct symbols {
	symbol_function *function;
	void *context;
};

static int walk_symbols(const struct cc_elf *elf, Elf_Scn *section, const GElf_Shdr *header,
			void *context)
{
	const struct symbols *walk = context;
	Elf_Data *data = elf_getdata(section, NULL);
	size_t count = data && header->sh_entsize ? header->sh_size / header->sh_entsize : 0;

	for (size_t i = 0; i < count; i++) {
		const char *name;
		GElf_Sym symbol;

		if (!gelf_getsym(data, (int)i, &symbol) || symbol.st_shndx == SHN_UNDEF)
			continue;
		name = elf_strptr(elf->elf, header->sh_link, symbol.st_name);
		if (name && walk->function(walk->context, name, &symbol))
			return 1;
	}
	return 0;
}

struct symbol_search {
	const char *name;
	uint64_t address, size;
};

static int is_searched(void *context, const char *name, const GElf_Sym *symbol)
{
	struct symbol_search *search = context;

	if (strcmp(name, search->name))
		return 0;
	search->address = symbol->st_value;
	search->size = symbol->st_size;
	return 1;
}

int cc_elf_symbol(const struct cc_elf *elf, const char *name, uint64_t *address, uint64_t *size)
{
	struct symbol_search search = {.name = name};
	struct symbols walk = {is_searched, &search};

	if (!each_section(elf, SHT_DYNSYM, walk_symbols, &walk) &&
	    !each_section(elf, SHT_SYMTAB, walk_symbols, &walk))
		return -1;
	*address = search.address;
	if (size)
		*size = search.size;
	return 0;
}

static int text_section(const struct cc_elf *elf, Elf_Scn *section, const GElf_Shdr *header,
			void *context)
{
	size_t strings;
	const char *name;

	if (elf_getshdrstrndx(elf->elf, &strings) ||
	    !(name = elf_strptr(elf->elf, strings, header->sh_name)) || strcmp(name, ".text"))
		return 0;
	*(GElf_Shdr *)context = *header;
	return 1;
}

int cc_elf_code(const struct cc_elf *elf, uint64_t *address, uint64_t *size)
{
	GElf_Shdr text;

	if (!each_section(elf, SHT_PROGBITS, text_section, &text))
		return -1;
	*address = text.sh_addr;
	*size = text.sh_size;
	return 0;
}

struct names {
	cc_symbol_function *function;
	void *context;
};

static int emit_name(void *context, const char *name, const GElf_Sym *symbol)
{
	const struct names *names = context;

	names->function(names->context, name,
			GELF_ST_TYPE(symbol->st_info) == STT_FUNC ? symbol->st_value : 0);
	return 0;
}

void cc_elf_each_symbol(const struct cc_elf *elf, cc_symbol_function *function, void *context)
{
	struct names names = {function, context};
	struct symbols walk = {emit_name, &names};

	each_section(elf, SHT_DYNSYM, walk_symbols, &walk);
}

const uint8_t *cc_elf_bytes(const struct cc_elf *elf, uint64_t address, size_t length)
{
	size_t count, size;
	const char *file = elf_rawfile(elf->elf, &size);

	if (!file || elf_getphdrnum(elf->elf, &count))
		return NULL;
	for (size_t i = 0; i < count; i++) {
		GElf_Phdr segment;
		uint64_t offset;

		if (!gelf_getphdr(elf->elf, (int)i, &segment) || segment.p_type != PT_LOAD ||
		    address < segment.p_vaddr || address - segment.p_vaddr > segment.p_filesz ||
		    segment.p_filesz - (address - segment.p_vaddr) < length)
			continue;
		offset = segment.p_offset + (address - segment.p_vaddr);
		return offset <= size && size - offset >= length ? (const uint8_t *)file + offset
								 : NULL;
	}
	return NULL;
}

/* ---- relocations ---- */

typedef int relocation_function(void *context, const GElf_Rela *rela, const char *symbol);
struct relocations {
	relocation_function *function;
	void *context;
};

static int walk_relocations(const struct cc_elf *elf, Elf_Scn *section, const GElf_Shdr *header,
			    void *context)
{
	struct relocations *walk = context;
	Elf_Data *data = elf_getdata(section, NULL);
	Elf_Scn *symbols = elf_getscn(elf->elf, header->sh_link);
	Elf_Data *symbol_data = symbols ? elf_getdata(symbols, NULL) : NULL;
	size_t count = data && header->sh_entsize ? header->sh_size / header->sh_entsize : 0;
	GElf_Shdr symbol_header;

	if (!symbol_data || !gelf_getshdr(symbols, &symbol_header))
		return 0;
	for (size_t i = 0; i < count; i++) {
		const char *name;
		GElf_Rela rela;
		GElf_Sym symbol;

		if (!gelf_getrela(data, (int)i, &rela) ||
		    !gelf_getsym(symbol_data, (int)GELF_R_SYM(rela.r_info), &symbol))
			continue;
		name = elf_strptr(elf->elf, symbol_header.sh_link, symbol.st_name);
		if (walk->function(walk->context, &rela, name ? name : ""))
			return 1;
	}
	return 0;
}

static int is_tpoff(void *context, const GElf_Rela *rela, const char *symbol)
{
	GElf_Rela *found = context;

	if (GELF_R_TYPE(rela->r_info) != R_X86_64_TPOFF64 || *symbol)
		return 0;
	*found = *rela;
	return 1;
}

int cc_elf_tpoff_slot(const struct cc_elf *elf, const char *name, uint64_t *address, int64_t *delta)
{
	GElf_Rela found;
	struct relocations walk = {is_tpoff, &found};
	uint64_t offset;

	if (cc_elf_symbol(elf, name, &offset, NULL) ||
	    !each_section(elf, SHT_RELA, walk_relocations, &walk))
		return -1;
	*address = found.r_offset;
	*delta = (int64_t)offset - found.r_addend;
	return 0;
}

/* ---- PLT stubs: a `jmp *slot(%rip)` whose slot a relocation names ---- */

struct slots {
	struct slot {
		uint64_t address;
		const char *symbol;
	} * slot;
	size_t count;
};

static int add_slot(void *context, const GElf_Rela *rela, const char *symbol)
{
	struct slots *slots = context;
	unsigned type = GELF_R_TYPE(rela->r_info);

	if ((type == R_X86_64_JUMP_SLOT || type == R_X86_64_GLOB_DAT) && *symbol) {
		cc_array_room(slots->slot, slots->count);
		slots->slot[slots->count++] = (struct slot){rela->r_offset, symbol};
	}
	return 0;
}

struct stubs {
	const struct slots *slots;
	cc_plt_function *function;
	void *context;
};

static void stub_at(const struct stubs *stubs, uint64_t stub, uint64_t slot)
{
	for (size_t i = 0; i < stubs->slots->count; i++)
		if (stubs->slots->slot[i].address == slot)
			stubs->function(stubs->context, stub, stubs->slots->slot[i].symbol);
}

static int plt_section(const struct cc_elf *elf, Elf_Scn *section, const GElf_Shdr *header,
		       void *context)
{
	static const uint8_t endbr64[] = {0xf3, 0x0f, 0x1e, 0xfa};
	const char *name;
	Elf_Data *data;
	size_t strings;

	if (elf_getshdrstrndx(elf->elf, &strings) ||
	    !(name = elf_strptr(elf->elf, strings, header->sh_name)) || strncmp(name, ".plt", 4) ||
	    !(data = elf_getdata(section, NULL)))
		return 0;
	for (size_t at = 0; at + 8 <= data->d_size; at += 8) {
		const uint8_t *code = (const uint8_t *)data->d_buf + at;
		size_t skip = at + 12 <= data->d_size && !memcmp(code, endbr64, 4) ? 4 : 0;
		int32_t displacement;

		if (skip && code[skip] == 0xf2) /* bnd */
			skip++;
		if (at + skip + 6 > data->d_size || code[skip] != 0xff || code[skip + 1] != 0x25)
			continue;
		memcpy(&displacement, code + skip + 2, 4);
		stub_at(context, header->sh_addr + at,
			header->sh_addr + at + skip + 6 + (uint64_t)(int64_t)displacement);
	}
	return 0;
}

void cc_elf_each_plt(const struct cc_elf *elf, cc_plt_function *function, void *context)
{
	struct slots slots = {0};
	struct relocations walk = {add_slot, &slots};
	struct stubs stubs = {&slots, function, context};

	each_section(elf, SHT_RELA, walk_relocations, &walk);
	each_section(elf, SHT_PROGBITS, plt_section, &stubs);
	free(slots.slot);
}

/* ---- constructors and destructors ---- */

struct initializers {
	const struct cc_elf *elf;
	uint64_t from, to; /* a list of constructors or destructors */
	cc_address_function *function;
	void *context;
};

/*
 * A position-independent object has the addresses of a list as relocations; their addends may stand
 * in the list, too.
 */
static int initializer_relocation(void *context, const GElf_Rela *rela, const char *symbol)
{
	const struct initializers *walk = context;
	uint64_t address;

	if (rela->r_offset < walk->from || rela->r_offset >= walk->to)
		return 0;
	if (GELF_R_TYPE(rela->r_info) == R_X86_64_RELATIVE)
		walk->function(walk->context, (uint64_t)rela->r_addend);
	else if (GELF_R_TYPE(rela->r_info) == R_X86_64_64 &&
		 !cc_elf_symbol(walk->elf, symbol, &address, NULL))
		walk->function(walk->context, address + (uint64_t)rela->r_addend);
	return 0;
}

/* An object has one of each type; what is not in the file whole is none. */
static int initializer_list(const struct cc_elf *elf, Elf_Scn *section, const GElf_Shdr *header,
			    void *context)
{
	const uint8_t *list = cc_elf_bytes(elf, header->sh_addr, header->sh_size);
	struct initializers *walk = context;
	struct relocations relocations = {initializer_relocation, walk};

	if (!list)
		return 0;
	walk->from = header->sh_addr;
	walk->to = header->sh_addr + header->sh_size;
	for (size_t at = 0; header->sh_size - at >= sizeof(uint64_t); at += sizeof(uint64_t)) {
		uint64_t address;

		memcpy(&address, list + at, sizeof(address));
		if (address)
			walk->function(walk->context, address);
	}
	each_section(elf, SHT_RELA, walk_relocations, &relocations);
	return 1;
}

static int initializer_entries(const struct cc_elf *elf, Elf_Scn *section, const GElf_Shdr *header,
			       void *context)
{
	const struct initializers *walk = context;
	Elf_Data *data = elf_getdata(section, NULL);
	GElf_Dyn entry;

	for (int i = 0; data && gelf_getdyn(data, i, &entry); i++)
		if (entry.d_tag == DT_INIT || entry.d_tag == DT_FINI)
			walk->function(walk->context, entry.d_un.d_ptr);
	return 0;
}

void cc_elf_each_initializer(const struct cc_elf *elf, cc_address_function *function, void *context)
{
	struct initializers walk = {elf, 0, 0, function, context};

	each_section(elf, SHT_DYNAMIC, initializer_entries, &walk);
	each_section(elf, SHT_INIT_ARRAY, initializer_list, &walk);
	each_section(elf, SHT_FINI_ARRAY, initializer_list, &walk);
}
