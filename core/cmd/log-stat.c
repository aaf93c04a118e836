/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cc-log stat: what a slice is made of, and what takes the space. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/cmd/log.h"
#include "logs/describe.h"
#include "logs/text.h"

#define TYPES CC_REC_COUNT

struct count {
	const char *name;
	uint64_t count, bytes;
};

struct statistics {
	struct count types[TYPES];
	struct count *calls; /* by name */
	size_t call_count;
	struct cc_log_sizes sizes;
};

static void add(struct count *count, uint64_t bytes)
{
	count->count++;
	count->bytes += bytes;
}

/* A log knows some hundred names at most, and calls of one name come in runs. */
static struct count *count_of(struct statistics *statistics, const char *name)
{
	for (size_t i = 0; i < statistics->call_count; i++)
		if (!strcmp(statistics->calls[i].name, name))
			return &statistics->calls[i];
	cc_array_room(statistics->calls, statistics->call_count);
	statistics->calls[statistics->call_count] = (struct count){.name = name};
	return &statistics->calls[statistics->call_count++];
}

static int gather(struct log_decoder *decoder, struct statistics *statistics,
		  struct cc_error *error)
{
	struct cc_record record;
	int status;

	while ((status = cc_log_next(decoder->reader, &record, error)) == 1) {
		uint64_t bytes = (uint64_t)(record.cursor.end - record.cursor.at);

		status = cc_log_decode(decoder, &record, error);
		if (status)
			break;
		add(&statistics->types[record.type], bytes);
		if (decoder->call)
			add(count_of(statistics, decoder->call->name), bytes);
	}
	cc_log_sizes(decoder->reader, &statistics->sizes);
	return status;
}

static int by_bytes(const void *left, const void *right)
{
	const struct count *a = left, *b = right;

	return (a->bytes < b->bytes) - (a->bytes > b->bytes);
}

/* ---- printing ---- */

static json_t *counts_object(const struct count *counts, size_t count)
{
	json_t *object = json_object();

	for (size_t i = 0; i < count; i++)
		if (counts[i].count)
			json_object_set_new(object, counts[i].name,
					    json_pack("{s:I, s:I}", "count",
						      (json_int_t)counts[i].count, "bytes",
						      (json_int_t)counts[i].bytes));
	return object;
}

static void print_json(const char *path, const struct statistics *statistics)
{
	const struct cc_log_sizes *sizes = &statistics->sizes;
	json_t *object = cc_json_pack(
		"{s:o, s:o, s:o, s:{s:I, s:I, s:I, s:I}, s:{s:I, s:I, s:I, s:I}}", "file",
		cc_json_text(path), "records", counts_object(statistics->types, TYPES), "calls",
		counts_object(statistics->calls, statistics->call_count), "blobs", "count",
		(json_int_t)sizes->blobs, "bytes", (json_int_t)sizes->blob_bytes, "references",
		(json_int_t)sizes->references, "reference_bytes",
		(json_int_t)sizes->reference_bytes, "sizes", "file_bytes",
		(json_int_t)sizes->file_bytes, "record_bytes", (json_int_t)sizes->raw_bytes,
		"records", (json_int_t)sizes->records, "frames", (json_int_t)sizes->frames);

	json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(object);
}

static void print_counts(const char *heading, const struct count *counts, size_t count)
{
	printf("%-24s %12s %14s\n", heading, "count", "bytes");
	for (size_t i = 0; i < count; i++) {
		if (!counts[i].count)
			continue;
		printf("  ");
		cc_log_print_name(counts[i].name, 22);
		printf("%12" PRIu64 " %14" PRIu64 "\n", counts[i].count, counts[i].bytes);
	}
}

static void print_text(const struct statistics *statistics)
{
	const struct cc_log_sizes *sizes = &statistics->sizes;

	print_counts("records", statistics->types, TYPES);
	if (statistics->call_count)
		print_counts("calls", statistics->calls, statistics->call_count);
	printf("%-24s %12" PRIu64 " %14" PRIu64 "\n", "blobs", sizes->blobs, sizes->blob_bytes);
	printf("  %-22s %12" PRIu64 " %14" PRIu64 "\n", "of these stored before", sizes->references,
	       sizes->reference_bytes);
	printf("%-24s %12" PRIu64 " %14" PRIu64 "\n", "frames", sizes->frames, sizes->raw_bytes);
	printf("%-24s %12s %14" PRIu64 "\n", "file", "", sizes->file_bytes);
	if (sizes->raw_bytes)
		printf("%-24s %12s %13.1f%%\n", "file / records", "",
		       100.0 * (double)sizes->file_bytes / (double)sizes->raw_bytes);
}

int cc_log_slice_stat(const char *path, const struct log_options *options, struct cc_error *error)
{
	const struct log_options text = {.limit = 1};
	struct statistics statistics = {0};
	struct log_decoder decoder;
	int status = cc_log_decoder_open(&decoder, path, &text, error);

	if (status)
		return status;
	for (unsigned type = 0; type < TYPES; type++)
		statistics.types[type].name = cc_record_name(type);
	decoder.to = fopen("/dev/null", "w");
	if (decoder.to)
		status = gather(&decoder, &statistics, error);
	else
		status = cc_fail(error, CC_EIO, "/dev/null: cannot be opened: it must exist");
	if (statistics.call_count)
		qsort(statistics.calls, statistics.call_count, sizeof(*statistics.calls), by_bytes);
	/* Of a log that was cut, what is there is counted before the verdict. */
	if (!status || status == CC_ECUT) {
		if (options->json)
			print_json(path, &statistics);
		else
			print_text(&statistics);
	}
	if (decoder.to)
		fclose(decoder.to);
	free(statistics.calls);
	cc_log_decoder_close(&decoder);
	return status;
}
