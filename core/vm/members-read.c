/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading the members of a .vmlog. The file is not trusted: sizes are those of the manifest at
 * most.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "core/base/memory.h"
#include "core/base/sha256.h"
#include "core/vm/limits.h"
#include "core/vm/members.h"

#define CHUNK (1 << 18)
#define HOLE 4096
#define WINDOW_LOG_MAX 27 /* 128 MB: what level 3 of any zstd stays far below */

/* ---- finding a member ---- */

static int bad_tar(struct archive *tar, const char *path, struct cc_error *error)
{
	const char *why = archive_error_string(tar);

	if (why && strstr(why, "runcated"))
		return cc_fail(error, CC_ECUT, "%s: cut short; record it again", path);
	return cc_fail(error, CC_EFORMAT,
		       "%s: is not a recording: it does not begin as one: name a file that "
		       "cc-record made",
		       path);
}

/* An archive positioned at the member's data, and its size; NULL on failure. */
static struct archive *find_member(const char *path, const char *name, uint64_t *size,
				   struct cc_error *error)
{
	struct archive *tar = archive_read_new();
	struct archive_entry *entry;
	int got;

	if (access(path, R_OK)) {
		cc_fail(error, errno == ENOENT ? CC_EMISSING : CC_EIO, "%s: %s", path,
			strerror(errno));
		archive_read_free(tar);
		return NULL;
	}
	archive_read_support_format_tar(tar);
	got = archive_read_open_filename(tar, path, CHUNK);
	while (got == ARCHIVE_OK && (got = archive_read_next_header(tar, &entry)) == ARCHIVE_OK) {
		const char *found = archive_entry_pathname(entry);

		if (found && !strcmp(found, name)) {
			*size = archive_entry_size(entry);
			return tar;
		}
	}
	if (got == ARCHIVE_EOF)
		cc_fail(error, CC_EMISSING,
			"%s: has no member %s: it is cut short, or not a recording", path, name);
	else
		bad_tar(tar, path, error);
	archive_read_free(tar);
	return NULL;
}

char *cc_vmlog_read_small(const char *path, const char *name, size_t limit, size_t *length,
			  struct cc_error *error)
{
	uint64_t size;
	struct archive *tar = find_member(path, name, &size, error);
	char *data = NULL;
	ssize_t n;

	if (!tar)
		return NULL;
	if (size > limit) {
		cc_fail(error, CC_ELIMIT, "%s: its %s has %llu bytes, %zu are allowed", path, name,
			(unsigned long long)size, limit);
	} else {
		data = cc_allocate(size + 1);
		n = archive_read_data(tar, data, size);
		if (n != (ssize_t)size) {
			cc_fail(error, CC_ECUT, "%s: cut short in %s; record it again", path, name);
			free(data);
			data = NULL;
		} else {
			data[size] = 0;
		}
	}
	if (data && length)
		*length = size;
	archive_read_free(tar);
	return data;
}

/* ---- decompressing ---- */

struct unpack {
	const char *path, *name; /* for messages */
	int to;			 /* -1: nowhere */
	const char *to_path;
	uint64_t done, size; /* of the content */
	struct cc_sha256 *sha;
};

static int is_zero(const char *data, size_t length)
{
	return !*data && !memcmp(data, data + 1, length - 1);
}

/* Pages of zeros become holes, so that a job image of 4 GB takes no more room than it needs. */
static int write_sparse(struct unpack *unpack, const char *data, size_t length,
			struct cc_error *error)
{
	uint64_t offset = unpack->done;

	while (length) {
		size_t n = HOLE - offset % HOLE;
		ssize_t wrote;

		n = n < length ? n : length;
		wrote = is_zero(data, n) ? (ssize_t)n : pwrite(unpack->to, data, n, offset);
		if (wrote <= 0)
			return cc_fail(error, CC_EIO, "%s: %s; TMPDIR names another directory",
				       unpack->to_path, strerror(errno));
		data += wrote;
		offset += wrote;
		length -= wrote;
	}
	return 0;
}

static int take_content(struct unpack *unpack, const char *data, size_t length,
			struct cc_error *error)
{
	int status = 0;

	if (!length)
		return 0;
	if (length > unpack->size - unpack->done)
		return cc_fail(error, CC_EFORMAT, "%s: its %s is longer than the manifest says",
			       unpack->path, unpack->name);
	cc_sha256_add(unpack->sha, data, length);
	if (unpack->to >= 0)
		status = write_sparse(unpack, data, length, error);
	unpack->done += length;
	return status;
}

static int corrupt(const struct unpack *unpack, const char *why, struct cc_error *error)
{
	return cc_fail(error, CC_EFORMAT, "%s: its %s is damaged (%s); copy or record it again",
		       unpack->path, unpack->name, why);
}

static int decompress(struct unpack *unpack, struct archive *tar, struct cc_error *error)
{
	ZSTD_DCtx *zstd = ZSTD_createDCtx();
	char *compressed = cc_allocate(CHUNK), *content = cc_allocate(CHUNK);
	size_t left = 1;
	ssize_t n = 0;
	int status = 0;

	if (!zstd)
		cc_no_memory(0);
	ZSTD_DCtx_setParameter(zstd, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
	while (!status && (n = archive_read_data(tar, compressed, CHUNK)) > 0) {
		ZSTD_inBuffer in = {compressed, n, 0};

		while (!status && (in.pos < in.size)) {
			ZSTD_outBuffer out = {content, CHUNK, 0};

			left = ZSTD_decompressStream(zstd, &out, &in);
			if (ZSTD_isError(left))
				status = corrupt(unpack, ZSTD_getErrorName(left), error);
			else
				status = take_content(unpack, content, out.pos, error);
		}
		/* what is still in the decoder's buffer */
		while (!status && left) {
			ZSTD_outBuffer out = {content, CHUNK, 0};

			left = ZSTD_decompressStream(zstd, &out, &in);
			if (ZSTD_isError(left) || !out.pos)
				break;
			status = take_content(unpack, content, out.pos, error);
		}
	}
	if (!status && n < 0)
		status = bad_tar(tar, unpack->path, error);
	if (!status && left)
		status = cc_fail(error, CC_ECUT, "%s: cut short in %s; record it again",
				 unpack->path, unpack->name);
	ZSTD_freeDCtx(zstd);
	free(compressed);
	free(content);
	return status;
}

static int parse_entry(const json_t *entry, struct unpack *unpack, struct cc_error *error)
{
	json_int_t bytes = -1;
	const char *digest;

	if (json_unpack((json_t *)entry, "{s:s,s:I}", "sha256", &digest, "bytes", &bytes) ||
	    bytes < 0)
		return cc_fail(error, CC_EFORMAT, "%s: its manifest says nothing of %s",
			       unpack->path, unpack->name);
	unpack->size = bytes;
	return 0;
}

/* Whoever made the file may claim anything: that is looked at before anything is written. */
static int check_claim(const struct unpack *unpack, struct cc_error *error)
{
	char *directory = cc_format("%s", unpack->to_path), *slash = strrchr(directory, '/');
	uint64_t left;

	if (slash)
		*slash = '\0';
	left = cc_space_left(slash ? directory : ".");
	free(directory);
	if (unpack->size > CC_VMLOG_MEMBER_MAX)
		return cc_fail(error, CC_ELIMIT,
			       "%s: its %s is said to have %llu bytes, and %llu are "
			       "taken at most",
			       unpack->path, unpack->name, (unsigned long long)unpack->size,
			       (unsigned long long)CC_VMLOG_MEMBER_MAX);
	if (unpack->size > left / 2)
		return cc_fail(
			error, CC_ELIMIT,
			"%s: its %s is said to have %llu MB, and no more "
			"than half of what the disk has left is taken, which is %llu MB: TMPDIR "
			"names another directory",
			unpack->path, unpack->name, (unsigned long long)unpack->size >> 20,
			(unsigned long long)left >> 20);
	return 0;
}

static int unpack(const char *path, const char *name, const json_t *entry, const char *to,
		  char digest[65], struct cc_error *error)
{
	struct unpack unpack = {.path = path, .name = name, .to = -1, .to_path = to};
	char *member = cc_format("%s.zst", name);
	struct archive *tar = NULL;
	uint64_t compressed;
	int status = parse_entry(entry, &unpack, error);

	if (!status && !(tar = find_member(path, member, &compressed, error)))
		status = error ? error->status : CC_EFORMAT;
	if (!status && to)
		status = check_claim(&unpack, error);
	if (!status && to) {
		unpack.to = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		if (unpack.to < 0)
			status = cc_fail(error, CC_EIO, "%s: %s", to, strerror(errno));
	}
	unpack.sha = cc_sha256_new();
	if (!status)
		status = decompress(&unpack, tar, error);
	cc_sha256_end(unpack.sha, digest);
	if (!status && unpack.done != unpack.size)
		status = corrupt(&unpack, "it is too short", error);
	if (!status && unpack.to >= 0 && ftruncate(unpack.to, unpack.size))
		status = cc_fail(error, CC_EIO, "%s: %s", to, strerror(errno));
	if (unpack.to >= 0)
		close(unpack.to);
	if (tar)
		archive_read_free(tar);
	free(member);
	return status;
}

/* `unpack` checked that the entry has a digest. */
static int compare(const char *path, const char *name, const json_t *entry, const char *digest,
		   struct cc_error *error)
{
	const struct unpack unpack = {.path = path, .name = name};
	const char *wanted = json_string_value(json_object_get(entry, "sha256"));

	if (!strcmp(digest, wanted))
		return 0;
	return corrupt(&unpack, "its SHA-256 is not the manifest's", error);
}

int cc_vmlog_unpack(const char *path, const char *name, const json_t *entry, const char *to,
		    struct cc_error *error)
{
	char digest[65];
	int status = unpack(path, name, entry, to, digest, error);

	return status ? status : compare(path, name, entry, digest, error);
}

int cc_vmlog_unpack_image(const char *path, const char *name, const json_t *entry, int sparse,
			  const char *to, struct cc_error *error)
{
	char digest[65];
	int status = unpack(path, name, entry, to, digest, error);

	if (!status && sparse)
		status = cc_sha256_sparse(to, digest, error);
	return status ? status : compare(path, name, entry, digest, error);
}
