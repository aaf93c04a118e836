/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/replay/report.h"

#include <stdio.h>
#include <string.h>

#include "core/replay/replay.h"
#include "core/replay/threads.h"

static const char *place_of(const struct cc_frame *frame, char *text, size_t size)
{
	snprintf(text, size, "%s %s:%u%s%s", *frame->op ? frame->op : "-",
		 *frame->file ? frame->file : "-", frame->line, *frame->sub ? " in " : "",
		 frame->sub);
	return text;
}

/* The running thread's place. */
static const char *where(char *text, size_t size)
{
	size_t length = strlen(place_of(&cc_replay.frame.frame, text, size));

	if (cc_thread_many())
		snprintf(text + length, size - length, ", thread %u", cc_thread);
	return text;
}

static unsigned long long record_number(void)
{
	return (unsigned long long)cc_replay.log.whole.ordinal;
}

/* The record that the log holds, in words. */
static const char *expected(char *text, size_t size)
{
	static const char *const names[] = {
		[CC_REC_VALUE] = "a valued op's result",
		[CC_REC_SIGNAL] = "a signal",
		[CC_REC_DROP] = "a switch of threads",
		[CC_REC_TAKE] = "a switch of threads",
		[CC_REC_CREATE] = "a new thread",
		[CC_REC_BEGIN] = "the beginning of a thread",
		[CC_REC_SWITCH] = "a switch to another thread",
		[CC_REC_HEAP] = "a thread's first memory",
		[CC_REC_LEAVE] = "the end of a thread",
		[CC_REC_INSIDE] = "a constructor's or destructor's",
		[CC_REC_END] = "the end of the program",
		[CC_REC_START] = "the start of a process",
	};
	const struct cc_record *next = &cc_replay.log.whole;
	struct cc_cursor cursor = next->cursor;
	const struct cc_definition *call;
	const struct cc_frame *frame;
	struct cc_call_head head;
	char place[1024];

	if (!cc_replay.log.have_next)
		return "the end of the log";
	if (next->type != CC_REC_CALL) {
		snprintf(text, size, "%s",
			 next->type < sizeof(names) / sizeof(*names) && names[next->type]
				 ? names[next->type]
				 : "an unknown record");
		return text;
	}
	/* the head may have been read already: take it from the payload's beginning */
	if (cc_read_call_head(&cursor, &head) < 0)
		return "a malformed call";
	call = cc_definitions_call(cc_replay.log.definitions, head.call);
	frame = cc_definitions_frame(cc_replay.log.definitions, head.frame);
	snprintf(text, size, "%s at %s", call ? call->name : "?",
		 frame ? place_of(frame, place, sizeof(place)) : "?");
	return text;
}

void cc_report_divergence(const char *what)
{
	char place[1024], other[1200];

	cc_die("diverged at call %llu (record %llu): the program asks for %s at %s; the log holds "
	       "%s",
	       (unsigned long long)cc_calls, record_number(), what, where(place, sizeof(place)),
	       expected(other, sizeof(other)));
}

void cc_report_refused(const struct cc_hostcall *call, const uint64_t *args)
{
	char what[160];

	cc_call_describe(call, args, what, sizeof(what));
	cc_die("%s is not modelled: this program cannot be replayed", what);
}

void cc_report_argument(const struct cc_hostcall *call, const uint64_t *args, unsigned item)
{
	char place[1024];

	cc_die("diverged at call %llu (record %llu): %s at %s has another %s than in the run (here "
	       "%#llx)",
	       (unsigned long long)cc_calls, record_number(), call->name,
	       where(place, sizeof(place)), call->arg[item].name, (unsigned long long)args[item]);
}

void cc_report_heap(const char *call, const struct cc_alloc *alloc, uint64_t came)
{
	static const char *const kinds[] = {
		[CC_ALLOC_MALLOC] = "malloc",	  [CC_ALLOC_CALLOC] = "calloc",
		[CC_ALLOC_REALLOC] = "realloc",	  [CC_ALLOC_FREE] = "free",
		[CC_ALLOC_MEMALIGN] = "memalign",
	};
	char place[1024];

	cc_die("diverged at call %llu (record %llu): the heap is not where it was: %s at %s, and "
	       "in it %s of %llu "
	       "bytes, which gave %#llx and in the run %#llx: the program has allocated or freed "
	       "something else before",
	       (unsigned long long)cc_calls, record_number(), call, where(place, sizeof(place)),
	       kinds[alloc->kind], (unsigned long long)alloc->size, (unsigned long long)came,
	       (unsigned long long)alloc->result);
}

static const char *value_text(const struct cc_value *value, char *text, size_t size)
{
	switch (value->kind) {
	case CC_VALUE_UNDEF:
		return "undef";
	case CC_VALUE_INT:
		snprintf(text, size, "%lld", (long long)value->i);
		break;
	case CC_VALUE_UINT:
		snprintf(text, size, "%llu", (unsigned long long)value->u);
		break;
	case CC_VALUE_DOUBLE:
		snprintf(text, size, "%.17g", value->d);
		break;
	case CC_VALUE_STRING:
		snprintf(text, size, "\"%.*s\"", (int)value->length, (const char *)value->data);
		break;
	default:
		return "something that is no plain value";
	}
	return text;
}

void cc_report_value(const struct cc_value *expected, const struct cc_value *came)
{
	char place[1024], one[300], two[300];

	cc_die("diverged at call %llu: %s gave %s; in the run it gave %s",
	       (unsigned long long)cc_calls, where(place, sizeof(place)),
	       value_text(came, one, sizeof(one)), value_text(expected, two, sizeof(two)));
}
