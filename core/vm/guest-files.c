/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest's file system as it was when the command started: the job's image over the base. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/files.h"
#include "core/base/memory.h"
#include "core/vm/limits.h"
#include "core/vm/vmlog.h"

#define LINKS_MAX 40

static int need_listings(struct cc_vmlog *log, struct cc_error *error)
{
	const char *image = cc_vmlog_member(log, CC_MEMBER_JOB, error);
	struct cc_base *base = image ? cc_vmlog_base(log, error) : NULL;
	int status = base ? cc_base_files(base, error) : error ? error->status : CC_EIO;

	if (status || log->listed)
		return status;
	status = cc_guestfs_list(&log->files, image, error);
	log->listed = !status;
	return status;
}

/* ---- listing ---- */

static int call(cc_vm_file callback, void *context, const char *path, mode_t mode, uint64_t size,
		const char *link)
{
	if (S_ISREG(mode) || S_ISLNK(mode))
		return callback(context, path, mode, size, link);
	return 0;
}

static int call_for_base(cc_vm_file callback, void *context, const struct cc_cpio_entry *entry)
{
	char *path = cc_format("/%s", entry->name), *link = NULL;
	int status;

	if (S_ISLNK(entry->mode))
		link = cc_format("%.*s", (int)entry->size, entry->data);
	status = call(callback, context, path, entry->mode, entry->size, link);
	free(link);
	free(path);
	return status;
}

/* Both lists are sorted by the same order; where both have a path, the job's counts. */
int cc_vm_list(struct cc_vmlog *log, cc_vm_file callback, void *context, struct cc_error *error)
{
	int status = need_listings(log, error);
	const struct cc_guestfs *job = &log->files;
	size_t i = 0, j = 0;

	while (!status && (i < job->count || j < log->base->files.count)) {
		const struct cc_guestfs_entry *own = i < job->count ? job->entries + i : NULL;
		const struct cc_cpio_entry *base =
			j < log->base->files.count ? log->base->files.entries + j : NULL;
		int order = !own ? 1 : !base ? -1 : strcmp(own->path + 1, base->name);

		if (order <= 0) {
			status =
				call(callback, context, own->path, own->mode, own->size, own->link);
			i++;
			j += order == 0;
		} else {
			status = call_for_base(callback, context, base);
			j++;
		}
	}
	return status;
}

/* ---- one file ---- */

struct found {
	mode_t mode;			  /* 0: there is none */
	const struct cc_cpio_entry *base; /* NULL: the job's */
	uint64_t size;			  /* of the job's */
	char *link;
};

static struct found look_up(const struct cc_vmlog *log, const char *path)
{
	const struct cc_guestfs_entry *own = cc_guestfs_find(&log->files, path);
	const struct cc_cpio_entry *base = own ? NULL : cc_cpio_find(&log->base->files, path + 1);

	if (own)
		return (struct found){own->mode, NULL, own->size,
				      own->link ? cc_copy(own->link) : NULL};
	if (!base)
		return (struct found){0};
	return (struct found){base->mode, base, 0,
			      S_ISLNK(base->mode) ? cc_format("%.*s", (int)base->size, base->data)
						  : NULL};
}

/* Cut the last part off; "" stays. */
static void go_up(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash)
		*slash = 0;
}

/* `path` with all links followed, part by part. It need not lead to anything. */
static char *resolve(const struct cc_vmlog *log, const char *path)
{
	char *done = cc_copy(""), *rest = cc_copy(path);
	int links = 0;

	while (*rest) {
		size_t skip = strspn(rest, "/"), length = strcspn(rest + skip, "/");
		char *name = cc_format("%.*s", (int)length, rest + skip);
		char *left = cc_copy(rest + skip + length);

		if (!strcmp(name, "..")) {
			go_up(done);
		} else if (*name && strcmp(name, ".")) {
			char *full = cc_format("%s/%s", done, name);
			struct found found = look_up(log, full);

			if (found.link && links++ < LINKS_MAX) {
				char *after = cc_format("%s%s", found.link, left);

				free(left);
				left = after;
				if (*found.link == '/')
					*done = 0;
				free(full);
			} else {
				free(done);
				done = full;
			}
			free(found.link);
		}
		free(name);
		free(rest);
		rest = left;
	}
	free(rest);
	return done;
}

/* What the image claims is looked at before anything is written. */
static int copy_job(struct cc_vmlog *log, const char *path, uint64_t size, int to,
		    struct cc_error *error)
{
	uint64_t room = cc_space_left(log->directory) / 2;
	uint64_t most = room < CC_VMLOG_MEMBER_MAX ? room : CC_VMLOG_MEMBER_MAX;

	if (size > most)
		return cc_fail(error, CC_ELIMIT,
			       "%s: its file %s is said to have %llu bytes: that is more than "
			       "may be, or than half of what the disk has left",
			       log->path, path, (unsigned long long)size);
	return cc_guestfs_read(log->unpacked[CC_MEMBER_JOB], path, most ? most : 1, to, error);
}

static int copy_out(struct cc_vmlog *log, const char *path, const struct found *found,
		    const char *to, struct cc_error *error)
{
	int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), status;

	if (fd < 0)
		return cc_fail(error, CC_EIO, "%s: %s", to, strerror(errno));
	if (found->base)
		status = cc_write_all(fd, found->base->data, found->base->size, to, error);
	else
		status = copy_job(log, path, found->size, fd, error);
	if (close(fd) && !status)
		status = cc_fail(error, CC_EIO, "%s: %s", to, strerror(errno));
	return status;
}

int cc_vm_extract(struct cc_vmlog *log, const char *guest_path, const char *to,
		  struct cc_error *error)
{
	int status = need_listings(log, error);
	struct found found = {0};
	char *path;

	if (status)
		return status;
	path = resolve(log, guest_path);
	if (*path)
		found = look_up(log, path);
	if (S_ISREG(found.mode))
		status = copy_out(log, path, &found, to, error);
	else
		status = cc_fail(error, CC_EMISSING, "%s: the guest had no file %s", log->path,
				 guest_path);
	free(found.link);
	free(path);
	return status;
}

int cc_vm_locate(struct cc_vmlog *log, const char *guest_path, const char **file, uint64_t *offset,
		 uint64_t *size)
{
	struct cc_error error;
	struct found found = {0};
	char *path;

	if (need_listings(log, &error))
		return 0;
	path = resolve(log, guest_path);
	if (*path)
		found = look_up(log, path);
	free(found.link);
	free(path);
	if (!found.base || !S_ISREG(found.mode))
		return 0;
	*file = log->base->store;
	*offset = (uint64_t)(found.base->data - log->base->files.map);
	*size = found.base->size;
	return 1;
}
