/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A recorded machine (.vmlog): its manifest and its members. An input is what stands in one of
 * them; the tar around it, the digests and the sizes are right. The first byte says which: 'm' the
 * manifest, a digit the member of that number, decompressed, a letter from 'a' on the same as it
 * stands in the tar.
 */
#include <archive.h>
#include <errno.h>
#include <string.h>
#include <zstd.h>

#include "core/base/memory.h"
#include "core/base/sha256.h"
#include "core/vm/vmlog.h"
#include "logs/buffer.h"
#include "logs/text.h"
#include "t/fuzz/fuzz.h"

#define BLOCK 512

static FILE *nowhere;
static char directory[] = "/dev/shm/fuzz-members-XXXXXX";

static void clean(void)
{
	rmdir(directory);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	nowhere = fopen("/dev/null", "w");
	if (!nowhere || !mkdtemp(directory) || atexit(clean))
		return -1;
	return setenv("TMPDIR", directory, 1);
}

/* ---- a tar ---- */

/* POSIX's ustar, as pax(1) has it. */
static void put_file(struct cc_buffer *tar, const char *name, const void *data, size_t length)
{
	static const uint8_t zeros[BLOCK];
	char head[BLOCK] = "";
	unsigned sum = 0;

	snprintf(head, 100, "%s", name);
	memcpy(head + 100,
	       "0000644\0"
	       "0000000\0"
	       "0000000\0",
	       24);
	snprintf(head + 124, 12, "%011zo", length);
	memcpy(head + 136, "00000000000\0        0", 21);
	memcpy(head + 257,
	       "ustar\0"
	       "00",
	       8);
	for (size_t i = 0; i < sizeof(head); i++)
		sum += (uint8_t)head[i];
	snprintf(head + 148, 8, "%06o", sum);
	cc_put_bytes(tar, head, sizeof(head));
	cc_put_bytes(tar, data, length);
	cc_put_bytes(tar, zeros, -length % BLOCK);
}

static void digest_of(const void *data, size_t length, char digest[65])
{
	struct cc_sha256 *sha = cc_sha256_new();

	cc_sha256_add(sha, data, length);
	cc_sha256_end(sha, digest);
}

/* ---- a recording ---- */

struct content {
	const uint8_t *data;
	size_t length;
	int packed; /* it is a zstd stream already */
};

static json_t *manifest_of(const struct content members[CC_MEMBERS])
{
	json_t *entries = json_object();

	for (int i = 0; i < CC_MEMBERS; i++) {
		char digest[65];

		digest_of(members[i].data, members[i].length, digest);
		json_object_set_new(entries, cc_member_names[i],
				    json_pack("{s:s, s:I}", "sha256", digest, "bytes",
					      (json_int_t)members[i].length));
	}
	return json_pack("{s:s, s:i, s:s, s:o, s:{s:s, s:s, s:i, s:i, s:i, s:i, s:i}}", "kind",
			 "vmlog", "version", CC_VMLOG_VERSION, "base", "none", "members", entries,
			 "kernel", "current_task", "1", "do_exit", "2", "task_pid", 1, "task_tgid",
			 2, "task_real_parent", 3, "task_comm", 4, "task_exit_code", 5);
}

static void put_member(struct cc_buffer *tar, int i, const struct content *content)
{
	static ZSTD_CCtx *zstd; /* one for all: to make one costs more than all else here */
	char name[64], packed[1 << 16];
	size_t length = content->length;
	const void *data = content->data;

	snprintf(name, sizeof(name), "%s.zst", cc_member_names[i]);
	if (!zstd)
		zstd = ZSTD_createCCtx();
	if (!content->packed) {
		length = ZSTD_compressCCtx(zstd, packed, sizeof(packed), data, length, 1);
		data = packed;
	}
	if (!ZSTD_isError(length))
		put_file(tar, name, data, length);
}

static void put_recording(struct cc_buffer *tar, const char *manifest, size_t length,
			  const struct content members[CC_MEMBERS])
{
	static const uint8_t end[2 * BLOCK];
	char digest[65];

	digest_of(manifest, length, digest);
	put_file(tar, CC_VMLOG_MANIFEST, manifest, length);
	put_file(tar, CC_VMLOG_DIGEST, digest, 64);
	for (int i = 0; i < CC_MEMBERS; i++)
		put_member(tar, i, &members[i]);
	cc_put_bytes(tar, end, sizeof(end));
}

/* ---- reading ---- */

/* The member that the input is; all, where it is what is said of them. Descriptors are from `first`
 * on. */
static void read_some(const char *path, int member, unsigned first)
{
	struct cc_error error = {0};
	struct cc_vmlog *log = cc_vmlog_open(path, &error);

	if (!log)
		return;
	if (member >= 0)
		cc_vmlog_member(log, member, &error);
	for (int i = 0; member < 0 && i < CC_MEMBERS; i++)
		cc_vmlog_member(log, i, &error);
	cc_json_print(cc_vmlog_manifest(log), nowhere);
	cc_vmlog_close(log);
	/* A working directory is held until its process ends, which is after one of them. */
	close_range(first, ~0u, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t start[264];
	static struct file file;
	struct content members[CC_MEMBERS] = {[CC_MEMBER_START] = {start, sizeof(start), 0}};
	struct cc_buffer tar = {0};
	int packed = size && *data >= 'a', member = -1;
	char *manifest;

	if (!size)
		return 0;
	if (*data != 'm') {
		member = (*data - (packed ? 'a' : '0')) % CC_MEMBERS;
		if (member < 0)
			return 0;
		members[member] = (struct content){data + 1, size - 1, packed};
	}
	if (member < 0) {
		put_recording(&tar, (const char *)data + 1, size - 1, members);
	} else {
		json_t *object = manifest_of(members);

		manifest = json_dumps(object, 0);
		put_recording(&tar, manifest, strlen(manifest), members);
		free(manifest);
		json_decref(object);
	}
	file_holds(&file, tar.data, tar.length);
	read_some(file.path, member, (unsigned)file.descriptor + 1);
	cc_buffer_free(&tar);
	return 0;
}
