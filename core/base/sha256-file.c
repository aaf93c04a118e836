/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/sha256.h"

#define CHUNK (256u << 10)

static int digest_fd(int fd, EVP_MD_CTX *context, uint8_t *chunk)
{
	for (;;) {
		ssize_t got = read(fd, chunk, CHUNK);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return (int)got;
		EVP_DigestUpdate(context, chunk, (size_t)got);
	}
}

int cc_sha256_file(const char *path, char digest[65], struct cc_error *error)
{
	uint8_t bytes[EVP_MAX_MD_SIZE];
	unsigned length = 0;
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	uint8_t *chunk = malloc(CHUNK);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int status = CC_OK;

	if (!context || !chunk || EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1)
		status = cc_fail(error, CC_ENOMEM, "%s: no memory for its SHA-256", path);
	else if (fd < 0 || digest_fd(fd, context, chunk) < 0)
		status = cc_fail(error, CC_EIO, "%s: cannot be read: %s", path, strerror(errno));
	else if (EVP_DigestFinal_ex(context, bytes, &length) != 1)
		status = cc_fail(error, CC_ENOMEM, "%s: its SHA-256 cannot be made", path);
	for (unsigned i = 0; !status && i < 32; i++)
		snprintf(digest + 2 * i, 3, "%02x", bytes[i]);
	if (fd >= 0)
		close(fd);
	free(chunk);
	EVP_MD_CTX_free(context);
	return status;
}
