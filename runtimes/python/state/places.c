/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where in CPython's code the stage looks: some of it no symbol names. */
#include <string.h>

#include "core/elf/elf.h"
#include "runtimes/python/state/runtime.h"
#include "runtimes/python/replay/dispatch.h"
#include "runtimes/python/state/symbols.h"

static const struct cc_watch watches[] = {
	{CC_WATCH_DISPATCH, "_PyErr_CheckSignalsTstate", {0}, 0},
	{0, NULL, {0}, 0},
};

static const struct cc_advice advice[] = {
	{"/uvloop/", "asyncio's own loop in place of uvloop's avoids it"},
	{"/gevent/", "GEVENT_LOOP=libev-cffi or a watcher for no signal avoids it"},
	{NULL, NULL},
};

static void find_ops(const struct cc_elf *elf, cc_place_function *found, void *context)
{
	const uint8_t *code, *table;
	uint64_t address, size, targets[CC_PYTHON_OPS];

	if (cc_elf_symbol(elf, "_PyEval_EvalFrameDefault", &address, &size))
		return;
	code = cc_elf_bytes(elf, address, size);
	address = code ? cc_python_dispatch_table(code, size) : 0;
	table = address ? cc_elf_bytes(elf, address, sizeof(targets)) : NULL;
	if (!table)
		return;
	memcpy(targets, table, sizeof(targets));
	for (size_t i = 0; i < CC_PYTHON_OPS; i++) {
		size_t first = 0;

		while (targets[first] != targets[i])
			first++;
		if (first == i)
			found(context, targets[i], CC_WATCH_OP_DONE);
	}
}

/*
 * signal_handler (Modules/signalmodule.c) is static, and handed to PyOS_setsig as a constant:
 * mov $signal_handler, %esi shortly before the call.
 */
static void find_handler(const struct cc_elf *elf, cc_place_function *found, void *context)
{
	uint64_t setsig, text, size;
	const uint8_t *code;

	if (cc_elf_symbol(elf, "PyOS_setsig", &setsig, NULL) || cc_elf_code(elf, &text, &size))
		return;
	code = cc_elf_bytes(elf, text, size);
	for (size_t i = 16; code && i + 5 <= size; i++) {
		int32_t distance;
		uint32_t constant;

		memcpy(&distance, code + i + 1, 4);
		if (code[i] != 0xe8 || text + i + 5 + (uint64_t)(int64_t)distance != setsig)
			continue;
		for (size_t back = 5; back <= 16; back++) {
			memcpy(&constant, code + i - back + 1, 4);
			if (code[i - back] == 0xbe && constant > text && constant - text < size)
				found(context, constant, CC_WATCH_HANDLER);
		}
	}
}

/* The code of each opcode, the C signal handler. */
static void find_places(const struct cc_elf *elf, cc_place_function *found, void *context)
{
	find_ops(elf, found, context);
	find_handler(elf, found, context);
}

const struct cc_runtime_places cc_python_places = {
	.watches = watches,
	.run_loop = AT_EVAL,
	.advice = advice,
	.find = find_places,
};
