/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files, as a copy that is kept from this machine sees them: those that the run has read, as it
 * read them, under their names. What is below the interpreter's own directories is this machine's,
 * and so is all that the user allowed: of both the broker knows (core/session/broker.h).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/confine.h"
#include "core/replay/told.h"
#include "core/replay/copy.h"
#include "core/replay/heap.h"
#include "core/replay/raw.h"
#include "core/replay/run-files.h"

/* A descriptor of these bytes, to be read. -1 with errno. */
static int descriptor_of(const struct cc_run_file *file, int flags)
{
	long made = cc_raw(SYS_memfd_create, (long)"file of the run",
			   flags & O_CLOEXEC ? 1 /* MFD_CLOEXEC */ : 0, 0, 0, 0, 0);
	size_t at = 0;

	while (made >= 0 && at < file->length) {
		long wrote = cc_raw(SYS_pwrite64, made, (long)(file->text + at),
				    (long)(file->length - at), (long)at, 0, 0);

		if (wrote <= 0) { /* not a part of it, which who reads would take for all */
			cc_raw(SYS_close, made, 0, 0, 0, 0, 0);
			made = wrote ? wrote : -EIO;
		} else {
			at += (size_t)wrote;
		}
	}
	if (made < 0)
		errno = (int)-made;
	return made < 0 ? -1 : (int)made;
}

/* The file, if the run has read of it, and the copy sees no more than that; or NULL. */
static const struct cc_run_file *read_by_run(const char *path)
{
	const struct cc_run_file *file = NULL;

	if (cc_copy_is_guarded() && path && !cc_confine_is_system(path))
		file = cc_run_file(path);
	return file && (file->is_whole || file->length) ? file : NULL;
}

/*
 * Has the run read a file of this path? Then *descriptor is open on what it read, or -1 with errno.
 */
static int open_read(const char *path, int flags, int *descriptor)
{
	const struct cc_run_file *file = NULL;
	char *line;

	if ((flags & (O_ACCMODE | O_CREAT | O_TRUNC)) == O_RDONLY)
		file = read_by_run(path);
	if (!file)
		return 0;
	if (file->is_whole) {
		*descriptor = descriptor_of(file, flags);
		return 1;
	}
	line = cc_heap_format("%s: the run has read a part of it only, so it is not known here",
			      path);
	cc_told_say(line);
	cc_heap_free(line);
	errno = EIO;
	*descriptor = -1;
	return 1;
}

/* Does a path lead from a descriptor, the argument before it? That is one of this machine. */
static int leads_from_here(const struct cc_copy_call *row, const uint64_t *args)
{
	const char *path = (const char *)(uintptr_t)args[row->detail];

	return (int)args[row->detail - 1] != AT_FDCWD && path && *path != '/';
}

int64_t cc_copy_open(const struct cc_copy_call *row, uint64_t *args)
{
	const char *path = (const char *)(uintptr_t)args[row->detail];
	int descriptor;

	if ((row->detail && leads_from_here(row, args)) ||
	    !open_read(path, (int)args[row->detail + 1], &descriptor))
		return cc_copy_real(row, args);
	return descriptor;
}

int64_t cc_copy_fopen(const struct cc_copy_call *row, uint64_t *args)
{
	const char *path = (const char *)(uintptr_t)args[0],
		   *mode = (const char *)(uintptr_t)args[1];
	int descriptor;

	if (*mode != 'r' || strchr(mode, '+') ||
	    !open_read(path, strchr(mode, 'e') ? O_CLOEXEC : 0, &descriptor))
		return cc_copy_real(row, args);
	return descriptor < 0 ? 0 : (int64_t)(uintptr_t)fdopen(descriptor, mode);
}

/* What a program that looks at the file is told; where the run did not ask, what is sure. */
static int64_t status_of(const struct cc_run_file *file, struct stat *to)
{
	*to = (struct stat){.st_mode = S_IFREG | 0444, .st_nlink = 1, .st_blksize = 4096};
	to->st_size = (off_t)file->length;
	if (file->status)
		*to = *file->status;
	return 0;
}

int64_t cc_copy_stat(const struct cc_copy_call *row, uint64_t *args)
{
	const struct cc_run_file *file = read_by_run((const char *)(uintptr_t)args[row->detail]);

	if (!file || (!file->status && !file->is_whole)) /* how large it was is not known */
		return cc_copy_real(row, args);
	return status_of(file, (struct stat *)(uintptr_t)args[row->detail + 1]);
}

int64_t cc_copy_fstatat(const struct cc_copy_call *row, uint64_t *args)
{
	return leads_from_here(row, args) ? cc_copy_real(row, args) : cc_copy_stat(row, args);
}

/* It is there to be read; a copy writes to none. */
int64_t cc_copy_access(const struct cc_copy_call *row, uint64_t *args)
{
	const struct cc_run_file *file = read_by_run((const char *)(uintptr_t)args[row->detail]);
	int mode = (int)args[row->detail + 1];

	if (!file)
		return cc_copy_real(row, args);
	if (!(mode & W_OK) && (!(mode & X_OK) || (file->status && file->status->st_mode & 0111)))
		return 0;
	errno = EACCES;
	return -1;
}

int64_t cc_copy_faccessat(const struct cc_copy_call *row, uint64_t *args)
{
	return leads_from_here(row, args) ? cc_copy_real(row, args) : cc_copy_access(row, args);
}
