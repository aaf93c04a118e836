/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/replay/run-files.h"

#include <stdio.h>
#include <string.h>

#include "core/base/hash.h"
#include "core/replay/copy.h"
#include "core/replay/heap.h"
#include "core/replay/state.h"

/* Of a file that is larger, and of files that come when so much is kept, the beginning is known. */
#define FILE_MAX (4u << 20)
#define ALL_MAX (64u << 20)

struct file {
	struct cc_run_file read;
	struct file *next; /* of the same hash */
	char *path, *text;
	size_t room;
	struct stat status;
	int is_too_large; /* something that was read is not kept */
};

/* A descriptor or a stream by which a file is read. */
struct reading {
	struct file *file;
	int descriptor;	 /* -1 */
	uint64_t stream; /* or a FILE; 0 */
	size_t at;	 /* descriptor: of the next read; stream: of the end of what is buffered */
};

#define SLOTS 1024

static struct {
	struct file *slots[SLOTS];
	struct reading *readings;
	size_t count;
	size_t bytes;	 /* of all texts */
	size_t position; /* where a stream's call begins to read */
} files CC_STATE;

/* ---- beginnings and ends ---- */

char *cc_run_path(const char *path)
{
	const char *directory = cc_copy_self.directory;

	while (!strncmp(path, "./", 2))
		path += 2;
	if (*path == '/' || !directory)
		return cc_heap_copy(path);
	return cc_heap_format("%s/%s", strcmp(directory, "/") ? directory : "", path);
}

static struct file **slot_of(const char *path)
{
	struct file **slot = &files.slots[cc_hash(path, strlen(path)) % SLOTS];

	while (*slot && strcmp((*slot)->path, path))
		slot = &(*slot)->next;
	return slot;
}

/* NULL: it was not opened. */
static struct file *file_of(const char *path)
{
	char *full = cc_run_path(path);
	struct file *file = *slot_of(full);

	cc_heap_free(full);
	return file;
}

/* Devices and what the kernel makes are no texts that stay. */
static int is_file(const char *path)
{
	return strncmp(path, "/dev/", 5) && strncmp(path, "/proc/", 6) && strncmp(path, "/sys/", 5);
}

static void forget(size_t i)
{
	files.readings[i] = files.readings[--files.count];
}

static void end(int descriptor, uint64_t stream)
{
	for (size_t i = files.count; i-- > 0;)
		if (files.readings[i].stream == stream &&
		    files.readings[i].descriptor == descriptor)
			forget(i);
}

static void begin(const char *path, int descriptor, uint64_t stream)
{
	char *full = cc_run_path(path);
	struct file **slot = slot_of(full);

	end(descriptor, stream);
	if (!is_file(full)) {
		cc_heap_free(full);
		return;
	}
	if (!*slot) {
		*slot = cc_heap_zeros(1, sizeof(**slot));
		(*slot)->path = full;
	} else {
		cc_heap_free(full);
	}
	cc_heap_room(files.readings, files.count);
	files.readings[files.count++] = (struct reading){*slot, descriptor, stream, 0};
}

static struct reading *find(int descriptor, uint64_t stream)
{
	for (size_t i = 0; i < files.count; i++)
		if (files.readings[i].stream == stream &&
		    files.readings[i].descriptor == descriptor)
			return &files.readings[i];
	return NULL;
}

static void put(struct file *file, size_t at, const void *data, size_t length)
{
	size_t end = at + length;

	if (at > file->read.length) /* of what is between, nothing is known yet */
		return;
	if (end > FILE_MAX ||
	    (end > file->read.length && files.bytes + (end - file->read.length) > ALL_MAX)) {
		file->is_too_large = 1;
		file->read.is_whole = 0;
		return;
	}
	if (end > file->read.length) {
		cc_heap_reach(file->text, file->room, end);
		files.bytes += end - file->read.length;
		file->read.length = end;
		file->read.text = file->text;
		file->text[end] = '\0';
	}
	memcpy(file->text + at, data, length);
}

/* The program has found that the file ends at `at`. */
static void ended(struct file *file, size_t at)
{
	if (file->is_too_large || at != file->read.length)
		return;
	if (!file->text) /* an empty file */
		cc_heap_reach(file->text, file->room, 0);
	file->read.text = file->text;
	file->read.is_whole = 1;
}

/* ---- streams: an interpreter may read their buffers itself ---- */

/* The argument that is a stream; 0: there is none. */
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

void cc_run_files_before(const struct cc_hostcall *call, const uint64_t *args)
{
	uint64_t stream = files.count ? stream_of(call, args) : 0;
	const struct reading *reading = stream ? find(-1, stream) : NULL;
	size_t left = reading ? buffered((const FILE *)(uintptr_t)stream) : 0;

	files.position = reading && reading->at > left ? reading->at - left : 0;
}

/* Notes what a call on a stream has brought: a byte, or what is in the call's buffer. */
static void brought(struct file *file, const struct cc_hostcall *call, const uint64_t *args,
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
		put(file, files.position, data, length);
	files.position += length;
}

static void stream_moved(struct reading *reading, const struct cc_hostcall *call,
			 const uint64_t *args, int64_t ret)
{
	const FILE *stream = (const FILE *)(uintptr_t)reading->stream;

	if (cc_call_does(call, CC_EFFECT_SEEK))
		files.position = 0;
	else if (cc_call_does(call, CC_EFFECT_UNREAD))
		files.position -= files.position > 0;
	else if (cc_call_does(call, CC_EFFECT_INPUT))
		brought(reading->file, call, args, ret);
	put(reading->file, files.position, stream->_IO_read_ptr, buffered(stream));
	reading->at = files.position + buffered(stream);
	if (stream->_flags & _IO_EOF_SEEN)
		ended(reading->file, reading->at);
}

static void descriptor_moved(struct reading *reading, const struct cc_hostcall *call,
			     const uint64_t *args, int64_t ret)
{
	unsigned offset = cc_call_effect_arg(call, CC_EFFECT_INPUT, 2);

	if (ret < 0)
		return;
	if (cc_call_does(call, CC_EFFECT_SEEK)) {
		reading->at = (size_t)ret;
		return;
	}
	files.position = offset == CC_NOARG ? reading->at : args[offset];
	if (!ret)
		ended(reading->file, files.position);
	brought(reading->file, call, args, ret);
	if (offset == CC_NOARG)
		reading->at = files.position;
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

/* Keeps what the program is told of a file that it reads, or has read. */
static void told(const struct cc_hostcall *call, const uint64_t *args, int64_t ret)
{
	unsigned which = cc_call_effect_arg(call, CC_EFFECT_STATUS, 0);
	const void *status =
		(const void *)(uintptr_t)args[cc_call_effect_arg(call, CC_EFFECT_STATUS, 1)];
	struct reading *reading = NULL;
	struct file *file;

	if (ret < 0)
		return;
	if (call->arg[which].kind == CC_ITEM_INT) {
		reading = find((int)args[which], 0);
		file = reading ? reading->file : NULL;
	} else {
		file = file_of((const char *)(uintptr_t)args[which]);
	}
	if (!file)
		return;
	memcpy(&file->status, status, sizeof(file->status));
	file->read.status = &file->status;
}

static void closed(const struct cc_hostcall *call, const uint64_t *args)
{
	unsigned arg = cc_call_effect_arg(call, CC_EFFECT_CLOSE, 0);

	if (call->arg[arg].kind == CC_ITEM_INT)
		end((int)args[arg], 0);
	else
		end(-1, args[arg]);
}

/* The file that a call reads, or moves in, by its descriptor; NULL: none. */
static struct reading *read_by_descriptor(const struct cc_hostcall *call, const uint64_t *args)
{
	unsigned arg = cc_call_effect_arg(call, CC_EFFECT_INPUT, 0);

	if (arg == CC_NOARG)
		arg = cc_call_effect_arg(call, CC_EFFECT_SEEK, 0);
	return arg != CC_NOARG && call->arg[arg].kind == CC_ITEM_INT ? find((int)args[arg], 0)
								     : NULL;
}

void cc_run_files_after(const struct cc_hostcall *call, const uint64_t *args, int64_t ret)
{
	struct reading *reading;
	uint64_t stream;

	if (cc_call_does(call, CC_EFFECT_OPEN)) {
		opened(call, args, ret);
		return;
	}
	if (cc_call_does(call, CC_EFFECT_STATUS)) {
		told(call, args, ret);
		return;
	}
	if (!files.count)
		return;
	if (cc_call_does(call, CC_EFFECT_CLOSE)) {
		closed(call, args);
		return;
	}
	stream = stream_of(call, args);
	reading = stream ? find(-1, stream) : read_by_descriptor(call, args);
	if (reading && stream)
		stream_moved(reading, call, args, ret);
	else if (reading)
		descriptor_moved(reading, call, args, ret);
}

const struct cc_run_file *cc_run_file(const char *path)
{
	const struct file *file = file_of(path);

	return file ? &file->read : NULL;
}
