/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The job drive: waiting for it, making the command's root from it, reading what to run. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "core/vm/guest/guest.h"

#define PIECE (4u << 20)

/*
 * The snapshot is taken while this polls. O_DIRECT, so that no page of the empty drive stays in the
 * cache; after the resume the drive is another file with the job on it.
 */
void job_wait(struct cc_job_start *start)
{
	static char sector[CC_JOB_SECTOR] __attribute__((aligned(CC_JOB_SECTOR)));
	int fd = open(JOB_DRIVE, O_RDONLY | O_DIRECT | O_CLOEXEC);

	if (fd < 0)
		die("%s", JOB_DRIVE);
	for (;;) {
		if (pread(fd, sector, sizeof(sector), CC_JOB_DRIVE_SIZE - sizeof(sector)) !=
		    sizeof(sector))
			die("reading the end of %s", JOB_DRIVE);
		memcpy(start, sector, sizeof(*start));
		if (!memcmp(start->magic, CC_JOB_MAGIC, sizeof(start->magic)))
			break;
		usleep(4000);
	}
	close(fd);
}

/* Where the job's squashfs is: on the drive, or in memory. */
static const char *job_device = JOB_DRIVE;

static uint64_t job_length(int drive, char *buffer)
{
	uint64_t length;

	/* fs/squashfs/squashfs_fs.h: struct squashfs_super_block, bytes_used. */
	if (pread(drive, buffer, CC_JOB_SECTOR, 0) != CC_JOB_SECTOR)
		die("reading %s", JOB_DRIVE);
	memcpy(&length, buffer + 40, sizeof(length));
	return (length + CC_JOB_SECTOR - 1) / CC_JOB_SECTOR * CC_JOB_SECTOR;
}

/*
 * While QEMU records, what a disk has read reaches a guest that has nothing else to do when its
 * next timer expires, some milliseconds later: that is what reading costs, not the bytes. So a job
 * is read in few large pieces, before the command runs.
 */
void job_load(void)
{
	int drive = open(JOB_DRIVE, O_RDONLY | O_DIRECT | O_CLOEXEC);
	int memory = open(JOB_MEMORY, O_WRONLY | O_DIRECT | O_CLOEXEC);
	char *buffer =
		mmap(NULL, PIECE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t length;

	if (drive < 0 || memory < 0 || buffer == MAP_FAILED)
		die("loading the job");
	length = job_length(drive, buffer);
	if (length <= JOB_MEMORY_KIB * UINT64_C(1024)) {
		for (uint64_t at = 0; at < length; at += PIECE) {
			size_t size = length - at < PIECE ? length - at : PIECE;

			if (pread(drive, buffer, size, at) != (ssize_t)size ||
			    pwrite(memory, buffer, size, at) != (ssize_t)size)
				die("loading the job: %s", strerror(errno));
		}
		job_device = JOB_MEMORY;
	}
	munmap(buffer, PIECE);
	close(drive);
	close(memory);
}

static void must_mount(const char *type, const char *where, unsigned long flags,
		       const char *options)
{
	mkdir(where, 0755);
	if (mount(!strcmp(type, "squashfs") ? job_device : type, where, type, flags, options))
		die("mount %s on %s", type, where);
}

static const struct {
	const char *type, *where;
	unsigned long flags;
	const char *options;
} root_mounts[] = {
	{"proc", RUN_ROOT "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, ""},
	{"sysfs", RUN_ROOT "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, ""},
	{"devtmpfs", RUN_ROOT "/dev", MS_NOSUID, "mode=755"},
	{"devpts", RUN_ROOT "/dev/pts", MS_NOSUID | MS_NOEXEC, "gid=5,mode=620,ptmxmode=666"},
	{"tmpfs", RUN_ROOT "/dev/shm", MS_NOSUID | MS_NODEV, "mode=1777"},
	{"tmpfs", RUN_ROOT "/run", MS_NOSUID | MS_NODEV, "mode=755"},
};

static void make_links(void)
{
	static const char *const links[][2] = {
		{"/proc/self/fd", RUN_ROOT "/dev/fd"},
		{"/proc/self/fd/0", RUN_ROOT "/dev/stdin"},
		{"/proc/self/fd/1", RUN_ROOT "/dev/stdout"},
		{"/proc/self/fd/2", RUN_ROOT "/dev/stderr"},
	};

	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++)
		(void)!symlink(links[i][0], links[i][1]);
}

void job_mount(void)
{
	must_mount("squashfs", JOB_MOUNT, MS_RDONLY, "");
	must_mount("tmpfs", SCRATCH, 0, "mode=755,size=90%");
	mkdir(SCRATCH "/upper", 0755);
	mkdir(SCRATCH "/work", 0755);
	must_mount("overlay", RUN_ROOT, 0,
		   "lowerdir=" JOB_MOUNT "/root:" BASE_TREE ",upperdir=" SCRATCH
		   "/upper,workdir=" SCRATCH "/work,xino=off");
	for (size_t i = 0; i < sizeof(root_mounts) / sizeof(*root_mounts); i++)
		must_mount(root_mounts[i].type, root_mounts[i].where, root_mounts[i].flags,
			   root_mounts[i].options);
	make_links();
}

/* The whole of a file, with a NUL behind it. It lives as long as the machine. */
static char *read_whole(const char *path, size_t *length)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	char *data;

	if (fd < 0 || fstat(fd, &status))
		die("%s", path);
	data = malloc(status.st_size + 1);
	if (!data || read(fd, data, status.st_size) != status.st_size)
		die("reading %s", path);
	data[status.st_size] = 0;
	close(fd);
	*length = status.st_size;
	return data;
}

static void append(char ***list, size_t *count, char *value)
{
	*list = realloc(*list, (*count + 2) * sizeof(**list));
	if (!*list)
		die("memory");
	(*list)[(*count)++] = value;
	(*list)[*count] = NULL;
}

static void append_group(struct job *job, gid_t group)
{
	job->groups = realloc(job->groups, (job->group_count + 1) * sizeof(*job->groups));
	if (!job->groups)
		die("memory");
	job->groups[job->group_count++] = group;
}

void job_read(struct job *job)
{
	size_t length, argc = 0, envc = 0;
	char *at = read_whole(JOB_MOUNT "/job", &length), *end = at + length;

	memset(job, 0, sizeof(*job));
	append(&job->argv, &argc, NULL);
	append(&job->environment, &envc, NULL);
	argc = envc = 0;
	while (at < end) {
		char *key = at, *value = key + strlen(key) + 1;

		if (value >= end)
			die("the job ends after the key %s", key);
		at = value + strlen(value) + 1;
		if (!strcmp(key, CC_JOB_ARG))
			append(&job->argv, &argc, value);
		else if (!strcmp(key, CC_JOB_ENV))
			append(&job->environment, &envc, value);
		else if (!strcmp(key, CC_JOB_CWD))
			job->cwd = value;
		else if (!strcmp(key, CC_JOB_HOST))
			job->hostname = value;
		else if (!strcmp(key, CC_JOB_STDIN))
			job->stdin_kind = value;
		else if (!strcmp(key, CC_JOB_PULL))
			job->pull = value;
		else if (!strcmp(key, CC_JOB_UID))
			job->uid = strtoul(value, NULL, 10);
		else if (!strcmp(key, CC_JOB_GID))
			job->gid = strtoul(value, NULL, 10);
		else if (!strcmp(key, CC_JOB_GROUP))
			append_group(job, strtoul(value, NULL, 10));
		else if (!strcmp(key, CC_JOB_UMASK))
			job->umask = strtoul(value, NULL, 8);
		else
			die("the job has an unknown key %s", key);
	}
	if (!argc || !job->cwd || !job->stdin_kind || !job->hostname)
		die("the job is incomplete");
}
