/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/replay/patch.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "core/replay/preload.h"

int cc_patch(const char *function, const uint8_t prologue[CC_PATCH_SIZE], const uint8_t *entry,
	     uint64_t *rest)
{
	uint8_t *code = dlsym(RTLD_DEFAULT, function);
	uint64_t target = (uintptr_t)entry;
	uintptr_t page = (uintptr_t)code & ~4095ul;

	if (!code || memcmp(code, prologue, CC_PATCH_SIZE))
		return -1;
	if (mprotect((void *)page, 8192, PROT_READ | PROT_WRITE | PROT_EXEC))
		cc_die("%s cannot be patched: mprotect: %s", function, strerror(errno));
	*rest = (uintptr_t)code + CC_PATCH_SIZE;
	memcpy(code, "\xff\x25\0\0\0\0", 6); /* jmp *0(%rip) */
	memcpy(code + 6, &target, 8);
	return 0;
}
