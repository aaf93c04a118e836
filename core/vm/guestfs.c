/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looking into a job's image, by unsquashfs. */
#include "core/vm/guestfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/fence.h"
#include "core/base/files.h"
#include "core/base/memory.h"
#include "core/base/program.h"

#define HINT "run `make deps`, or install squashfs-tools"
#define ROOT "squashfs-root"
#define PREFIX ROOT "/root"
#define ARROW " -> "
#define LISTING_MAX (1u << 30)

/*
 * An image may be somebody else's: unsquashfs sees it and no other file, and has bounds. On one
 * processor, as its threads would need more memory than a file's blocks.
 */
#define UNSQUASHFS "unsquashfs", "-processors", "1"
#define MEMORY_MAX (UINT64_C(4) << 30)
#define SECONDS_MAX 600

static int unsquash(const char *const argv[], const char *image, uint64_t most, int to,
		    struct cc_error *error)
{
	const char *const readable[] = {image, NULL};
	const struct cc_fence fence = {.readable = readable,
				       .file_bytes = most,
				       .memory_bytes = MEMORY_MAX,
				       .seconds = SECONDS_MAX};

	return cc_run_fenced(argv, -1, to, HINT, &fence, error);
}

static mode_t parse_mode(const char *text)
{
	static const struct {
		char letter;
		mode_t type;
	} types[] = {{'-', S_IFREG}, {'d', S_IFDIR}, {'l', S_IFLNK}, {'p', S_IFIFO}};
	mode_t mode = 0;

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (text[0] == types[i].letter)
			mode = types[i].type;
	for (int i = 1; i <= 9; i++)
		if (text[i] && !strchr("-ST", text[i]))
			mode |= 1 << (9 - i);
	return mode;
}

/*
 * Where the name stands in "-rwxr-xr-x 0/0   1234 2026-01-31 12:00 squashfs-root/root/a file"; 0:
 * in no such line.
 */
static int name_in(const char *line, char mode[16], unsigned long long *size)
{
	char ids[64], day[32], hour[32];
	int at = 0;

	if (sscanf(line, "%15s %63s %llu %31s %31s %n", mode, ids, size, day, hour, &at) != 5)
		return 0;
	return !strncmp(line + at, ROOT, strlen(ROOT)) ? at : 0;
}

/* A link adds " -> target". */
static int parse_line(const char *line, struct cc_guestfs_entry *entry)
{
	unsigned long long size;
	const char *arrow;
	char mode[16];
	int at = name_in(line, mode, &size);

	if (!at || strncmp(line + at, PREFIX "/", strlen(PREFIX "/")))
		return -1;
	line += at + strlen(PREFIX);
	*entry = (struct cc_guestfs_entry){.mode = parse_mode(mode), .size = size};
	arrow = S_ISLNK(entry->mode) ? strstr(line, ARROW) : NULL;
	entry->path = arrow ? cc_format("%.*s", (int)(arrow - line), line) : cc_copy(line);
	entry->link = arrow ? cc_copy(arrow + strlen(ARROW)) : NULL;
	return 0;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct cc_guestfs_entry *)a)->path,
		      ((const struct cc_guestfs_entry *)b)->path);
}

/* The next file of the listing: names are printed as they are, and some go on in the next line. */
static char *next_file(char **text)
{
	char *start = *text, *end = start, mode[16];
	unsigned long long size;

	if (!start || !*start)
		return NULL;
	while ((end = strchr(end, '\n')) && end[1] && !name_in(end + 1, mode, &size))
		end++;
	*text = end && end[1] ? end + 1 : NULL;
	if (end)
		*end = 0;
	return start;
}

static void parse_listing(struct cc_guestfs *files, char *text)
{
	char *line;

	while ((line = next_file(&text))) {
		struct cc_guestfs_entry entry;

		if (parse_line(line, &entry))
			continue;
		cc_array_room(files->entries, files->count);
		files->entries[files->count++] = entry;
	}
	if (files->count)
		qsort(files->entries, files->count, sizeof(*files->entries), by_path);
}

int cc_guestfs_list(struct cc_guestfs *files, const char *image, struct cc_error *error)
{
	const char *const argv[] = {UNSQUASHFS, "-lln", image, NULL};
	char *path = cc_format("%s.list", image), *text;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), status;

	memset(files, 0, sizeof(*files));
	status = fd < 0 ? cc_fail(error, CC_EIO, "%s: %s", path, strerror(errno))
			: unsquash(argv, image, LISTING_MAX, fd, error);
	if (fd >= 0)
		close(fd);
	if (!status) {
		text = cc_read_file(path, LISTING_MAX, NULL, error);
		if (text)
			parse_listing(files, text);
		else
			status = CC_EIO;
		free(text);
	}
	unlink(path);
	free(path);
	return status;
}

void cc_guestfs_free(struct cc_guestfs *files)
{
	for (size_t i = 0; i < files->count; i++) {
		free(files->entries[i].path);
		free(files->entries[i].link);
	}
	free(files->entries);
	memset(files, 0, sizeof(*files));
}

const struct cc_guestfs_entry *cc_guestfs_find(const struct cc_guestfs *files, const char *path)
{
	struct cc_guestfs_entry key = {.path = (char *)path};

	return files->count ? bsearch(&key, files->entries, files->count, sizeof(key), by_path)
			    : NULL;
}

/* unsquashfs takes wildcards in names: a backslash makes each special character itself. */
static char *literal(const char *path)
{
	char *text = cc_allocate(2 * strlen(path) + 8), *to = text;

	to = stpcpy(to, "/root");
	for (; *path; path++) {
		if (strchr("*?[]\\()|+@!", *path))
			*to++ = '\\';
		*to++ = *path;
	}
	*to = 0;
	return text;
}

int cc_guestfs_read(const char *image, const char *path, uint64_t most, int to,
		    struct cc_error *error)
{
	char *name = literal(path);
	const char *const argv[] = {UNSQUASHFS, "-no-progress", "-cat", image, name, NULL};
	int status = unsquash(argv, image, most, to, error);

	free(name);
	return status;
}
