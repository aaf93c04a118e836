/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The job drive's image: a squashfs without compression (the guest would pay for that at TCG's
 * speed), made by sqfstar from a tar stream, so that owners and modes need no root here.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "core/base/program.h"
#include "core/vm/job.h"
#include "core/vm/limits.h"
#include "core/vm/request.h"
#include "logs/buffer.h"

#define CHUNK (1 << 18)
#define SQFSTAR_HINT "run `make deps`, or install squashfs-tools"

/* ---- /job ---- */

static void put(struct cc_buffer *job, const char *key, const char *value)
{
	cc_put_bytes(job, key, strlen(key) + 1);
	cc_put_bytes(job, value, strlen(value) + 1);
}

static void put_number(struct cc_buffer *job, const char *key, const char *format, unsigned value)
{
	char text[32];

	snprintf(text, sizeof(text), format, value);
	put(job, key, text);
}

static void put_identity(struct cc_buffer *job)
{
	gid_t groups[NGROUPS_MAX];
	int count = getgroups(NGROUPS_MAX, groups);
	mode_t mask = umask(0);

	umask(mask);
	put_number(job, CC_JOB_UID, "%u", getuid());
	put_number(job, CC_JOB_GID, "%u", getgid());
	for (int i = 0; i < count; i++)
		put_number(job, CC_JOB_GROUP, "%u", groups[i]);
	put_number(job, CC_JOB_UMASK, "%o", mask);
}

static void describe_job(const struct cc_request *request, struct cc_buffer *job)
{
	char **environment = cc_request_environment(request);
	char host[HOST_NAME_MAX + 1] = "localhost";

	gethostname(host, sizeof(host) - 1);
	for (size_t i = 0; request->argv[i]; i++)
		put(job, CC_JOB_ARG, request->argv[i]);
	for (size_t i = 0; environment[i]; i++)
		put(job, CC_JOB_ENV, environment[i]);
	cc_free_list(environment);
	put(job, CC_JOB_CWD, request->cwd);
	put(job, CC_JOB_HOST, host);
	put(job, CC_JOB_STDIN, request->stdin_kind);
	if (request->pull)
		put(job, CC_JOB_PULL, request->cwd);
	put_identity(job);
}

/* ---- the tar stream ---- */

struct stream {
	const struct cc_request *request;
	struct cc_fileset *set;
	const char *directory; /* of the image */
	struct archive *archive;
	int fd;
	unsigned unreadable;
	const char *unreadable_path;
	char *chunk;
};

static void fill(struct stream *stream, int fd, uint64_t left)
{
	while (left) {
		size_t want = left < CHUNK ? left : CHUNK;
		ssize_t n = fd < 0 ? 0 : read(fd, stream->chunk, want);

		if (n <= 0) { /* it became shorter meanwhile */
			memset(stream->chunk, 0, want);
			n = want;
		}
		if (archive_write_data(stream->archive, stream->chunk, n) < 0)
			return; /* sqfstar is gone, and says why */
		left -= n;
	}
}

static void put_data(struct stream *stream, const char *name, const struct stat *status,
		     const char *link, const void *data, int fd)
{
	struct archive_entry *entry = archive_entry_new();

	archive_entry_copy_stat(entry, status);
	archive_entry_set_nlink(entry, 1);
	archive_entry_set_pathname(entry, name);
	if (link)
		archive_entry_set_symlink(entry, link);
	if (!S_ISREG(status->st_mode))
		archive_entry_set_size(entry, 0);
	if (archive_write_header(stream->archive, entry) == ARCHIVE_OK &&
	    S_ISREG(status->st_mode)) {
		if (data)
			archive_write_data(stream->archive, data, status->st_size);
		else
			fill(stream, fd, status->st_size);
	}
	archive_entry_free(entry);
}

static int put_entry(void *context, const struct cc_fileset_entry *entry)
{
	struct stream *stream = context;
	char *name = cc_format("root%s", strcmp(entry->path, "/") ? entry->path : "");
	int fd = -1;

	if (S_ISREG(entry->status.st_mode) && !entry->data) {
		fd = open(entry->path, O_RDONLY | O_CLOEXEC);
		if (fd < 0) {
			stream->unreadable++;
			stream->unreadable_path = entry->path;
			goto out;
		}
	}
	put_data(stream, name, &entry->status, entry->link, entry->data, fd);
out:
	if (fd >= 0)
		close(fd);
	free(name);
	return 0;
}

static void put_stdin(struct stream *stream)
{
	const char *path = stream->request->stdin_path;
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	struct stat status;

	if (fd < 0 || fstat(fd, &status))
		return;
	status.st_mode = S_IFREG | 0644;
	put_data(stream, "stdin", &status, NULL, NULL, fd);
	close(fd);
}

static void *write_stream(void *context)
{
	struct stream *stream = context;
	struct cc_buffer job = {0};
	struct stat status = {.st_mode = S_IFREG | 0600};

	stream->archive = archive_write_new();
	stream->chunk = cc_allocate(CHUNK);
	if (!stream->archive)
		cc_no_memory(0);
	/* GNU's form: names are bytes, whatever the locale */
	archive_write_set_format_gnutar(stream->archive);
	archive_write_set_bytes_per_block(stream->archive, CHUNK);
	archive_write_open_fd(stream->archive, stream->fd);
	describe_job(stream->request, &job);
	status.st_size = job.length;
	put_data(stream, "job", &status, NULL, job.data, -1);
	put_stdin(stream);
	cc_fileset_each(stream->set, put_entry, stream);
	archive_write_close(stream->archive);
	archive_write_free(stream->archive);
	close(stream->fd);
	cc_buffer_free(&job);
	free(stream->chunk);
	return NULL;
}

/* ---- the image ---- */

static int make_squashfs(const char *path, struct stream *stream, struct cc_error *error)
{
	const char *const argv[] = {"sqfstar",	   "-quiet", "-no-progress",
				    "-no-xattrs",  "-noI",   "-noId",
				    "-noD",	   "-noF",   "-noX",
				    "-processors", "1",	     path,
				    NULL};
	struct cc_error why;
	pthread_t writer;
	int pair[2], status;

	if (pipe2(pair, O_CLOEXEC))
		return cc_fail(error, CC_EIO, "pipe: %s", strerror(errno));
	stream->fd = pair[1];
	if (pthread_create(&writer, NULL, write_stream, stream))
		abort();
	status = cc_run_program(argv, pair[0], -1, SQFSTAR_HINT, &why);
	if (status &&
	    (strstr(why.text, "Failed to write to output") || cc_space_full(stream->directory)))
		cc_fail_full(error, stream->directory, "TMPDIR");
	else if (status)
		cc_fail(error, status, "%s", why.text);
	close(pair[0]);
	pthread_join(writer, NULL);
	return status;
}

int cc_image_write(const char *path, const struct cc_request *request, struct cc_fileset *set,
		   uint64_t *length, struct cc_error *error)
{
	char *directory = cc_format("%.*s", (int)(strrchr(path, '/') - path), path);
	struct stream stream = {.request = request, .set = set, .directory = directory};
	int status = make_squashfs(path, &stream, error);
	struct stat what;

	free(directory);
	if (status)
		return status;
	if (stream.unreadable && request->notice) {
		char *text = cc_format("%u files are not readable for you and stay out, %s for one",
				       stream.unreadable, stream.unreadable_path);

		request->notice(text);
		free(text);
	}
	if (stat(path, &what))
		return cc_fail(error, CC_EIO, "%s: %s", path, strerror(errno));
	*length = what.st_size;
	if (*length > CC_JOB_DRIVE_SIZE - CC_JOB_SECTOR)
		return cc_fail(error, CC_ELIMIT,
			       "the files for the guest come to %.1f GB, but it takes %.1f; "
			       "run the command in a smaller directory",
			       *length / 1e9, CC_JOB_DRIVE_SIZE / 1e9);
	if (truncate(path, CC_JOB_DRIVE_SIZE))
		return cc_fail(error, CC_EIO, "%s: %s; TMPDIR names another directory", path,
			       strerror(errno));
	return 0;
}

int cc_image_restart(const char *path, const struct cc_job_start *start, struct cc_error *error)
{
	char sector[CC_JOB_SECTOR] = "";
	int fd = open(path, O_WRONLY | O_CLOEXEC), status = 0;

	memcpy(sector, start, sizeof(*start));
	if (fd < 0 || pwrite(fd, sector, sizeof(sector), CC_JOB_DRIVE_SIZE - sizeof(sector)) !=
			      sizeof(sector))
		status = cc_fail(error, CC_EIO, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return status;
}

int cc_image_start(const char *path, struct cc_job_start *start, struct cc_error *error)
{
	struct timespec now;

	memcpy(start->magic, CC_JOB_MAGIC, sizeof(start->magic));
	if (getrandom(start->entropy, sizeof(start->entropy), 0) != sizeof(start->entropy))
		return cc_fail(error, CC_EIO, "getrandom: %s", strerror(errno));
	clock_gettime(CLOCK_REALTIME, &now);
	start->realtime = now.tv_sec * UINT64_C(1000000000) + now.tv_nsec;
	return cc_image_restart(path, start, error);
}
