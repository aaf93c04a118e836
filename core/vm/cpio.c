/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/vm/cpio.h"
#include "core/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define HEADER 110
#define CHUNK 65536

enum field { INODE, MODE, UID, GID, LINKS, MTIME, SIZE, MAJOR, MINOR, RMAJOR, RMINOR, NAME, CHECK };

/* ---- writing ---- */

static void pad(FILE *to, size_t length)
{
	fwrite("\0\0\0", 1, -length & 3, to);
}

static void put_header(FILE *to, const char *name, const struct stat *status, uint64_t length)
{
	static unsigned inode; /* only has to differ between the entries of one archive */
	const unsigned fields[] = {
		[INODE] = ++inode,
		[MODE] = status->st_mode,
		[UID] = status->st_uid,
		[GID] = status->st_gid,
		[LINKS] = 1,
		[MTIME] = status->st_mtime,
		[SIZE] = (unsigned)length,
		[NAME] = strlen(name) + 1,
		[CHECK] = 0,
	};

	fputs("070701", to);
	for (size_t i = 0; i <= CHECK; i++)
		fprintf(to, "%08X", fields[i]);
	fwrite(name, 1, fields[NAME], to);
	pad(to, HEADER + fields[NAME]);
}

void cc_cpio_put(FILE *to, const char *name, const struct stat *status, const void *data,
		 size_t length)
{
	put_header(to, name, status, length);
	fwrite(data, 1, length, to);
	pad(to, length);
}

void cc_cpio_end(FILE *to)
{
	const struct stat none = {0};

	put_header(to, "TRAILER!!!", &none, 0);
}

static int put_file(FILE *to, const struct cc_fileset_entry *entry)
{
	int fd = open(entry->path, O_RDONLY | O_CLOEXEC);
	uint64_t left = entry->status.st_size;
	char chunk[CHUNK];

	if (fd < 0) /* unreadable for this user, or gone since: the guest does without it */
		return 0;
	put_header(to, entry->path + 1, &entry->status, left);
	while (left) {
		size_t want = left < sizeof(chunk) ? left : sizeof(chunk);
		ssize_t n = read(fd, chunk, want);

		if (n <= 0) {
			memset(chunk, 0, want);
			n = want;
		}
		fwrite(chunk, 1, n, to);
		left -= n;
	}
	close(fd);
	pad(to, entry->status.st_size);
	return 0;
}

static int put_entry(void *context, const struct cc_fileset_entry *entry)
{
	mode_t mode = entry->status.st_mode;

	if (!entry->path[1]) /* the root itself */
		return 0;
	if (entry->data)
		cc_cpio_put(context, entry->path + 1, &entry->status, entry->data,
			    entry->status.st_size);
	else if (entry->link)
		cc_cpio_put(context, entry->path + 1, &entry->status, entry->link,
			    strlen(entry->link));
	else if (S_ISDIR(mode))
		cc_cpio_put(context, entry->path + 1, &entry->status, "", 0);
	else if (S_ISREG(mode))
		return put_file(context, entry);
	return 0;
}

int cc_cpio_put_set(FILE *to, struct cc_fileset *set, struct cc_error *error)
{
	cc_fileset_each(set, put_entry, to);
	if (fflush(to) || ferror(to))
		return cc_fail(error, CC_EIO, "writing the guest's files: %s", strerror(errno));
	return 0;
}

/* ---- reading ---- */

static int64_t number(const char *header, enum field which)
{
	char digits[9] = "", *end;
	int64_t value;

	memcpy(digits, header + 6 + 8 * which, 8);
	value = strtoll(digits, &end, 16);
	return *end ? -1 : value;
}

/* The entry at *offset, which moves behind it. 1; 0 at the end; -1 when malformed. */
static int parse(const struct cc_cpio *cpio, size_t *offset, struct cc_cpio_entry *entry)
{
	const char *header = cpio->map + *offset;
	int64_t name_length, size;
	size_t left = cpio->length - *offset, data;

	if (left < HEADER || memcmp(header, "070701", 6))
		return -1;
	name_length = number(header, NAME);
	size = number(header, SIZE);
	if (name_length <= 0 || size < 0 || HEADER + (uint64_t)name_length > left ||
	    header[HEADER + name_length - 1])
		return -1;
	data = (HEADER + name_length + 3) & ~(size_t)3;
	if (data + (uint64_t)size > left)
		return -1;
	entry->name = header + HEADER;
	entry->mode = number(header, MODE);
	entry->size = size;
	entry->data = header + data;
	*offset += (data + size + 3) & ~(size_t)3;
	return strcmp(entry->name, "TRAILER!!!") != 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct cc_cpio_entry *)a)->name,
		      ((const struct cc_cpio_entry *)b)->name);
}

/* The archive is larger than what a walk over its headers should keep in memory. */
#define REST_STEP (16u << 20)

static void rest(const struct cc_cpio *cpio, size_t offset, size_t *rested)
{
	if (offset - *rested < REST_STEP)
		return;
	offset &= ~(size_t)4095;
	madvise((char *)cpio->map + *rested, offset - *rested, MADV_DONTNEED);
	*rested = offset;
}

static int build_index(struct cc_cpio *cpio)
{
	struct cc_cpio_entry entry;
	size_t offset = 0, rested = 0;
	int more;

	while ((more = parse(cpio, &offset, &entry)) > 0) {
		cc_array_room(cpio->entries, cpio->count);
		entry.name = cc_copy(entry.name); /* sorting and looking up stay off the archive */
		cpio->entries[cpio->count++] = entry;
		if (offset >= cpio->length)
			return -1;
		rest(cpio, offset, &rested);
	}
	if (cpio->count)
		qsort(cpio->entries, cpio->count, sizeof(entry), by_name);
	return more;
}

int cc_cpio_open(struct cc_cpio *cpio, const char *path, struct cc_error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;

	memset(cpio, 0, sizeof(*cpio));
	if (fd < 0 || fstat(fd, &status)) {
		int missing = errno == ENOENT;

		if (fd >= 0)
			close(fd);
		return cc_fail(error, missing ? CC_EMISSING : CC_EIO, "%s: %s", path,
			       strerror(errno));
	}
	cpio->length = status.st_size;
	cpio->map = mmap(NULL, cpio->length, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (cpio->map == MAP_FAILED) {
		cpio->map = NULL;
		return cc_fail(error, CC_EIO, "%s: %s", path, strerror(errno));
	}
	if (!build_index(cpio))
		return 0;
	cc_cpio_close(cpio);
	return cc_fail(error, CC_EFORMAT, "%s: not a cpio archive of the base", path);
}

void cc_cpio_close(struct cc_cpio *cpio)
{
	if (cpio->map)
		munmap(cpio->map, cpio->length);
	for (size_t i = 0; i < cpio->count; i++)
		free((char *)cpio->entries[i].name);
	free(cpio->entries);
	memset(cpio, 0, sizeof(*cpio));
}

const struct cc_cpio_entry *cc_cpio_find(const struct cc_cpio *cpio, const char *name)
{
	struct cc_cpio_entry key = {.name = name};

	return cpio->count ? bsearch(&key, cpio->entries, cpio->count, sizeof(key), by_name) : NULL;
}
