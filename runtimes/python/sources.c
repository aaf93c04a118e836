/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/python/sources.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SOURCE_MAX (4u << 20)

static struct source {
	struct source *next;
	char *path, *text;
	size_t length;
	int descriptor;   /* it is read from; -1 */
	uint64_t stream;  /* or so; 0 */
	size_t at;        /* descriptor: of the next read; stream: of the end of what is buffered */
} *sources;

/* ---- beginnings and ends -------------------------------------------------------------------------- */

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
		source = calloc(1, sizeof(*source));
		source->path = strdup(path);
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
		source->text = realloc(source->text, at + length + 1);
		source->length = at + length;
		source->text[source->length] = '\0';
	}
	memcpy(source->text + at, data, length);
}

/* ---- streams: the interpreter reads their buffers itself ---------------------------------------------- */

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
		       ? (size_t)(stream->_IO_read_end - stream->_IO_read_ptr) : 0;
}

static size_t position; /* where a stream's call begins to read */

void cc_python_source_before(const struct cc_hostcall *call, const uint64_t *args)
{
	uint64_t stream = stream_of(call, args);
	const struct source *source = stream ? of_stream(stream) : NULL;
	size_t left = source ? buffered((const FILE *)(uintptr_t)stream) : 0;

	position = source && source->at > left ? source->at - left : 0;
}

static void stream_read(struct source *source, const struct cc_hostcall *call, const uint64_t *args, int64_t ret)
{
	const FILE *stream = (const FILE *)(uintptr_t)source->stream;
	char byte = (char)ret;

	if (!strcmp(call->name, "rewind")) {
		position = 0;
	} else if (!strcmp(call->name, "ungetc")) {
		position -= position > 0;
	} else if (ret >= 0 && (!strcmp(call->name, "fgetc") || !strcmp(call->name, "__uflow"))) {
		put(source, position++, &byte, 1);
	} else if (!strcmp(call->name, "fread")) {
		put(source, position, (const void *)(uintptr_t)args[0], (size_t)ret * args[1]);
		position += (size_t)ret * args[1];
	}
	put(source, position, stream->_IO_read_ptr, buffered(stream));
	source->at = position + buffered(stream);
}

void cc_python_source_after(const struct cc_hostcall *call, const uint64_t *args, int64_t ret)
{
	struct source *source;
	uint64_t stream;

	if (!strcmp(call->name, "open64") && ret >= 0) {
		begin((const char *)(uintptr_t)args[0], (int)ret, 0);
	} else if (!strcmp(call->name, "fopen64") && ret) {
		begin((const char *)(uintptr_t)args[0], -1, (uint64_t)ret);
	} else if (!strcmp(call->name, "read") && ret > 0) {
		source = of_descriptor((int)args[0]);
		if (source) {
			put(source, source->at, (const void *)(uintptr_t)args[1], (size_t)ret);
			source->at += (size_t)ret;
		}
	} else if (!strcmp(call->name, "lseek64")) {
		source = of_descriptor((int)args[0]);
		if (source && ret >= 0)
			source->at = (size_t)ret;
	} else if (!strcmp(call->name, "close")) {
		source = of_descriptor((int)args[0]);
		if (source)
			source->descriptor = -1;
	} else if (!strcmp(call->name, "fclose")) {
		source = of_stream(args[0]);
		if (source)
			source->stream = 0;
	} else {
		stream = stream_of(call, args);
		source = stream ? of_stream(stream) : NULL;
		if (source)
			stream_read(source, call, args, ret);
	}
}

const char *cc_python_source(const char *path)
{
	const struct source *source = sources;

	while (source && strcmp(source->path, path))
		source = source->next;
	return source ? source->text : NULL;
}
