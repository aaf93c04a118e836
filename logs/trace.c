/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "logs/trace.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/intern.h"
#include "core/base/memory.h"

struct cc_trace {
	struct cc_log_writer *writer;
	struct cc_intern strings, calls, frames;
	struct cc_buffer payload; /* of the record being made */
	struct cc_buffer scratch;
	uint64_t call_count;
	struct cc_error error; /* the first one; status 0: none */
};

static struct cc_trace *trace_new(struct cc_log_writer *writer)
{
	struct cc_trace *trace;

	if (!writer)
		return NULL;
	trace = cc_allocate_zeros(1, sizeof(*trace));
	trace->writer = writer;
	return trace;
}

static void trace_free(struct cc_trace *trace)
{
	cc_intern_free(&trace->strings);
	cc_intern_free(&trace->calls);
	cc_intern_free(&trace->frames);
	cc_buffer_free(&trace->payload);
	cc_buffer_free(&trace->scratch);
	free(trace);
}

static void put(struct cc_trace *trace, unsigned type, struct cc_buffer *payload)
{
	struct cc_error error;

	if (!trace->error.status && cc_log_put(trace->writer, type, payload, &error) < 0)
		trace->error = error;
	payload->length = 0;
}

struct cc_trace *cc_trace_create(const char *path, const char *kind, json_t *manifest,
				 struct cc_error *error)
{
	return trace_new(cc_log_create(path, kind, manifest, error));
}

struct cc_trace *cc_trace_branch(struct cc_trace *trace, const char *path, const char *name,
				 json_t *manifest)
{
	struct cc_error error;
	struct cc_trace *child =
		trace_new(cc_log_branch(trace->writer, path, name, manifest, &error));

	if (!child) {
		if (!trace->error.status)
			trace->error = error;
		return NULL;
	}
	cc_intern_copy(&child->strings, &trace->strings);
	cc_intern_copy(&child->calls, &trace->calls);
	cc_intern_copy(&child->frames, &trace->frames);
	child->call_count = trace->call_count;
	return child;
}

int cc_trace_finish(struct cc_trace *trace, json_t *summary, struct cc_error *error)
{
	int status = trace->error.status;

	if (status) {
		if (error)
			*error = trace->error;
		cc_log_abandon(trace->writer);
	} else {
		status = cc_log_finish(trace->writer, summary, error);
	}
	trace_free(trace);
	return status;
}

void cc_trace_abandon(struct cc_trace *trace)
{
	cc_log_abandon(trace->writer);
	trace_free(trace);
}

struct cc_log_writer *cc_trace_writer(struct cc_trace *trace)
{
	return trace->writer;
}

uint64_t cc_trace_calls(const struct cc_trace *trace)
{
	return trace->call_count;
}

uint64_t cc_trace_string(struct cc_trace *trace, const char *text)
{
	struct cc_buffer record = {0};
	size_t length = strlen(text);
	int added;
	uint64_t id = cc_intern(&trace->strings, text, length, &added);

	if (added) {
		cc_put_blob(&record, text, length);
		put(trace, CC_REC_STRING, &record);
		cc_buffer_free(&record);
	}
	return id;
}

uint64_t cc_trace_frame(struct cc_trace *trace, const struct cc_frame *frame)
{
	uint64_t op = cc_trace_string(trace, frame->op);
	uint64_t file = cc_trace_string(trace, frame->file);
	uint64_t sub = cc_trace_string(trace, frame->sub);
	uint64_t id;
	int added;

	trace->scratch.length = 0;
	cc_put_u(&trace->scratch, op);
	cc_put_u(&trace->scratch, file);
	cc_put_u(&trace->scratch, frame->line);
	cc_put_u(&trace->scratch, sub);
	id = cc_intern(&trace->frames, trace->scratch.data, trace->scratch.length, &added);
	if (added)
		put(trace, CC_REC_FRAME, &trace->scratch);
	return id;
}

static uint64_t call_id(struct cc_trace *trace, const char *name, const char *spec)
{
	int added;
	uint64_t id = cc_intern(&trace->calls, name, strlen(name), &added);

	if (added) {
		trace->scratch.length = 0;
		cc_put_string(&trace->scratch, name);
		cc_put_string(&trace->scratch, spec);
		put(trace, CC_REC_CALLDEF, &trace->scratch);
	}
	return id;
}

static void put_strings(struct cc_buffer *payload, char *const *strings)
{
	size_t count = 0;

	while (strings[count])
		count++;
	cc_put_u(payload, count);
	for (size_t i = 0; i < count; i++)
		cc_put_string(payload, strings[i]);
}

void cc_trace_start(struct cc_trace *trace, const struct cc_start *start)
{
	struct cc_buffer *payload = &trace->payload;
	struct cc_error error;

	cc_put_u(payload, start->pid);
	cc_put_u(payload, start->parent);
	cc_put_u(payload, start->brk);
	cc_put_u(payload, start->thread);
	cc_put_string(payload, start->executable);
	cc_put_string(payload, start->build_id);
	cc_put_string(payload, start->libc_build_id);
	cc_put_string(payload, start->directory);
	put_strings(payload, start->argv);
	put_strings(payload, start->envp);
	cc_put_bytes(payload, start->streams, sizeof(start->streams));
	cc_put_u(payload, start->stack);
	for (size_t i = 0; i < sizeof(start->outputs) / sizeof(*start->outputs); i++)
		cc_put_string(payload, start->outputs[i] ? start->outputs[i] : "");
	put(trace, CC_REC_START, payload);
	/* Whoever wants only this need not decode a whole frame. */
	if (!trace->error.status && cc_log_flush(trace->writer, &error) < 0)
		trace->error = error;
}

static void put_alloc(struct cc_trace *trace, const struct cc_alloc *alloc)
{
	struct cc_buffer *payload = &trace->payload;

	cc_put_u(payload, alloc->kind | (alloc->kept ? 8u : 0));
	cc_put_u(payload, alloc->size);
	cc_put_u(payload, alloc->address);
	cc_put_u(payload, alloc->result);
	if (alloc->kept)
		cc_log_put_blob(trace->writer, payload, alloc->content, alloc->size);
}

void cc_trace_inside(struct cc_trace *trace, const struct cc_alloc *allocs, size_t count)
{
	cc_put_u(&trace->payload, count);
	for (size_t i = 0; i < count; i++)
		put_alloc(trace, &allocs[i]);
	put(trace, CC_REC_INSIDE, &trace->payload);
}

struct cc_buffer *cc_trace_call_begin(struct cc_trace *trace, const struct cc_call_record *call)
{
	struct cc_buffer *payload = &trace->payload;
	uint64_t id = call_id(trace, call->name, call->spec);
	int changed = call->errno_after != call->errno_before;

	trace->call_count++;
	cc_put_u(payload, id);
	cc_put_u(payload, call->frame);
	cc_put_u(payload, call->depth);
	cc_put_u(payload, call->flags);
	cc_put_bytes(payload, call->in_items->data, call->in_items->length);
	if (call->flags & CC_CALL_NORETURN)
		return payload;
	cc_put_s(payload, call->ret);
	cc_put_u(payload, changed ? (uint64_t)call->errno_after + 1 : 0);
	cc_put_u(payload, call->alloc_count);
	for (size_t i = 0; i < call->alloc_count; i++)
		put_alloc(trace, &call->allocs[i]);
	return payload;
}

void cc_trace_call_end(struct cc_trace *trace)
{
	put(trace, CC_REC_CALL, &trace->payload);
}

void cc_trace_value(struct cc_trace *trace, const struct cc_value *value)
{
	struct cc_buffer *payload = &trace->payload;

	cc_put_u(payload, value->kind);
	switch (value->kind) {
	case CC_VALUE_INT:
		cc_put_s(payload, value->i);
		break;
	case CC_VALUE_UINT:
		cc_put_u(payload, value->u);
		break;
	case CC_VALUE_DOUBLE:
		cc_put_bytes(payload, &value->d, sizeof(value->d));
		break;
	case CC_VALUE_STRING:
		cc_log_put_blob(trace->writer, payload, value->data, value->length);
		break;
	}
	put(trace, CC_REC_VALUE, payload);
}

/* The records that are a few numbers. */
static void put_numbers(struct cc_trace *trace, unsigned type, const uint64_t *numbers,
			size_t count)
{
	for (size_t i = 0; i < count; i++)
		cc_put_u(&trace->payload, numbers[i]);
	put(trace, type, &trace->payload);
}

/* Of a siginfo_t most is zeros. */
static void put_trimmed(struct cc_trace *trace, const uint8_t *data, size_t length)
{
	while (length && !data[length - 1])
		length--;
	cc_put_blob(&trace->payload, data, length);
}

void cc_trace_signal(struct cc_trace *trace, const struct cc_signal *signal,
		     const struct cc_signal_details *details)
{
	static const struct cc_signal_details none;

	if (!details)
		details = &none;
	cc_put_u(&trace->payload, signal->signal);
	cc_put_u(&trace->payload, signal->ops);
	cc_put_u(&trace->payload, signal->depth);
	cc_put_u(&trace->payload, (uint64_t)signal->in_op);
	put_trimmed(trace, details->info, sizeof(details->info));
	put_trimmed(trace, details->context, sizeof(details->context));
	if (signal->loops)
		cc_put_u(&trace->payload, signal->loops);
	put(trace, CC_REC_SIGNAL, &trace->payload);
}

void cc_trace_forked(struct cc_trace *trace, uint64_t pid)
{
	put_numbers(trace, CC_REC_FORKED, &pid, 1);
}

void cc_trace_output(struct cc_trace *trace, unsigned stream, const void *data, size_t length)
{
	cc_put_u(&trace->payload, stream);
	cc_log_put_blob(trace->writer, &trace->payload, data, length);
	put(trace, CC_REC_OUTPUT, &trace->payload);
}

void cc_trace_map(struct cc_trace *trace, unsigned syscall, uint64_t length, uint64_t address)
{
	put_numbers(trace, CC_REC_MAP, (uint64_t[]){syscall, length, address}, 3);
}

void cc_trace_syscall(struct cc_trace *trace, unsigned number, int64_t result, const void *content,
		      size_t length)
{
	cc_put_u(&trace->payload, number);
	cc_put_s(&trace->payload, result);
	cc_log_put_blob(trace->writer, &trace->payload, content, length);
	put(trace, CC_REC_SYSCALL, &trace->payload);
}

void cc_trace_instruction(struct cc_trace *trace, const char *path, uint64_t address,
			  const void *code, size_t length, int faults)
{
	cc_put_string(&trace->payload, path);
	cc_put_u(&trace->payload, address);
	cc_put_blob(&trace->payload, code, length);
	cc_put_u(&trace->payload, (uint64_t)faults);
	put(trace, CC_REC_INSTRUCTION, &trace->payload);
}

void cc_trace_executed(struct cc_trace *trace, uint64_t count, const void *content, size_t length)
{
	cc_put_u(&trace->payload, count);
	cc_log_put_blob(trace->writer, &trace->payload, content, length);
	put(trace, CC_REC_EXECUTED, &trace->payload);
}

void cc_trace_thread(struct cc_trace *trace, unsigned id)
{
	put_numbers(trace, CC_REC_THREAD, (uint64_t[]){id}, 1);
}

void cc_trace_drop(struct cc_trace *trace, uint64_t ops)
{
	put_numbers(trace, CC_REC_DROP, &ops, 1);
}

void cc_trace_take(struct cc_trace *trace)
{
	put_numbers(trace, CC_REC_TAKE, NULL, 0);
}

void cc_trace_create_thread(struct cc_trace *trace, uint64_t pointer)
{
	put_numbers(trace, CC_REC_CREATE, &pointer, 1);
}

void cc_trace_begin_thread(struct cc_trace *trace)
{
	put_numbers(trace, CC_REC_BEGIN, NULL, 0);
}

void cc_trace_switch(struct cc_trace *trace, const struct cc_switch *at)
{
	static const unsigned lengths[] = {0, 2, 3, 5};

	put_numbers(trace, CC_REC_SWITCH,
		    (uint64_t[]){at->place, at->calls, at->ops, at->address, at->times},
		    lengths[at->place]);
}

void cc_trace_heap(struct cc_trace *trace, uint64_t arena)
{
	put_numbers(trace, CC_REC_HEAP, &arena, arena != 0);
}

void cc_trace_leave(struct cc_trace *trace)
{
	put_numbers(trace, CC_REC_LEAVE, NULL, 0);
}

void cc_trace_memory(struct cc_trace *trace, uint64_t address, const void *content, size_t length)
{
	cc_put_u(&trace->payload, address);
	cc_log_put_blob(trace->writer, &trace->payload, content, length);
	put(trace, CC_REC_MEMORY, &trace->payload);
}

void cc_trace_alias(struct cc_trace *trace, uint64_t address, uint64_t other)
{
	put_numbers(trace, CC_REC_ALIAS, (uint64_t[]){address, other}, 2);
}

void cc_trace_callback(struct cc_trace *trace, uint64_t address)
{
	put_numbers(trace, CC_REC_CALLBACK, &address, 1);
}

void cc_trace_changed(struct cc_trace *trace, uint64_t ops, uint64_t address, const void *content,
		      size_t length)
{
	cc_put_u(&trace->payload, ops);
	cc_put_u(&trace->payload, address);
	cc_log_put_blob(trace->writer, &trace->payload, content, length);
	put(trace, CC_REC_CHANGED, &trace->payload);
}

void cc_trace_file(struct cc_trace *trace, const char *path, const void *content, size_t length)
{
	cc_put_string(&trace->payload, path);
	cc_log_put_blob(trace->writer, &trace->payload, content, length);
	put(trace, CC_REC_FILE, &trace->payload);
}

void cc_trace_module(struct cc_trace *trace, const char *path, const char *build_id, uint64_t base,
		     const char *package)
{
	cc_put_string(&trace->payload, path);
	cc_put_string(&trace->payload, build_id);
	cc_put_u(&trace->payload, base);
	cc_put_string(&trace->payload, package);
	put(trace, CC_REC_MODULE, &trace->payload);
}

void cc_trace_end(struct cc_trace *trace, int status, uint64_t ops, int running)
{
	cc_put_s(&trace->payload, status);
	cc_put_u(&trace->payload, ops);
	cc_put_u(&trace->payload, (uint64_t)running);
	put(trace, CC_REC_END, &trace->payload);
}
