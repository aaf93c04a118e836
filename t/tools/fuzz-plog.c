/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz-plog IN WORK COUNT: writes COUNT logs to WORK that are IN with some bytes of its records
 * changed, verifies and dumps each. The checksums are right, so that the decoders themselves meet
 * what is wrong. To succeed is to survive, and to judge alike in both. The changes depend on the
 * number of the round only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/cmd/log.h"

static struct cc_error error;

static void die(const char *what)
{
	fprintf(stderr, "fuzz-plog: %s: %s\n", what, error.text);
	exit(125);
}

static uint64_t seed;

static uint64_t draw(uint64_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (seed >> 33) % below;
}

/* What numbers, lengths and references are likely to be got wrong by. */
static uint8_t draw_byte(void)
{
	static const uint8_t favourites[] = {0, 1, 2, 3, 0x7f, 0x80, 0x81, 0xff};

	return draw(2) ? favourites[draw(sizeof(favourites))] : (uint8_t)draw(256);
}

static void change(struct cc_buffer *payload)
{
	for (uint64_t count = 1 + draw(3); count && payload->length; count--) {
		/* Most numbers stand at the beginning. */
		size_t end = payload->length > 24 && draw(4) ? 24 : payload->length;

		payload->data[draw(end)] = draw_byte();
	}
	if (!draw(8))
		payload->length = draw(payload->length + 1);
}

static void write_changed(struct cc_log_reader *reader, const char *path)
{
	struct cc_log_writer *writer = cc_log_create(path, "plog", cc_log_manifest(reader), &error);
	struct cc_buffer payload = {0};
	struct cc_record record;
	struct cc_log_sizes sizes;
	uint64_t victim;

	if (!writer)
		die(path);
	cc_log_sizes(reader, &sizes);
	victim = draw(sizes.records);
	cc_log_rewind(reader, &error);
	while (cc_log_next(reader, &record, &error) == 1) {
		unsigned type = record.type;

		payload.length = 0;
		cc_put_bytes(&payload, record.cursor.at,
			     (size_t)(record.cursor.end - record.cursor.at));
		if (record.ordinal == victim || !draw(40)) {
			change(&payload);
			if (!draw(16))
				type = 1 + (unsigned)draw(14);
		}
		if (cc_log_put(writer, type, &payload, &error))
			die(path);
	}
	cc_buffer_free(&payload);
	if (cc_log_finish(writer, NULL, &error))
		die(path);
}

int main(int argc, char **argv)
{
	struct cc_log_reader *reader;
	const struct log_options json = {.json = 1};
	unsigned count;

	if (argc < 4)
		die("usage: fuzz-plog IN WORK COUNT");
	count = (unsigned)atoi(argv[3]);
	reader = cc_log_open(argv[1], "plog", &error);
	if (!reader)
		die(argv[1]);
	if (!freopen("/dev/null", "w", stdout))
		die("/dev/null");
	for (unsigned round = 0; round < count; round++) {
		char *about = NULL;

		seed = round;
		write_changed(reader, argv[2]);
		if (cc_log_slice.verify(argv[2], &about, &error) !=
		    cc_log_slice.run[LOG_DUMP](argv[2], &json, &error))
			die("verify and dump do not agree");
		free(about);
	}
	cc_log_close(reader);
	unlink(argv[2]);
	return 0;
}
