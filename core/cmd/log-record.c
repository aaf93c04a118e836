/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Printing the records of a slice, for people or as JSON, with the printers of core/host/show.h.
 * Who only counts or checks records prints into the void.
 */
#include <inttypes.h>
#include <string.h>

#include "core/cmd/log.h"
#include "core/host/hostcall.h"
#include "core/host/instruction.h"
#include "core/host/show.h"
#include "logs/describe.h"
#include "logs/text.h"

/* ---- facts ---- */

static void show_number(struct cc_emit *emit, const char *name, int64_t value)
{
	emit->number(emit, name, NULL, value, 1);
}

static void show_text(struct cc_emit *emit, const char *name, const char *text)
{
	emit->bytes(emit, name, (const uint8_t *)text, strlen(text));
}

static void show_code(struct cc_emit *emit, const struct cc_fact *fact)
{
	struct cc_instruction instruction;

	if (cc_instruction_decode(fact->data, fact->length, &instruction))
		show_text(emit, fact->name, cc_instruction_name(&instruction));
}

/* Gives a printer what logs/describe.h tells. */
static void show_fact(void *context, const struct cc_fact *fact)
{
	struct cc_emit *emit = context;

	switch (fact->kind) {
	case CC_FACT_NUMBER:
		show_number(emit, fact->name, fact->number);
		break;
	case CC_FACT_UNSIGNED:
		emit->number(emit, fact->name, NULL, fact->number, 0);
		break;
	case CC_FACT_ADDRESS:
		emit->address(emit, fact->name, (uint64_t)fact->number);
		break;
	case CC_FACT_SIGNAL:
		emit->number(emit, fact->name, cc_names_find("signal"), fact->number, 1);
		break;
	case CC_FACT_SYSCALL:
		emit->number(emit, fact->name, cc_names_find("sysno"), fact->number, 1);
		break;
	case CC_FACT_BYTES:
		emit->bytes(emit, fact->name, fact->data, fact->length);
		break;
	case CC_FACT_CODE:
		show_code(emit, fact);
		break;
	case CC_FACT_NOTHING:
		emit->null(emit, fact->name);
		break;
	case CC_FACT_LIST:
		emit->open(emit, fact->name, '[');
		break;
	case CC_FACT_LIST_END:
		emit->close(emit, ']');
		break;
	}
}

/* ---- records other than calls: -1 when malformed, or cursor->bad ---- */

static void print_line(const struct log_decoder *decoder, const json_t *object)
{
	json_dumpf(object, decoder->to, JSON_COMPACT);
	fputc('\n', decoder->to);
}

/* What all records begin with: its moment, as far as it can be told without a replay. */
static void begin_line(const struct log_decoder *decoder, const struct cc_record *record)
{
	if (decoder->options->number)
		fprintf(decoder->to, "%-7" PRIu64 " ", record->ordinal);
	fprintf(decoder->to, "[%" PRIu64 "] ", decoder->over);
}

static json_t *begin_object(const struct log_decoder *decoder, const struct cc_record *record)
{
	return json_pack("{s:I, s:s, s:I}", "record", (json_int_t)record->ordinal, "type",
			 cc_record_name(record->type), "calls", (json_int_t)decoder->over);
}

static int print_json(struct log_decoder *decoder, struct cc_record *record)
{
	json_t *object = begin_object(decoder, record);
	struct cc_json json;
	int status;

	cc_json_init(&json, object);
	status = cc_record_describe(decoder->reader, record, show_fact, &json.emit);
	if (!status)
		print_line(decoder, object);
	json_decref(object);
	return status;
}

static int print_text(struct log_decoder *decoder, struct cc_record *record)
{
	struct cc_text text;
	int status;

	begin_line(decoder, record);
	fprintf(decoder->to, "%s ", cc_record_name(record->type));
	/* Paths and arguments are of use only when whole. */
	cc_text_init(&text, decoder->to, record->type == CC_REC_VALUE ? decoder->options->limit : 0,
		     0);
	text.depth = 1; /* as in a struct: every field with its name */
	status = cc_record_describe(decoder->reader, record, show_fact, &text.emit);
	fputc('\n', decoder->to);
	return status;
}

/* ---- calls ---- */

struct call {
	const struct cc_hostcall *row;
	const struct cc_frame *frame;
	struct cc_call_head head;
};

/* Reads what stands between the in-items and the out-items of a call. */
static int read_result(struct log_decoder *decoder, struct cc_cursor *cursor, int64_t *ret)
{
	struct cc_call_tail tail;

	if (cc_read_call_tail(cursor, &tail) ||
	    cc_skip_allocs(decoder->reader, cursor, tail.alloc_count))
		return -1;
	if (tail.error >= 0)
		decoder->error = tail.error;
	*ret = tail.ret;
	return 0;
}

static void print_frame(const struct log_decoder *decoder, const struct call *call)
{
	const struct cc_frame *frame = call->frame;

	fprintf(decoder->to, "%*s", 2 * (int)(call->head.depth & 63), "");
	if (*frame->op) {
		cc_put_shown(frame->op, decoder->to);
		fputc(' ', decoder->to);
	}
	if (*frame->file) {
		cc_put_shown(frame->file, decoder->to);
		fprintf(decoder->to, ":%u ", frame->line);
	}
	if (*frame->sub) {
		fputc('(', decoder->to);
		cc_put_shown(frame->sub, decoder->to);
		fputs(") ", decoder->to);
	}
}

static int print_call(struct log_decoder *decoder, const struct cc_record *record,
		      const struct call *call, struct cc_cursor *cursor)
{
	struct cc_log_reader *reader = decoder->reader;
	size_t limit = decoder->options->limit;
	int64_t ret;

	begin_line(decoder, record);
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
	json_t *object = begin_object(decoder, record);
	struct cc_json json;

	cc_json_init(&json, object);
	show_number(&json.emit, "call", (int64_t)decoder->calls);
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
	const char *name = cc_record_name(record->type);

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
					: print_call(decoder, record, &call, cursor);
	decoder->calls++;
	decoder->over += !call.head.depth && !(call.head.flags & CC_CALL_NORETURN);
	return status ? malformed(decoder, record, error) : CC_OK;
}

/* ---- the public part ---- */

static int decode_other(struct log_decoder *decoder, struct cc_record *record,
			struct cc_error *error)
{
	int status = -1;

	if (cc_record_name(record->type))
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
