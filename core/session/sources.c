/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/session/sources.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/base/near.h"
#include "core/host/hostcall.h"
#include "logs/text.h"
#include "logs/trace.h"

#define FILES_MAX 16
#define TEXT_MAX (4u << 20)

struct source {
	char *path, *text;
	size_t length;
	json_int_t descriptor; /* by which it is read; -1: by none */
};

struct search {
	struct cc_log_reader *reader;
	struct cc_definitions *definitions;
	const char *end;
	struct source sources[FILES_MAX];
	size_t count;
	unsigned open; /* so many have a descriptor */
	struct cc_near_names others;
};

/* ---- what is found ---- */

static int ends_in(const char *path, const char *end)
{
	size_t have = strlen(path), length = strlen(end);

	return have >= length && !strcmp(path + have - length, end) &&
	       (have == length || *end == '/' || path[have - length - 1] == '/');
}

/* NULL: it is not one that is looked for, or too many are. */
static struct source *source_of(struct search *search, const char *path)
{
	struct source *source = search->sources;

	if (!path || !ends_in(path, search->end))
		return NULL;
	while (source < search->sources + search->count && strcmp(source->path, path))
		source++;
	if (source == search->sources + FILES_MAX)
		return NULL;
	if (source == search->sources + search->count) {
		search->count++;
		source->path = cc_copy(path);
		source->descriptor = -1;
	}
	return source;
}

static void open_by(struct search *search, struct source *source, json_int_t descriptor)
{
	search->open += (descriptor >= 0) - (source->descriptor >= 0);
	source->descriptor = descriptor;
}

static struct source *read_by(struct search *search, json_int_t descriptor)
{
	for (size_t i = 0; i < search->count; i++)
		if (search->sources[i].descriptor == descriptor)
			return &search->sources[i];
	return NULL;
}

static void append(struct source *source, const char *data, size_t length)
{
	if (length > TEXT_MAX - source->length)
		length = TEXT_MAX - source->length;
	source->text = cc_reallocate(source->text, source->length + length + 1, 1);
	memcpy(source->text + source->length, data, length);
	source->length += length;
}

/* ---- calls ---- */

/* The argument of an effect, by its number there, as `kind` ("args", "out") holds it; or NULL. */
static const json_t *argument(const json_t *object, const char *kind, const struct cc_hostcall *row,
			      enum cc_effect effect, unsigned number)
{
	unsigned arg = cc_call_effect_arg(row, effect, number);

	return arg == CC_NOARG ? NULL
			       : json_object_get(json_object_get(object, kind), row->arg[arg].name);
}

static void note_opened(struct search *search, const char *path, json_int_t descriptor)
{
	struct source *source = source_of(search, path);

	if (!source) {
		cc_near_add(&search->others, path);
		return;
	}
	source->length = 0;
	open_by(search, source, descriptor);
}

static void note_read(struct source *source, const json_t *data)
{
	size_t length;
	char *bytes = cc_json_copy(data, &length);

	if (bytes)
		append(source, bytes, length);
	free(bytes);
}

/* What a call that did not fail says of the files. */
static void note(struct search *search, const struct cc_hostcall *row, const json_t *object,
		 json_int_t ret)
{
	enum cc_effect by_name =
		cc_call_does(row, CC_EFFECT_OPEN) ? CC_EFFECT_OPEN : CC_EFFECT_STATUS;
	char *path = cc_json_copy(argument(object, "args", row, by_name, 0), NULL);
	enum cc_effect by_number =
		cc_call_does(row, CC_EFFECT_CLOSE) ? CC_EFFECT_CLOSE : CC_EFFECT_INPUT;
	const json_t *descriptor = argument(object, "args", row, by_number, 0);
	struct source *source = json_is_integer(descriptor)
					? read_by(search, json_integer_value(descriptor))
					: NULL;

	if (path && by_name == CC_EFFECT_OPEN)
		note_opened(search, path, row->ret.kind == CC_ITEM_INT ? ret : -1);
	else if (path)
		source_of(search, path);
	else if (source && by_number == CC_EFFECT_CLOSE)
		open_by(search, source, -1);
	else if (source)
		note_read(source, argument(object, "out", row, CC_EFFECT_INPUT, 1));
	free(path);
}

static int is_of_use(const struct search *search, const struct cc_hostcall *row)
{
	return cc_call_does(row, CC_EFFECT_OPEN) || cc_call_does(row, CC_EFFECT_STATUS) ||
	       (search->open &&
		(cc_call_does(row, CC_EFFECT_CLOSE) || cc_call_does(row, CC_EFFECT_INPUT)));
}

/* Has the call not failed, and not read more than any source has? A pointer is no number of bytes.
 */
static int is_fine(const struct cc_hostcall *row, int64_t ret)
{
	return cc_call_does(row, CC_EFFECT_INPUT) ? ret >= 0 && ret <= TEXT_MAX
	       : row->ret.kind == CC_ITEM_INT	  ? ret >= 0
						  : ret != 0;
}

static void note_call(struct search *search, struct cc_cursor *cursor)
{
	const struct cc_definition *call;
	const struct cc_hostcall *row;
	struct cc_call_head head;
	struct cc_call_tail tail;
	json_t *object;

	if (cc_read_call_head(cursor, &head) || head.flags & CC_CALL_NORETURN)
		return;
	call = cc_definitions_call(search->definitions, head.call);
	row = call ? cc_hostcall_find(call->name) : NULL;
	if (!row || strcmp(row->spec, call->spec) || !is_of_use(search, row))
		return;
	object = json_object();
	if (!cc_call_json_in(row, search->reader, cursor, object) &&
	    !cc_read_call_tail(cursor, &tail) && is_fine(row, tail.ret) &&
	    !cc_skip_allocs(search->reader, cursor, tail.alloc_count) &&
	    !cc_call_json_out(row, tail.ret, 0, search->reader, cursor, object))
		note(search, row, object, tail.ret);
	json_decref(object);
}

/* ---- the search ---- */

static void scan(struct search *search)
{
	struct cc_record record;
	struct cc_error error;

	while (cc_log_next(search->reader, &record, &error) == 1) {
		int fed = cc_definitions_feed(search->definitions, search->reader, &record);

		if (fed < 0)
			return;
		if (!fed && record.type == CC_REC_CALL)
			note_call(search, &record.cursor);
	}
}

static json_t *near_names(const struct search *search)
{
	const char *found[CC_NEAR_NAMES];
	size_t count = search->count ? 0 : cc_near_find(&search->others, search->end, found);
	json_t *names = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(names, cc_json_text(found[i]));
	return names;
}

static json_t *answer(struct search *search)
{
	json_t *files = json_array(), *file;

	for (size_t i = 0; i < search->count; i++) {
		struct source *source = &search->sources[i];

		file = cc_json_pack("{s:o}", "path", cc_json_text(source->path));
		if (source->text)
			json_object_set_new(file, "text",
					    cc_json_characters(source->text, source->length));
		json_array_append_new(files, file);
		free(source->path);
		free(source->text);
	}
	return json_pack("{s:o, s:o}", "files", files, "near", near_names(search));
}

json_t *cc_session_sources(const char *path, const char *end)
{
	struct search search = {.end = end};
	struct cc_error error;
	json_t *found;

	cc_hostcall_init();
	search.reader = cc_log_open(path, NULL, &error);
	search.definitions = cc_definitions_new();
	if (search.reader)
		scan(&search);
	found = answer(&search);
	cc_near_free(&search.others);
	cc_definitions_free(search.definitions);
	if (search.reader)
		cc_log_close(search.reader);
	return found;
}
