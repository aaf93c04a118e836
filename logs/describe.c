/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "logs/describe.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "logs/trace.h"

/* A record on the way to whoever is told of it. */
struct description {
	struct cc_log_reader *reader;
	struct cc_cursor *cursor;
	cc_fact_function *tell;
	void *context;
};

/* ---- facts ---- */

static void tell_number(const struct description *to, enum cc_fact_kind kind, const char *name,
			uint64_t number)
{
	to->tell(to->context,
		 &(struct cc_fact){.kind = kind, .name = name, .number = (int64_t)number});
}

static void number(const struct description *to, const char *name, int64_t value)
{
	tell_number(to, CC_FACT_NUMBER, name, (uint64_t)value);
}

static void bytes(const struct description *to, enum cc_fact_kind kind, const char *name,
		  const void *data, size_t length)
{
	to->tell(to->context,
		 &(struct cc_fact){.kind = kind, .name = name, .data = data, .length = length});
}

static void text(const struct description *to, const char *name, const char *value)
{
	bytes(to, CC_FACT_BYTES, name, value, strlen(value));
}

static void bracket(const struct description *to, enum cc_fact_kind kind, const char *name)
{
	to->tell(to->context, &(struct cc_fact){.kind = kind, .name = name});
}

static void texts(const struct description *to, const char *name, char *const *values)
{
	bracket(to, CC_FACT_LIST, name);
	for (; *values; values++)
		text(to, "", *values);
	bracket(to, CC_FACT_LIST_END, "");
}

/* ---- records that are fields one behind the other ---- */

/* How a field stands in the record, and what it is. */
enum part_kind {
	PART_NONE,
	PART_U, /* a varint: a number */
	PART_S, /* a signed one */
	PART_ADDRESS,
	PART_SYSCALL,
	PART_STRING,   /* a length and the bytes */
	PART_STRING_X, /* the same, which earlier slices end before */
	PART_BLOB,     /* through the log's blobs */
	PART_SIZE,     /* of one: its content says nothing to people (locales, memory) */
};

struct part {
	enum part_kind kind;
	const char *name;
};

static int tell_blob(const struct description *to, const struct part *part)
{
	size_t length;
	const uint8_t *data = cc_log_get_blob(to->reader, to->cursor, &length);

	if (!data)
		return -1;
	if (part->kind == PART_SIZE)
		number(to, part->name, (int64_t)length);
	else
		bytes(to, CC_FACT_BYTES, part->name, data, length);
	return 0;
}

static void tell_string(const struct description *to, const char *name)
{
	size_t length;
	const uint8_t *data = cc_get_blob(to->cursor, &length);

	if (data)
		bytes(to, CC_FACT_BYTES, name, data, length);
}

static int tell_part(const struct description *to, const struct part *part)
{
	switch (part->kind) {
	case PART_U:
		tell_number(to, CC_FACT_NUMBER, part->name, cc_get_u(to->cursor));
		return 0;
	case PART_S:
		number(to, part->name, cc_get_s(to->cursor));
		return 0;
	case PART_ADDRESS:
		tell_number(to, CC_FACT_ADDRESS, part->name, cc_get_u(to->cursor));
		return 0;
	case PART_SYSCALL:
		tell_number(to, CC_FACT_SYSCALL, part->name, cc_get_u(to->cursor));
		return 0;
	case PART_STRING_X:
		if (to->cursor->at == to->cursor->end)
			return 0;
		/* fall through */
	case PART_STRING:
		tell_string(to, part->name);
		return 0;
	case PART_BLOB:
	case PART_SIZE:
		return tell_blob(to, part);
	case PART_NONE:
		break;
	}
	return -1;
}

/* ---- other records: 0, or -1 when malformed ---- */

static int start(const struct description *to)
{
	struct cc_arena *arena = cc_arena_new();
	struct cc_start start;
	int status = cc_read_start(to->reader, to->cursor, arena, &start);

	if (!status) {
		number(to, "pid", (int64_t)start.pid);
		number(to, "parent", (int64_t)start.parent);
		tell_number(to, CC_FACT_ADDRESS, "brk", start.brk);
		tell_number(to, CC_FACT_ADDRESS, "stack", start.stack);
		text(to, "executable", start.executable);
		text(to, "build_id", start.build_id);
		text(to, "libc_build_id", start.libc_build_id);
		text(to, "directory", start.directory);
		texts(to, "argv", start.argv);
		texts(to, "environment", start.envp);
		bracket(to, CC_FACT_LIST, "streams");
		for (unsigned i = 0; i < sizeof(start.streams); i++)
			number(to, "", start.streams[i]);
		bracket(to, CC_FACT_LIST_END, "");
		bracket(to, CC_FACT_LIST, "outputs");
		for (unsigned i = 0;
		     i < sizeof(start.outputs) / sizeof(*start.outputs) && start.outputs[i]; i++)
			text(to, "", start.outputs[i]);
		bracket(to, CC_FACT_LIST_END, "");
	}
	cc_arena_free(arena);
	return status;
}

static int value(const struct description *to)
{
	struct cc_value value;
	char digits[32];

	if (cc_read_value(to->reader, to->cursor, &value))
		return -1;
	switch (value.kind) {
	case CC_VALUE_UNDEF:
		bracket(to, CC_FACT_NOTHING, "value");
		break;
	case CC_VALUE_INT:
		number(to, "value", value.i);
		break;
	case CC_VALUE_UINT:
		tell_number(to, CC_FACT_UNSIGNED, "value", value.u);
		break;
	case CC_VALUE_DOUBLE:
		snprintf(digits, sizeof(digits), "%.17g", value.d);
		text(to, "double", digits);
		break;
	case CC_VALUE_STRING:
		bytes(to, CC_FACT_BYTES, "value", value.data, value.length);
		break;
	case CC_VALUE_OTHER:
		text(to, "kind", "other");
		break;
	}
	return 0;
}

static int signal_arrival(const struct description *to)
{
	struct cc_signal_details details;
	struct cc_signal signal;
	siginfo_t info;

	if (cc_read_signal(to->cursor, &signal, &details))
		return -1;
	tell_number(to, CC_FACT_SIGNAL, "signal", signal.signal);
	number(to, "ops", (int64_t)signal.ops);
	number(to, "depth", signal.depth);
	number(to, "in_op", signal.in_op);
	if (signal.loops)
		number(to, "loops", (int64_t)signal.loops);
	memcpy(&info, details.info, sizeof(info));
	if (info.si_signo) {
		number(to, "code", info.si_code);
		bytes(to, CC_FACT_BYTES, "info", details.info + 16, sizeof(info) - 16);
	}
	return 0;
}

static int inside(const struct description *to)
{
	uint64_t count = cc_get_u(to->cursor);
	struct cc_alloc alloc;

	for (uint64_t i = 0; i < count; i++)
		if (cc_read_alloc(to->reader, to->cursor, &alloc) < 0)
			return -1;
	number(to, "allocations", (int64_t)count);
	return 0;
}

static int heap(const struct description *to)
{
	tell_number(to, CC_FACT_ADDRESS, "arena",
		    to->cursor->at == to->cursor->end ? 0 : cc_get_u(to->cursor));
	return 0;
}

static int instruction(const struct description *to)
{
	const uint8_t *code;
	size_t length;

	tell_string(to, "path");
	tell_number(to, CC_FACT_ADDRESS, "address", cc_get_u(to->cursor));
	code = cc_get_blob(to->cursor, &length);
	if (!code)
		return -1;
	bytes(to, CC_FACT_BYTES, "code", code, length);
	if (cc_get_u(to->cursor))
		text(to, "does", "fault");
	else
		bytes(to, CC_FACT_CODE, "does", code, length);
	return 0;
}

static int end(const struct description *to)
{
	number(to, "status", cc_get_s(to->cursor));
	number(to, "ops", (int64_t)cc_get_u(to->cursor));
	if (cc_get_u(to->cursor))
		number(to, "running", 1);
	return 0;
}

static int thread_switch(const struct description *to)
{
	static const char *const places[] = {"in", "at", "behind", "amidst"};
	struct cc_switch at;

	if (cc_read_switch(to->cursor, &at))
		return -1;
	text(to, "place", places[at.place]);
	if (at.place >= CC_PLACE_AT)
		number(to, "calls", (int64_t)at.calls);
	if (at.place >= CC_PLACE_BEHIND)
		number(to, "ops", (int64_t)at.ops);
	if (at.place == CC_PLACE_AMIDST) {
		tell_number(to, CC_FACT_ADDRESS, "address", at.address);
		number(to, "times", (int64_t)at.times);
	}
	return 0;
}

/* A call, or a definition. */
static int elsewhere(const struct description *to)
{
	return -1;
}

/* ---- the types ---- */

#define PARTS_MAX 4

static const struct {
	const char *name;
	/* NULL: such a record is its `parts`, up to the end */
	int (*describe)(const struct description *to);
	struct part parts[PARTS_MAX];
} types[] = {
	[CC_REC_STRING] = {"string", elsewhere},
	[CC_REC_START] = {"start", start},
	[CC_REC_CALLDEF] = {"calldef", elsewhere},
	[CC_REC_FRAME] = {"frame", elsewhere},
	[CC_REC_CALL] = {"call", elsewhere},
	[CC_REC_VALUE] = {"value", value},
	[CC_REC_SIGNAL] = {"signal", signal_arrival},
	[CC_REC_MAP] = {"map",
			NULL,
			{{PART_SYSCALL, "syscall"}, {PART_U, "length"}, {PART_ADDRESS, "address"}}},
	[CC_REC_FILE] = {"file", NULL, {{PART_STRING, "path"}, {PART_SIZE, "size"}}},
	[CC_REC_MODULE] = {"module",
			   NULL,
			   {{PART_STRING, "path"},
			    {PART_STRING, "build_id"},
			    {PART_ADDRESS, "base"},
			    {PART_STRING_X, "package"}}},
	[CC_REC_FORKED] = {"forked", NULL, {{PART_U, "pid"}}},
	[CC_REC_END] = {"end", end},
	[CC_REC_OUTPUT] = {"output", NULL, {{PART_U, "stream"}, {PART_BLOB, "data"}}},
	[CC_REC_THREAD] = {"thread", NULL, {{PART_U, "id"}}},
	[CC_REC_DROP] = {"drop", NULL, {{PART_U, "ops"}}},
	[CC_REC_TAKE] = {"take"},
	[CC_REC_CREATE] = {"create", NULL, {{PART_U, "pointer"}}},
	[CC_REC_BEGIN] = {"begin"},
	[CC_REC_SWITCH] = {"switch", thread_switch},
	[CC_REC_HEAP] = {"heap", heap},
	[CC_REC_LEAVE] = {"leave"},
	[CC_REC_MEMORY] = {"memory", NULL, {{PART_ADDRESS, "address"}, {PART_BLOB, "content"}}},
	[CC_REC_ALIAS] = {"alias", NULL, {{PART_ADDRESS, "address"}, {PART_ADDRESS, "other"}}},
	[CC_REC_SYSCALL] = {"syscall",
			    NULL,
			    {{PART_SYSCALL, "syscall"}, {PART_S, "result"}, {PART_SIZE, "bytes"}}},
	[CC_REC_PART] = {"part", NULL, {{PART_SIZE, "length"}}},
	[CC_REC_INSTRUCTION] = {"instruction", instruction},
	[CC_REC_EXECUTED] = {"executed", NULL, {{PART_U, "count"}, {PART_SIZE, "bytes"}}},
	[CC_REC_CHANGED] = {"changed",
			    NULL,
			    {{PART_U, "ops"}, {PART_ADDRESS, "address"}, {PART_BLOB, "content"}}},
	[CC_REC_CALLBACK] = {"callback", NULL, {{PART_ADDRESS, "address"}}},
	[CC_REC_INSIDE] = {"inside", inside},
};

const char *cc_record_name(unsigned type)
{
	return type < sizeof(types) / sizeof(*types) ? types[type].name : NULL;
}

int cc_record_describe(struct cc_log_reader *reader, struct cc_record *record,
		       cc_fact_function *tell, void *context)
{
	const struct description to = {reader, &record->cursor, tell, context};
	int status = 0;

	if (!cc_record_name(record->type))
		return -1;
	if (types[record->type].describe)
		return types[record->type].describe(&to);
	for (const struct part *part = types[record->type].parts;
	     !status && part < types[record->type].parts + PARTS_MAX && part->kind; part++)
		status = tell_part(&to, part);
	return status;
}
