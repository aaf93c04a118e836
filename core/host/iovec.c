/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * struct iovec[]: in, a vector of blobs; out, one blob with what the call brought, which goes into
 * the buffers one after the other.
 */
#include "core/host/walk.h"

#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

static int element(struct cc_walk *walk, uint64_t value, uint64_t index, struct iovec *iovec)
{
	return cc_walk_read(walk, value + index * sizeof(*iovec), iovec, sizeof(*iovec));
}

int cc_iovec_encode_in(struct cc_walk *walk, uint64_t value, uint64_t count)
{
	struct iovec iovec;

	if (!value) {
		cc_put_u(walk->out, 0);
		return 0;
	}
	if (count > CC_VECTOR_MAX)
		return -1;
	cc_put_u(walk->out, count + 1);
	for (uint64_t i = 0; i < count; i++)
		if (element(walk, value, i, &iovec) || iovec.iov_len > CC_DATA_MAX ||
		    cc_walk_put_large(walk, (uintptr_t)iovec.iov_base, iovec.iov_len))
			return -1;
	return 0;
}

int cc_iovec_compare(struct cc_walk *walk, uint64_t value, uint64_t count)
{
	const struct iovec *live = (const struct iovec *)(uintptr_t)value;
	uint64_t logged;
	int got = cc_walk_get_count(walk, &logged);

	if (got < 0)
		return got;
	if (!got || !value)
		return !got == !value ? 0 : CC_DIFFERS;
	if (logged != count)
		return CC_DIFFERS;
	for (uint64_t i = 0; i < count; i++) {
		const uint8_t *now = live[i].iov_base, *then;
		struct cc_pieces pieces;
		size_t length;

		if (cc_walk_get_pieces(walk, &pieces) <= 0)
			return CC_MALFORMED;
		if (pieces.length != live[i].iov_len)
			return CC_DIFFERS;
		while ((got = cc_walk_next_piece(walk, &pieces, &then, &length)) > 0) {
			if (memcmp(now, then, length))
				return CC_DIFFERS;
			now += length;
		}
		if (got < 0)
			return got;
	}
	return 0;
}

/* The part of an element that `left` bytes fill. */
static size_t share(const struct iovec *iovec, size_t left)
{
	return iovec->iov_len < left ? iovec->iov_len : left;
}

static int gather(struct cc_walk *walk, uint64_t value, uint64_t count, uint8_t *to, size_t left)
{
	for (uint64_t i = 0; i < count && left; i++) {
		struct iovec iovec;
		size_t length;

		if (element(walk, value, i, &iovec))
			return -1;
		length = share(&iovec, left);
		if (length && cc_walk_read(walk, (uintptr_t)iovec.iov_base, to, length))
			return -1;
		to += length;
		left -= length;
	}
	/* Less room than the result says: a message that was cut (MSG_TRUNC). */
	return (int)(left > INT32_MAX ? INT32_MAX : left);
}

int cc_iovec_encode_out(struct cc_walk *walk, uint64_t value, uint64_t count)
{
	size_t length = walk->ret > 0 ? (size_t)walk->ret : 0;
	uint8_t *data;
	int left;

	if (length > CC_RECORD_MAX || count > CC_VECTOR_MAX)
		return -1;
	data = malloc(length + 1);
	if (!data)
		return -1;
	left = gather(walk, value, count, data, length);
	if (left >= 0)
		cc_walk_put_blob(walk, data, length - (size_t)left);
	free(data);
	return left < 0 ? -1 : 0;
}

int cc_iovec_serve(struct cc_walk *walk, uint64_t value, uint64_t count)
{
	const struct iovec *live = (const struct iovec *)(uintptr_t)value;
	const uint8_t *data;
	size_t left;

	if (cc_walk_get_blob(walk, &data, &left) <= 0 || (int64_t)left > walk->ret ||
	    (left && !live))
		return CC_MALFORMED;
	for (uint64_t i = 0; i < count && left; i++) {
		size_t length = share(&live[i], left);

		if (length && !live[i].iov_base)
			return CC_MALFORMED;
		if (length)
			memcpy(live[i].iov_base, data, length);
		data += length;
		left -= length;
	}
	return left ? CC_MALFORMED : 0;
}

static int show_in(struct cc_walk *walk, const char *name)
{
	uint64_t count;
	int got = cc_walk_get_count(walk, &count);

	if (got < 0)
		return got;
	if (!got) {
		walk->emit->null(walk->emit, name);
		return 0;
	}
	walk->emit->open(walk->emit, name, '[');
	for (uint64_t i = 0; i < count; i++) {
		const uint8_t *data = (const uint8_t *)"", *piece;
		struct cc_pieces pieces;
		size_t length = 0, size;

		if (cc_walk_get_pieces(walk, &pieces) <= 0)
			return CC_MALFORMED;
		got = cc_walk_next_piece(walk, &pieces, &data, &length);
		if (got >= 0)
			walk->emit->bytes(walk->emit, "", data, length);
		while (got > 0)
			got = cc_walk_next_piece(walk, &pieces, &piece, &size);
		if (got < 0)
			return got;
	}
	walk->emit->close(walk->emit, ']');
	return 0;
}

int cc_iovec_show(struct cc_walk *walk, const char *name, int direction)
{
	const uint8_t *data;
	size_t length;

	if (direction == CC_IN)
		return show_in(walk, name);
	if (cc_walk_get_blob(walk, &data, &length) <= 0)
		return CC_MALFORMED;
	walk->emit->bytes(walk->emit, name, data, length);
	return 0;
}

/* ---- as an item: the count is another argument ---- */

static uint64_t count_of(const struct cc_walk *walk, const struct cc_item *item)
{
	int64_t count = (int64_t)cc_item_number(&walk->call->arg[item->length_arg],
						walk->args[item->length_arg]);

	return count < 0 ? 0 : (uint64_t)count;
}

static int encode(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	return walk->direction == CC_IN ? cc_iovec_encode_in(walk, value, count_of(walk, item))
					: cc_iovec_encode_out(walk, value, count_of(walk, item));
}

static int compare(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	return cc_iovec_compare(walk, value, count_of(walk, item));
}

static int serve(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	return cc_iovec_serve(walk, value, count_of(walk, item));
}

static int show(struct cc_walk *walk, const struct cc_item *item)
{
	return cc_iovec_show(walk, item->name, walk->direction);
}

const struct cc_shape cc_shape_iovec = {
	.encode = encode,
	.compare = compare,
	.serve = serve,
	.show = show,
};
