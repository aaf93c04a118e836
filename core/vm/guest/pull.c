/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the run changed, as a tar stream. The overlay's upper directory holds exactly that: changed
 * files whole, and a character device 0:0 for each name that was removed.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "core/vm/guest/guest.h"

/* POSIX ustar */
struct tar_header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8];
	char type, link[100], magic[6], version[2], owner[32], group[32], major[8], minor[8];
	char prefix[155], pad[12];
};
_Static_assert(sizeof(struct tar_header) == 512, "a tar header is one block");
#define NAME_MAX_IN_HEADER sizeof(((struct tar_header *)0)->name)
#define LINK_MAX_IN_HEADER sizeof(((struct tar_header *)0)->link)

static const char zeros[1024];

static void put_padding(uint64_t size)
{
	port_write(PORT_PULL, zeros, -size & 511);
}

static void put_header(const char *name, const char *link, const struct stat *status, char type,
		       uint64_t size)
{
	struct tar_header header = {.type = type, .magic = "ustar", .version = {'0', '0'}};
	unsigned sum = 0;

	memcpy(header.name, name, strnlen(name, sizeof(header.name)));
	memcpy(header.link, link, strnlen(link, sizeof(header.link)));
	snprintf(header.mode, sizeof(header.mode), "%07o", status->st_mode & 07777);
	snprintf(header.uid, sizeof(header.uid), "%07o", status->st_uid & 07777777);
	snprintf(header.gid, sizeof(header.gid), "%07o", status->st_gid & 07777777);
	snprintf(header.size, sizeof(header.size), "%011llo", (unsigned long long)size);
	snprintf(header.mtime, sizeof(header.mtime), "%011llo",
		 (unsigned long long)status->st_mtime & 077777777777);
	memset(header.checksum, ' ', sizeof(header.checksum));
	for (size_t i = 0; i < sizeof(header); i++)
		sum += ((unsigned char *)&header)[i];
	snprintf(header.checksum, sizeof(header.checksum), "%06o", sum);
	port_write(PORT_PULL, &header, sizeof(header));
}

/* GNU's long names: an entry of type L (a name) or K (a link's target) before the entry itself. */
static void put_long(char type, const char *text)
{
	const struct stat plain = {.st_mode = 0644};
	size_t length = strlen(text) + 1;

	put_header("././@LongLink", "", &plain, type, length);
	port_write(PORT_PULL, text, length);
	put_padding(length);
}

static void put_content(const char *path, uint64_t size)
{
	static char chunk[65536];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	uint64_t left = size;

	while (left) {
		size_t want = left < sizeof(chunk) ? left : sizeof(chunk);
		ssize_t n = fd < 0 ? 0 : read(fd, chunk, want);

		if (n <=
		    0) { /* shorter than its size said: nobody runs any more, so it is an error */
			memset(chunk, 0, want);
			n = want;
		}
		port_write(PORT_PULL, chunk, n);
		left -= n;
	}
	if (fd >= 0)
		close(fd);
	put_padding(size);
}

static void put_entry(const char *path, const char *name)
{
	char target[4096] = "";
	struct stat status;
	uint64_t size = 0;
	char type;

	if (lstat(path, &status))
		return;
	if (S_ISREG(status.st_mode)) {
		type = '0';
		size = status.st_size;
	} else if (S_ISDIR(status.st_mode)) {
		type = '5';
	} else if (S_ISLNK(status.st_mode)) {
		ssize_t n = readlink(path, target, sizeof(target) - 1);

		target[n > 0 ? n : 0] = 0;
		type = '2';
	} else if (S_ISCHR(status.st_mode) && status.st_rdev == makedev(0, 0)) {
		type = '3'; /* removed: the host turns it into a deletion */
	} else {
		return; /* sockets, pipes, devices */
	}
	if (strlen(name) > NAME_MAX_IN_HEADER)
		put_long('L', name);
	if (strlen(target) > LINK_MAX_IN_HEADER)
		put_long('K', target);
	put_header(name, target, &status, type, size);
	if (type == '0')
		put_content(path, size);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void put_tree(const char *path, const char *name)
{
	struct dirent **entries;
	int count = scandir(path, &entries, NULL, by_name);

	for (int i = 0; i < count; i++) {
		const char *entry = entries[i]->d_name;
		char *below, *inner;
		struct stat status;

		if (!strcmp(entry, ".") || !strcmp(entry, "..")) {
			free(entries[i]);
			continue;
		}
		if (asprintf(&below, "%s/%s", path, entry) < 0 ||
		    asprintf(&inner, "%s%s%s", name, *name ? "/" : "", entry) < 0)
			die("memory");
		put_entry(below, inner);
		if (!lstat(below, &status) && S_ISDIR(status.st_mode))
			put_tree(below, inner);
		free(below);
		free(inner);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

void pull(const char *directory)
{
	char *upper;

	if (asprintf(&upper, SCRATCH "/upper%s", directory) < 0)
		die("memory");
	put_tree(upper, "");
	port_write(PORT_PULL, zeros, sizeof(zeros));
	free(upper);
}
