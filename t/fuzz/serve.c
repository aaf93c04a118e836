/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a replay does with a call's record: compares what went in, serves what came out, and prints
 * both. An input says which row of hostcalls.def and what the program's arguments are (scene.h);
 * what is left of it is the record. Whatever that says, not a byte around the program's buffers is
 * touched.
 */
#include <stdlib.h>
#include <string.h>

#include "logs/event.h"
#include "t/fuzz/scene.h"

#define OBJECT_SIZE 300
#define KNOWN_SIZE 70000 /* what blobs of a record may refer to */

static const struct cc_hostcall **rows;
static size_t row_count;
static struct cc_log_reader *reader;
static FILE *nowhere;

/* ---- a log in which something stands before the record ---- */

static void write_log(const char *path)
{
	struct cc_error error = {0};
	json_t *manifest = json_object();
	struct cc_log_writer *writer = cc_log_create(path, "plog", manifest, &error);
	struct cc_buffer payload = {0};
	uint8_t *known = calloc(1, KNOWN_SIZE);

	cc_put_bytes(&payload, known, KNOWN_SIZE);
	if (!writer || cc_log_put(writer, CC_REC_PART, &payload, &error) ||
	    cc_log_put(writer, CC_REC_CALL, &payload, &error) ||
	    cc_log_finish(writer, NULL, &error))
		abort();
	free(known);
	cc_buffer_free(&payload);
	json_decref(manifest);
}

static void open_log(void)
{
	char directory[] = "/tmp/fuzz-serve-XXXXXX", path[64];
	struct cc_record record;

	if (!mkdtemp(directory))
		abort();
	snprintf(path, sizeof(path), "%s/log", directory);
	write_log(path);
	reader = cc_log_open(path, NULL, NULL);
	if (!reader || cc_log_next(reader, &record, NULL) != 1 ||
	    cc_log_next(reader, &record, NULL) != 1)
		abort();
	unlink(path);
	rmdir(directory);
}

/* ---- the program's side ---- */

static struct scene scene;

/* The C library's own memory, where the run had it. */
static uint8_t *place_result(uint64_t address, size_t size)
{
	return address & 1 ? NULL : place(&scene, size);
}

/* What the C library allocated inside calls. */
static int is_block(uint64_t address)
{
	return address == address_of(scene.object);
}

static int64_t draw_result(struct input *input)
{
	const struct cc_hostcall *call = scene.call;

	if (call->ret.kind == CC_ITEM_GRAPH && call->ret.length_arg != CC_NOARG)
		return (int64_t)(scene.args[call->ret.length_arg] + draw(input, 2));
	return cc_call_result(call, draw_number(input));
}

/* ---- its record ---- */

/* What the arguments would have been logged as; bytes of it changed, as the input says. */
static void encode(struct input *input, struct cc_buffer *in, int changes)
{
	if (cc_call_encode_in(scene.call, scene.args, &cc_own_memory, NULL, in))
		in->length = 0;
	while (changes-- && in->length) {
		size_t at = draw(input, 1) % in->length;

		in->data[at] = (uint8_t)draw(input, 1);
	}
}

static struct cc_cursor cursor_over(const void *data, size_t length)
{
	return (struct cc_cursor){.at = data, .end = (const uint8_t *)data + length};
}

static void show(const struct cc_cursor *in, const struct cc_cursor *out, int64_t ret)
{
	struct cc_cursor in_text = *in, in_json = *in, out_text = *out, out_json = *out;
	json_t *object = json_object();
	int text, json;

	text = cc_call_print_in(scene.call, reader, &in_text, 40, nowhere);
	json = cc_call_json_in(scene.call, reader, &in_json, object);
	if (text != json)
		abort();
	text = cc_call_print_out(scene.call, ret, 0, reader, &out_text, 40, nowhere);
	json = cc_call_json_out(scene.call, ret, 0, reader, &out_json, object);
	if (text != json)
		abort();
	json_decref(object);
}

static void replay(struct input *input, unsigned flags)
{
	unsigned changes = flags & 3;
	struct cc_buffer in = {0};
	struct cc_cursor going_in, coming_out, again;
	int64_t ret = draw_result(input);
	unsigned item;
	int status;

	encode(input, &in, (int)changes);
	going_in = flags & 4 && changes ? cursor_over(input->at, input->end - input->at)
					: cursor_over(in.data ? in.data : (uint8_t *)"", in.length);
	coming_out = cursor_over(input->at, input->end - input->at);
	again = going_in;
	status = cc_call_compare(scene.call, scene.args, flags & 8, reader, &again, &item);
	if (!changes && !(flags & 8) && in.length && status)
		abort(); /* a call that differs from itself */
	if (flags & 16)
		show(&going_in, &coming_out, ret);
	memset(scene.before, 0, sizeof(scene.before));
	cc_call_lengths(scene.call, scene.args, &cc_own_memory, scene.before);
	cc_storage_place = flags & 32 ? place_result : NULL;
	if (!cc_call_serve(scene.call, scene.args, scene.before, ret, reader, &coming_out))
		cc_call_returned(scene.call, scene.args, ret);
	cc_buffer_free(&in);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	cc_hostcall_init();
	rows = calloc(cc_hostcall_count, sizeof(*rows));
	for (unsigned i = 0; i < cc_hostcall_count; i++)
		if (*cc_hostcalls[i].spec)
			rows[row_count++] = &cc_hostcalls[i];
	open_log();
	cc_storage_block = is_block;
	nowhere = fopen("/dev/null", "w");
	return nowhere ? 0 : -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, data + size};
	const struct cc_hostcall *call = rows[draw(&input, 2) % row_count];
	unsigned flags = (unsigned)draw(&input, 1);
	void *object = calloc(1, OBJECT_SIZE);

	if (getenv("CC_SHOW"))
		fprintf(stderr, "%s: %s, flags %#x\n", call->name, call->spec, flags);
	if (!set_scene(&scene, call, &input, object))
		replay(&input, flags);
	free(object);
	return 0;
}
