/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/python/replay/sources.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/replay/heap.h"

#define SOURCE_MAX (4u << 20)

struct source {
	struct source *next;
	char *path, *text;
	size_t length, room;
	int descriptor;	 /* it is read from; -1 */
	uint64_t stream; /* or so; 0 */
	size_t at;	 /* descriptor: of the next read; stream: of the end of what is buffered */
};
static struct source *sources;

/* ---- beginnings and ends ---- */

static int is_source(const char *path)
{
	size_t length = strlen(path);

	return length > 3 && !strcmp(path + length - 3, ".py");
}

static void begin(const char *path, int descriptor, uint64_t stream)
{
	struct source *source = sources;

	if (!is_source(path))
		return;
	while (source && strcmp(source->path, path))
		source = source->next;
	if (!source) {
		source = cc_heap_zeros(1, sizeof(*source));
		source->path = cc_heap_copy(path);
		source->next = sources;
		sources = source;
	}
	source->descriptor = descriptor;
	source->stream = stream;
	source->at = 0;
}

static struct source *of_descriptor(int descriptor)
{
	struct source *source = sources;

	while (source && (source->stream || source->descriptor != descriptor))
		source = source->next;
	return source;
}

static struct source *of_stream(uint64_t stream)
{
	struct source *source = sources;

	while (source && source->stream != stream)
		source = source->next;
	return source;
}

static void put(struct source *source, size_t at, const void *data, size_t length)
{
	if (at > source->length || length > SOURCE_MAX - at)
		return; /* of what is between, nothing is known */
	if (at + length > source->length) {
		cc_heap_reach(source->text, source->room, at + length);
		source->length = at + length;
		source->text[source->length] = '\0';
	}
	memcpy(source->text + at, data, length);
}

/* ---- streams: the interpreter reads their buffers itself ---- */

/* The argument that is a stream; 0. */
static uint64_t stream_of(const struct cc_hostcall *call, const uint64_t *args)
{
	for (unsigned i = 0; i < call->nargs; i++)
		if (call->arg[i].kind == CC_ITEM_STREAM)
			return args[i];
	return 0;
}

static size_t buffered(const FILE *stream)
{
	return stream->_IO_read_end > stream->_IO_read_ptr
		       ? (size_t)(stream->_IO_read_end - stream->_IO_read_ptr)
		       : 0;
}

static size_t position; /* where a stream's call begins to read */

void cc_python_source_before(const struct cc_hostcall *call, const uint64_t *args)
{
	uint64_t stream = stream_of(call, args);
	const struct source *source = stream ? of_stream(stream) : NULL;
	size_t left = source ? buffered((const FILE *)(uintptr_t)stream) : 0;

	position = source && source->at > left ? source->at - left : 0;
}

/* What a call has brought: a byte, or what is in its buffer. */
static void brought(struct source *source, const struct cc_hostcall *call, const uint64_t *args,
		    int64_t ret)
{
	unsigned buf = cc_call_effect_arg(call, CC_EFFECT_INPUT, 1);
	const struct cc_item *item = buf == CC_NOARG ? NULL : &call->arg[buf];
	const char *data = (const char *)(uintptr_t)(item ? args[buf] : 0);
	char byte = (char)ret;
	size_t length = 0;

	if (!item && ret >= 0) {
		data = &byte;
		length = 1;
	} else if (item && ret > 0 && item->kind == CC_ITEM_OUT) {
		length = (size_t)ret *
			 (item->length_times == CC_NOARG ? 1 : args[item->length_times]);
	} else if (item && ret && item->kind == CC_ITEM_STROUT) {
		length = strlen(data);
	}
	if (length)
		put(source, position, data, length);
	position += length;
}

static void stream_moved(struct source *source, const struct cc_hostcall *call,
			 const uint64_t *args, int64_t ret)
{
	const FILE *stream = (const FILE *)(uintptr_t)source->stream;

	if (cc_call_does(call, CC_EFFECT_SEEK))
		position = 0;
	else if (cc_call_does(call, CC_EFFECT_UNREAD))
		position -= position > 0;
	else if (cc_call_does(call, CC_EFFECT_INPUT))
		brought(source, call, args, ret);
	put(source, position, stream->_IO_read_ptr, buffered(stream));
	source->at = position + buffered(stream);
}

static void descriptor_moved(struct source *source, const struct cc_hostcall *call,
			     const uint64_t *args, int64_t ret)
{
	unsigned offset = cc_call_effect_arg(call, CC_EFFECT_INPUT, 2);

	if (ret < 0)
		return;
	if (cc_call_does(call, CC_EFFECT_SEEK)) {
		source->at = (size_t)ret;
	} else {
		position = offset == CC_NOARG ? source->at : args[offset];
		brought(source, call, args, ret);
		if (offset == CC_NOARG)
			source->at = position;
	}
}

static void opened(const struct cc_hostcall *call, const uint64_t *args, int64_t ret)
{
	const char *path =
		(const char *)(uintptr_t)args[cc_call_effect_arg(call, CC_EFFECT_OPEN, 0)];

	if (path && call->ret.kind == CC_ITEM_INT && ret >= 0)
		begin(path, (int)ret, 0);
	else if (path && call->ret.kind != CC_ITEM_INT && ret)
		begin(path, -1, (uint64_t)ret);
}

static void closed(const struct cc_hostcall *call, const uint64_t *args)
{
	unsigned arg = cc_call_effect_arg(call, CC_EFFECT_CLOSE, 0);
	struct source *source;

	if (call->arg[arg].kind == CC_ITEM_INT) {
		source = of_descriptor((int)args[arg]);
		if (source)
			source->descriptor = -1;
	} else {
		source = of_stream(args[arg]);
		if (source)
			source->stream = 0;
	}
}

/* The file that a call reads, or moves in, by its descriptor; NULL. */
static struct source *read_by_descriptor(const struct cc_hostcall *call, const uint64_t *args)
{
	unsigned arg = cc_call_effect_arg(call, CC_EFFECT_INPUT, 0);

	if (arg == CC_NOARG)
		arg = cc_call_effect_arg(call, CC_EFFECT_SEEK, 0);
	return arg != CC_NOARG && call->arg[arg].kind == CC_ITEM_INT ? of_descriptor((int)args[arg])
								     : NULL;
}

void cc_python_source_after(const struct cc_hostcall *call, const uint64_t *args, int64_t ret)
{
	uint64_t stream = stream_of(call, args);
	struct source *source;

	if (cc_call_does(call, CC_EFFECT_OPEN)) {
		opened(call, args, ret);
	} else if (cc_call_does(call, CC_EFFECT_CLOSE)) {
		closed(call, args);
	} else if (stream) {
		source = of_stream(stream);
		if (source)
			stream_moved(source, call, args, ret);
	} else {
		source = read_by_descriptor(call, args);
		if (source)
			descriptor_moved(source, call, args, ret);
	}
}

const char *cc_python_source(const char *path)
{
	const struct source *source = sources;

	while (source && strcmp(source->path, path))
		source = source->next;
	return source ? source->text : NULL;
}
