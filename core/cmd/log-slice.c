/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cc-log on a slice: info, dump, verify. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/cmd/kinds.h"
#include "core/cmd/log.h"
#include "logs/frame.h"
#include "logs/text.h"

/* ---- info ---- */

static json_t *sizes_object(const struct cc_log_reader *reader)
{
	struct cc_log_sizes sizes;

	cc_log_sizes(reader, &sizes);
	return json_pack("{s:I, s:I, s:I, s:I}", "file_bytes", (json_int_t)sizes.file_bytes,
			 "record_bytes", (json_int_t)sizes.raw_bytes, "records",
			 (json_int_t)sizes.records, "frames", (json_int_t)sizes.frames);
}

static int info(const char *path, const struct log_options *options, struct cc_error *error)
{
	struct cc_log_reader *reader = cc_log_open(path, NULL, error);
	json_t *object;

	if (!reader)
		return error->status;
	object = cc_json_pack("{s:o, s:s, s:i, s:s*, s:b, s:O, s:O?, s:o}", "file",
			      cc_json_text(path), "kind", cc_log_kind(reader), "format",
			      cc_log_base(reader) ? CC_LOG_VERSION : CC_LOG_VERSION_WHOLE,
			      "continues", cc_log_base(reader), "cut", cc_log_is_cut(reader),
			      "manifest", cc_log_manifest(reader), "summary",
			      cc_log_summary(reader), "sizes", sizes_object(reader));
	cc_log_print_info(object, options);
	json_decref(object);
	cc_log_close(reader);
	return CC_OK;
}

/* ---- dump, verify ---- */

static int decode_all(struct log_decoder *decoder, struct cc_error *error)
{
	struct cc_record record;
	int status;

	while ((status = cc_log_next(decoder->reader, &record, error)) == 1) {
		status = cc_log_decode(decoder, &record, error);
		if (status)
			break;
	}
	return status;
}

static int dump(const char *path, const struct log_options *options, struct cc_error *error)
{
	struct log_decoder decoder;
	int status = cc_log_decoder_open(&decoder, path, options, error);

	if (status)
		return status;
	status = decode_all(&decoder, error);
	cc_log_decoder_close(&decoder);
	return status;
}

static int pack(const char *path, const struct log_options *options, struct cc_error *error)
{
	struct cc_log_reader *reader = cc_log_open(path, NULL, error);
	int status = reader ? cc_log_pack(reader, options->output, error) : error->status;

	cc_log_close(reader);
	return status;
}

/* To check is to print to nowhere: whatever dump can meet has then been met. */
static int verify(const char *path, char **about, struct cc_error *error)
{
	static const struct log_options options = {.limit = 1};
	struct log_decoder decoder;
	struct cc_log_sizes sizes;
	int status = cc_log_decoder_open(&decoder, path, &options, error);

	if (status)
		return status;
	decoder.to = fopen("/dev/null", "w");
	if (!decoder.to)
		status = cc_fail(error, CC_EIO, "/dev/null: cannot be opened: it must exist");
	else
		status = decode_all(&decoder, error);
	cc_log_sizes(decoder.reader, &sizes);
	if (!status)
		*about = cc_format("%s, %" PRIu64 " calls, %" PRIu64 " records, %" PRIu64 " frames",
				   cc_log_kind(decoder.reader), decoder.calls, sizes.records,
				   sizes.frames);
	if (decoder.to)
		fclose(decoder.to);
	cc_log_decoder_close(&decoder);
	return status;
}

const struct log_kind cc_log_slice = {
	.name = "a slice",
	.instead = "name a .vmlog file",
	.is = cc_kind_is_slice,
	.run = {[LOG_INFO] = info,
		[LOG_STAT] = cc_log_slice_stat,
		[LOG_DUMP] = dump,
		[LOG_PACK] = pack},
	.verify = verify,
};
