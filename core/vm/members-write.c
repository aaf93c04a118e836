/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing a .vmlog. The manifest is the tar's first member and names the digests of all others, so
 * these are compressed into a file of their own first, and copied behind the manifest at the end.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zstd.h>

#include "core/base/files.h"
#include "core/base/memory.h"
#include "core/base/sha256.h"
#include "core/vm/members.h"
#include "logs/newfile.h"

#define CHUNK (1 << 20)
#define FRAME (8 << 20) /* of input: bounds what a reader of one frame needs */
#define LEVEL 3
#define MEMBERS_MAX 16

const char *const cc_member_names[CC_MEMBERS] = {"rr", "job.squashfs", "start", "stdout", "stderr"};

struct cc_vmlog_writer {
	char *path, *temporary;
	int fd;	   /* of the log; -1: none */
	int spool; /* compressed members, one after the other, in a file without a name */
	struct {
		char *name;
		uint64_t length;
	} members[MEMBERS_MAX];
	size_t count;
	const volatile sig_atomic_t *interrupted;
};

struct cc_vmlog_writer *cc_vmlog_create(const char *path, const volatile sig_atomic_t *interrupted,
					struct cc_error *error)
{
	struct cc_vmlog_writer *writer = cc_allocate_zeros(1, sizeof(*writer));
	char *none = NULL;

	writer->path = cc_copy(path);
	writer->interrupted = interrupted;
	writer->fd = cc_newfile_open(path, &writer->temporary);
	writer->spool = writer->fd < 0 ? -1 : cc_newfile_open(path, &none);
	if (none)
		unlink(none); /* nothing of it stays, however we end */
	free(none);
	if (writer->spool >= 0)
		return writer;
	cc_fail(error, CC_EIO, "%s: %s", path, strerror(errno));
	cc_vmlog_abandon(writer);
	return NULL;
}

void cc_vmlog_abandon(struct cc_vmlog_writer *writer)
{
	if (!writer)
		return;
	if (writer->fd >= 0)
		cc_newfile_discard(writer->fd, &writer->temporary);
	if (writer->spool >= 0)
		close(writer->spool);
	for (size_t i = 0; i < writer->count; i++)
		free(writer->members[i].name);
	free(writer->path);
	free(writer);
}

static void enter(struct cc_vmlog_writer *writer, char *name, uint64_t length)
{
	if (writer->count == MEMBERS_MAX)
		abort();
	writer->members[writer->count].name = name;
	writer->members[writer->count++].length = length;
}

static int is_interrupted(const struct cc_vmlog_writer *writer, struct cc_error *error)
{
	if (!writer->interrupted || !*writer->interrupted)
		return 0;
	return cc_fail(error, CC_EUSAGE, "interrupted by SIG%s",
		       sigabbrev_np(*writer->interrupted));
}

/* ---- compressing ---- */

struct squeeze {
	struct cc_vmlog_writer *writer;
	ZSTD_CCtx *zstd;
	char *in, *out;
	uint64_t written;
};

static int squeeze(struct squeeze *squeeze, size_t length, int last, struct cc_error *error)
{
	ZSTD_inBuffer in = {squeeze->in, length, 0};
	size_t left;

	do {
		ZSTD_outBuffer out = {squeeze->out, CHUNK, 0};
		int status;

		left = ZSTD_compressStream2(squeeze->zstd, &out, &in,
					    last ? ZSTD_e_end : ZSTD_e_continue);
		if (ZSTD_isError(left))
			return cc_fail(error, CC_EIO, "zstd: %s", ZSTD_getErrorName(left));
		status = cc_write_all(squeeze->writer->spool, squeeze->out, out.pos,
				      squeeze->writer->path, error);
		if (status)
			return status;
		squeeze->written += out.pos;
	} while (last ? left != 0 : in.pos < in.size);
	return 0;
}

static int squeeze_file(struct squeeze *to, int from, uint64_t length, struct cc_sha256 *sha,
			uint64_t *read_in_all, struct cc_error *error)
{
	uint64_t done = 0;
	int status = 0;

	for (;;) {
		uint64_t want = length - done < CHUNK ? length - done : CHUNK;
		ssize_t n = want ? read(from, to->in, want) : 0;

		if (n < 0)
			return cc_fail(error, CC_EIO, "reading a part of the log: %s",
				       strerror(errno));
		cc_sha256_add(sha, to->in, n);
		done += n;
		status = squeeze(to, n, !n || done % FRAME == 0, error);
		if (!status)
			status = is_interrupted(to->writer, error);
		if (status || !n)
			break;
	}
	*read_in_all = done;
	return status;
}

int cc_vmlog_add(struct cc_vmlog_writer *writer, const char *name, const char *file,
		 uint64_t length, json_t **entry, struct cc_error *error)
{
	int from = open(file, O_RDONLY | O_CLOEXEC), status;
	struct squeeze state = {writer, ZSTD_createCCtx(), cc_allocate(CHUNK), cc_allocate(CHUNK),
				0};
	struct cc_sha256 *sha = cc_sha256_new();
	uint64_t bytes = 0;
	char digest[65];

	if (!state.zstd)
		cc_no_memory(0);
	ZSTD_CCtx_setParameter(state.zstd, ZSTD_c_compressionLevel, LEVEL);
	ZSTD_CCtx_setParameter(state.zstd, ZSTD_c_checksumFlag, 1);
	status = from < 0 ? cc_fail(error, CC_EIO, "%s: %s", file, strerror(errno))
			  : squeeze_file(&state, from, length, sha, &bytes, error);
	cc_sha256_end(sha, digest);
	if (!status)
		enter(writer, cc_format("%s.zst", name), state.written);
	if (!status && entry)
		*entry = json_pack("{s:s,s:I}", "sha256", digest, "bytes", (json_int_t)bytes);
	ZSTD_freeCCtx(state.zstd);
	free(state.in);
	free(state.out);
	if (from >= 0)
		close(from);
	return status;
}

int cc_vmlog_add_bytes(struct cc_vmlog_writer *writer, const char *name, const void *data,
		       size_t length, struct cc_error *error)
{
	int status = cc_write_all(writer->spool, data, length, writer->path, error);

	if (!status)
		enter(writer, cc_copy(name), length);
	return status;
}

/* ---- the tar ---- */

const char *cc_archive_error(struct archive *tar)
{
	return archive_errno(tar) > 0 ? strerror(archive_errno(tar)) : archive_error_string(tar);
}

static int put_header(struct archive *tar, const char *name, uint64_t size, struct cc_error *error)
{
	struct archive_entry *entry = archive_entry_new();
	int status = 0;

	archive_entry_set_pathname(entry, name);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0644);
	archive_entry_set_size(entry, size);
	archive_entry_set_mtime(entry, time(NULL), 0);
	if (archive_write_header(tar, entry) != ARCHIVE_OK)
		status = cc_fail(error, CC_EIO, "%s", cc_archive_error(tar));
	archive_entry_free(entry);
	return status;
}

static int put_bytes(struct archive *tar, const char *name, const void *data, size_t length,
		     struct cc_error *error)
{
	int status = put_header(tar, name, length, error);

	if (!status && archive_write_data(tar, data, length) != (ssize_t)length)
		status = cc_fail(error, CC_EIO, "%s", cc_archive_error(tar));
	return status;
}

static int put_spooled(struct archive *tar, struct cc_vmlog_writer *writer, size_t index,
		       struct cc_error *error)
{
	uint64_t left = writer->members[index].length;
	int status = put_header(tar, writer->members[index].name, left, error);
	char *chunk = cc_allocate(CHUNK);

	while (!status && left) {
		ssize_t n = read(writer->spool, chunk, left < CHUNK ? left : CHUNK);

		if (n <= 0)
			status = cc_fail(error, CC_EIO, "%s: %s", writer->path, strerror(errno));
		else if (archive_write_data(tar, chunk, n) != n)
			status = cc_fail(error, CC_EIO, "%s", cc_archive_error(tar));
		else
			status = is_interrupted(writer, error);
		left -= n > 0 ? n : 0;
	}
	free(chunk);
	return status;
}

static int put_manifest(struct archive *tar, const json_t *manifest, struct cc_error *error)
{
	char *text = json_dumps(manifest, JSON_INDENT(1)), digest[66];
	struct cc_sha256 *sha = cc_sha256_new();
	int status;

	if (!text)
		abort();
	cc_sha256_add(sha, text, strlen(text));
	cc_sha256_end(sha, digest);
	strcat(digest, "\n");
	status = put_bytes(tar, CC_VMLOG_MANIFEST, text, strlen(text), error);
	if (!status)
		status = put_bytes(tar, CC_VMLOG_DIGEST, digest, strlen(digest), error);
	free(text);
	return status;
}

static int write_tar(struct cc_vmlog_writer *writer, const json_t *manifest, struct cc_error *error)
{
	struct archive *tar = archive_write_new();
	struct cc_error why = {0};
	int status = 0;

	archive_write_set_format_gnutar(tar);
	if (lseek(writer->spool, 0, SEEK_SET) < 0 ||
	    archive_write_open_fd(tar, writer->fd) != ARCHIVE_OK)
		status = cc_fail(&why, CC_EIO, "%s", strerror(errno));
	if (!status)
		status = put_manifest(tar, manifest, &why);
	for (size_t i = 0; !status && i < writer->count; i++)
		status = put_spooled(tar, writer, i, &why);
	if (!status && archive_write_close(tar) != ARCHIVE_OK)
		status = cc_fail(&why, CC_EIO, "%s", cc_archive_error(tar));
	archive_write_free(tar);
	return status ? cc_fail(error, status, "%s: %s", writer->path, why.text) : 0;
}

int cc_vmlog_finish(struct cc_vmlog_writer *writer, const json_t *manifest, char **name,
		    struct cc_error *error)
{
	int status = write_tar(writer, manifest, error);

	if (!status &&
	    (name ? cc_newfile_publish_new(writer->fd, &writer->temporary, writer->path, name)
		  : cc_newfile_publish(writer->fd, &writer->temporary, writer->path)))
		status = cc_fail(error, CC_EIO, "%s: %s", writer->path, strerror(errno));
	cc_vmlog_abandon(writer);
	return status;
}
