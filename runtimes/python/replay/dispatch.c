/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/python/replay/dispatch.h"

#include <string.h>

/* mov table(,%rax,8), %rax; jmp *%rax */
uint64_t cc_python_dispatch_table(const uint8_t *code, size_t size)
{
	static const uint8_t load[] = {0x48, 0x8b, 0x04, 0xc5}, jump[] = {0xff, 0xe0};
	int32_t table;

	for (size_t i = 0; i + 10 <= size; i++)
		if (!memcmp(code + i, load, 4) && !memcmp(code + i + 8, jump, 2)) {
			memcpy(&table, code + i + 4, 4);
			return (uint64_t)(int64_t)table;
		}
	return 0;
}
