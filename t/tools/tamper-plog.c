/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tamper-plog IN OUT flip TEXT        changes the first byte of TEXT in the first host call with it
 * tamper-plog IN OUT swap NAME        exchanges a call of NAME and the call that follows it
 * tamper-plog IN OUT drop NAME        leaves such a call of NAME out
 * tamper-plog IN OUT status NUMBER    makes the log end with another exit status
 * tamper-plog IN OUT build NAME       gives the first object whose path holds NAME another build-id
 * tamper-plog IN OUT version TEXT     says that it is of this version of the interpreter
 * tamper-plog IN OUT escapes TEXT     puts an escape (0x1b) for each e between lowercase letters,
 *                                     but in records that hold TEXT
 * tamper-plog IN OUT file NAME:FILE   puts FILE in the place of the file that the slice brings
 * whose path ends in NAME, and which is as long tamper-plog IN OUT program PATH[:ID]  names another
 * interpreter, of this build-id or of none
 *
 * Copies a slice record by record through the library, so that its checksums are right again: what
 * a forger could do. Of the calls of NAME, the first is taken whose follower needs no new
 * definition (in the second round of a loop, say). Only records without large blobs are moved,
 * since later ones refer to those by their place in the log.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "logs/event.h"
#include "logs/log.h"
#include "logs/trace.h"

#define SMALL 256 /* bytes; a record shorter than this holds nothing that can be referred to */

static struct cc_error error;

static void die(const char *what)
{
	fprintf(stderr, "tamper-plog: %s%s%s\n", what, *error.text ? ": " : "", error.text);
	exit(125);
}

/* Which record to change, and what stands in its place; found in a first pass. */
struct change {
	uint64_t first, second; /* ordinals; second only for a swap */
	struct cc_buffer first_is, second_is;
	unsigned found;
};

static void keep(struct cc_buffer *copy, const struct cc_record *record)
{
	copy->length = 0;
	cc_put_bytes(copy, record->cursor.at, (size_t)(record->cursor.end - record->cursor.at));
}

static int is_call_of(const struct cc_definitions *definitions, const struct cc_record *record,
		      const char *name)
{
	struct cc_cursor cursor = record->cursor;
	struct cc_call_head head;
	const struct cc_definition *definition;

	if (record->type != CC_REC_CALL || cc_read_call_head(&cursor, &head) < 0)
		return 0;
	definition = cc_definitions_call(definitions, head.call);
	return definition && !strcmp(definition->name, name);
}

static void look_for_text(struct change *change, const struct cc_record *record, const char *text)
{
	size_t length = (size_t)(record->cursor.end - record->cursor.at);
	uint8_t *at;

	if (change->found || record->type != CC_REC_CALL)
		return;
	at = memmem(record->cursor.at, length, text, strlen(text));
	if (!at)
		return;
	keep(&change->first_is, record);
	change->first_is.data[at - record->cursor.at] ^= 1;
	change->first = record->ordinal;
	change->found = 2;
}

static void look_for_call(struct change *change, const struct cc_definitions *definitions,
			  const struct cc_record *record, const char *name)
{
	int small = record->cursor.end - record->cursor.at < SMALL;

	if (!change->found && small && is_call_of(definitions, record, name)) {
		keep(&change->second_is, record);
		change->first = record->ordinal;
		change->found = 1;
	} else if (change->found == 1 && record->type == CC_REC_CALL) {
		if (!small)
			change->found = 0;
		keep(&change->first_is, record);
		change->second = record->ordinal;
		change->found += !!change->found;
	}
}

static void look_for_end(struct change *change, const struct cc_record *record, const char *status)
{
	struct cc_cursor cursor = record->cursor;

	if (record->type != CC_REC_END)
		return;
	cc_get_s(&cursor);
	cc_put_s(&change->first_is, atoi(status));
	cc_put_u(&change->first_is, cc_get_u(&cursor));
	cc_put_u(&change->first_is, cc_get_u(&cursor));
	change->first = record->ordinal;
	change->found = 2;
}

static void look_for_object(struct change *change, const struct cc_record *record, const char *name)
{
	struct cc_cursor cursor = record->cursor;
	const uint8_t *path, *id;
	size_t path_length, id_length;

	if (change->found || record->type != CC_REC_MODULE)
		return;
	path = cc_get_blob(&cursor, &path_length);
	id = cc_get_blob(&cursor, &id_length);
	if (!path || !id || !id_length || !memmem(path, path_length, name, strlen(name)))
		return;
	keep(&change->first_is, record);
	change->first_is.data[id - record->cursor.at] ^= 1; /* a hexadecimal digit, or nearly */
	change->first = record->ordinal;
	change->found = 2;
}

static void look_for_start(struct change *change, const struct cc_record *record, const char *what)
{
	struct cc_cursor cursor = record->cursor;
	const char *colon = strchr(what, ':');
	char path[4096];
	size_t length;

	if (record->type != CC_REC_START)
		return;
	for (int i = 0; i < 4; i++)
		cc_put_u(&change->first_is, cc_get_u(&cursor));
	cc_get_blob(&cursor, &length);
	cc_get_blob(&cursor, &length);
	snprintf(path, sizeof(path), "%.*s", (int)strcspn(what, ":"), what);
	cc_put_string(&change->first_is, path);
	cc_put_string(&change->first_is, colon ? colon + 1 : "");
	cc_put_bytes(&change->first_is, cursor.at, (size_t)(cursor.end - cursor.at));
	change->first = record->ordinal;
	change->found = 2;
}

static void look_for_file(struct change *change, struct cc_log_reader *reader,
			  const struct cc_record *record, const char *what)
{
	struct cc_cursor cursor = record->cursor;
	size_t name = strcspn(what, ":"), length, size;
	const uint8_t *path, *content;
	FILE *file;

	if (change->found || record->type != CC_REC_FILE)
		return;
	path = cc_get_blob(&cursor, &length);
	content = cc_log_get_blob(reader, &cursor, &size);
	if (!path || !content || length < name || memcmp(path + length - name, what, name) ||
	    content < record->cursor.at || content >= record->cursor.end)
		return;
	keep(&change->first_is, record);
	file = fopen(what + name + 1, "rb");
	if (!file ||
	    fread(change->first_is.data + (content - record->cursor.at), 1, size, file) != size)
		die(what);
	fclose(file);
	change->first = record->ordinal;
	change->found = 2;
}

static void escape(uint8_t *data, size_t length)
{
	for (size_t i = 1; i + 1 < length; i++)
		if (data[i] == 'e' && data[i - 1] >= 'a' && data[i - 1] <= 'z' &&
		    data[i + 1] >= 'a' && data[i + 1] <= 'z')
			data[i] = 0x1b;
}

static json_t *escaped(const json_t *value)
{
	json_t *other, *member;
	const char *key;

	if (json_is_string(value)) {
		char *text = strdup(json_string_value(value));

		escape((uint8_t *)text, strlen(text));
		other = json_string(text);
		free(text);
		return other;
	}
	if (!json_is_object(value))
		return json_deep_copy(value);
	other = json_object();
	json_object_foreach((json_t *)value, key, member)
		json_object_set_new(other, key, escaped(member));
	return other;
}

static void find(struct cc_log_reader *reader, const char *how, const char *what,
		 struct change *change)
{
	struct cc_definitions *definitions = cc_definitions_new();
	struct cc_record record;
	int status;

	while ((status = cc_log_next(reader, &record, &error)) == 1) {
		if (cc_definitions_feed(definitions, reader, &record)) {
			if (change->found == 1) /* the second may need it: not these two */
				change->found = 0;
			continue;
		}
		if (!strcmp(how, "flip"))
			look_for_text(change, &record, what);
		else if (!strcmp(how, "status"))
			look_for_end(change, &record, what);
		else if (!strcmp(how, "program"))
			look_for_start(change, &record, what);
		else if (!strcmp(how, "file"))
			look_for_file(change, reader, &record, what);
		else if (!strcmp(how, "build"))
			look_for_object(change, &record, what);
		else
			look_for_call(change, definitions, &record, what);
	}
	cc_definitions_free(definitions);
	if (status < 0 || cc_log_rewind(reader, &error) < 0)
		die("cannot be read");
	if (change->found != 2)
		die("nothing of that kind in the log");
}

static void copy(struct cc_log_reader *reader, struct cc_log_writer *writer, const char *how,
		 const char *what, const struct change *change)
{
	struct cc_record record;
	int status;

	while ((status = cc_log_next(reader, &record, &error)) == 1) {
		struct cc_buffer payload = {0};

		if (record.ordinal == change->first)
			payload = change->first_is;
		else if (!strcmp(how, "swap") && record.ordinal == change->second)
			payload = change->second_is;
		if (!strcmp(how, "drop") && record.ordinal == change->first)
			continue;
		if (!payload.data) {
			keep(&payload, &record);
			if (!strcmp(how, "escapes") &&
			    !memmem(payload.data, payload.length, what, strlen(what)))
				escape(payload.data, payload.length);
			status = cc_log_put(writer, record.type, &payload, &error);
			cc_buffer_free(&payload);
		} else {
			status = cc_log_put(writer, record.type, &payload, &error);
		}
		if (status < 0)
			die("cannot be written");
	}
	if (status < 0)
		die("cannot be read");
}

int main(int argc, char **argv)
{
	struct change change = {0};
	struct cc_log_reader *reader;
	struct cc_log_writer *writer;
	json_t *manifest;
	const char *kind = argc == 5 && strstr(argv[1], ".pylog") ? "pylog" : "plog";

	if (argc != 5)
		die("usage: tamper-plog IN OUT flip|swap|drop|status|build|version|file|program "
		    "WHAT");
	reader = cc_log_open(argv[1], kind, &error);
	if (!reader)
		die(argv[1]);
	manifest = json_incref(cc_log_manifest(reader));
	if (!strcmp(argv[3], "version"))
		json_object_set_new(manifest, "runtime-version", json_string(argv[4]));
	else if (!strcmp(argv[3], "escapes"))
		manifest = escaped(manifest);
	else
		find(reader, argv[3], argv[4], &change);
	writer = cc_log_create(argv[2], kind, manifest, &error);
	if (!writer)
		die(argv[2]);
	copy(reader, writer, argv[3], argv[4], &change);
	if (cc_log_finish(writer, cc_log_summary(reader), &error) < 0)
		die(argv[2]);
	cc_log_close(reader);
	cc_buffer_free(&change.first_is);
	cc_buffer_free(&change.second_is);
	return 0;
}
