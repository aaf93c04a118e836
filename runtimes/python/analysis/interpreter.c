/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/python/analysis/interpreter.h"

#include <Python.h>
#include <malloc.h>
#include <sys/mman.h>

/*
 * Memory with all its pages: one by one each costs an exception (core/replay/populate.c). What the
 * start takes of the C library's heap, nearly 1 MB, and the arenas, as CPython's own are.
 */
static void populate_heap(void)
{
	size_t size = 960ul << 10; /* of the 1 MiB that this namespace's heap begins with */
	void *memory;

	mallopt(M_MMAP_THRESHOLD, 4 << 20);
	mallopt(M_TRIM_THRESHOLD, 8 << 20);
	memory = malloc(size);
	if (memory)
		madvise((void *)(((uintptr_t)memory + 4095) & ~4095ul), size - 4096,
			MADV_POPULATE_WRITE);
	free(memory);
}

static void *arena_new(void *unused, size_t size)
{
	void *arena = mmap(NULL, size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	return arena == MAP_FAILED ? NULL : arena;
}

static void arena_free(void *unused, void *arena, size_t size)
{
	munmap(arena, size);
}

int cc_interpreter_start(char *error, size_t size)
{
	PyObjectArenaAllocator arenas = {NULL, arena_new, arena_free};
	PyPreConfig before;
	PyConfig config;
	PyStatus status;

	PyPreConfig_InitIsolatedConfig(&before);
	before.utf8_mode = 1; /* it has no locale, and ASCII would not do */
	populate_heap();
	PyObject_SetArenaAllocator(&arenas);
	status = Py_PreInitialize(&before);
	PyConfig_InitIsolatedConfig(&config);
	config.install_signal_handlers = 0;
	config.write_bytecode = 0; /* a replay leaves nothing behind */
	config.site_import = 0;	   /* crosscut.py does what is needed of it */
	/* A tool's output is the same each time: sets of text have one order */
	config.use_hash_seed = 1;
	config.hash_seed = 0;
	if (!PyStatus_Exception(status))
		status = PyConfig_SetBytesString(&config, &config.program_name,
						 "/usr/bin/python3.11");
	if (!PyStatus_Exception(status))
		status = Py_InitializeFromConfig(&config);
	PyConfig_Clear(&config);
	if (PyStatus_Exception(status)) {
		snprintf(error, size, "the analysis interpreter does not start: %s",
			 status.err_msg);
		return -1;
	}
	return 0;
}
