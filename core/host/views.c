/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes that are shown as what they mean. They come from a log, so nothing about them is sure. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

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
	emit->bytes(emit, "path", data + offsetof(struct sockaddr_un, sun_path), unix_path(data, length));
}

static size_t sockaddr_length(const uint8_t *data, size_t length)
{
	sa_family_t family;

	if (length < sizeof(family))
		return length;
	memcpy(&family, data, sizeof(family));
	return family == AF_UNIX && length > offsetof(struct sockaddr_un, sun_path)
		       ? offsetof(struct sockaddr_un, sun_path) + unix_path(data, length) : length;
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

static size_t put_utf8(uint8_t *to, uint32_t c)
{
	if (c < 0x80) {
		to[0] = (uint8_t)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (uint8_t)(0xc0 | c >> 6);
		to[1] = (uint8_t)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		to[0] = (uint8_t)(0xe0 | c >> 12);
		to[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		to[2] = (uint8_t)(0x80 | (c & 0x3f));
		return 3;
	}
	to[0] = (uint8_t)(0xf0 | (c >> 18 & 7));
	to[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
	to[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
	to[3] = (uint8_t)(0x80 | (c & 0x3f));
	return 4;
}

void cc_view_wide(struct cc_emit *emit, const char *name, const uint8_t *data, size_t length)
{
	uint8_t text[1024]; /* formats and dates: what is longer is cut */
	size_t used = 0;

	for (size_t at = 0; at + 4 <= length && used + 4 <= sizeof(text); at += 4) {
		uint32_t c;

		memcpy(&c, data + at, sizeof(c));
		used += put_utf8(text + used, c);
	}
	emit->bytes(emit, name, text, used);
}

static const struct cc_view views[] = {
	{"sockaddr", show_sockaddr, sockaddr_length},
	{"fdset", show_fdset, NULL},
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
