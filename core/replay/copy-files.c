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
#include "core/replay/copy.h"
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

/*
 * Has the run read a file of this path? Then *descriptor is open on what it read, or -1 with errno.
 */
static int open_read(const char *path, int flags, int *descriptor)
{
	const struct cc_run_file *file = NULL;

	if (cc_copy_is_guarded() && path && (flags & (O_ACCMODE | O_CREAT | O_TRUNC)) == O_RDONLY &&
	    !cc_confine_is_system(path))
		file = cc_run_file(path);
	if (!file || (!file->is_whole && !file->length))
		return 0;
	if (file->is_whole) {
		*descriptor = descriptor_of(file, flags);
		return 1;
	}
	cc_say("%s: the run has read a part of it only, so it is not known here", path);
	errno = EIO;
	*descriptor = -1;
	return 1;
}

int64_t cc_copy_open(const struct cc_copy_call *row, uint64_t *args)
{
	const char *path = (const char *)(uintptr_t)args[row->detail];
	int descriptor;

	/* A path that leads from a descriptor leads from one of this machine. */
	if ((row->detail && (int)args[0] != AT_FDCWD && path && *path != '/') ||
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
