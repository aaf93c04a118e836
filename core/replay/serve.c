/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Serving host calls from a slice. Each call of the program is compared with the record that comes
 * next: which call, from which op at which line of which sub, with which arguments and bytes. Then
 * the program gets what the run got, down to the allocations that the C library made on the way.
 */
#include <errno.h>
#include <string.h>

#include "core/replay/agent.h"
#include "core/replay/copy.h"
#include "core/replay/hooked.h"
#include "core/replay/initializers.h"
#include "core/replay/instructions.h"
#include "core/replay/past.h"
#include "core/replay/run-files.h"
#include "core/replay/replay.h"
#include "core/replay/replayer.h"
#include "core/replay/report.h"
#include "core/replay/special.h"
#include "core/replay/threads.h"

/* A host call that is being served. */
struct serving {
	unsigned symbol;
	const struct cc_hostcall *call; /* the row that is meant */
	uint64_t *given;		/* the thunk's frame */
	uint64_t args[CC_MAXARGS];	/* of the row that is meant */
	int errno_now;			/* the program's */
	struct cc_call_head head;	/* of its record */
	struct cc_call_tail tail;
	uint32_t before[CC_MAXARGS]; /* lengths that arguments point to, as the call began */
	int64_t ret;
	int past; /* it began in a forked child's past: the fork itself, which the parent made */
};

/* ---- the op frame ---- */

void cc_replay_frame(struct cc_frame_text *frame)
{
	frame->frame = (struct cc_frame){"", "", 0, ""};
	frame->op_address = 0;
	cc_replay.interpreter.runtime->frame(&cc_own_memory, cc_replay.interpreter.at, frame);
}

const struct cc_frame *cc_frame_in_log(void)
{
	struct cc_cursor cursor = cc_replay.log.whole.cursor;
	struct cc_call_head head;

	if (!cc_replay.log.have_next || cc_replay.log.whole.type != CC_REC_CALL ||
	    cc_read_call_head(&cursor, &head) < 0)
		return NULL;
	return cc_definitions_frame(cc_replay.log.definitions, head.frame);
}

static void frame_now(void)
{
	const struct cc_frame_text *kept = cc_thread_frame();

	if (cc_replay.due.between) { /* amidst an op of the run; here, before it */
		cc_replay.frame.frame = (struct cc_frame){"", "", 0, ""};
		cc_replay.frame.op_address = 0;
	} else if (kept)
		cc_frame_keep(&cc_replay.frame, kept);
	else
		cc_replay_frame(&cc_replay.frame);
}

static int same_op(const char *then, const char *now)
{
	const struct cc_runtime *runtime = cc_replay.interpreter.runtime;

	return !strcmp(then, now) || (runtime->same_op && runtime->same_op(then, now));
}

static void compare_frame(uint64_t id, const struct cc_hostcall *call)
{
	const struct cc_frame *then = cc_definitions_frame(cc_replay.log.definitions, id);
	const struct cc_frame *now = &cc_replay.frame.frame;

	if (!then)
		cc_replay_malformed("call record");
	if (cc_replay.frame.ended) { /* the log knows where; before, it had no line */
		cc_replay.frame.frame.file = then->file;
		cc_replay.frame.frame.line = then->line;
	}
	if (then->line != now->line || !same_op(then->op, now->op) ||
	    strcmp(then->file, now->file) || strcmp(then->sub, now->sub))
		cc_report_divergence(call->name);
}

void cc_replay_diverges(const char *what)
{
	frame_now();
	if (!cc_replay.log.have_next && cc_log_is_cut(cc_replay.log.reader))
		cc_die("the slice was cut short here: the run goes on, the log does not");
	cc_report_divergence(what);
}

/* ---- what the C library did inside ---- */

/* A block of the program's own that an argument points to, the call may grow. */
static void permit(const struct cc_hostcall *call, const uint64_t *args)
{
	for (unsigned i = 0; i < call->nargs; i++)
		if (call->arg[i].kind == CC_ITEM_PTROUT && call->arg[i].from_heap && args[i])
			cc_redo_permit(*(uint64_t *)(uintptr_t)args[i]);
}

/*
 * Makes the allocations of a call again; `call` NULL: those that a dlopen or dlclose has made so
 * far.
 */
static void redo_allocs(const struct cc_hostcall *call, const uint64_t *args,
			const struct cc_call_tail *tail)
{
	if (tail->alloc_count && call)
		permit(call, args);
	for (size_t i = 0; i < tail->alloc_count; i++) {
		struct cc_alloc alloc;
		uint64_t came;

		if (cc_read_alloc(cc_replay.log.reader, &cc_replay.log.next.cursor, &alloc) < 0)
			cc_replay_malformed("call record");
		cc_tripwire_on();
		came = cc_redo_alloc(&alloc);
		cc_tripwire_off();
		if (came != alloc.result)
			cc_report_heap(call ? call->name : "dlopen", &alloc, came);
	}
}

/*
 * Calls a function of the program, as the C library did in the run: the program has given it that
 * function here, too.
 */
static void call_back(void)
{
	uint64_t address = cc_get_u(&cc_replay.log.next.cursor);

	if (!cc_callback_known(address))
		cc_replay_malformed("callback record");
	cc_replay_advance();
	cc_enter_program();
	((void (*)(void))(uintptr_t)address)();
	cc_leave_program();
}

/* Whatever happens inside the call stands in the log before the call itself. */
static void inside(void)
{
	for (;; cc_thread_waits()) {
		struct cc_cursor cursor = cc_replay.log.next.cursor;
		struct cc_signal signal;

		cc_past_reached();
		if (cc_replay_is(CC_REC_CALLBACK))
			call_back();
		else if (cc_replay_is(CC_REC_SIGNAL) &&
			 (cc_read_signal(&cursor, &signal, NULL) || signal.depth))
			cc_replay_deliver(0);
		else
			return;
	}
}

/*
 * In a call that loads or drops objects: functions of the program are about to run, or it is over.
 */
void cc_replay_inside(void)
{
	struct cc_call_tail tail = {0};

	cc_thread_turn();
	cc_replay.depth++;
	if (!cc_replay_is(CC_REC_INSIDE))
		return;
	tail.alloc_count = cc_get_u(&cc_replay.log.next.cursor);
	frame_now();
	redo_allocs(NULL, NULL, &tail);
	cc_replay_advance();
	cc_replay_arm();
}

void cc_replay_nest(int by)
{
	cc_replay.depth += (unsigned)by;
}

/* ---- calls that did not return ---- */

/*
 * Is another call of this thread next that did not return either? A handler that interrupted it
 * made the last one.
 */
static int is_outer_call(unsigned depth)
{
	struct cc_cursor cursor = cc_replay.log.next.cursor;
	struct cc_call_head head;

	return cc_replay_is(CC_REC_CALL) && cc_replay.log.thread == cc_thread &&
	       !cc_read_call_head(&cursor, &head) && head.flags & CC_CALL_NORETURN &&
	       head.depth < depth;
}

/*
 * The call does not return: the process ends in it, or the recording does; then other threads have
 * a way to go to where they were.
 */
static void noreturn_call(const struct cc_hostcall *call, const uint64_t *args, unsigned depth)
{
	cc_thread_stuck(call, args);
	do
		cc_replay_advance();
	while (is_outer_call(depth));
	if (cc_replay.log.have_next && cc_replay.log.thread != cc_thread)
		cc_thread_turn();
	if (cc_call_does(call, CC_EFFECT_WIND_UP) && !cc_replay_is(CC_REC_END)) {
		cc_replay.depth = 0;
		cc_replay_arm();
		cc_initializers_end((int)args[0]);
	}
	if (!cc_replay_is(CC_REC_END))
		cc_die("diverged: %s did not return in the run, and yet it went on", call->name);
	cc_replay_finish();
}

/* ---- a call, step by step ---- */

/* A call that needs no log this time runs as the program's: the tripwire sees to its memory. */
static int64_t live(const struct serving *serving)
{
	cc_real_function(serving->symbol);
	errno = serving->errno_now;
	cc_host_passes = 1;
	cc_enter_program();
	return 0;
}

/* A call for the sake of threads, which a replay makes itself. */
static int64_t call_thread(const struct serving *serving)
{
	int64_t ret;

	cc_frame_now = (const struct cc_frame_of_call *)serving->given;
	ret = cc_thread_call(serving->symbol, serving->call, serving->args);
	errno = serving->errno_now;
	cc_enter_program();
	return ret;
}

/* Hooks hear of the call; threads and handlers that ran inside it have their turn. */
static void begin(struct serving *serving)
{
	const struct cc_hostcall *call = serving->call;

	if (cc_language.replayer->call)
		cc_language.replayer->call();
	serving->past = cc_past.on;
	if (cc_hooks_wanted & CC_WANT_HOST_CALLS)
		cc_hooks_host_call(call, serving->args, cc_calls);
	cc_thread_enters(call, serving->args);
	cc_replay.depth++;
	inside();
	if (cc_replay_is(CC_REC_INSIDE)) {
		cc_special_inside(call, serving->args);
		cc_thread_waits();
	}
}

/* The next record is this call's, from the op that makes it here. */
static void match(struct serving *serving)
{
	const struct cc_hostcall *call = serving->call;
	struct cc_call_head *head = &serving->head;

	frame_now();
	if (!cc_replay.log.have_next && cc_log_is_cut(cc_replay.log.reader))
		cc_die("the slice was cut short here: the run goes on, the log does not");
	if (!cc_replay_is(CC_REC_CALL) || cc_read_call_head(&cc_replay.log.next.cursor, head) < 0 ||
	    head->call >= cc_replay.log.call_count || cc_replay.log.calls[head->call] != call)
		cc_report_divergence(call->name);
	/* An exception has left calls that this one would be in */
	if (cc_replay.depth > head->depth + 1)
		cc_replay.depth = head->depth + 1;
	compare_frame(head->frame, call);
	/* A LOAD call is yet to call functions of the program's that pick implementations */
	if (call->class != CC_LOAD)
		cc_instructions_check();
}

static void compare_arguments(struct serving *serving)
{
	const struct cc_hostcall *call = serving->call;
	const uint64_t *args = serving->args;
	unsigned faulted = serving->head.flags & CC_CALL_FAULTED, item = 0;
	int status;

	cc_frame_now = (const struct cc_frame_of_call *)serving->given;
	if (cc_copy_notes) {
		cc_copy_ask(call, args);
		cc_run_files_before(call, args);
	}
	memset(serving->before, 0, sizeof(serving->before));
	if (!faulted)
		cc_call_lengths(call, args, &cc_own_memory, serving->before);
	status = cc_call_compare(call, args, faulted, cc_replay.log.reader,
				 &cc_replay.log.next.cursor, &item);
	if (status == -2)
		cc_replay_malformed("call record");
	if (status)
		cc_report_argument(call, args, item);
}

/* The program gets what the run's got. */
static void answer(struct serving *serving)
{
	const struct cc_hostcall *call = serving->call;
	const struct cc_call_tail *tail = &serving->tail;
	uint64_t *args = serving->args;

	if (cc_read_call_tail(&cc_replay.log.next.cursor, &serving->tail) < 0)
		cc_replay_malformed("call record");
	redo_allocs(call, args, tail);
	if (cc_call_serve(call, args, serving->before, tail->ret, cc_replay.log.reader,
			  &cc_replay.log.next.cursor) < 0)
		cc_die("malformed call record %llu: what it brings does not fit",
		       (unsigned long long)cc_replay.log.next.ordinal);
	serving->ret =
		cc_special(serving->symbol, call, args, cc_call_returned(call, args, tail->ret));
	if (serving->head.flags & CC_CALL_OUTPUTS && tail->ret > 0)
		cc_replay_output(call, serving->head.flags, args, tail->ret);
}

/* Lets all parts that have to do with it know what the call has changed. */
static void settle(const struct serving *serving)
{
	const struct cc_hostcall *call = serving->call;
	const struct cc_call_tail *tail = &serving->tail;
	const uint64_t *args = serving->args;

	if (cc_language.replayer->served)
		cc_language.replayer->served(call, args, tail->ret);
	if (cc_call_does(call, CC_EFFECT_CALLBACKS))
		cc_callback_note(call, args);
	if (cc_call_does(call, CC_EFFECT_HANDLER))
		cc_replay_note_handler(call, args);
	if (cc_copy_notes) {
		cc_copy_note(call, args, serving->before, serving->ret, tail->ret, tail->error);
		cc_run_files_after(call, args, serving->ret);
	}
	cc_thread_served(serving->symbol, call, args, serving->ret);
	cc_thread_forked(serving->symbol, call, args, tail->ret);
	if (cc_hooks_wanted & CC_WANT_HOST_CALLS)
		cc_hooks_host_called(call, args, serving->before, serving->ret,
				     tail->error >= 0 ? tail->error : serving->errno_now, cc_calls,
				     serving->past);
}

/* The call is over: ops count from here, and what is due right behind it happens. */
static void end(const struct serving *serving)
{
	cc_replay.depth--;
	if (!cc_replay.depth) {
		cc_calls++;
		cc_agent_called();
	}
	cc_ops_call();
	if (!cc_replay.depth && cc_language.replayer->called)
		cc_language.replayer->called(&cc_replay.frame);
	cc_replay_advance();
	cc_thread_turn();
	cc_replay_arm();
	cc_replay_dispatch(0, 0);
	errno = serving->tail.error >= 0 ? serving->tail.error : serving->errno_now;
}

static int64_t serve_from_log(struct serving *serving)
{
	begin(serving);
	match(serving);
	compare_arguments(serving);
	if (serving->head.flags & CC_CALL_NORETURN)
		noreturn_call(serving->call, serving->args, serving->head.depth);
	answer(serving);
	settle(serving);
	end(serving);
	cc_enter_program();
	return serving->ret;
}

int64_t cc_replay_serve(unsigned symbol, uint64_t given[CC_MAXARGS])
{
	struct serving serving; /* filled in step by step, not cleared: each call has one */
	const struct cc_hostcall *call =
		cc_call_meant(cc_hostcall_row(cc_symbols[symbol].row), given, serving.args);

	serving.symbol = symbol;
	serving.given = given;
	serving.errno_now = errno;
	serving.call = call;
	if (call->class == CC_THREAD && cc_thread_is_real(call))
		return cc_call_real(symbol, serving.args);
	cc_leave_program();
	switch (cc_thread_is_interpreters(call, serving.args)
			? CC_THREAD
			: cc_call_class(call, serving.args, &cc_own_memory)) {
	case CC_REFUSE:
		cc_report_refused(call, serving.args);
	case CC_LIVE:
	case CC_PURE:
		return live(&serving);
	case CC_THREAD:
		return call_thread(&serving);
	default:
		return serve_from_log(&serving);
	}
}

/* ---- values ---- */

void cc_replay_compare_value(void)
{
	struct cc_value now, then;
	char text[256];

	cc_leave_program();
	if (!cc_replay_is(CC_REC_VALUE) ||
	    cc_read_value(cc_replay.log.reader, &cc_replay.log.next.cursor, &then) < 0)
		cc_report_divergence("a valued op's result");
	cc_replay.interpreter.runtime->value(&cc_own_memory, cc_replay.interpreter.at, &now, text,
					     sizeof(text));
	if (now.kind != then.kind || now.length != then.length || now.u != then.u ||
	    (now.length && memcmp(now.data, then.data, now.length)))
		cc_report_value(&then, &now);
	cc_replay_advance();
	cc_thread_turn();
	cc_replay_arm();
	cc_enter_program();
}
