/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bringing back what a run changed below its working directory. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/files.h"
#include "core/base/memory.h"
#include "core/vm/members.h"
#include "core/vm/record.h"

/* The guest wrote the stream: its names are not trusted. */
#define EXTRACT_FLAGS                                                                              \
	(ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_UNLINK |                    \
	 ARCHIVE_EXTRACT_SECURE_NODOTDOT | ARCHIVE_EXTRACT_SECURE_SYMLINKS)

struct pull {
	const char *directory;
	void (*notice)(const char *text);
	unsigned removed;
	char *removed_name;
};

/* A character device stands for a name that the run removed. Nothing is removed here. */
static void note_removed(struct pull *pull, const char *name)
{
	if (!pull->removed++)
		pull->removed_name = cc_copy(name);
}

static int copy_content(struct archive *from, struct archive *to)
{
	const void *block;
	size_t size;
	la_int64_t offset;
	int got;

	while ((got = archive_read_data_block(from, &block, &size, &offset)) == ARCHIVE_OK)
		if (archive_write_data_block(to, block, size, offset) < ARCHIVE_OK)
			return -1;
	return got == ARCHIVE_EOF ? 0 : -1;
}

static int pull_entry(struct pull *pull, struct archive *from, struct archive *to,
		      struct archive_entry *entry, struct cc_error *error)
{
	const char *name = archive_entry_pathname(entry);
	char *path;
	int status = 0;

	if (archive_entry_filetype(entry) == AE_IFCHR) {
		note_removed(pull, name);
		return 0;
	}
	while (*name == '/')
		name++;
	path = cc_format("%s/%s", pull->directory, name);
	archive_entry_set_pathname(entry, path);
	if (archive_write_header(to, entry) < ARCHIVE_WARN ||
	    (archive_entry_filetype(entry) == AE_IFREG && copy_content(from, to)) ||
	    archive_write_finish_entry(to) < ARCHIVE_WARN)
		status = cc_fail(error, CC_EIO, "%s: %s", path, cc_archive_error(to));
	free(path);
	return status;
}

static void report_removed(const struct pull *pull)
{
	char *text;

	if (!pull->removed || !pull->notice)
		return;
	text = cc_format("the run removed %u names, %s for one; they are not removed in %s",
			 pull->removed, pull->removed_name, pull->directory);
	pull->notice(text);
	free(text);
}

int cc_pull(const char *tar, const char *directory, void (*notice)(const char *text),
	    struct cc_error *error)
{
	struct archive *from = archive_read_new(), *to = archive_write_disk_new();
	struct pull pull = {.notice = notice};
	struct archive_entry *entry;
	int status = cc_make_directories(directory, error), got = ARCHIVE_OK;
	char *real = status ? NULL : realpath(directory, NULL);

	pull.directory = real;
	if (!status && !real)
		status = cc_fail(error, CC_EIO, "%s: %s", directory, strerror(errno));
	archive_write_disk_set_options(to, EXTRACT_FLAGS);
	archive_read_support_format_tar(from);
	if (!status && archive_read_open_filename(from, tar, 65536) != ARCHIVE_OK)
		status = cc_fail(error, CC_EIO, "%s: %s", tar, archive_error_string(from));
	while (!status && (got = archive_read_next_header(from, &entry)) == ARCHIVE_OK)
		status = pull_entry(&pull, from, to, entry, error);
	if (!status && got != ARCHIVE_EOF)
		status = cc_fail(error, CC_EFORMAT, "what the guest sent back for --pull: %s",
				 archive_error_string(from));
	if (archive_write_close(to) < ARCHIVE_WARN && !status)
		status = cc_fail(error, CC_EIO, "%s: %s", directory, archive_error_string(to));
	report_removed(&pull);
	archive_read_free(from);
	archive_write_free(to);
	free(pull.removed_name);
	free(real);
	return status;
}
