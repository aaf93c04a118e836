/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decoding the records of a slice, for whoever prints, counts or checks them. What a record says
 * goes to one of the two printers of core/host/show.h, lines for people or JSON.
 */
#include <inttypes.h>
#include <signal.h>
#include <string.h>

#include "core/cmd/log.h"
#include "core/host/hostcall.h"
#include "core/host/instruction.h"
#include "core/host/show.h"
#include "logs/text.h"

/* ---- fields ---- */

static void show_number(struct cc_emit *emit, const char *name, int64_t value)
{
	emit->number(emit, name, NULL, value, 1);
}

static void show_text(struct cc_emit *emit, const char *name, const char *text)
{
	emit->bytes(emit, name, (const uint8_t *)text, strlen(text));
}

static void show_texts(struct cc_emit *emit, const char *name, char *const *texts)
{
	emit->open(emit, name, '[');
	for (; *texts; texts++)
		show_text(emit, "", *texts);
	emit->close(emit, ']');
}

/* A varint length and the bytes; paths need not be UTF-8. */
static void show_string(struct cc_emit *emit, const char *name, struct cc_cursor *cursor)
{
	size_t length;
	const uint8_t *data = cc_get_blob(cursor, &length);

	if (data)
		emit->bytes(emit, name, data, length);
}

/* ---- records other than calls: -1 when malformed, or cursor->bad ---- */

static int start_record(struct log_decoder *decoder, struct cc_cursor *cursor, struct cc_emit *emit)
{
	struct cc_arena *arena = cc_arena_new();
	struct cc_start start;
	int status = cc_read_start(decoder->reader, cursor, arena, &start);

	if (!status) {
		show_number(emit, "pid", (int64_t)start.pid);
		show_number(emit, "parent", (int64_t)start.parent);
		emit->address(emit, "brk", start.brk);
		emit->address(emit, "stack", start.stack);
		show_text(emit, "executable", start.executable);
		show_text(emit, "build_id", start.build_id);
		show_text(emit, "libc_build_id", start.libc_build_id);
		show_text(emit, "directory", start.directory);
		show_texts(emit, "argv", start.argv);
		show_texts(emit, "environment", start.envp);
		emit->open(emit, "streams", '[');
		for (unsigned i = 0; i < sizeof(start.streams); i++)
			show_number(emit, "", start.streams[i]);
		emit->close(emit, ']');
		emit->open(emit, "outputs", '[');
		for (unsigned i = 0;
		     i < sizeof(start.outputs) / sizeof(*start.outputs) && start.outputs[i]; i++)
			show_text(emit, "", start.outputs[i]);
		emit->close(emit, ']');
	}
	cc_arena_free(arena);
	return status;
}

static int value_record(struct log_decoder *decoder, struct cc_cursor *cursor, struct cc_emit *emit)
{
	struct cc_value value;
	char text[32];

	if (cc_read_value(decoder->reader, cursor, &value))
		return -1;
	switch (value.kind) {
	case CC_VALUE_UNDEF:
		emit->null(emit, "value");
		break;
	case CC_VALUE_INT:
		show_number(emit, "value", value.i);
		break;
	case CC_VALUE_UINT:
		emit->number(emit, "value", NULL, (int64_t)value.u, 0);
		break;
	case CC_VALUE_DOUBLE:
		snprintf(text, sizeof(text), "%.17g", value.d);
		show_text(emit, "double", text);
		break;
	case CC_VALUE_STRING:
		emit->bytes(emit, "value", value.data, value.length);
		break;
	case CC_VALUE_OTHER:
		show_text(emit, "kind", "other");
		break;
	}
	return 0;
}

static int signal_record(struct log_decoder *decoder, struct cc_cursor *cursor,
			 struct cc_emit *emit)
{
	struct cc_signal_details details;
	struct cc_signal signal;
	siginfo_t info;

	if (cc_read_signal(cursor, &signal, &details))
		return -1;
	emit->number(emit, "signal", cc_names_find("signal"), signal.signal, 1);
	show_number(emit, "ops", (int64_t)signal.ops);
	show_number(emit, "depth", signal.depth);
	show_number(emit, "in_op", signal.in_op);
	if (signal.loops)
		show_number(emit, "loops", (int64_t)signal.loops);
	memcpy(&info, details.info, sizeof(info));
	if (info.si_signo) {
		show_number(emit, "code", info.si_code);
		emit->bytes(emit, "info", details.info + 16, sizeof(info) - 16);
	}
	return 0;
}

static int map_record(struct log_decoder *decoder, struct cc_cursor *cursor, struct cc_emit *emit)
{
	emit->number(emit, "syscall", cc_names_find("sysno"), (int64_t)cc_get_u(cursor), 1);
	show_number(emit, "length", (int64_t)cc_get_u(cursor));
	emit->address(emit, "address", cc_get_u(cursor));
	return 0;
}

static int syscall_record(struct log_decoder *decoder, struct cc_cursor *cursor,
			  struct cc_emit *emit)
{
	size_t length;

	emit->number(emit, "syscall", cc_names_find("sysno"), (int64_t)cc_get_u(cursor), 1);
	show_number(emit, "result", cc_get_s(cursor));
	if (!cc_log_get_blob(decoder->reader, cursor, &length))
		return -1;
	show_number(emit, "bytes", (int64_t)length);
	return 0;
}

/* The content is a locale or the like: its size is enough. */
static int file_record(struct log_decoder *decoder, struct cc_cursor *cursor, struct cc_emit *emit)
{
	size_t length;

	show_string(emit, "path", cursor);
	if (!cc_log_get_blob(decoder->reader, cursor, &length))
		return -1;
	show_number(emit, "size", (int64_t)length);
	return 0;
}

static int module_record(struct log_decoder *decoder, struct cc_cursor *cursor,
			 struct cc_emit *emit)
{
	show_string(emit, "path", cursor);
	show_string(emit, "build_id", cursor);
	emit->address(emit, "base", cc_get_u(cursor));
	if (cursor->at < cursor->end)
		show_string(emit, "package", cursor);
	return 0;
}

static int forked_record(struct log_decoder *decoder, struct cc_cursor *cursor,
			 struct cc_emit *emit)
{
	show_number(emit, "pid", (int64_t)cc_get_u(cursor));
	return 0;
}

static int part_record(struct log_decoder *decoder, struct cc_cursor *cursor, struct cc_emit *emit)
{
	size_t length;

	if (!cc_log_get_blob(decoder->reader, cursor, &length))
		return -1;
	show_number(emit, "length", (int64_t)length);
	return 0;
}

static int output_record(struct log_decoder *decoder, struct cc_cursor *cursor,
			 struct cc_emit *emit)
{
	const uint8_t *data;
	size_t length;

	show_number(emit, "stream", (int64_t)cc_get_u(cursor));
	data = cc_log_get_blob(decoder->reader, cursor, &length);
	if (!data)
		return -1;
	emit->bytes(emit, "data", data, length);
	return 0;
}

static int inside_record(struct log_decoder *decoder, struct cc_cursor *cursor,
			 struct cc_emit *emit)
{
	uint64_t count = cc_get_u(cursor);
	struct cc_alloc alloc;

	for (uint64_t i = 0; i < count; i++)
		if (cc_read_alloc(decoder->reader, cursor, &alloc) < 0)
			return -1;
	show_number(emit, "allocations", (int64_t)count);
	return 0;
}

static int memory_record(struct log_decoder *decoder, struct cc_cursor *cursor,
			 struct cc_emit *emit)
{
	const uint8_t *content;
	size_t length;

	emit->address(emit, "address", cc_get_u(cursor));
	content = cc_log_get_blob(decoder->reader, cursor, &length);
	if (!content)
		return -1;
	emit->bytes(emit, "content", content, length);
	return 0;
}

static int callback_record(struct log_decoder *decoder, struct cc_cursor *cursor,
			   struct cc_emit *emit)
{
	emit->address(emit, "address", cc_get_u(cursor));
	return 0;
}

static int heap_record(struct log_decoder *decoder, struct cc_cursor *cursor, struct cc_emit *emit)
{
	emit->address(emit, "arena", cursor->at == cursor->end ? 0 : cc_get_u(cursor));
	return 0;
}

static int alias_record(struct log_decoder *decoder, struct cc_cursor *cursor, struct cc_emit *emit)
{
	emit->address(emit, "address", cc_get_u(cursor));
	emit->address(emit, "other", cc_get_u(cursor));
	return 0;
}

static int changed_record(struct log_decoder *decoder, struct cc_cursor *cursor,
			  struct cc_emit *emit)
{
	show_number(emit, "ops", (int64_t)cc_get_u(cursor));
	return memory_record(decoder, cursor, emit);
}

static int instruction_record(struct log_decoder *decoder, struct cc_cursor *cursor,
			      struct cc_emit *emit)
{
	struct cc_instruction instruction;
	const uint8_t *code;
	size_t length;

	show_string(emit, "path", cursor);
	emit->address(emit, "address", cc_get_u(cursor));
	code = cc_get_blob(cursor, &length);
	if (!code)
		return -1;
	emit->bytes(emit, "code", code, length);
	if (cc_get_u(cursor))
		show_text(emit, "does", "fault");
	else if (cc_instruction_decode(code, length, &instruction))
		show_text(emit, "does", cc_instruction_name(&instruction));
	return 0;
}

static int executed_record(struct log_decoder *decoder, struct cc_cursor *cursor,
			   struct cc_emit *emit)
{
	size_t length;

	show_number(emit, "count", (int64_t)cc_get_u(cursor));
	if (!cc_log_get_blob(decoder->reader, cursor, &length))
		return -1;
	show_number(emit, "bytes", (int64_t)length);
	return 0;
}

static int thread_record(struct log_decoder *decoder, struct cc_cursor *cursor,
			 struct cc_emit *emit)
{
	show_number(emit, "id", (int64_t)cc_get_u(cursor));
	return 0;
}

static int drop_record(struct log_decoder *decoder, struct cc_cursor *cursor, struct cc_emit *emit)
{
	show_number(emit, "ops", (int64_t)cc_get_u(cursor));
	return 0;
}

static int create_record(struct log_decoder *decoder, struct cc_cursor *cursor,
			 struct cc_emit *emit)
{
	show_number(emit, "pointer", (int64_t)cc_get_u(cursor));
	return 0;
}

static int plain_record(struct log_decoder *decoder, struct cc_cursor *cursor, struct cc_emit *emit)
{
	return 0;
}

static int end_record(struct log_decoder *decoder, struct cc_cursor *cursor, struct cc_emit *emit)
{
	show_number(emit, "status", cc_get_s(cursor));
	show_number(emit, "ops", (int64_t)cc_get_u(cursor));
	if (cc_get_u(cursor))
		show_number(emit, "running", 1);
	return 0;
}

static int switch_record(struct log_decoder *decoder, struct cc_cursor *cursor,
			 struct cc_emit *emit)
{
	static const char *const places[] = {"in", "at", "behind", "amidst"};
	struct cc_switch at;

	if (cc_read_switch(cursor, &at))
		return -1;
	show_text(emit, "place", places[at.place]);
	if (at.place >= CC_PLACE_AT)
		show_number(emit, "calls", (int64_t)at.calls);
	if (at.place >= CC_PLACE_BEHIND)
		show_number(emit, "ops", (int64_t)at.ops);
	if (at.place == CC_PLACE_AMIDST) {
		emit->address(emit, "address", at.address);
		show_number(emit, "times", (int64_t)at.times);
	}
	return 0;
}

static const struct {
	const char *name;
	int (*show)(struct log_decoder *decoder, struct cc_cursor *cursor, struct cc_emit *emit);
} types[] = {
	/* Definitions are consumed by cc_definitions_feed; calls see below. */
	[CC_REC_STRING] = {"string", NULL},
	[CC_REC_START] = {"start", start_record},
	[CC_REC_CALLDEF] = {"calldef", NULL},
	[CC_REC_FRAME] = {"frame", NULL},
	[CC_REC_CALL] = {"call", NULL},
	[CC_REC_VALUE] = {"value", value_record},
	[CC_REC_SIGNAL] = {"signal", signal_record},
	[CC_REC_MAP] = {"map", map_record},
	[CC_REC_FILE] = {"file", file_record},
	[CC_REC_MODULE] = {"module", module_record},
	[CC_REC_FORKED] = {"forked", forked_record},
	[CC_REC_END] = {"end", end_record},
	[CC_REC_OUTPUT] = {"output", output_record},
	[CC_REC_THREAD] = {"thread", thread_record},
	[CC_REC_DROP] = {"drop", drop_record},
	[CC_REC_TAKE] = {"take", plain_record},
	[CC_REC_CREATE] = {"create", create_record},
	[CC_REC_BEGIN] = {"begin", plain_record},
	[CC_REC_SWITCH] = {"switch", switch_record},
	[CC_REC_HEAP] = {"heap", heap_record},
	[CC_REC_LEAVE] = {"leave", plain_record},
	[CC_REC_MEMORY] = {"memory", memory_record},
	[CC_REC_ALIAS] = {"alias", alias_record},
	[CC_REC_SYSCALL] = {"syscall", syscall_record},
	[CC_REC_PART] = {"part", part_record},
	[CC_REC_INSTRUCTION] = {"instruction", instruction_record},
	[CC_REC_EXECUTED] = {"executed", executed_record},
	[CC_REC_CHANGED] = {"changed", changed_record},
	[CC_REC_CALLBACK] = {"callback", callback_record},
	[CC_REC_INSIDE] = {"inside", inside_record},
};

const char *cc_log_record_name(unsigned type)
{
	return type < sizeof(types) / sizeof(*types) ? types[type].name : NULL;
}

static void print_line(const struct log_decoder *decoder, const json_t *object)
{
	json_dumpf(object, decoder->to, JSON_COMPACT);
	fputc('\n', decoder->to);
}

static int print_json(struct log_decoder *decoder, struct cc_record *record)
{
	json_t *object = json_pack("{s:I, s:s}", "record", (json_int_t)record->ordinal, "type",
				   types[record->type].name);
	struct cc_json json;
	int status;

	cc_json_init(&json, object);
	status = types[record->type].show(decoder, &record->cursor, &json.emit);
	if (!status)
		print_line(decoder, object);
	json_decref(object);
	return status;
}

static int print_text(struct log_decoder *decoder, struct cc_record *record)
{
	struct cc_text text;
	int status;

	fprintf(decoder->to, "%s ", types[record->type].name);
	/* Paths and arguments are of use only when whole. */
	cc_text_init(&text, decoder->to, record->type == CC_REC_VALUE ? decoder->options->limit : 0,
		     0);
	text.depth = 1; /* as in a struct: every field with its name */
	status = types[record->type].show(decoder, &record->cursor, &text.emit);
	fputc('\n', decoder->to);
	return status;
}

/* ---- calls ---- */

struct call {
	const struct cc_hostcall *row;
	const struct cc_frame *frame;
	struct cc_call_head head;
};

static int skip_allocs(struct log_decoder *decoder, struct cc_cursor *cursor, size_t count)
{
	struct cc_alloc alloc;

	while (count--)
		if (cc_read_alloc(decoder->reader, cursor, &alloc))
			return -1;
	return 0;
}

/* What stands between the in-items and the out-items. */
static int read_result(struct log_decoder *decoder, struct cc_cursor *cursor, int64_t *ret)
{
	struct cc_call_tail tail;

	if (cc_read_call_tail(cursor, &tail) || skip_allocs(decoder, cursor, tail.alloc_count))
		return -1;
	if (tail.error >= 0)
		decoder->error = tail.error;
	*ret = tail.ret;
	return 0;
}

static void print_frame(const struct log_decoder *decoder, const struct call *call)
{
	const struct cc_frame *frame = call->frame;

	if (decoder->options->number)
		fprintf(decoder->to, "%-7" PRIu64 " ", decoder->calls);
	fprintf(decoder->to, "%*s", 2 * (int)(call->head.depth & 63), "");
	if (*frame->op)
		fprintf(decoder->to, "%s ", frame->op);
	if (*frame->file) {
		cc_put_escaped(frame->file, decoder->to);
		fprintf(decoder->to, ":%u ", frame->line);
	}
	if (*frame->sub)
		fprintf(decoder->to, "(%s) ", frame->sub);
}

static int print_call(struct log_decoder *decoder, const struct call *call,
		      struct cc_cursor *cursor)
{
	struct cc_log_reader *reader = decoder->reader;
	size_t limit = decoder->options->limit;
	int64_t ret;

	print_frame(decoder, call);
	if (cc_call_print_in(call->row, reader, cursor, limit, decoder->to))
		return -1;
	if (call->head.flags & CC_CALL_NORETURN) {
		fputs(" = ?\n", decoder->to);
		return 0;
	}
	if (read_result(decoder, cursor, &ret) ||
	    cc_call_print_out(call->row, ret, decoder->error, reader, cursor, limit, decoder->to))
		return -1;
	fputc('\n', decoder->to);
	return 0;
}

static json_t *call_object(const struct log_decoder *decoder, const struct cc_record *record,
			   const struct call *call)
{
	const struct cc_frame *frame = call->frame;
	json_t *object = json_pack("{s:I, s:s, s:I}", "record", (json_int_t)record->ordinal, "type",
				   "call", "call", (json_int_t)decoder->calls);
	struct cc_json json;

	cc_json_init(&json, object);
	show_text(&json.emit, "op", frame->op);
	show_text(&json.emit, "file", frame->file);
	show_number(&json.emit, "line", frame->line);
	show_text(&json.emit, "sub", frame->sub);
	show_number(&json.emit, "depth", call->head.depth);
	show_text(&json.emit, "name", call->row->name);
	if (call->head.flags & CC_CALL_OUTPUTS)
		show_text(&json.emit, "stream",
			  call->head.flags & CC_CALL_STDOUT	  ? "stdout"
			  : call->head.flags & CC_CALL_STDERR	  ? "stderr"
			  : call->head.flags & CC_CALL_OWN_STDOUT ? "own stdout"
								  : "own stderr");
	return object;
}

static int json_call(struct log_decoder *decoder, const struct cc_record *record,
		     const struct call *call, struct cc_cursor *cursor)
{
	json_t *object = call_object(decoder, record, call);
	int64_t ret;
	int status = cc_call_json_in(call->row, decoder->reader, cursor, object);

	if (!status && !(call->head.flags & CC_CALL_NORETURN)) {
		status = read_result(decoder, cursor, &ret);
		if (!status)
			status = cc_call_json_out(call->row, ret, decoder->error, decoder->reader,
						  cursor, object);
	}
	if (!status)
		print_line(decoder, object);
	json_decref(object);
	return status;
}

static int malformed(const struct log_decoder *decoder, const struct cc_record *record,
		     struct cc_error *error)
{
	const char *name = cc_log_record_name(record->type);

	return cc_fail(error, CC_EFORMAT,
		       "%s: record %" PRIu64 " (%s): it is malformed: the log is damaged, make it "
		       "again or take another copy",
		       decoder->path, record->ordinal, name ? name : "of an unknown type");
}

static int decode_call(struct log_decoder *decoder, struct cc_record *record,
		       struct cc_error *error)
{
	struct cc_cursor *cursor = &record->cursor;
	struct call call;
	int status;

	if (cc_read_call_head(cursor, &call.head))
		return malformed(decoder, record, error);
	decoder->call = cc_definitions_call(decoder->definitions, call.head.call);
	call.frame = cc_definitions_frame(decoder->definitions, call.head.frame);
	if (!decoder->call || !call.frame)
		return malformed(decoder, record, error);
	call.row = cc_hostcall_find(decoder->call->name);
	/* Items of another form cannot even be skipped. */
	if (!call.row || strcmp(call.row->spec, decoder->call->spec))
		return cc_fail(error, CC_EVERSION,
			       "%s: record %" PRIu64
			       ": calls of %s have another form here: use the "
			       "Crosscut that made the log",
			       decoder->path, record->ordinal, decoder->call->name);
	status = decoder->options->json ? json_call(decoder, record, &call, cursor)
					: print_call(decoder, &call, cursor);
	decoder->calls++;
	return status ? malformed(decoder, record, error) : CC_OK;
}

/* ---- the public part ---- */

static int decode_other(struct log_decoder *decoder, struct cc_record *record,
			struct cc_error *error)
{
	int status = -1;

	if (cc_log_record_name(record->type) && types[record->type].show)
		status = decoder->options->json ? print_json(decoder, record)
						: print_text(decoder, record);
	return status ? malformed(decoder, record, error) : CC_OK;
}

int cc_log_decode(struct log_decoder *decoder, struct cc_record *record, struct cc_error *error)
{
	int status = CC_OK;

	decoder->call = NULL;
	switch (cc_definitions_feed(decoder->definitions, decoder->reader, record)) {
	case 0:
		status = record->type == CC_REC_CALL ? decode_call(decoder, record, error)
						     : decode_other(decoder, record, error);
		break;
	case 1:
		break;
	default:
		return malformed(decoder, record, error);
	}
	if (!status && (record->cursor.bad || record->cursor.at != record->cursor.end))
		status = malformed(decoder, record, error);
	return status;
}

int cc_log_decoder_open(struct log_decoder *decoder, const char *path,
			const struct log_options *options, struct cc_error *error)
{
	memset(decoder, 0, sizeof(*decoder));
	cc_hostcall_init();
	decoder->path = path;
	decoder->options = options;
	decoder->to = stdout;
	decoder->reader = cc_log_open(path, NULL, error);
	if (!decoder->reader)
		return error->status;
	decoder->definitions = cc_definitions_new();
	return CC_OK;
}

void cc_log_decoder_close(struct log_decoder *decoder)
{
	cc_definitions_free(decoder->definitions);
	cc_log_close(decoder->reader);
}
