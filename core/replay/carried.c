/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that the slice brought along: each in a memfd, by the name that the run opened it by. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "core/replay/heap.h"
#include "core/replay/preload.h"
#include "core/replay/raw.h"
#include "core/replay/replay.h"
#include "core/replay/state.h"

/* The latest first: a file may come again, with what it held later. */
struct carried {
	struct carried *next;
	const char *path;
	int descriptor;
	dev_t device;
	ino_t inode;
};
static struct carried *files CC_STATE;

void cc_data_add(const char *path, const void *content, size_t length)
{
	struct carried *file = cc_heap_malloc(sizeof(*file));
	struct stat info = {0};

	file->path = cc_heap_copy(path);
	file->descriptor =
		(int)cc_raw(SYS_memfd_create, (long)"crosscut-data", MFD_CLOEXEC, 0, 0, 0, 0);
	for (size_t done = 0; done < length;) {
		long wrote = cc_raw(SYS_write, file->descriptor, (long)content + (long)done,
				    (long)(length - done), 0, 0, 0);

		if (wrote <= 0)
			cc_die("%s of the slice cannot be kept in memory: %s", path,
			       strerror((int)(file->descriptor < 0 ? -file->descriptor
					      : wrote		   ? -wrote
								   : EIO)));
		done += (size_t)wrote;
	}
	cc_raw(SYS_fstat, file->descriptor, (long)&info, 0, 0, 0, 0);
	file->device = info.st_dev;
	file->inode = info.st_ino;
	file->next = files;
	files = file;
}

static int descriptor_of(const char *path)
{
	for (const struct carried *file = files; file; file = file->next)
		if (!strcmp(file->path, path))
			return file->descriptor;
	return -1;
}

/* Each file is opened through its own memfd, whose inode tells it from others. */
const char *cc_data_path(int descriptor)
{
	struct stat info;

	if (cc_raw(SYS_fstat, descriptor, (long)&info, 0, 0, 0, 0))
		return NULL;
	for (const struct carried *file = files; file; file = file->next)
		if (file->inode == info.st_ino && file->device == info.st_dev)
			return file->path;
	return NULL;
}

int cc_data_below(const char *path)
{
	size_t length = strlen(path);

	for (const struct carried *file = files; file; file = file->next)
		if (!strncmp(file->path, path, length) && file->path[length] == '/')
			return 1;
	return 0;
}

/*
 * The C library reads such a file at once, or maps it, and closes it: so no two share the position.
 * To open it anew would take a path, which a confined replay has to ask for.
 */
long cc_data_open(const char *path)
{
	int descriptor = descriptor_of(path);
	long got;

	if (descriptor < 0)
		return -ENOENT;
	got = cc_raw(SYS_fcntl, descriptor, F_DUPFD_CLOEXEC, 0, 0, 0, 0);
	if (got >= 0)
		cc_raw(SYS_lseek, got, 0, SEEK_SET, 0, 0, 0);
	if (got < 0)
		cc_die("%s of the slice cannot be opened: %s%s", path, strerror((int)-got),
		       got == -EMFILE ? ": the replay needs more (ulimit -n)" : "");
	return got;
}
