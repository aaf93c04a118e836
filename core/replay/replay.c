/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Serving host calls from a slice. Each call of the program is compared with the record that comes
 * next: which call, from which op at which line of which sub, with which arguments and bytes. Then
 * it gets what the run got, down to the allocations that the C library made on the way.
 */
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "core/replay/agent.h"
#include "core/replay/copy.h"
#include "core/replay/faults.h"
#include "core/replay/hooked.h"
#include "core/replay/initializers.h"
#include "core/replay/inner.h"
#include "core/replay/instructions.h"
#include "core/replay/mapping.h"
#include "core/replay/modules.h"
#include "core/replay/preload.h"
#include "core/replay/print.h"
#include "core/replay/raw.h"
#include "core/replay/report.h"
#include "core/replay/special.h"
#include "core/replay/threads.h"

static struct {
	struct cc_log_reader *reader;
	struct cc_definitions *definitions;
	struct cc_interpreter interpreter;
	struct cc_frame_text frame;
	struct cc_record next;	/* the record that is due, definitions aside; read as we go */
	struct cc_record whole; /* the same, as it came: for reports */
	unsigned next_thread;	/* whose it is */
	int64_t due;		/* after so many ops since the last call; CC_NEVER */
	int in_op;		/* and only once a run loop that ends there is over */
	uint64_t loops;		/* and so many have begun */
	int have_next;		/* 0 at the end of a log that was cut */
	const struct cc_hostcall **calls; /* rows by call id of the log */
	uint64_t call_count;
	struct mapping {
		unsigned syscall, thread;
		uint64_t length, address;
	} * mappings; /* met in the log; those before mapping_first were asked for */
	size_t mapping_first, mapping_count, mapping_room;
	unsigned depth; /* of host calls being served: handlers nest */
	int between;	/* in a handler that came between two host calls */
	int of_machine; /* and not recorded without one */
	int silent;	/* so many forks before a forked child's own part */
	int shows_own;	/* --show-output */
	/* Where the process's own stdout and stderr went, when not to the run's */
	char *outputs[2];
	uint8_t unshown[2]; /* something did */
	void *handlers[65];
} replay;

/* ---- the log ---- */

static void note_mapping(struct cc_cursor *cursor)
{
	struct mapping *mapping;

	if (replay.mapping_first == replay.mapping_count)
		replay.mapping_first = replay.mapping_count = 0;
	if (replay.mapping_count == replay.mapping_room) {
		replay.mapping_room = replay.mapping_room ? replay.mapping_room * 2 : 64;
		replay.mappings = realloc(replay.mappings, replay.mapping_room * sizeof(*mapping));
	}
	mapping = &replay.mappings[replay.mapping_count++];
	mapping->thread = replay.next_thread;
	mapping->syscall = (unsigned)cc_get_u(cursor);
	mapping->length = cc_get_u(cursor);
	mapping->address = cc_get_u(cursor);
}

uint64_t cc_replay_attached(uint64_t address)
{
	for (size_t i = replay.mapping_first; i < replay.mapping_count; i++)
		if (replay.mappings[i].syscall == SYS_shmat &&
		    replay.mappings[i].address == address) {
			replay.mappings[i].syscall = 0; /* it is used up */
			return replay.mappings[i].length;
		}
	return 0;
}

int cc_replay_refuses(void)
{
	for (size_t i = replay.mapping_first; i < replay.mapping_count; i++)
		if (replay.mappings[i].address >= (uint64_t)-4095)
			return 1;
	return 0;
}

int cc_replay_knows_refusals(void)
{
	return replay.of_machine;
}

static void note_call(const struct cc_definition *definition)
{
	const struct cc_hostcall *row = cc_hostcall_find(definition->name);

	if (!row || strcmp(row->spec, definition->spec))
		cc_die("the slice holds calls of %s as another version of Crosscut logged them: "
		       "slice "
		       "the .vmlog again",
		       definition->name);
	if (!(replay.call_count & (replay.call_count - 1)))
		replay.calls =
			realloc(replay.calls, (replay.call_count ? replay.call_count * 2 : 1) *
						      sizeof(*replay.calls));
	replay.calls[replay.call_count++] = row;
}

static void note_file(struct cc_record *record)
{
	size_t path_length, length;
	const uint8_t *path = cc_get_blob(&record->cursor, &path_length);
	const uint8_t *content;
	char *name;

	if (!path)
		cc_die("malformed file record %llu", (unsigned long long)record->ordinal);
	name = strndup((const char *)path, path_length);
	content = cc_log_get_blob(replay.reader, &record->cursor, &length);
	if (!content)
		cc_die("malformed file record %llu", (unsigned long long)record->ordinal);
	cc_data_add(name, content, length);
	free(name);
}

static char *text_of(struct cc_record *record)
{
	size_t length;
	const uint8_t *text = cc_get_blob(&record->cursor, &length);

	if (!text)
		cc_die("malformed record %llu", (unsigned long long)record->ordinal);
	return strndup((const char *)text, length);
}

static void note_module(struct cc_record *record)
{
	struct cc_module module = {.path = text_of(record),
				   .build_id = text_of(record),
				   .base = cc_get_u(&record->cursor)};

	/* Earlier slices have no package. */
	module.package = record->cursor.at < record->cursor.end ? text_of(record) : strdup("");
	cc_module_note(&module);
	free(module.path);
	free(module.build_id);
	free(module.package);
}

/*
 * What the run's process wrote to what were the command's stdout and stderr, we write to ours. What
 * went into a pipe or a file of its own is written when that is asked for, and else told of.
 */
static void write_out(unsigned stream, const uint8_t *data, size_t length)
{
	if (replay.silent > 0)
		return;
	if (stream >= CC_STREAM_OWN_OUT) {
		stream -= CC_STREAM_OWN_OUT - CC_STREAM_OUT;
		if (!replay.shows_own) {
			replay.unshown[stream - 1] = 1;
			return;
		}
	}
	if (cc_agent.on) {
		size_t unshown = cc_agent_unshown(stream, length);

		data += length - unshown;
		length = unshown;
	}
	while (length) {
		long wrote = cc_raw(SYS_write, (long)stream, (long)data, (long)length, 0, 0, 0);

		if (wrote == -EINTR || wrote == -EAGAIN)
			continue;
		if (wrote < 0)
			cc_die("cannot write the output of the run: %s", strerror((int)-wrote));
		data += wrote;
		length -= (size_t)wrote;
	}
}

static void fill_mapping(struct cc_record *record)
{
	uint64_t address = cc_get_u(&record->cursor);
	size_t length;
	const uint8_t *content = cc_log_get_blob(replay.reader, &record->cursor, &length);

	if (!content || cc_mapping_fill(address, content, length))
		cc_die("malformed memory record %llu", (unsigned long long)record->ordinal);
}

static void join_mappings(struct cc_record *record)
{
	uint64_t address = cc_get_u(&record->cursor);

	if (cc_alias_join(address, cc_get_u(&record->cursor)))
		cc_die("malformed alias record %llu", (unsigned long long)record->ordinal);
}

static void write_output(struct cc_record *record)
{
	uint64_t stream = cc_get_u(&record->cursor);
	size_t length;
	const uint8_t *data = cc_log_get_blob(replay.reader, &record->cursor, &length);

	if (!data || stream < CC_STREAM_OUT || stream > CC_STREAM_OWN_ERR)
		cc_die("malformed output record %llu", (unsigned long long)record->ordinal);
	write_out((unsigned)stream, data, length);
}

/* A call that a signal handler jumped out of: its handler's calls came before, and it is over. */
static int abandoned(const struct cc_record *record)
{
	struct cc_cursor cursor = record->cursor;
	struct cc_call_head head;

	if (record->type != CC_REC_CALL || cc_read_call_head(&cursor, &head) < 0 ||
	    !(head.flags & CC_CALL_ABANDONED))
		return 0;
	if (replay.depth > head.depth)
		replay.depth = head.depth;
	return 1;
}

/* Take up the next record that is an event; definitions are consumed on the way. */
static void advance(void)
{
	struct cc_error error;
	int got;

	for (;;) {
		got = cc_log_next(replay.reader, &replay.next, &error);
		replay.have_next = got > 0;
		if (got < 0 && error.status != CC_ECUT)
			cc_die("%s", error.text);
		if (got <= 0)
			return;
		got = cc_definitions_feed(replay.definitions, replay.reader, &replay.next);
		if (got < 0)
			cc_die("malformed record %llu", (unsigned long long)replay.next.ordinal);
		if (got && replay.next.type == CC_REC_CALLDEF)
			note_call(cc_definitions_call(replay.definitions, replay.call_count));
		if (got || abandoned(&replay.next))
			continue;
		switch (replay.next.type) {
		case CC_REC_PART:
			continue;
		case CC_REC_MAP:
			note_mapping(&replay.next.cursor);
			continue;
		case CC_REC_SYSCALL:
			if (cc_inner_note(replay.reader, &replay.next.cursor, replay.next_thread) <
			    0)
				cc_die("malformed record %llu",
				       (unsigned long long)replay.next.ordinal);
			continue;
		case CC_REC_INSTRUCTION:
			if (cc_instructions_note(&replay.next.cursor) < 0)
				cc_die("malformed record %llu",
				       (unsigned long long)replay.next.ordinal);
			continue;
		case CC_REC_EXECUTED:
			if (cc_instructions_executed(replay.reader, &replay.next.cursor,
						     replay.next_thread) < 0)
				cc_die("malformed record %llu",
				       (unsigned long long)replay.next.ordinal);
			continue;
		case CC_REC_FILE:
			note_file(&replay.next);
			continue;
		case CC_REC_MODULE:
			note_module(&replay.next);
			continue;
		case CC_REC_MEMORY:
			fill_mapping(&replay.next);
			continue;
		case CC_REC_ALIAS:
			join_mappings(&replay.next);
			continue;
		case CC_REC_OUTPUT:
			write_output(&replay.next);
			continue;
		case CC_REC_THREAD:
			replay.next_thread = (unsigned)cc_get_u(&replay.next.cursor);
			continue;
		case CC_REC_FORKED:
			replay.silent--;
			cc_copy_forked((pid_t)cc_get_u(&replay.next.cursor));
			continue;
		}
		replay.whole = replay.next;
		return;
	}
}

/* What an END record says. */
struct end {
	int status, running;
	int64_t ops;
};

static struct end read_end(struct cc_cursor cursor)
{
	struct end end = {.status = (int)cc_get_s(&cursor)};

	end.ops = (int64_t)cc_get_u(&cursor);
	end.running = cc_get_u(&cursor) != 0;
	return end;
}

/* What is due between calls comes after so many ops. */
static void arm(void)
{
	struct cc_cursor cursor = replay.next.cursor;
	int64_t ops = CC_NEVER;

	replay.in_op = 0;
	replay.loops = 0;
	if (replay.next_thread != cc_thread)
		ops = CC_NEVER;
	else if (replay.have_next && replay.next.type == CC_REC_DROP)
		ops = (int64_t)cc_get_u(&cursor);
	else if (replay.have_next && replay.next.type == CC_REC_SIGNAL) {
		struct cc_signal signal;

		/* Else inside the next call, or in a system call of the C library's own. */
		if (!cc_read_signal(&cursor, &signal, NULL) && !signal.depth &&
		    signal.in_op != CC_SIGNAL_IN_SYSCALL)
			ops = (int64_t)signal.ops;
		replay.in_op = signal.in_op == CC_SIGNAL_IN_OP;
		replay.loops = signal.loops;
	} else if (replay.have_next && replay.next.type == CC_REC_CHANGED) {
		ops = (int64_t)cc_get_u(&cursor);
	} else if (replay.have_next && replay.next.type == CC_REC_SWITCH) {
		ops = cc_thread_ops();
	} else if (replay.have_next && replay.next.type == CC_REC_END) {
		struct end end = read_end(cursor);

		if (end.status < 0 || end.running)
			ops = end.ops; /* killed here, or the recording is over */
	}
	replay.due = ops < 0 ? CC_NEVER : ops;
	cc_ops_until(replay.due == CC_NEVER && cc_thread_many() ? CC_SOME_TIME : replay.due);
}

/*
 * Records are read ahead up to the next event, so a mapping made before it is in the list. Those
 * before the one that fits stay: they may be for another thread.
 */
uint64_t cc_replay_mapping(unsigned syscall, uint64_t length)
{
	for (size_t i = replay.mapping_first; i < replay.mapping_count; i++) {
		struct mapping found = replay.mappings[i];

		if (found.syscall != syscall || found.length != length || found.thread != cc_thread)
			continue;
		memmove(&replay.mappings[replay.mapping_first + 1],
			&replay.mappings[replay.mapping_first],
			(i - replay.mapping_first) * sizeof(found));
		replay.mapping_first++;
		return found.address;
	}
	return 0;
}

/* ---- signals and the end ---- */

static int ends_running(void)
{
	return replay.have_next && replay.next.type == CC_REC_END &&
	       read_end(replay.next.cursor).running;
}

/* What ended the recording, in words. */
static const char *end_of_recording(void)
{
	static char text[600];
	struct cc_thread_now now;
	size_t length;
	const json_t *of = json_object_get(cc_log_manifest(replay.reader), "from");
	const char *by =
		json_string_value(json_object_get(json_object_get(of, "manifest"), "ended-by"));

	length = (size_t)snprintf(text, sizeof(text),
				  "the recording was ended here%s%s%s: the run was not over",
				  by ? " (" : "", by ? by : "", by ? ")" : "");
	for (unsigned i = 0; length < sizeof(text) && cc_thread_now(i, &now); i++) {
		const char *what = now.call	 ? now.call
				   : now.at_work ? "at work"
						 : "waiting for the interpreter";

		if (cc_thread_many())
			length += (size_t)snprintf(text + length, sizeof(text) - length,
						   "%s thread %u %s%s", i ? "," : ";", now.id,
						   now.call ? "in " : "", what);
		else
			length += (size_t)snprintf(text + length, sizeof(text) - length,
						   "; it was %s%s", now.call ? "in " : "", what);
	}
	return text;
}

/* Where output went that is not the run's; in one line. */
static void report_unshown(void)
{
	static const char *const names[] = {"standard output", "standard error"};
	char text[2][300] = {"", ""};

	for (int i = 0; i < 2; i++)
		if (replay.unshown[i])
			snprintf(text[i], sizeof(text[i]), "%s went into %s", names[i],
				 replay.outputs[i] && *replay.outputs[i] ? replay.outputs[i]
									 : "something else");
	if (*text[0] || *text[1])
		cc_say("in the run, the %s%s%s: --show-output shows it", text[0],
		       *text[0] && *text[1] ? ", and the " : "", text[1]);
}

static void finish(int status) __attribute__((noreturn));

/* The log ends here because the recording did; the program, in the run, went on. */
static void finish_running(int status) __attribute__((noreturn));
static void finish_running(int status)
{
	const char *text = end_of_recording();

	cc_tripwire_off();
	cc_context = CC_OURS;
	if (cc_agent.on)
		cc_agent_died(text);
	cc_say("%s", text);
	finish(status);
}

static void finish(int status)
{
	struct cc_error error;

	cc_tripwire_off();
	cc_context = CC_OURS;
	if (cc_agent.on)
		cc_agent_end(status < 0 ? 128 - status : status);
	else
		report_unshown();
	cc_hooks_end(status);
	if (cc_print_end(&error) < 0)
		cc_complain("%s", error.text);
	if (cc_replayer.end)
		cc_replayer.end();
	if (cc_complaints_report())
		cc_raw(SYS_exit_group, 125, 0, 0, 0, 0, 0);
	if (status < 0) { /* as it died: the launcher turns it into 128 + n */
		cc_raw(SYS_exit_group, 128 - status, 0, 0, 0, 0, 0);
	}
	cc_raw(SYS_exit_group, status, 0, 0, 0, 0, 0);
	__builtin_trap();
}

void cc_replay_killed(void)
{
	struct cc_cursor cursor = replay.next.cursor;
	int status =
		replay.have_next && replay.next.type == CC_REC_END ? (int)cc_get_s(&cursor) : 0;

	if (status < 0)
		finish(status);
}

void cc_replay_wind_up(int status)
{
	if (cc_replay_is(CC_REC_END))
		cc_replay_end(status);
	cc_initializers_end(status);
}

void cc_replay_end(int status)
{
	int recorded;

	cc_tripwire_off();
	cc_context = CC_OURS;
	if (ends_running())
		cc_die("diverged: the program ends with status %d; in the run it was not over",
		       status);
	if (!replay.have_next || replay.next.type != CC_REC_END)
		cc_report_divergence(&replay.frame.frame, "the end of the program",
				     replay.definitions, &replay.whole, replay.have_next);
	recorded = (int)cc_get_s(&replay.next.cursor);
	if (recorded != status)
		cc_die("diverged: the replay ends with status %d, the run ended with %d", status,
		       recorded);
	finish(status);
}

/*
 * Enter the program's C handler, as the kernel did. What it changes in the context would take
 * effect when it returns: only the mask of signals, which are the log's, may be.
 */
static void deliver(unsigned signal, const struct cc_signal_details *details)
{
	void (*handler)(int, siginfo_t *, void *);
	siginfo_t info = {.si_signo = (int)signal};
	ucontext_t context = {0};
	mcontext_t registers;

	_Static_assert(offsetof(ucontext_t, uc_sigmask) + 8 == sizeof(details->context),
		       "as the kernel's");
	if (details->info[0])
		memcpy(&info, details->info, sizeof(info));
	memcpy(&context, details->context, sizeof(details->context));
	context.uc_mcontext.fpregs = &context.__fpregs_mem;
	registers = context.uc_mcontext;
	if (signal > 64 || (uintptr_t)replay.handlers[signal] < 2)
		cc_die("diverged: signal %u was handled in the run; the replay has no handler for "
		       "it",
		       signal);
	handler = (void (*)(int, siginfo_t *, void *))replay.handlers[signal];
	cc_tripwire_on();
	cc_context = CC_PROGRAM;
	handler((int)signal, &info, &context);
	cc_context = CC_OURS;
	cc_tripwire_off();
	if (memcmp(&registers, &context.uc_mcontext, sizeof(registers)))
		cc_die("the handler of signal %u changes the registers that it returns to: that is "
		       "not modelled",
		       signal);
}

static void finish_now(void) __attribute__((noreturn));
static void finish_now(void)
{
	struct end end = read_end(replay.next.cursor);

	if (end.running)
		finish_running(end.status);
	finish(end.status);
}

/* There is no handler at work, or the signal is blocked: the kernel ended it. */
void cc_replay_faults(int signal)
{
	if (replay.have_next && replay.next.type == CC_REC_END && replay.next_thread == cc_thread &&
	    read_end(replay.next.cursor).status == -signal)
		finish_now();
}

static void deliver_next(int between)
{
	struct cc_signal_details details;
	struct cc_signal signal;
	int was = replay.between;

	if (cc_read_signal(&replay.next.cursor, &signal, &details))
		cc_die("malformed signal record %llu", (unsigned long long)replay.next.ordinal);
	advance();
	replay.between = between;
	deliver(signal.signal, &details);
	replay.between = was;
}

void cc_replay_raised(void)
{
	struct cc_cursor cursor = replay.next.cursor;
	struct cc_signal signal;

	if (!cc_replay_is(CC_REC_SIGNAL) || replay.next_thread != cc_thread ||
	    cc_read_signal(&cursor, &signal, NULL) || signal.in_op != CC_SIGNAL_IN_SYSCALL)
		return;
	replay.depth++;
	deliver_next(1);
	replay.depth--;
	cc_thread_turn();
	arm();
}

/* One that comes while a handler is at work, and did not interrupt it, comes behind it. */
static int follows_handler(void)
{
	return replay.between && replay.have_next && replay.next.type == CC_REC_SIGNAL;
}

/* An event amidst an op, which has not come that far. */
static int is_late(int loop_ends)
{
	return (replay.in_op && loop_ends) || cc_ops_loops() < replay.loops;
}

/* What stands next in the log happens here, after so many ops since the last call. */
static void do_due(int64_t ops, int loop_ends)
{
	while (replay.due == ops && !is_late(loop_ends) && !follows_handler()) {
		unsigned was = replay.next.type;

		if (replay.next.type == CC_REC_END)
			finish_now();
		if (replay.next.type == CC_REC_DROP) {
			/* What makes it do so; then it is consumed. */
			replay.due = CC_NEVER;
			cc_replayer.drop();
			return;
		}
		if (was == CC_REC_CHANGED) {
			cc_get_u(&replay.next.cursor);
			fill_mapping(&replay.next);
			advance();
		}
		if (was == CC_REC_CHANGED || was == CC_REC_SWITCH) {
			cc_thread_turn();
			arm();
			continue;
		}
		replay.depth++;
		deliver_next(1);
		replay.depth--;
		cc_thread_turn();
		arm();
		if (cc_ops_left())
			return;
		ops = replay.due; /* its own calls have begun to count anew */
	}
}

/* Called from the run loop, between two ops, in the program's context. */
static void due(int loop_ends)
{
	cc_tripwire_off();
	cc_context = CC_OURS;
	do_due(replay.due, loop_ends);
	cc_context = CC_PROGRAM;
	cc_tripwire_on();
}

/* ---- calls ---- */

static int same_op(const char *then, const char *now)
{
	const struct cc_runtime *runtime = replay.interpreter.runtime;

	return !strcmp(then, now) || (runtime->same_op && runtime->same_op(then, now));
}

static void compare_frame(uint64_t id, const struct cc_hostcall *call)
{
	const struct cc_frame *then = cc_definitions_frame(replay.definitions, id);
	const struct cc_frame *now = &replay.frame.frame;

	if (!then)
		cc_die("malformed call record %llu", (unsigned long long)replay.next.ordinal);
	if (then->line != now->line || !same_op(then->op, now->op) ||
	    strcmp(then->file, now->file) || strcmp(then->sub, now->sub))
		cc_report_divergence(now, call->name, replay.definitions, &replay.whole, 1);
}

void cc_replay_frame(struct cc_frame_text *frame)
{
	frame->frame = (struct cc_frame){"", "", 0, ""};
	frame->op_address = 0;
	replay.interpreter.runtime->frame(&cc_own_memory, replay.interpreter.at, frame);
}

static void frame_now(void)
{
	const struct cc_frame_text *kept = cc_thread_frame();

	if (replay.between) { /* amidst an op of the run; here, before it */
		replay.frame.frame = (struct cc_frame){"", "", 0, ""};
		replay.frame.op_address = 0;
	} else if (kept)
		cc_frame_keep(&replay.frame, kept);
	else
		cc_replay_frame(&replay.frame);
}

static void put_output(void *stream, const void *data, size_t length)
{
	write_out(*(const unsigned *)stream, data, length);
}

static void output(const struct cc_hostcall *call, unsigned flags, const uint64_t *args,
		   int64_t ret)
{
	static const struct {
		unsigned flag, stream;
	} streams[] = {
		{CC_CALL_STDOUT, CC_STREAM_OUT},
		{CC_CALL_STDERR, CC_STREAM_ERR},
		{CC_CALL_OWN_STDOUT, CC_STREAM_OWN_OUT},
		{CC_CALL_OWN_STDERR, CC_STREAM_OWN_ERR},
	};

	for (size_t i = 0; i < sizeof(streams) / sizeof(*streams); i++) {
		unsigned stream = streams[i].stream;

		if (flags & streams[i].flag)
			cc_call_output(call, args, (size_t)ret, put_output, &stream);
	}
}

/* A block of the program's own that an argument points to, the call may grow. */
static void permit(const struct cc_hostcall *call, const uint64_t *args)
{
	for (unsigned i = 0; i < call->nargs; i++)
		if (call->arg[i].kind == CC_ITEM_PTROUT && call->arg[i].from_heap && args[i])
			cc_redo_permit(*(uint64_t *)(uintptr_t)args[i]);
}

/* Those of a call; NULL: what a dlopen or dlclose has made so far. */
static void redo_allocs(const struct cc_hostcall *call, const uint64_t *args,
			const struct cc_call_tail *tail)
{
	if (tail->alloc_count && call)
		permit(call, args);
	for (size_t i = 0; i < tail->alloc_count; i++) {
		struct cc_alloc alloc;
		uint64_t came;

		if (cc_read_alloc(replay.reader, &replay.next.cursor, &alloc) < 0)
			cc_die("malformed call record %llu",
			       (unsigned long long)replay.next.ordinal);
		cc_tripwire_on();
		came = cc_redo_alloc(&alloc);
		cc_tripwire_off();
		if (came != alloc.result)
			cc_report_heap(&replay.frame.frame, call ? call->name : "dlopen", &alloc,
				       came, &replay.whole);
	}
}

static void note_handler(const struct cc_hostcall *call, const uint64_t *args)
{
	unsigned signal = cc_call_effect_arg(call, CC_EFFECT_HANDLER, 0);
	unsigned handler = cc_call_effect_arg(call, CC_EFFECT_HANDLER, 1);
	struct sigaction action = {0};

	if (signal == CC_NOARG || args[signal] > 64)
		return;
	if (call->arg[handler].kind != CC_ITEM_IN)
		action.sa_handler = (void (*)(int))(uintptr_t)args[handler];
	else if (args[handler])
		action = *(const struct sigaction *)(uintptr_t)args[handler];
	else
		return;
	replay.handlers[args[signal]] = (void *)action.sa_handler;
	cc_faults_handle((unsigned)args[signal], (uintptr_t)action.sa_handler, action.sa_flags);
}

/*
 * Another one of this thread's that did not return either: a handler that interrupted it made the
 * last one.
 */
static int is_outer_call(unsigned depth)
{
	struct cc_cursor cursor = replay.next.cursor;
	struct cc_call_head head;

	return replay.have_next && replay.next_thread == cc_thread &&
	       replay.next.type == CC_REC_CALL && !cc_read_call_head(&cursor, &head) &&
	       head.flags & CC_CALL_NORETURN && head.depth < depth;
}

/*
 * It does not return: the process ends in it. Or the recording, and then other threads have a way
 * to go to where they were.
 */
static void noreturn_call(const struct cc_hostcall *call, const uint64_t *args, unsigned depth)
{
	cc_thread_stuck(call, args);
	do
		advance();
	while (is_outer_call(depth));
	if (replay.have_next && replay.next_thread != cc_thread)
		cc_thread_turn();
	if (cc_call_does(call, CC_EFFECT_WIND_UP) && !cc_replay_is(CC_REC_END)) {
		replay.depth = 0;
		arm();
		cc_initializers_end((int)args[0]);
	}
	if (!replay.have_next || replay.next.type != CC_REC_END)
		cc_die("diverged: %s did not return in the run, and yet it went on", call->name);
	finish_now();
}

/*
 * A function of the program that the C library called in the run: the program has told it of that
 * function here, too.
 */
static void call_back(void)
{
	uint64_t address = cc_get_u(&replay.next.cursor);

	if (!cc_callback_known(address))
		cc_die("malformed callback record %llu", (unsigned long long)replay.next.ordinal);
	advance();
	cc_tripwire_on();
	cc_context = CC_PROGRAM;
	((void (*)(void))(uintptr_t)address)();
	cc_context = CC_OURS;
	cc_tripwire_off();
}

/* Whatever happens inside the call stands in the log before the call itself. */
static void inside(void)
{
	for (;; cc_thread_waits()) {
		struct cc_cursor cursor = replay.next.cursor;
		struct cc_signal signal;

		if (cc_replay_is(CC_REC_CALLBACK))
			call_back();
		else if (cc_replay_is(CC_REC_SIGNAL) &&
			 (cc_read_signal(&cursor, &signal, NULL) || signal.depth))
			deliver_next(0);
		else
			return;
	}
}

/* In a call that loads or drops objects: the program's own functions run, and then no more. */
void cc_replay_inside(void)
{
	struct cc_call_tail tail = {0};

	cc_thread_turn();
	replay.depth++;
	if (!cc_replay_is(CC_REC_INSIDE))
		return;
	tail.alloc_count = cc_get_u(&replay.next.cursor);
	frame_now();
	redo_allocs(NULL, NULL, &tail);
	advance();
	arm();
}

void cc_replay_nest(int by)
{
	replay.depth += (unsigned)by;
}

/* A call that needs no log this time runs as the program's: the tripwire sees to its memory. */
static int64_t live(unsigned symbol, int errno_now)
{
	cc_real_function(symbol);
	errno = errno_now;
	cc_host_passes = 1;
	cc_context = CC_PROGRAM;
	cc_tripwire_on();
	return 0;
}

static void in_session(const struct cc_hostcall *call, const uint64_t *args)
{
	cc_copy_ask(call, args);
	if (cc_replayer.before)
		cc_replayer.before(call, args);
}

static int64_t serve(unsigned symbol, uint64_t given[CC_MAXARGS])
{
	uint64_t args[CC_MAXARGS];
	const struct cc_hostcall *call =
		cc_call_meant(cc_hostcall_row(cc_symbols[symbol].row), given, args);
	int errno_now = errno;
	struct cc_call_head head;
	struct cc_call_tail tail;
	uint32_t before[CC_MAXARGS];
	unsigned item = 0;
	int64_t ret;
	int status;

	if (call->class == CC_THREAD && cc_thread_is_real(call))
		return cc_call_real(symbol, args);
	cc_tripwire_off();
	cc_context = CC_OURS;
	switch (cc_thread_is_interpreters(call, args) ? CC_THREAD
						      : cc_call_class(call, args, &cc_own_memory)) {
	case CC_REFUSE:
		cc_report_refused(call, args);
	case CC_LIVE:
	case CC_PURE:
		return live(symbol, errno_now);
	case CC_THREAD:
		cc_frame_now = (const struct cc_frame_of_call *)given;
		ret = cc_thread_call(symbol, call, args);
		errno = errno_now;
		cc_context = CC_PROGRAM;
		cc_tripwire_on();
		return ret;
	default:
		break;
	}
	if (cc_replayer.call)
		cc_replayer.call();
	if (cc_hooks_wanted & CC_WANT_HOST_CALLS)
		cc_hooks_host_call(call, args, cc_calls);
	cc_thread_enters(call, args);
	replay.depth++;
	inside();
	if (cc_replay_is(CC_REC_INSIDE)) {
		cc_special_inside(call, args);
		cc_thread_waits();
	}
	frame_now();
	if (!replay.have_next && cc_log_is_cut(replay.reader))
		cc_die("the slice was cut short here: the run goes on, the log does not");
	if (!replay.have_next || replay.next.type != CC_REC_CALL ||
	    cc_read_call_head(&replay.next.cursor, &head) < 0 || head.call >= replay.call_count ||
	    replay.calls[head.call] != call)
		cc_report_divergence(&replay.frame.frame, call->name, replay.definitions,
				     &replay.whole, replay.have_next);
	/* An exception has left calls that this one would be in */
	if (replay.depth > head.depth + 1)
		replay.depth = head.depth + 1;
	compare_frame(head.frame, call);
	/* Which has functions of the program called yet, as it picks implementations */
	if (call->class != CC_LOAD)
		cc_instructions_check();
	cc_frame_now = (const struct cc_frame_of_call *)given;
	if (cc_agent.on)
		in_session(call, args);
	memset(before, 0, sizeof(before));
	if (!(head.flags & CC_CALL_FAULTED))
		cc_call_lengths(call, args, &cc_own_memory, before);
	status = cc_call_compare(call, args, head.flags & CC_CALL_FAULTED, replay.reader,
				 &replay.next.cursor, &item);
	if (status == -2)
		cc_die("malformed call record %llu", (unsigned long long)replay.next.ordinal);
	if (status)
		cc_report_argument(&replay.frame.frame, call, args, item, replay.definitions,
				   &replay.whole);
	if (head.flags & CC_CALL_NORETURN)
		noreturn_call(call, args, head.depth);
	if (cc_read_call_tail(&replay.next.cursor, &tail) < 0)
		cc_die("malformed call record %llu", (unsigned long long)replay.next.ordinal);
	redo_allocs(call, args, &tail);
	if (cc_call_serve(call, args, before, tail.ret, replay.reader, &replay.next.cursor) < 0)
		cc_die("malformed call record %llu: what it brings does not fit",
		       (unsigned long long)replay.next.ordinal);
	ret = cc_special(symbol, call, args, cc_call_returned(call, args, tail.ret));
	if (head.flags & CC_CALL_OUTPUTS && tail.ret > 0)
		output(call, head.flags, args, tail.ret);
	if (cc_replayer.served)
		cc_replayer.served(call, args, tail.ret);
	if (cc_call_does(call, CC_EFFECT_CALLBACKS))
		cc_callback_note(call, args);
	if (cc_call_does(call, CC_EFFECT_HANDLER))
		note_handler(call, args);
	if (cc_agent.on) {
		cc_copy_note(call, args, before, ret, tail.ret, tail.error);
		if (cc_replayer.after)
			cc_replayer.after(call, args, ret);
	}
	cc_thread_served(symbol, call, args, ret);
	cc_thread_forked(symbol, call, args, tail.ret);
	if (cc_hooks_wanted & CC_WANT_HOST_CALLS)
		cc_hooks_host_called(call, args, before, ret,
				     tail.error >= 0 ? tail.error : errno_now, cc_calls);
	replay.depth--;
	if (!replay.depth) {
		cc_calls++;
		if (cc_agent.on)
			cc_agent_called();
	}
	cc_ops_call();
	if (!replay.depth && cc_replayer.called)
		cc_replayer.called(&replay.frame);
	advance();
	cc_thread_turn();
	arm();
	do_due(0, 0); /* right behind the call, before any further op */
	errno = tail.error >= 0 ? tail.error : errno_now;
	cc_context = CC_PROGRAM;
	cc_tripwire_on();
	return ret;
}

/* ---- threads ---- */

unsigned cc_replay_thread(void)
{
	return replay.next_thread;
}

int cc_replay_is(unsigned type)
{
	return replay.have_next && replay.next.type == type;
}

int cc_replay_switch(struct cc_switch *at)
{
	struct cc_cursor cursor = replay.next.cursor;

	if (!cc_replay_is(CC_REC_SWITCH) || replay.next_thread != cc_thread)
		return 0;
	if (cc_read_switch(&cursor, at))
		cc_die("malformed record %llu", (unsigned long long)replay.next.ordinal);
	return 1;
}

uint64_t cc_replay_pointer(void)
{
	struct cc_cursor cursor = replay.next.cursor;

	return cc_get_u(&cursor);
}

uint64_t cc_replay_position(void)
{
	return replay.next.ordinal;
}

void cc_replay_pass(void)
{
	advance();
	arm();
}

void cc_replay_take_heap(void)
{
	struct cc_cursor cursor = replay.next.cursor;

	cc_arenas_take(cursor.at < cursor.end ? cc_get_u(&cursor) : 0);
	cc_replay_pass();
}

void cc_replay_take(void)
{
	cc_ops_call();
	advance();
	arm();
	do_due(0, 0);
}

void cc_replay_rearm(void)
{
	arm();
}

void cc_replay_do_due(void)
{
	arm();
	if (replay.due != CC_NEVER && !cc_ops_left())
		do_due(replay.due, 0);
}

unsigned cc_replay_depth(unsigned depth)
{
	unsigned was = replay.depth * 2 + (replay.between != 0);

	replay.depth = depth / 2;
	replay.between = depth & 1;
	return was;
}

void cc_replay_diverges(const char *what)
{
	frame_now();
	if (!replay.have_next && cc_log_is_cut(replay.reader))
		cc_die("the slice was cut short here: the run goes on, the log does not");
	cc_report_divergence(&replay.frame.frame, what, replay.definitions, &replay.whole,
			     replay.have_next);
	__builtin_trap();
}

/* ---- values ---- */

static void compare_value(void)
{
	struct cc_value now, then;
	char text[256];

	cc_tripwire_off();
	cc_context = CC_OURS;
	if (!replay.have_next || replay.next.type != CC_REC_VALUE ||
	    cc_read_value(replay.reader, &replay.next.cursor, &then) < 0)
		cc_report_divergence(&replay.frame.frame, "a valued op's result",
				     replay.definitions, &replay.whole, replay.have_next);
	replay.interpreter.runtime->value(&cc_own_memory, replay.interpreter.at, &now, text,
					  sizeof(text));
	if (now.kind != then.kind || now.length != then.length || now.u != then.u ||
	    (now.length && memcmp(now.data, then.data, now.length)))
		cc_report_value(&replay.frame.frame, &then, &now);
	advance();
	cc_thread_turn();
	arm();
	cc_context = CC_PROGRAM;
	cc_tripwire_on();
}

/* ---- beginning ---- */

struct cc_log_reader *cc_replay_reader(void)
{
	return replay.reader;
}

void cc_replay_copied(void)
{
	cc_log_copied(replay.reader);
}

static const void *find_symbol(void *context, const char *name, uint64_t *size)
{
	const void *at = dlsym(RTLD_DEFAULT, name);
	const ElfW(Sym) *symbol = NULL;
	Dl_info info;

	if (at && dladdr1(at, &info, (void **)&symbol, RTLD_DL_SYMENT) && symbol)
		*size = symbol->st_size;
	return at;
}

int cc_replay_begin(const char *path, const char *ahead, int shows_own, uint64_t *stack,
		    struct cc_error *error)
{
	struct cc_arena *arena;
	struct cc_start start;
	const char *stage;
	uint64_t brk;

	cc_hostcall_init_some();
	cc_populate_program();
	if (cc_find_interpreter(&replay.interpreter) < 0)
		return cc_fail(error, CC_EUNSUPPORTED, "this is no interpreter that is known");
	if (cc_runtime_check(replay.interpreter.runtime, find_symbol, NULL, error) < 0)
		return error->status;
	replay.reader = cc_log_open(path, replay.interpreter.runtime->kind, error);
	if (!replay.reader)
		return error->status;
	if (ahead)
		cc_log_read_ahead(replay.reader, atoi(ahead));
	replay.definitions = cc_definitions_new();
	arena = cc_arena_new();
	advance();
	if (!replay.have_next || replay.next.type != CC_REC_START ||
	    cc_read_start(replay.reader, &replay.next.cursor, arena, &start) < 0)
		return cc_fail(error, CC_EFORMAT, "%s: does not begin with the start of a process",
			       path);
	brk = start.brk;
	*stack = start.stack;
	for (int i = 0; i < 2; i++)
		replay.outputs[i] = start.outputs[i] ? strdup(start.outputs[i]) : NULL;
	replay.shows_own = shows_own;
	cc_copy_begin(&start, cc_log_manifest(replay.reader));
	cc_threads_begin(&replay.interpreter, start.thread,
			 json_is_true(json_object_get(cc_log_manifest(replay.reader), "switches")));
	cc_arena_free(arena);
	cc_initializers_begin();
	stage = json_string_value(json_object_get(cc_log_manifest(replay.reader), "stage"));
	replay.of_machine = stage && !strcmp(stage, "cc-slice");
	replay.silent =
		(int)json_integer_value(json_object_get(cc_log_manifest(replay.reader), "forks"));
	cc_storage_place = cc_mapping_place;
	cc_own_variadic = cc_variadic_of_frame;
	cc_own_mapped = cc_mapping_holds;
	cc_host = serve;
	cc_op_value = compare_value;
	cc_op_due = due;
	if (cc_tripwire_arm(brk, error) < 0)
		return error->status;
	cc_replayer.begin(&replay.interpreter);
	advance();
	cc_modules_check();
	arm();
	return 0;
}
