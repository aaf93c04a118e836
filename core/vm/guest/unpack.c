/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fills the base tree at the first boot. The base's files stand on the drive as a cpio archive
 * (newc), not in the initramfs: that would leave a second copy of everything in the snapshot's
 * memory. For the same reason the drive is read past the page cache.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/vm/guest/guest.h"

#define CHUNK (1 << 20)
#define HEADER 110 /* magic and 13 fields of 8 hexadecimal digits */

enum field { INODE, MODE, UID, GID, LINKS, MTIME, SIZE, MAJOR, MINOR, RMAJOR, RMINOR, NAME };

static struct {
	int fd;
	char *data; /* CHUNK bytes of the drive */
	size_t at, end;
} drive;

static void take(void *to, size_t length)
{
	while (length) {
		size_t n = drive.end - drive.at;

		if (!n) {
			ssize_t got = read(drive.fd, drive.data, CHUNK);

			if (got <= 0)
				die("the base ends too early");
			drive.at = 0;
			drive.end = got;
			continue;
		}
		n = n < length ? n : length;
		if (to) {
			memcpy(to, drive.data + drive.at, n);
			to = (char *)to + n;
		}
		drive.at += n;
		length -= n;
	}
}

static unsigned long field(const char *header, enum field which)
{
	char digits[9] = "";

	memcpy(digits, header + 6 + 8 * which, 8);
	return strtoul(digits, NULL, 16);
}

static void unpack_file(const char *path, mode_t mode, size_t size)
{
	static char chunk[65536];
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode & 07777);

	if (fd < 0)
		die("%s", path);
	while (size) {
		size_t n = size < sizeof(chunk) ? size : sizeof(chunk);

		take(chunk, n);
		if (write(fd, chunk, n) != (ssize_t)n)
			die("writing %s", path);
		size -= n;
	}
	close(fd);
}

static void unpack_link(const char *path, size_t size)
{
	char target[4096];

	if (size >= sizeof(target))
		die("link %s", path);
	take(target, size);
	target[size] = 0;
	if (symlink(target, path))
		die("link %s", path);
}

static void unpack_entry(const char *header, const char *name)
{
	mode_t mode = field(header, MODE);
	size_t size = field(header, SIZE);
	struct timespec times[2] = {{.tv_sec = field(header, MTIME)},
				    {.tv_sec = field(header, MTIME)}};
	char path[4200];

	snprintf(path, sizeof(path), BASE_TREE "/%s", name);
	if (S_ISDIR(mode)) {
		if (mkdir(path, 0755) && errno != EEXIST)
			die("directory %s", path);
	} else if (S_ISLNK(mode)) {
		unpack_link(path, size);
	} else {
		unpack_file(path, mode, size);
	}
	if (lchown(path, field(header, UID), field(header, GID)))
		die("owner of %s", path);
	if (!S_ISLNK(mode) && chmod(path, mode & 07777)) /* chown dropped the set-id bits */
		die("mode of %s", path);
	utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW);
	take(NULL, -size & 3);
}

void unpack_base(void)
{
	char header[HEADER], name[4096];

	drive.fd = open(JOB_DRIVE, O_RDONLY | O_DIRECT | O_CLOEXEC);
	if (drive.fd < 0 || posix_memalign((void **)&drive.data, 4096, CHUNK))
		die("%s", JOB_DRIVE);
	mkdir(BASE_TREE, 0755);
	if (mount("tmpfs", BASE_TREE, "tmpfs", 0, "mode=755,size=100%"))
		die("mount %s", BASE_TREE);
	for (;;) {
		size_t length;

		take(header, sizeof(header));
		length = field(header, NAME);
		if (memcmp(header, "070701", 6) || length >= sizeof(name))
			die("the base is not a cpio archive");
		take(name, length);
		take(NULL, -(HEADER + length) & 3);
		if (!strcmp(name, "TRAILER!!!"))
			break;
		unpack_entry(header, name);
	}
	free(drive.data);
	close(drive.fd);
}
