/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that a run is about to touch, asked for at once (madvise(2), MADV_POPULATE_WRITE,
 * Linux 5.14): page by page each costs an exception, 12 µs on a virtual machine whose hypervisor
 * keeps the page tables, and there are 700 in an interpreter's start. Older kernels refuse, and all
 * goes on as without.
 */
#include <link.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "core/replay/preload.h"
#include "core/replay/raw.h"

#define PAGE 4096ul
#define MOST (1ul << 20) /* of one step of a heap: who takes more may not use it all */
#define DATA_MOST (16ul << 20)

static void populate(uint64_t address, uint64_t length, uint64_t most)
{
	if (length <= most)
		cc_raw(SYS_madvise, (long)address, (long)length, MADV_POPULATE_WRITE, 0, 0, 0);
}

void cc_populate(uint64_t address, uint64_t length)
{
	populate(address, length, MOST);
}

void cc_populate_data(uint64_t address, uint64_t length)
{
	populate(address, length, DATA_MOST);
}

/*
 * The first object is the program. What the dynamic linker has sealed, up to a page, is there
 * already.
 */
static int populate_object(struct dl_phdr_info *info, size_t size, void *unused)
{
	uint64_t sealed = 0;

	for (int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_GNU_RELRO)
			sealed = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr +
				 info->dlpi_phdr[i].p_memsz;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
		uint64_t from = info->dlpi_addr + segment->p_vaddr, to = from + segment->p_memsz;

		if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_W))
			continue;
		if (sealed > from && sealed <= to)
			from = sealed;
		from = (from + PAGE - 1) & ~(PAGE - 1);
		to &= ~(PAGE - 1);
		if (from < to)
			cc_populate_data(from, to - from);
	}
	return 1;
}

void cc_populate_program(void)
{
	dl_iterate_phdr(populate_object, NULL);
}
