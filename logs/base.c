/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A log that leaves its beginning to another one: that file is opened, too, and its first frames
 * are ours. It stands in the same directory, or in the directory `store` there, where cc-slice puts
 * what is no slice by itself.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "logs/reader.h"

struct cc_log_reader *cc_reader_holder(struct cc_log_reader *reader, const struct cc_entry *entry)
{
	for (uint32_t i = 0; i < entry->depth; i++)
		reader = reader->base;
	return reader;
}

const char *cc_log_base(const struct cc_log_reader *reader)
{
	return reader->base_name;
}

/* The base's path: NULL without memory. `in`: "" or "store/". */
static char *base_path(const struct cc_log_reader *reader, const char *in, const char *name)
{
	const char *slash = strrchr(reader->path, '/');
	int length = slash ? (int)(slash + 1 - reader->path) : 0;
	char *path;

	return asprintf(&path, "%.*s%s%s", length, reader->path, in, name) < 0 ? NULL : path;
}

static int lacks(const struct cc_log_reader *reader, const char *name, const char *why,
		 struct cc_error *error)
{
	return cc_fail(error, CC_EMISSING,
		       "%s: lacks its beginning, which is in %s%s: put both into one directory, or "
		       "make it whole where that is: cc-log pack FILE -o WHOLE",
		       reader->path, name, why);
}

/* Does the base hold what we were written upon? */
static int fits(struct cc_log_reader *base, const struct cc_log_base *wanted)
{
	const struct cc_entry *last;
	struct cc_log_frame frame;

	if (base->manifest_checksum != wanted->manifest || !wanted->frames ||
	    base->count < wanted->frames)
		return 0;
	last = &base->entries[wanted->frames - 1];
	return last->first + last->records == wanted->records &&
	       last->raw_offset + last->raw_length == wanted->raw_offset &&
	       !cc_reader_header(cc_reader_holder(base, last), last->offset, &frame, NULL) &&
	       frame.checksum == wanted->last;
}

static struct cc_log_reader *open_base(struct cc_log_reader *reader, const char *name,
				       struct cc_error *error)
{
	char *beside = base_path(reader, "", name), *stored = base_path(reader, "store/", name);
	struct cc_log_reader *base = NULL;

	if (!beside || !stored)
		cc_fail(error, CC_ENOMEM, "%s: no memory to read it", reader->path);
	else if (access(beside, F_OK) && access(stored, F_OK))
		lacks(reader, name, " (it is not there)", error);
	else
		base = cc_reader_open(access(beside, F_OK) ? stored : beside, reader->prologue.kind,
				      reader->depth + 1, error);
	free(beside);
	free(stored);
	return base;
}

int cc_reader_join(struct cc_log_reader *reader, const struct cc_log_base *wanted, uint64_t offset,
		   struct cc_error *error)
{
	struct cc_log_reader *base;

	if (reader->depth >= CC_BASE_DEPTH)
		return cc_reader_damaged(reader, offset, "too many logs continue one another",
					 error);
	base = open_base(reader, wanted->name, error);
	if (!base)
		return error ? error->status : CC_EMISSING;
	reader->base = base;
	if (!fits(base, wanted))
		return lacks(reader, wanted->name, " (the file of that name here is another one)",
			     error);
	reader->base_name = strdup(wanted->name);
	reader->entries = base->entries;
	reader->allocated = base->allocated;
	reader->count = wanted->frames;
	base->entries = NULL;
	base->count = base->allocated = 0;
	for (size_t i = 0; i < reader->count; i++)
		reader->entries[i].depth++;
	return reader->base_name
		       ? CC_OK
		       : cc_fail(error, CC_ENOMEM, "%s: no memory to read it", reader->path);
}
