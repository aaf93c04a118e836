/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What reaches the run's outputs, and a process's own. Which file a descriptor is, the guest's
 * kernel is asked at each write: descriptors come by dup and fork, over sockets, by opening
 * /dev/stdout or /proc/self/fd/1 anew. A file is its inode: the command's stdout and stderr are
 * pipes to the guest's init.
 *
 * What the host call's own arguments hold is told by a flag of its record, what the C library wrote
 * by itself by records of its own. Bytes that the kernel moved (sendfile, splice) were in nobody's
 * memory: the recording has the run's output, and where in it they are is known by how much went
 * through the pipe before.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "core/stage/machine/stage.h"

#define PIECE (1u << 20) /* of output, in one record */
#define BUFFERS_MAX (1u << 20)

static struct output {
	struct cc_file file;
	uint64_t pipe;	  /* its struct pipe_inode_info */
	uint64_t carried; /* bytes that init has read of it */
	int recorded;	  /* what went through it in all, a file; -1 */
} outputs[3];		  /* the command's stdin, stdout, stderr */
static int known;

/* ---- which outputs there are ---- */

static uint32_t number_at(uint64_t address)
{
	uint32_t number = 0;

	guest_read(address, &number, sizeof(number));
	return number;
}

static int same(const struct cc_file *one, const struct cc_file *other)
{
	return one->inode && one->inode == other->inode && one->number == other->number;
}

void outputs_begin(const struct cc_task *command)
{
	for (unsigned i = 0; i < 3; i++) {
		const char *path = stage.recorded[i];

		outputs[i].file = file_of(command, i);
		outputs[i].pipe = guest_pointer(outputs[i].file.inode + stage.kernel.inode_pipe);
		outputs[i].recorded = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	}
	known = 1;
}

uint8_t outputs_stream(const struct cc_file *file)
{
	for (uint8_t i = CC_STREAM_OUT; known && i <= CC_STREAM_ERR; i++)
		if (same(file, &outputs[i].file))
			return i;
	return CC_STREAM_NONE;
}

int outputs_is_stdin(const struct cc_file *file)
{
	return known && same(file, &outputs[0].file);
}

/* As outputs_stream; also the process's own 1 and 2 where those are not the run's. */
static uint8_t stream_of(const struct cc_task *task, const struct cc_file *file)
{
	uint8_t stream = outputs_stream(file);

	if (stream != CC_STREAM_NONE)
		return stream;
	for (uint8_t i = 0; i < 2; i++)
		if (same(file, &task->leader->own[i]))
			return (uint8_t)(CC_STREAM_OWN_OUT + i);
	return CC_STREAM_NONE;
}

/*
 * What a process's standard output or error is, for people: the path by which it was opened, when
 * the kernel's name of the file agrees. malloc'ed.
 */
char *outputs_name(const struct cc_task *task, unsigned descriptor)
{
	struct cc_file file = file_of(task, descriptor);
	const char *path = descriptor < task->path_count ? task->paths[descriptor] : NULL, *slash;
	uint16_t mode = 0;
	char *name;

	if (!file.inode || outputs_stream(&file) != CC_STREAM_NONE)
		return cc_copy("");
	guest_read(file.inode + stage.kernel.inode_mode, &mode, sizeof(mode));
	name = file_name(task, descriptor);
	slash = path ? strrchr(path, '/') : NULL;
	if (!*name || S_ISSOCK(mode)) {
		free(name);
		return cc_copy(S_ISSOCK(mode) ? "a socket" : S_ISFIFO(mode) ? "a pipe" : "a file");
	}
	if (!slash || strcmp(slash + 1, name))
		return name;
	free(name);
	return cc_copy(path);
}

/* ---- how much went through a pipe ---- */

/* All that was ever written: init has read it, or it stands in the pipe. */
static uint64_t written(const struct output *output)
{
	const struct cc_kernel_types *kernel = &stage.kernel;
	uint32_t head = number_at(output->pipe + kernel->pipe_head),
		 tail = number_at(output->pipe + kernel->pipe_tail);
	uint32_t size = number_at(output->pipe + kernel->pipe_ring_size);
	uint64_t buffers = guest_pointer(output->pipe + kernel->pipe_bufs), bytes = output->carried;

	for (uint32_t at = tail; at != head && at - tail < BUFFERS_MAX; at++)
		bytes += number_at(buffers + (uint64_t)(at & (size - 1)) * kernel->buffer_size +
				   kernel->buffer_length);
	return bytes;
}

void outputs_carried(const struct cc_task *init, uint64_t descriptor, uint64_t bytes)
{
	struct cc_file file = file_of(init, descriptor);
	uint8_t stream = outputs_stream(&file);

	if (stream != CC_STREAM_NONE)
		outputs[stream].carried += bytes;
}

/* ---- system calls that write ---- */

enum data { BYTES, VECTOR, MESSAGE, MOVED };

/*
 * Which argument is the descriptor, and where the bytes are: in the argument behind it, or nowhere.
 */
static const struct writer {
	uint16_t number;
	uint8_t descriptor, data;
} writers[] = {
	{SYS_write, 0, BYTES},	   {SYS_pwrite64, 0, BYTES}, {SYS_sendto, 0, BYTES},
	{SYS_writev, 0, VECTOR},   {SYS_pwritev, 0, VECTOR}, {SYS_pwritev2, 0, VECTOR},
	{SYS_sendmsg, 0, MESSAGE}, {SYS_sendfile, 0, MOVED}, {SYS_splice, 2, MOVED},
	{SYS_tee, 1, MOVED},	   {SYS_vmsplice, 0, MOVED}, {SYS_copy_file_range, 2, MOVED},
};

static const struct writer *writer_of(uint64_t number)
{
	for (size_t i = 0; i < sizeof(writers) / sizeof(*writers); i++)
		if (writers[i].number == number)
			return &writers[i];
	return NULL;
}

int outputs_writes(uint64_t number)
{
	return writer_of(number) != NULL;
}

static int is_the_runs(uint8_t stream)
{
	return stream == CC_STREAM_OUT || stream == CC_STREAM_ERR;
}

void outputs_enter(struct cc_task *task)
{
	const struct writer *writer = writer_of(task->syscall);
	struct cc_file file = file_of(task, task->syscall_args[writer->descriptor]);

	task->stream = stream_of(task, &file);
	if (writer->data == MOVED && is_the_runs(task->stream))
		task->written = written(&outputs[task->stream]);
}

static void put_memory(struct cc_image *image, uint8_t stream, uint64_t address, uint64_t length)
{
	void *data = cc_allocate(length < PIECE ? length + 1 : PIECE);

	for (uint64_t done = 0, piece; done < length; done += piece) {
		piece = length - done < PIECE ? length - done : PIECE;
		if (guest_memory.read(guest_memory.context, address + done, data, piece)) {
			image_fail(image, "output of the C library cannot be read in the guest");
			break;
		}
		cc_trace_output(image->trace, stream, data, piece);
	}
	free(data);
}

static void put_vector(struct cc_image *image, uint8_t stream, uint64_t address, uint64_t count,
		       uint64_t length)
{
	for (uint64_t i = 0; i < count && length; i++) {
		struct iovec piece;

		if (guest_read(address + i * sizeof(piece), &piece, sizeof(piece)))
			return;
		if (piece.iov_len > length)
			piece.iov_len = length;
		put_memory(image, stream, (uintptr_t)piece.iov_base, piece.iov_len);
		length -= piece.iov_len;
	}
}

/* `length` bytes from where the call began to write, when nobody else wrote meanwhile. */
static void put_moved(const struct cc_task *task, struct cc_image *image, uint64_t length)
{
	const struct output *output = &outputs[task->stream];
	uint8_t *data;

	if (written(output) - task->written != length) {
		image_frame(image);
		image_fail(image,
			   "%s:%u: another process wrote to the run's output while the kernel "
			   "moved bytes to it "
			   "(sendfile, splice, tee): whose is what cannot be told",
			   image->frame.file, image->frame.frame.line);
		return;
	}
	data = cc_allocate(PIECE);
	for (uint64_t done = 0, piece; done < length; done += piece) {
		piece = length - done < PIECE ? length - done : PIECE;
		if (pread(output->recorded, data, piece, (off_t)(task->written + done)) !=
		    (ssize_t)piece) {
			image_fail(
				image,
				"the recording's output ends before what the kernel moved to it");
			break;
		}
		cc_trace_output(image->trace, task->stream, data, piece);
	}
	free(data);
}

static void put_data(const struct cc_task *task, struct cc_image *image, enum data data,
		     uint64_t length)
{
	const uint64_t *args = task->syscall_args;
	struct msghdr message;

	switch (data) {
	case BYTES:
		put_memory(image, task->stream, args[1], length);
		break;
	case VECTOR:
		put_vector(image, task->stream, args[1], args[2], length);
		break;
	case MESSAGE:
		if (!guest_read(args[1], &message, sizeof(message)))
			put_vector(image, task->stream, (uintptr_t)message.msg_iov,
				   message.msg_iovlen, length);
		break;
	case MOVED:
		if (is_the_runs(task->stream))
			put_moved(task, image, length);
		else /* to its own file or pipe: nobody knows what */
			cc_trace_output(image->trace, task->stream, "", 0);
		break;
	}
}

/* The host call in which it is, or NULL. */
static struct cc_pending *call_of(const struct cc_image *image)
{
	unsigned depth = image->thread->depth;

	while (depth && !image->thread->pending[depth - 1].call)
		depth--;
	return depth && image_busy(image) ? &image->thread->pending[depth - 1] : NULL;
}

void outputs_wrote(struct cc_task *task, struct cc_image *image, uint64_t length)
{
	static const unsigned flags[] = {
		[CC_STREAM_OUT] = CC_CALL_STDOUT,
		[CC_STREAM_ERR] = CC_CALL_STDERR,
		[CC_STREAM_OWN_OUT] = CC_CALL_OWN_STDOUT,
		[CC_STREAM_OWN_ERR] = CC_CALL_OWN_STDERR,
	};
	const struct writer *writer = writer_of(task->syscall);
	struct cc_pending *call = call_of(image);

	if (task->stream == CC_STREAM_NONE || !image->started)
		return;
	if (call && writer->data != MOVED && cc_call_does(call->call, CC_EFFECT_OUTPUT))
		call->flags |= flags[task->stream];
	else
		put_data(task, image, writer->data, length);
}
