/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ELF reader, on what a recording says is an object. An input is the file. */
#include "core/elf/elf.h"
#include "t/fuzz/fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	return 0;
}

/* What callers do with an address: look there. */
static void look(const struct cc_elf *elf, uint64_t address)
{
	static volatile uint8_t seen;
	const uint8_t *bytes = cc_elf_bytes(elf, address, 16);

	for (unsigned i = 0; bytes && i < 16; i++)
		seen = bytes[i];
	(void)seen;
}

static void on_symbol(void *context, const char *name, uint64_t function)
{
	if (*name)
		look(context, function);
}

static void on_address(void *context, uint64_t address)
{
	look(context, address);
}

static void on_stub(void *context, uint64_t address, const char *symbol)
{
	if (*symbol)
		look(context, address);
}

static void read_all(struct cc_elf *elf)
{
	uint64_t address, size;
	int64_t delta;

	cc_elf_build_id(elf);
	cc_elf_has_linker(elf);
	look(elf, cc_elf_entry(elf));
	if (!cc_elf_symbol(elf, "own", &address, &size))
		look(elf, address);
	if (!cc_elf_code(elf, &address, &size))
		look(elf, address);
	if (!cc_elf_tpoff_slot(elf, "thread", &address, &delta))
		look(elf, address);
	cc_elf_each_symbol(elf, on_symbol, elf);
	cc_elf_each_plt(elf, on_stub, elf);
	cc_elf_each_initializer(elf, on_address, elf);
	cc_elf_rest(elf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct file file;
	struct cc_error error = {0};
	struct cc_elf *elf = cc_elf_open(file_holds(&file, data, size), &error);

	if (elf)
		read_all(elf);
	cc_elf_close(elf);
	return 0;
}
