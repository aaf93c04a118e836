/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SHA-256, over streams, files and sparse images. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "core/base/sha256.h"

#define PAGE 4096
#define CHUNK (1 << 20)

struct cc_sha256 {
	EVP_MD_CTX *context;
};

struct cc_sha256 *cc_sha256_new(void)
{
	struct cc_sha256 *sha = cc_allocate(sizeof(*sha));

	sha->context = EVP_MD_CTX_new();
	if (!sha->context || !EVP_DigestInit_ex(sha->context, EVP_sha256(), NULL))
		cc_no_memory(0);
	return sha;
}

void cc_sha256_add(struct cc_sha256 *sha, const void *data, size_t length)
{
	if (!EVP_DigestUpdate(sha->context, data, length))
		abort();
}

void cc_sha256_end(struct cc_sha256 *sha, char digest[65])
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned length = 0;

	EVP_DigestFinal_ex(sha->context, bytes, &length);
	for (unsigned i = 0; digest && i < length; i++)
		sprintf(digest + 2 * i, "%02x", bytes[i]);
	EVP_MD_CTX_free(sha->context);
	free(sha);
}

int cc_sha256_file(const char *path, char digest[65], struct cc_error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), status = 0;
	struct cc_sha256 *sha;
	char *chunk;
	ssize_t n;

	if (fd < 0)
		return cc_fail(error, CC_EIO, "%s: cannot be read: %s", path, strerror(errno));
	sha = cc_sha256_new();
	chunk = cc_allocate(CHUNK);
	while ((n = read(fd, chunk, CHUNK)) > 0 || (n < 0 && errno == EINTR))
		cc_sha256_add(sha, chunk, n > 0 ? (size_t)n : 0);
	if (n < 0)
		status = cc_fail(error, CC_EIO, "%s: cannot be read: %s", path, strerror(errno));
	free(chunk);
	cc_sha256_end(sha, digest);
	close(fd);
	return status;
}

static void add_pages(struct cc_sha256 *sha, uint64_t offset, const char *data, size_t length)
{
	static const char zeros[PAGE];

	for (size_t at = 0; at < length; at += PAGE) {
		size_t size = length - at < PAGE ? length - at : PAGE;
		uint64_t number = (offset + at) / PAGE;
		unsigned char bytes[8];

		if (!memcmp(data + at, zeros, size))
			continue;
		for (int i = 0; i < 8; i++)
			bytes[i] = number >> (8 * i);
		cc_sha256_add(sha, bytes, sizeof(bytes));
		cc_sha256_add(sha, data + at, size);
	}
}

int cc_sha256_sparse(const char *path, char digest[65], struct cc_error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), status = 0;
	struct cc_sha256 *sha;
	char *chunk;
	off_t at = 0;

	if (fd < 0)
		return cc_fail(error, errno == ENOENT ? CC_EMISSING : CC_EIO, "%s: %s", path,
			       strerror(errno));
	sha = cc_sha256_new();
	chunk = cc_allocate(CHUNK);
	while ((at = lseek(fd, at, SEEK_DATA)) >= 0) {
		ssize_t n;

		at -= at % PAGE;
		n = pread(fd, chunk, CHUNK, at);
		if (n <= 0)
			break;
		add_pages(sha, at, chunk, n);
		at += n;
	}
	if (errno != ENXIO)
		status = cc_fail(error, CC_EIO, "%s: %s", path, strerror(errno));
	free(chunk);
	cc_sha256_end(sha, digest);
	close(fd);
	return status;
}
