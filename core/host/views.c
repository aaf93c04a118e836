/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes that are shown as what they mean. They come from a log, so nothing about them is sure. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "core/base/text.h"
#include "core/host/show.h"

static void show_text(struct cc_emit *emit, const char *name, const char *text)
{
	emit->bytes(emit, name, (const uint8_t *)text, strlen(text));
}

static void show_inet(struct cc_emit *emit, int family, const void *address, uint16_t port)
{
	char text[INET6_ADDRSTRLEN];

	show_text(emit, "addr", inet_ntop(family, address, text, sizeof(text)) ?: "");
	emit->number(emit, "port", NULL, ntohs(port), 0);
}

static size_t unix_path(const uint8_t *data, size_t length)
{
	size_t start = offsetof(struct sockaddr_un, sun_path);
	size_t path = length > start ? length - start : 0;

	if (path && data[start]) /* else it is abstract, and every byte counts */
		path = strnlen((const char *)data + start, path);
	return path;
}

static void show_unix(struct cc_emit *emit, const uint8_t *data, size_t length)
{
	emit->bytes(emit, "path", data + offsetof(struct sockaddr_un, sun_path),
		    unix_path(data, length));
}

/*
 * What the kernel looks at in an address, behind its family: of AF_PACKET's neither the hardware's
 * address nor how long it is, which bind does not read. Families that are not listed are compared
 * as a whole.
 */
static const struct meaning {
	sa_family_t family;
	uint8_t from, to;
} meanings[] = {
	{AF_UNSPEC, 2, 2},   {AF_INET, 2, 8},	{AF_INET6, 2, 28}, {AF_PACKET, 2, 11},
	{AF_NETLINK, 4, 12}, {AF_VSOCK, 4, 13}, {AF_CAN, 4, 8},
};

static int same_part(const uint8_t *one, const uint8_t *other, size_t from, size_t to,
		     size_t length)
{
	if (to > length)
		to = length;
	return from >= to || !memcmp(one + from, other + from, to - from);
}

static int same_unix(const uint8_t *one, const uint8_t *other, size_t length)
{
	size_t path = unix_path(one, length), start = offsetof(struct sockaddr_un, sun_path);

	return path == unix_path(other, length) &&
	       same_part(one, other, start, start + path, length);
}

static int same_sockaddr(const uint8_t *one, const uint8_t *other, size_t length)
{
	sa_family_t family;

	if (length < sizeof(family) || memcmp(one, other, sizeof(family)))
		return length < sizeof(family) && !memcmp(one, other, length);
	memcpy(&family, one, sizeof(family));
	if (family == AF_UNIX)
		return same_unix(one, other, length);
	for (size_t i = 0; i < sizeof(meanings) / sizeof(*meanings); i++)
		if (meanings[i].family == family)
			return same_part(one, other, meanings[i].from, meanings[i].to, length);
	return !memcmp(one, other, length);
}

#define ALIGNED(length) (((length) + 7) & ~(size_t)7)

/* struct cmsghdr: each begins at a multiple of eight, and what is between them means nothing. */
static int same_control(const uint8_t *one, const uint8_t *other, size_t length)
{
	struct cmsghdr head;

	for (size_t at = 0; at + sizeof(head) <= length; at += ALIGNED(head.cmsg_len)) {
		memcpy(&head, one + at, sizeof(head));
		if (head.cmsg_len < sizeof(head) || head.cmsg_len > length - at)
			return !memcmp(one + at, other + at, length - at);
		if (memcmp(one + at, other + at, head.cmsg_len))
			return 0;
	}
	return 1;
}

static void show_control(struct cc_emit *emit, const char *name, const uint8_t *data, size_t length)
{
	emit->bytes(emit, name, data, length);
}

/* setsockopt's: struct group_req and group_source_req have a gap, and addresses in them. */
static int same_option(const uint8_t *one, const uint8_t *other, size_t length)
{
	size_t address = sizeof(struct sockaddr_storage);

	if (length != sizeof(struct group_req) && length != sizeof(struct group_source_req))
		return !memcmp(one, other, length);
	if (!same_part(one, other, 0, sizeof(uint32_t), length))
		return 0;
	for (size_t at = 8; at < length; at += address)
		if (!same_sockaddr(one + at, other + at, address))
			return 0;
	return 1;
}

static void show_sockaddr(struct cc_emit *emit, const char *name, const uint8_t *data,
			  size_t length)
{
	struct sockaddr_storage any = {0};
	const struct sockaddr_in *in = (const struct sockaddr_in *)&any;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&any;

	if (length < sizeof(any.ss_family)) {
		emit->bytes(emit, name, data, length);
		return;
	}
	memcpy(&any, data, length < sizeof(any) ? length : sizeof(any));
	emit->open(emit, name, '{');
	emit->number(emit, "family", cc_names_find("family"), any.ss_family, 0);
	if (any.ss_family == AF_INET)
		show_inet(emit, AF_INET, &in->sin_addr, in->sin_port);
	else if (any.ss_family == AF_INET6)
		show_inet(emit, AF_INET6, &in6->sin6_addr, in6->sin6_port);
	else if (any.ss_family == AF_UNIX)
		show_unix(emit, data, length);
	else
		emit->bytes(emit, "data", data + 2, length - 2);
	emit->close(emit, '}');
}

static void show_fdset(struct cc_emit *emit, const char *name, const uint8_t *data, size_t length)
{
	emit->open(emit, name, '[');
	for (size_t bit = 0; bit < length * 8; bit++)
		if (data[bit / 8] >> (bit % 8) & 1)
			emit->number(emit, "", NULL, (int64_t)bit, 1);
	emit->close(emit, ']');
}

void cc_view_wide(struct cc_emit *emit, const char *name, const uint8_t *data, size_t length)
{
	uint8_t text[1024]; /* formats and dates: what is longer is cut */
	size_t used = 0;

	for (size_t at = 0; at + 4 <= length && used + 4 <= sizeof(text); at += 4) {
		uint32_t c;

		memcpy(&c, data + at, sizeof(c));
		used += cc_put_utf8(text + used, c);
	}
	emit->bytes(emit, name, text, used);
}

static const struct cc_view views[] = {
	{"sockaddr", show_sockaddr, same_sockaddr},
	{"fdset", show_fdset, NULL},
	{"control", show_control, same_control},
	{"option", show_control, same_option},
};

#define VIEWS (sizeof(views) / sizeof(*views))

int cc_view_index(const char *name)
{
	for (unsigned i = 0; i < VIEWS; i++)
		if (!strcmp(views[i].name, name))
			return (int)i;
	return -1;
}

const struct cc_view *cc_view_at(unsigned index)
{
	return &views[index];
}
