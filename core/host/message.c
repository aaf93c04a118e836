/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * struct msghdr: in (sendmsg) its name, buffers and control data; out (recvmsg) the same as far as
 * the kernel filled them in, and its flags.
 */
#include "core/host/walk.h"

#include <string.h>
#include <sys/socket.h>

#include "core/host/show.h"

static int put_part(struct cc_walk *walk, const void *address, size_t length)
{
	if (!address) {
		cc_put_u(walk->out, 0);
		return 0;
	}
	return length > CC_RECORD_MAX ? -1 : cc_walk_put_memory(walk, (uintptr_t)address, length);
}

static int encode_one(struct cc_walk *walk, uint64_t value)
{
	struct msghdr message;

	cc_put_u(walk->out, value != 0);
	if (!value)
		return 0;
	if (cc_walk_read(walk, value, &message, sizeof(message)))
		return -1;
	if (walk->direction == CC_OUT) {
		cc_put_u(walk->out, message.msg_namelen);
		cc_put_u(walk->out, message.msg_controllen);
		cc_put_s(walk->out, message.msg_flags);
	}
	/* An address that was cut says how long it would have been: no sockaddr is longer. */
	if (message.msg_namelen > sizeof(struct sockaddr_storage))
		message.msg_namelen = sizeof(struct sockaddr_storage);
	if (put_part(walk, message.msg_name, message.msg_namelen) ||
	    put_part(walk, message.msg_control, message.msg_controllen))
		return -1;
	if (walk->direction == CC_IN)
		return cc_iovec_encode_in(walk, (uintptr_t)message.msg_iov, message.msg_iovlen);
	return cc_iovec_encode_out(walk, (uintptr_t)message.msg_iov, message.msg_iovlen);
}

static int compare_part(struct cc_walk *walk, const void *live, size_t length, const char *view)
{
	const uint8_t *then;
	size_t logged;
	int got = cc_walk_get_blob(walk, &then, &logged);

	if (got < 0)
		return got;
	if (!got || !live)
		return !got == !live ? 0 : CC_DIFFERS;
	return logged == length &&
			       cc_view_at((unsigned)cc_view_index(view))->same(live, then, length)
		       ? 0
		       : CC_DIFFERS;
}

static int compare_one(struct cc_walk *walk, uint64_t value)
{
	const struct msghdr *live = (const struct msghdr *)(uintptr_t)value;
	uint64_t there = cc_get_u(walk->cursor);
	int status;

	if (!there != !value)
		return CC_DIFFERS;
	if (!live)
		return 0;
	status = compare_part(walk, live->msg_name, live->msg_namelen, "sockaddr");
	if (!status)
		status = compare_part(walk, live->msg_control, live->msg_controllen, "control");
	if (!status)
		status = cc_iovec_compare(walk, (uintptr_t)live->msg_iov, live->msg_iovlen);
	return status;
}

static int serve_part(struct cc_walk *walk, void *live, size_t capacity)
{
	const uint8_t *data;
	size_t length;
	int got = cc_walk_get_blob(walk, &data, &length);

	if (got < 0 || (got && !live))
		return CC_MALFORMED;
	if (got)
		memcpy(live, data, length < capacity ? length : capacity);
	return 0;
}

static int serve_one(struct cc_walk *walk, uint64_t value)
{
	struct msghdr *live = (struct msghdr *)(uintptr_t)value;
	size_t name_capacity, control_capacity;
	uint64_t name, control;

	if (!cc_get_u(walk->cursor) != !value)
		return CC_MALFORMED;
	if (!live)
		return 0;
	name_capacity = live->msg_namelen;
	control_capacity = live->msg_controllen;
	name = cc_get_u(walk->cursor);
	control = cc_get_u(walk->cursor);
	if (name > sizeof(struct sockaddr_storage) || control > control_capacity)
		return CC_MALFORMED;
	live->msg_namelen = (socklen_t)name;
	live->msg_controllen = control;
	live->msg_flags = (int)cc_get_s(walk->cursor);
	if (serve_part(walk, live->msg_name, name_capacity) ||
	    serve_part(walk, live->msg_control, control_capacity))
		return CC_MALFORMED;
	return cc_iovec_serve(walk, (uintptr_t)live->msg_iov, live->msg_iovlen);
}

static int show_part(struct cc_walk *walk, const char *name, const char *view)
{
	const uint8_t *data;
	size_t length;
	int got = cc_walk_get_blob(walk, &data, &length);
	int index = view ? cc_view_index(view) : -1;

	if (got < 0)
		return got;
	if (!got)
		return 0;
	if (index >= 0)
		cc_view_at((unsigned)index)->show(walk->emit, name, data, length);
	else
		walk->emit->bytes(walk->emit, name, data, length);
	return 0;
}

static int show_one(struct cc_walk *walk, const char *name)
{
	struct cc_emit *emit = walk->emit;

	if (!cc_get_u(walk->cursor)) {
		emit->null(emit, name);
		return 0;
	}
	emit->open(emit, name, '{');
	if (walk->direction == CC_OUT) {
		cc_get_u(walk->cursor);
		cc_get_u(walk->cursor);
		emit->number(emit, "flags", cc_names_find("msgflags"), cc_get_s(walk->cursor), 1);
	}
	if (show_part(walk, "name", "sockaddr") || show_part(walk, "control", NULL) ||
	    cc_iovec_show(walk, "data", walk->direction))
		return CC_MALFORMED;
	emit->close(emit, '}');
	return 0;
}

/* ---- vectors of them ---- */

static int is_vector(const struct cc_item *item)
{
	return item->kind == CC_ITEM_MMSGIN || item->kind == CC_ITEM_MMSGOUT;
}

/* Going in there are as many as an argument says, coming out as the result does. */
static uint64_t count_of(const struct cc_walk *walk, const struct cc_item *item)
{
	if (walk->direction == CC_IN)
		return (uint32_t)walk->args[item->length_arg];
	return walk->ret < 0 ? 0 : (uint64_t)walk->ret;
}

static uint64_t address_of(uint64_t vector, uint64_t index)
{
	return vector + index * sizeof(struct mmsghdr);
}

/*
 * Of messages that were sent the length is all that comes out; of a message that was received the
 * length says how much of it there is.
 */
static int encode(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	int64_t ret = walk->ret;
	uint64_t count;
	int status = 0;

	if (!is_vector(item))
		return encode_one(walk, value);
	count = value ? count_of(walk, item) : 0;
	if (count > CC_VECTOR_MAX)
		return -1;
	cc_put_u(walk->out, count + 1);
	for (uint64_t i = 0; i < count && !status; i++) {
		struct mmsghdr message;

		status = cc_walk_read(walk, address_of(value, i), &message, sizeof(message));
		if (!status && walk->direction == CC_OUT)
			cc_put_u(walk->out, walk->ret = message.msg_len);
		if (!status && (walk->direction == CC_IN || item->kind == CC_ITEM_MMSGOUT))
			status = encode_one(walk, address_of(value, i));
		walk->ret = ret;
	}
	return status;
}

static int compare(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	uint64_t count;
	int status = 0;

	if (!is_vector(item))
		return compare_one(walk, value);
	if (cc_walk_get_count(walk, &count) <= 0)
		return CC_MALFORMED;
	if (count != (value ? count_of(walk, item) : 0))
		return CC_DIFFERS;
	for (uint64_t i = 0; i < count && !status; i++)
		status = compare_one(walk, address_of(value, i));
	return status;
}

static int serve(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	int64_t ret = walk->ret;
	uint64_t count;
	int status = 0;

	if (!is_vector(item))
		return serve_one(walk, value);
	if (cc_walk_get_count(walk, &count) <= 0 || count != (value ? count_of(walk, item) : 0) ||
	    count > (uint32_t)walk->args[item->length_arg])
		return CC_MALFORMED;
	for (uint64_t i = 0; i < count && !status; i++) {
		struct mmsghdr *message = (struct mmsghdr *)(uintptr_t)address_of(value, i);

		message->msg_len = (uint32_t)(walk->ret = (int64_t)cc_get_u(walk->cursor));
		if (item->kind == CC_ITEM_MMSGOUT)
			status = serve_one(walk, (uintptr_t)message);
		walk->ret = ret;
	}
	return status;
}

static int show(struct cc_walk *walk, const struct cc_item *item)
{
	uint64_t count;

	if (!is_vector(item))
		return show_one(walk, item->name);
	if (cc_walk_get_count(walk, &count) <= 0)
		return CC_MALFORMED;
	walk->emit->open(walk->emit, item->name, '[');
	for (uint64_t i = 0; i < count; i++) {
		if (walk->direction == CC_OUT)
			walk->emit->number(walk->emit, "length", NULL,
					   (int64_t)cc_get_u(walk->cursor), 1);
		if ((walk->direction == CC_IN || item->kind == CC_ITEM_MMSGOUT) &&
		    show_one(walk, ""))
			return CC_MALFORMED;
	}
	walk->emit->close(walk->emit, ']');
	return 0;
}

const struct cc_shape cc_shape_message = {
	.encode = encode,
	.compare = compare,
	.serve = serve,
	.show = show,
};
