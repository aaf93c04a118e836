/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recording without a machine: host calls run and are logged. What the VM stage reads from a guest
 * is read here from our own memory, by the same walk over the same table, so that one can be
 * checked against the other.
 */
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/host/processor.h"
#include "core/live/inventory.h"
#include "core/live/record.h"
#include "core/replay/heap.h"
#include "core/replay/preload.h"
#include "core/replay/replayer.h"
#include "core/replay/special.h"

#define INNER_MAX 65536
#define MAPPED_PIECE (1u << 20)

static struct {
	struct cc_trace *trace;
	struct cc_interpreter interpreter;
	struct cc_frame_text frame;
	struct cc_buffer in_items;
	struct cc_alloc *allocs;
	size_t alloc_count;
	struct stat streams[3];
	char **carried; /* files that the log has */
	size_t carried_count;
	unsigned depth;
} record;

static void note_alloc(const struct cc_alloc *alloc)
{
	if (record.alloc_count < INNER_MAX && (alloc->kind != CC_ALLOC_FREE || alloc->address))
		record.allocs[record.alloc_count++] = *alloc;
}

/* Allocations that are still there at the call's return carry their content. */
static void keep_allocs(size_t first, int gives)
{
	for (size_t i = first; gives && i < record.alloc_count; i++) {
		struct cc_alloc *alloc = &record.allocs[i];
		int kept = alloc->kind != CC_ALLOC_FREE && alloc->result;

		for (size_t later = i + 1; kept && later < record.alloc_count; later++)
			if (record.allocs[later].address == alloc->result &&
			    (record.allocs[later].kind == CC_ALLOC_FREE ||
			     record.allocs[later].kind == CC_ALLOC_REALLOC))
				kept = 0;
		alloc->kept = (uint8_t)kept;
		alloc->content = (const void *)(uintptr_t)alloc->result;
	}
}

/* Before there is an interpreter: an empty frame. */
static uint64_t frame_now(void)
{
	struct cc_frame empty = {"", "", 0, ""};

	if (!record.interpreter.runtime ||
	    record.interpreter.runtime->frame(&cc_own_memory, record.interpreter.at, &record.frame))
		return cc_trace_frame(record.trace, &empty);
	return cc_trace_frame(record.trace, &record.frame.frame);
}

static unsigned stream_flags(const struct cc_hostcall *call, const uint64_t *args)
{
	unsigned fd = cc_call_effect_arg(call, CC_EFFECT_OUTPUT, 0);
	struct stat now;

	if (fd == CC_NOARG || fstat((int)args[fd], &now))
		return 0;
	for (unsigned i = 1; i < 3; i++)
		if (now.st_dev == record.streams[i].st_dev &&
		    now.st_ino == record.streams[i].st_ino)
			return i == 1 ? CC_CALL_STDOUT : CC_CALL_STDERR;
	return 0;
}

static void put_call(const struct cc_hostcall *call, const uint64_t *args, uint64_t frame,
		     unsigned flags, const uint32_t *before, int64_t ret, int errno_before,
		     int errno_after, size_t first)
{
	struct cc_call_record out = {
		.name = call->name,
		.spec = call->spec,
		.frame = frame,
		.depth = record.depth,
		.flags = flags,
		.in_items = &record.in_items,
		.ret = ret,
		.errno_before = errno_before,
		.errno_after = errno_after,
		.allocs = record.allocs + first,
		.alloc_count = record.alloc_count - first,
	};
	struct cc_buffer *payload = cc_trace_call_begin(record.trace, &out);
	char which[128];

	if (!cc_call_failed(call, ret) &&
	    cc_call_unknown(call, args, &cc_own_memory, which, sizeof(which)))
		cc_die("%s with %s is not modelled: what it brings is not known", call->name,
		       which);
	if (!(flags & CC_CALL_NORETURN))
		cc_call_encode_out(call, args, before, ret, &cc_own_memory,
				   cc_trace_writer(record.trace), payload);
	cc_trace_call_end(record.trace);
	record.in_items.length = 0;
}

/* How long the working directory's part of a path is; 0: it is elsewhere. */
static size_t below_here(const char *path)
{
	char here[4096];
	size_t length = getcwd(here, sizeof(here)) ? strlen(here) : 0;

	return length > 1 && !strncmp(path, here, length) && path[length] == '/' ? length + 1 : 0;
}

/* Locale files stay mapped once they are loaded: those that are new go into the log. */
static void carry(const char *path)
{
	FILE *file = fopen(path, "re");
	char *content = NULL;
	struct stat info;

	for (size_t i = 0; i < record.carried_count; i++)
		if (!strcmp(record.carried[i], path))
			goto out;
	if (!file || fstat(fileno(file), &info) || !S_ISREG(info.st_mode))
		goto out;
	content = cc_heap_malloc((size_t)info.st_size + 1);
	if (fread(content, 1, (size_t)info.st_size, file) == (size_t)info.st_size) {
		size_t here = below_here(path);

		cc_trace_file(record.trace, path, content, (size_t)info.st_size);
		if (here) /* the C library may have named it relatively */
			cc_trace_file(record.trace, path + here, content, (size_t)info.st_size);
	}
	cc_heap_room(record.carried, record.carried_count);
	record.carried[record.carried_count++] = cc_heap_copy(path);
out:
	if (file)
		fclose(file);
	free(content);
}

static void carry_mapped(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[4096], *path;

	while (maps && fgets(line, sizeof(line), maps)) {
		line[strcspn(line, "\n")] = '\0';
		path = strchr(line, '/');
		if (path && (strstr(path, "/LC_") || strstr(path, "/gconv/") ||
			     strstr(path, "/locale-archive")))
			carry(path);
	}
	if (maps)
		fclose(maps);
}

static void record_value(void)
{
	struct cc_value value;
	char text[256];

	cc_context = CC_OURS;
	record.interpreter.runtime->value(&cc_own_memory, record.interpreter.at, &value, text,
					  sizeof(text));
	cc_trace_value(record.trace, &value);
	cc_context = CC_PROGRAM;
}

static void ignore_value(void)
{
}

static int64_t unrecorded(unsigned symbol, uint64_t args[CC_MAXARGS])
{
	int64_t ret;

	cc_context = CC_OURS;
	ret = cc_call_real(symbol, args);
	cc_context = CC_PROGRAM;
	return ret;
}

/* Memory that the interpreter takes by itself; malloc's is not seen here. */
static void note_mapping(uint64_t length, uint64_t address)
{
	cc_context = CC_OURS;
	cc_trace_map(record.trace, SYS_mmap, length, address);
	cc_context = CC_PROGRAM;
}

/* All of the file's content, since nobody tells when a page is touched. */
static void keep_mapping(const uint64_t *args, uint64_t address)
{
	struct stat file;
	uint64_t length;

	if (fstat((int)args[4], &file) || file.st_size <= (off_t)args[5] ||
	    !((int)args[2] & PROT_READ))
		return;
	length = (uint64_t)file.st_size - args[5];
	if (length > args[1])
		length = args[1];
	for (uint64_t done = 0; done < length; done += MAPPED_PIECE)
		cc_trace_memory(record.trace, address + done,
				(const void *)(uintptr_t)(address + done),
				length - done < MAPPED_PIECE ? length - done : MAPPED_PIECE);
}

/* It is the program's, and may call that: but for the interpreter's memory. */
static int64_t unlogged(unsigned symbol, const struct cc_hostcall *call, uint64_t *args)
{
	int64_t ret;

	if (!cc_call_does(call, CC_EFFECT_MAP)) {
		cc_host_passes = 1;
		return 0;
	}
	ret = unrecorded(symbol, args);
	note_mapping(args[1], (uint64_t)ret);
	return ret;
}

static int64_t make_call(unsigned symbol, const struct cc_hostcall *call, const uint64_t *given,
			 int *errno_after)
{
	int64_t ret;

	record.depth++;
	cc_context = CC_INNER;
	/* vfork's child would return through our frames, and overwrite them. */
	ret = cc_call_does(call, CC_EFFECT_VFORK) ? fork() : cc_call_real(symbol, given);
	cc_context = CC_OURS;
	record.depth--;
	*errno_after = errno;
	if (call->class == CC_DATA)
		carry_mapped();
	if (cc_call_does(call, CC_EFFECT_LOAD))
		cc_inventory_modules(record.trace, carry);
	if (cc_call_does(call, CC_EFFECT_SYMBOL))
		ret = (int64_t)(uintptr_t)cc_interposed((void *)(uintptr_t)ret);
	return ret;
}

static int64_t record_call(unsigned symbol, uint64_t given[CC_MAXARGS])
{
	uint64_t args[CC_MAXARGS];
	const struct cc_hostcall *call =
		cc_call_meant(&cc_hostcalls[cc_symbols[symbol].row], given, args);
	int errno_before = errno, errno_after;
	size_t first = record.alloc_count;
	uint32_t before[CC_MAXARGS];
	uint64_t frame;
	unsigned flags;
	int64_t ret;

	if (cc_call_does(call, CC_EFFECT_CREATE_THREAD))
		cc_die("a program with threads is recorded in a machine (cc-record)");
	switch (cc_call_class(call, args, &cc_own_memory)) {
	case CC_THREAD:
		return cc_call_real(symbol, args);
	case CC_LIVE:
	case CC_PURE:
		return unlogged(symbol, call, args);
	default:
		break;
	}
	cc_context = CC_OURS;
	cc_language.replayer->call();
	frame = frame_now();
	flags = stream_flags(call, args);
	record.in_items.length = 0;
	cc_frame_now = (const struct cc_frame_of_call *)given;
	cc_call_encode_entry(call, args, &cc_own_memory, cc_trace_writer(record.trace),
			     &record.in_items);
	cc_call_lengths(call, args, &cc_own_memory, before);
	if (call->noreturn) {
		put_call(call, args, frame, flags | CC_CALL_NORETURN, before, 0, 0, 0, first);
		if (cc_call_does(call, CC_EFFECT_EXIT))
			cc_record_end((int)args[cc_call_effect_arg(call, CC_EFFECT_EXIT, 0)] & 255);
	}
	errno = errno_before;
	ret = make_call(symbol, call, given, &errno_after);
	/* The child goes on unrecorded. */
	if (!ret && (cc_call_does(call, CC_EFFECT_FORK) || cc_call_does(call, CC_EFFECT_VFORK))) {
		cc_host = unrecorded;
		cc_op_value = ignore_value;
		cc_context = CC_PROGRAM;
		return ret;
	}
	keep_allocs(first, cc_call_gives_memory(call));
	cc_frame_now = (const struct cc_frame_of_call *)given;
	put_call(call, args, frame, flags, before, cc_call_result(call, (uint64_t)ret),
		 errno_before, errno_after, first);
	if (cc_call_does(call, CC_EFFECT_MAP) && ret != -1)
		keep_mapping(args, (uint64_t)ret);
	record.alloc_count = first;
	cc_calls++;
	cc_ops_call();
	if (cc_language.replayer->called)
		cc_language.replayer->called(&record.frame);
	errno = errno_after;
	cc_context = CC_PROGRAM;
	return ret;
}

int cc_record_begin(const char *path, int argc, char **argv, char **envp, struct cc_error *error)
{
	char directory[4096] = "", executable[4096] = "", processor[64], build_id[129];
	json_t *manifest = json_pack("{s:s, s:s}", "stage", "preload", "version", CC_VERSION);
	struct cc_start start = {
		.pid = (uint64_t)getpid(),
		.parent = (uint64_t)getppid(),
		.build_id = build_id,
		.libc_build_id = "",
		.thread = (uint64_t)pthread_self(),
		.brk = (uint64_t)(uintptr_t)sbrk(0),
		.argv = argv,
		.envp = envp,
		.streams = {0, 1, 2},
		.stack = (uintptr_t)argv - 8,
	};

	cc_loaded_build_id(_r_debug.r_map->l_addr, build_id, sizeof(build_id));
	cc_processor_here(processor, sizeof(processor));
	json_object_set_new(manifest, "processor", json_string(processor));
	cc_inventory_identity(manifest);
	cc_inventory_begin();
	cc_hostcall_init();
	record.allocs = cc_heap_malloc(INNER_MAX * sizeof(*record.allocs));
	cc_inner_alloc = note_alloc;
	if (cc_find_interpreter(&record.interpreter) < 0)
		return cc_fail(error, CC_EUNSUPPORTED, "%s is no interpreter that is known",
			       argv[0]);
	for (int i = 0; i < 3; i++)
		fstat(i, &record.streams[i]);
	if (!getcwd(directory, sizeof(directory)) ||
	    readlink("/proc/self/exe", executable, sizeof(executable) - 1) < 0)
		return cc_fail(error, CC_EIO, "no working directory or executable: %s",
			       strerror(errno));
	start.directory = directory;
	start.executable = executable;
	json_object_set_new(manifest, "runtime", json_string(record.interpreter.runtime->name));
	json_object_set_new(manifest, "runtime-version",
			    json_string(record.interpreter.runtime->version));
	record.trace = cc_trace_create(path, record.interpreter.runtime->kind, manifest, error);
	json_decref(manifest);
	if (!record.trace)
		return error->status;
	cc_trace_start(record.trace, &start);
	cc_inventory_modules(record.trace, carry);
	cc_own_variadic = cc_variadic_of_frame;
	cc_host = record_call;
	cc_op_value = record_value;
	cc_language.replayer->begin(&record.interpreter);
	return 0;
}

void cc_record_end(int status)
{
	json_t *summary = json_pack("{s:i}", "status", status);
	struct cc_error error;

	cc_trace_end(record.trace, status, 0, 0);
	if (cc_trace_finish(record.trace, summary, &error) < 0)
		cc_die("%s", error.text);
	_exit(status);
}
