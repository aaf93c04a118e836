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

/* Without printf: this may run amidst the C library's own work, on locales maybe. */
long cc_data_open(const char *path)
{
	int descriptor = descriptor_of(path);
	char name[32] = "/proc/self/fd/", *at = name + strlen(name);
	long got;

	if (descriptor < 0)
		return -ENOENT;
	for (int scale = 100000; scale; scale /= 10)
		if (descriptor >= scale || scale == 1)
			*at++ = (char)('0' + descriptor / scale % 10);
	*at = '\0';
	got = cc_raw(SYS_openat, AT_FDCWD, (long)name, O_RDONLY | O_CLOEXEC, 0, 0, 0);
	if (got < 0)
		cc_die("%s of the slice cannot be opened: %s%s", path, strerror((int)-got),
		       got == -EMFILE ? ": the replay needs more (ulimit -n)" : "");
	return got;
}
