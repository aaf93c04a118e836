/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * make-plog OUT [COUNT]: writes a small slice with a record of every type, for the tests of cc-log.
 * Its host calls are made for real, here, and logged out of this process's own memory; COUNT
 * (default 1) is how often the reads are repeated. Frames are kept small, so that there are many to
 * damage.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/host/hostcall.h"
#include "logs/trace.h"

static struct cc_trace *trace;
static struct cc_error error;

static void die(const char *what)
{
	fprintf(stderr, "make-plog: %s: %s\n", what, *error.text ? error.text : strerror(errno));
	exit(125);
}

struct call {
	const struct cc_hostcall *row;
	struct cc_call_record record;
	struct cc_buffer in_items;
	uint64_t args[CC_MAXARGS];
	uint32_t before[CC_MAXARGS];
};

static void enter(struct call *call, const char *name, const struct cc_frame *frame,
		  const uint64_t *args)
{
	memset(call, 0, sizeof(*call));
	memcpy(call->args, args, sizeof(call->args));
	call->row = cc_hostcall_find(name);
	if (!call->row)
		die(name);
	call->record = (struct cc_call_record){
		.name = call->row->name,
		.spec = call->row->spec,
		.frame = cc_trace_frame(trace, frame),
		.in_items = &call->in_items,
	};
	cc_call_lengths(call->row, args, &cc_own_memory, call->before);
	if (cc_call_encode_in(call->row, args, &cc_own_memory, cc_trace_writer(trace),
			      &call->in_items))
		die("cc_call_encode_in");
	errno = 0;
}

static void leave(struct call *call, int64_t ret)
{
	struct cc_buffer *payload;

	call->record.errno_after = errno;
	call->record.ret = ret;
	payload = cc_trace_call_begin(trace, &call->record);
	if (!(call->record.flags & CC_CALL_NORETURN) &&
	    cc_call_encode_out(call->row, call->args, call->before, ret, &cc_own_memory,
			       cc_trace_writer(trace), payload))
		die("cc_call_encode_out");
	cc_trace_call_end(trace);
	cc_buffer_free(&call->in_items);
}

#define ARGS(...) ((uint64_t[CC_MAXARGS]){__VA_ARGS__})
#define PTR(pointer) ((uint64_t)(uintptr_t)(pointer))

static const struct cc_frame at_open = {"open", "bin/x.pl", 11, ""};
static const struct cc_frame at_readline = {"readline", "bin/x.pl", 12, "main::slurp"};
static const struct cc_frame at_print = {"print", "bin/x.pl", 13, ""};
static const struct cc_frame at_stat = {"stat", "bin/x.pl", 14, ""};
static const struct cc_frame at_exit = {"exit", "bin/x.pl", 15, ""};

static int log_open(const char *path)
{
	struct call call;
	int fd;

	enter(&call, "open", &at_open, ARGS(PTR(path), O_RDONLY | O_CLOEXEC, 0));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	leave(&call, fd);
	return fd;
}

static ssize_t log_read(int fd, char *data, size_t size)
{
	struct call call;
	ssize_t got;

	enter(&call, "read", &at_readline, ARGS((uint64_t)fd, PTR(data), size));
	got = read(fd, data, size);
	leave(&call, got);
	return got;
}

static void log_write(const char *text)
{
	struct call call;
	size_t length = strlen(text);

	enter(&call, "write", &at_print, ARGS(1, PTR(text), length));
	call.record.flags = CC_CALL_STDOUT;
	leave(&call, (int64_t)length);
}

static void log_failing_stat(void)
{
	const char *path = "/nonexistent";
	struct stat info;
	struct call call;

	enter(&call, "stat", &at_stat, ARGS(PTR(path), PTR(&info)));
	leave(&call, stat(path, &info));
}

static void log_exit(void)
{
	struct call call;

	enter(&call, "_exit", &at_exit, ARGS(3));
	call.record.flags = CC_CALL_NORETURN;
	leave(&call, 0);
}

/* A branch makes the writer end its frame. */
static void end_frame(const char *path)
{
	char name[4096];
	struct cc_trace *branch;

	snprintf(name, sizeof(name), "%s.branch", path);
	branch = cc_trace_branch(trace, name, NULL, NULL);
	if (branch)
		cc_trace_abandon(branch);
}

static void log_start(void)
{
	char *argv[] = {"perl", "bin/x.pl", "caf\xc3\xa9", NULL};
	char *envp[] = {"HOME=/root", "ODD=\xff\xfe", NULL};
	const struct cc_start start = {.pid = 4711,
				       .parent = 1,
				       .brk = 0x555555600000,
				       .executable = "/usr/bin/perl",
				       .build_id = "abcdef",
				       .libc_build_id = "012345",
				       .directory = "/work",
				       .argv = argv,
				       .envp = envp,
				       .streams = {0, 1, 2}};

	cc_trace_start(trace, &start);
	cc_trace_module(trace, "/usr/lib/x86_64-linux-gnu/libc.so.6", "012345", 0x7f0000000000,
			"libc6 2.36");
	cc_trace_file(trace, "/usr/lib/locale/C.utf8/LC_CTYPE", "locale", 6);
}

static void log_reads(const char *input, const char *path, unsigned count)
{
	char data[8192];
	ssize_t got;

	for (unsigned i = 0; i < count; i++) {
		int fd = log_open(input);

		while ((got = log_read(fd, data, sizeof(data))) > 0) {
			const struct cc_value line = {.kind = CC_VALUE_STRING,
						      .data = "first line\n",
						      .length = 11};

			cc_trace_value(trace, &line);
		}
		close(fd);
		if (i < 8)
			end_frame(path);
	}
}

static void make_input(char *path)
{
	int fd = mkstemp(path);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

	if (!file)
		die(path);
	fputs("first line\n", file);
	for (unsigned i = 1; i < 600; i++)
		fprintf(file, "another line %u\n", i * i);
	fclose(file);
}

int main(int argc, char **argv)
{
	char input[] = "/tmp/make-plog-XXXXXX";
	json_t *manifest =
		json_pack("{s:s, s:{s:s, s:s}, s:[s, s], s:{s:s, s:s}}", "stage", "make-plog",
			  "from", "file", "run.vmlog", "sha256", "0123", "options", "--pid", "4711",
			  "interpreter", "name", "perl", "version", "5.36.0");
	json_t *summary = json_pack("{s:i}", "status", 3);

	if (argc < 2)
		die("usage: make-plog OUT [COUNT]");
	cc_hostcall_init();
	trace = cc_trace_create(argv[1], "plog", manifest, &error);
	if (!trace)
		die(argv[1]);
	make_input(input);
	log_start();
	log_reads(input, argv[1], argc > 2 ? (unsigned)atoi(argv[2]) : 1);
	log_write("first line\n");
	log_failing_stat();
	cc_trace_signal(trace,
			&(struct cc_signal){.signal = 14, .ops = 12, .in_op = CC_SIGNAL_IN_OP},
			NULL);
	cc_trace_map(trace, 9, 4096, 0x7f1234560000);
	log_exit();
	cc_trace_end(trace, 3, 7, 0);
	unlink(input);
	if (cc_trace_finish(trace, summary, &error))
		die(argv[1]);
	json_decref(manifest);
	json_decref(summary);
	return 0;
}
