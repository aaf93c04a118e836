/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The walks over a call's items: one loop each, and a function of the item's shape. */
#include "core/host/walk.h"

#include <malloc.h>
#include <string.h>

static const struct cc_shape shape_none;

const struct cc_shape *const cc_shapes[CC_SHAPES] = {
	[CC_SHAPE_NONE] = &shape_none,		[CC_SHAPE_NUMBER] = &cc_shape_number,
	[CC_SHAPE_STRING] = &cc_shape_string,	[CC_SHAPE_BYTES] = &cc_shape_bytes,
	[CC_SHAPE_STRINGS] = &cc_shape_strings, [CC_SHAPE_LAYOUT] = &cc_shape_layout,
	[CC_SHAPE_GRAPH] = &cc_shape_graph,	[CC_SHAPE_POINTER] = &cc_shape_pointer,
	[CC_SHAPE_IOVEC] = &cc_shape_iovec,	[CC_SHAPE_MESSAGE] = &cc_shape_message,
	[CC_SHAPE_VARIANT] = &cc_shape_variant, [CC_SHAPE_TIMEZONE] = &cc_shape_timezone,
	[CC_SHAPE_STREAM] = &cc_shape_stream,	[CC_SHAPE_VARIADIC] = &cc_shape_variadic,
	[CC_SHAPE_DATUM] = &cc_shape_datum,
};

/* ---- the call ---- */

int64_t cc_call_result(const struct cc_hostcall *call, uint64_t rax)
{
	return call->ret.kind == CC_ITEM_VOID || call->ret.kind == CC_ITEM_TZ
		       ? 0
		       : (int64_t)cc_item_number(&call->ret, rax);
}

int cc_call_failed(const struct cc_hostcall *call, int64_t ret)
{
	switch ((enum cc_result)call->result) {
	case CC_RES_NEGATIVE:
		return ret == -1;
	case CC_RES_NULL:
		return !ret;
	case CC_RES_NONZERO:
		return ret != 0;
	case CC_RES_ALWAYS:
		break;
	}
	return 0;
}

/* A result that stands in memory of what an argument points to. */
static int is_in_object(const struct cc_item *item)
{
	return item->kind == CC_ITEM_GRAPH && item->length_arg != CC_NOARG;
}

int cc_call_gives_memory(const struct cc_hostcall *call)
{
	int gives = call->ret.from_heap;

	for (unsigned i = 0; i < call->nargs; i++)
		gives |= call->arg[i].from_heap;
	return gives;
}

int cc_call_is_variadic(const struct cc_hostcall *call)
{
	const struct cc_item *last = &call->arg[call->nargs - 1];

	while (call->nargs && last > call->arg && last->shape != CC_SHAPE_VARIADIC)
		last--;
	return call->nargs && last->shape == CC_SHAPE_VARIADIC;
}

static int moves_mapping(const struct cc_hostcall *call, const uint64_t args[CC_MAXARGS],
			 const struct cc_memory *memory)
{
	return memory->mapped &&
	       memory->mapped(memory->context, args[cc_call_effect_arg(call, CC_EFFECT_REMAP, 0)]);
}

enum cc_class cc_call_class(const struct cc_hostcall *call, const uint64_t args[CC_MAXARGS],
			    const struct cc_memory *memory)
{
	if (cc_call_does(call, CC_EFFECT_REMAP) && !moves_mapping(call, args, memory))
		return CC_LIVE;
	for (unsigned i = 0; i < call->nargs; i++) {
		const struct cc_item *item = &call->arg[i];

		if ((item->kind == CC_ITEM_STREAM || item->kind == CC_ITEM_FILE) &&
		    cc_stream_is_own(memory, args[i]))
			return CC_LIVE;
		if (item->kind == CC_ITEM_BY) {
			unsigned at = cc_variant_selector(call, item);
			int64_t selector = (int64_t)cc_item_number(&call->arg[at], args[at]);
			int class = cc_variant_class(item, selector);

			if (class >= 0)
				return (enum cc_class) class;
		}
	}
	return call->class;
}

void cc_call_lengths(const struct cc_hostcall *call, const uint64_t args[CC_MAXARGS],
		     const struct cc_memory *memory, uint32_t before[CC_MAXARGS])
{
	memset(before, 0, CC_MAXARGS * sizeof(*before));
	for (unsigned i = 0; i < call->nargs; i++) {
		unsigned at = call->arg[i].length_arg;

		if (call->arg[i].length_source == CC_LEN_AT_ARG && args[at] &&
		    memory->read(memory->context, args[at], &before[at], sizeof(before[at])))
			before[at] = 0;
	}
}

/* ---- the walks ---- */

static int encode_args(struct cc_walk *walk)
{
	for (unsigned i = 0; i < walk->call->nargs; i++) {
		const struct cc_item *item = &walk->call->arg[i];
		size_t start = walk->out->length;

		if (!cc_walk_has(walk, item) ||
		    !cc_shapes[item->shape]->encode(walk, item, walk->args[i]))
			continue;
		if (!walk->failed && !walk->faulted)
			return -1;
		walk->out->length = start; /* it failed because of that, or touched nothing there */
		cc_put_u(walk->out, 0);
	}
	return 0;
}

static int encode_in(const struct cc_hostcall *call, const uint64_t args[CC_MAXARGS],
		     const struct cc_memory *memory, struct cc_log_writer *writer,
		     struct cc_log_writer *parts, int faulted, struct cc_buffer *out)
{
	uint32_t before[CC_MAXARGS];
	struct cc_walk walk = {.call = call,
			       .args = args,
			       .before = before,
			       .direction = CC_IN,
			       .faulted = faulted,
			       .memory = memory,
			       .writer = writer,
			       .parts = parts,
			       .out = out};
	size_t start = out->length;

	cc_call_lengths(call, args, memory, before);
	if (!encode_args(&walk))
		return 0;
	out->length = start;
	return -1;
}

int cc_call_encode_in(const struct cc_hostcall *call, const uint64_t args[CC_MAXARGS],
		      const struct cc_memory *memory, struct cc_log_writer *writer,
		      struct cc_buffer *out)
{
	return encode_in(call, args, memory, writer, writer, 0, out);
}

int cc_call_encode_entry(const struct cc_hostcall *call, const uint64_t args[CC_MAXARGS],
			 const struct cc_memory *memory, struct cc_log_writer *parts,
			 struct cc_buffer *out)
{
	return encode_in(call, args, memory, NULL, parts, 0, out);
}

void cc_call_encode_faulted(const struct cc_hostcall *call, const uint64_t args[CC_MAXARGS],
			    const struct cc_memory *memory, struct cc_log_writer *parts,
			    struct cc_buffer *out)
{
	encode_in(call, args, memory, NULL, parts, 1, out);
}

int cc_call_encode_out(const struct cc_hostcall *call, const uint64_t args[CC_MAXARGS],
		       const uint32_t before[CC_MAXARGS], int64_t ret,
		       const struct cc_memory *memory, struct cc_log_writer *writer,
		       struct cc_buffer *out)
{
	struct cc_walk walk = {.call = call,
			       .args = args,
			       .before = before,
			       .ret = ret,
			       .direction = CC_OUT,
			       .memory = memory,
			       .writer = writer,
			       .parts = writer,
			       .out = out};
	const struct cc_item *result = &call->ret;
	size_t start = out->length;

	walk.failed = cc_call_failed(call, ret);
	if ((!cc_walk_has(&walk, result) ||
	     !cc_shapes[result->shape]->encode(&walk, result, (uint64_t)ret)) &&
	    !encode_args(&walk))
		return 0;
	out->length = start;
	return -1;
}

/* Of a call that was given an address of nothing: that was logged as if it were NULL. */
static int was_nothing(const struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	return walk->faulted && item->shape != CC_SHAPE_NUMBER && value &&
	       walk->cursor->at < walk->cursor->end && !*walk->cursor->at;
}

int cc_call_compare(const struct cc_hostcall *call, const uint64_t args[CC_MAXARGS], int faulted,
		    struct cc_log_reader *reader, struct cc_cursor *cursor, unsigned *number)
{
	uint32_t before[CC_MAXARGS];
	struct cc_walk walk = {.call = call,
			       .args = args,
			       .before = before,
			       .direction = CC_IN,
			       .memory = &cc_own_memory,
			       .reader = reader,
			       .cursor = cursor,
			       .faulted = faulted};

	if (!faulted)
		cc_call_lengths(call, args, &cc_own_memory, before);
	for (unsigned i = 0; i < call->nargs; i++) {
		const struct cc_item *item = &call->arg[i];
		int status;

		if (!(item->directions & CC_IN))
			continue;
		if (was_nothing(&walk, item, args[i])) {
			cursor->at++;
			continue;
		}
		status = cc_shapes[item->shape]->compare(&walk, item, args[i]);
		if (cursor->bad)
			status = CC_MALFORMED;
		if (status) {
			*number = i;
			return status;
		}
	}
	return 0;
}

/*
 * In memory of an object that the program has (a DIR), which stands where it stood. malloc tells
 * how far that goes.
 */
static uint8_t *place_in_object(struct cc_walk *walk, const struct cc_item *item)
{
	uint64_t object = walk->args[item->length_arg], at = (uint64_t)walk->ret - object;
	size_t size = object ? malloc_usable_size((void *)(uintptr_t)object) : 0;

	if (at >= size)
		return NULL;
	cc_walk_arena(walk, (uint64_t)walk->ret, size - at);
	return walk->arena;
}

/* What a graph points to is in the row's own memory; how long a string is, its shape knows. */
static int serve_result(struct cc_walk *walk, const struct cc_item *item)
{
	uint8_t *storage = NULL;

	if (is_in_object(item))
		storage = place_in_object(walk, item);
	else if (item->kind == CC_ITEM_GRAPH)
		storage = cc_graph_storage(walk, item);
	return cc_shapes[item->shape]->serve(walk, item, (uint64_t)(uintptr_t)storage);
}

/* What a call that failed did not write, or is not there to be written. */
static int left_alone(struct cc_walk *walk)
{
	if (!walk->failed || walk->cursor->at == walk->cursor->end || *walk->cursor->at)
		return 0;
	walk->cursor->at++;
	return 1;
}

int cc_call_serve(const struct cc_hostcall *call, const uint64_t args[CC_MAXARGS],
		  const uint32_t before[CC_MAXARGS], int64_t ret, struct cc_log_reader *reader,
		  struct cc_cursor *cursor)
{
	struct cc_walk walk = {.call = call,
			       .args = args,
			       .before = before,
			       .ret = ret,
			       .direction = CC_OUT,
			       .reader = reader,
			       .cursor = cursor};

	walk.failed = cc_call_failed(call, ret);
	if (cc_walk_has(&walk, &call->ret) && serve_result(&walk, &call->ret))
		return -1;
	for (unsigned i = 0; i < call->nargs; i++) {
		const struct cc_item *item = &call->arg[i];

		if (!cc_walk_has(&walk, item) || left_alone(&walk))
			continue;
		if (cc_shapes[item->shape]->serve(&walk, item, args[i]) || cursor->bad)
			return -1;
	}
	return cursor->bad ? -1 : 0;
}

/* An argument that the call gives back: not where it was NULL. */
static uint64_t own_argument(const struct cc_hostcall *call, const uint64_t *args)
{
	return call->ret.length_arg == CC_NOARG ? 0 : args[call->ret.length_arg];
}

int64_t cc_call_returned(const struct cc_hostcall *call, const uint64_t args[CC_MAXARGS],
			 int64_t ret)
{
	if (cc_call_failed(call, ret) || is_in_object(&call->ret) ||
	    (call->ret.kind != CC_ITEM_SELF && !call->storage))
		return ret;
	if (own_argument(call, args))
		return (int64_t)own_argument(call, args);
	return call->storage ? (int64_t)(uintptr_t)cc_storage_served() : ret;
}
