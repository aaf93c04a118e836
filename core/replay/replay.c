/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A replay begins, and what it holds in one place.
 */
#include <dlfcn.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>

#include "core/replay/copy.h"
#include "core/replay/heap.h"
#include "core/replay/initializers.h"
#include "core/replay/mapping.h"
#include "core/replay/modules.h"
#include "core/replay/past.h"
#include "core/replay/replay.h"
#include "core/replay/replayer.h"
#include "core/replay/report.h"
#include "core/replay/state.h"
#include "core/replay/threads.h"

struct cc_replay cc_replay CC_STATE;

static const void *find_symbol(void *context, const char *name, uint64_t *size)
{
	const void *at = dlsym(RTLD_DEFAULT, name);
	const ElfW(Sym) *symbol = NULL;
	Dl_info info;

	if (at && dladdr1(at, &info, (void **)&symbol, RTLD_DL_SYMENT) && symbol)
		*size = symbol->st_size;
	return at;
}

int cc_replay_begin(const char *path, int ahead, int shows_own, uint64_t *stack,
		    struct cc_error *error)
{
	struct cc_arena *arena;
	struct cc_start start;
	const char *stage;
	uint64_t brk;

	cc_hostcall_init_some();
	cc_populate_program();
	if (cc_find_interpreter(&cc_replay.interpreter) < 0)
		return cc_fail(error, CC_EUNSUPPORTED, "this is no interpreter that is known");
	if (cc_runtime_check(cc_replay.interpreter.runtime, find_symbol, NULL, error) < 0)
		return error->status;
	cc_replay.log.reader = cc_log_open(path, cc_replay.interpreter.runtime->kind, error);
	if (!cc_replay.log.reader)
		return error->status;
	if (ahead >= 0)
		cc_log_read_ahead(cc_replay.log.reader, ahead);
	cc_replay.log.definitions = cc_definitions_new();
	arena = cc_arena_new();
	cc_replay_advance();
	if (!cc_replay_is(CC_REC_START) ||
	    cc_read_start(cc_replay.log.reader, &cc_replay.log.next.cursor, arena, &start) < 0)
		return cc_fail(error, CC_EFORMAT, "%s: does not begin with the start of a process",
			       path);
	brk = start.brk;
	*stack = start.stack;
	for (int i = 0; i < 2; i++)
		cc_replay.output.names[i] =
			start.outputs[i] ? cc_heap_copy(start.outputs[i]) : NULL;
	cc_replay.output.shows_own = shows_own;
	cc_copy_begin(&start, cc_log_manifest(cc_replay.log.reader));
	cc_past_begin((int)json_integer_value(
			      json_object_get(cc_log_manifest(cc_replay.log.reader), "forks")),
		      (pid_t)start.pid);
	cc_threads_begin(&cc_replay.interpreter, start.thread,
			 json_is_true(json_object_get(cc_log_manifest(cc_replay.log.reader),
						      "switches")));
	cc_arena_free(arena);
	cc_initializers_begin();
	stage = json_string_value(json_object_get(cc_log_manifest(cc_replay.log.reader), "stage"));
	cc_replay.log.of_machine = stage && !strcmp(stage, "cc-slice");
	cc_replay.log.tells_opens =
		json_is_true(json_object_get(cc_log_manifest(cc_replay.log.reader), "opens"));
	cc_storage_place = cc_mapping_place;
	cc_storage_block = cc_redo_holds;
	cc_own_variadic = cc_variadic_of_frame;
	cc_own_mapped = cc_mapping_holds;
	cc_host = cc_replay_serve;
	cc_op_value = cc_replay_compare_value;
	cc_op_due = cc_replay_due;
	if (cc_tripwire_arm(brk, error) < 0)
		return error->status;
	cc_language.replayer->begin(&cc_replay.interpreter);
	cc_replay_advance();
	cc_modules_check();
	cc_replay_arm();
	return 0;
}
