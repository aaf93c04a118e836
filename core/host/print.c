/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logged calls, printed: for people a line as strace writes it, for machines JSON. */
#include <netdb.h>
#include <string.h>

#include "core/host/walk.h"

void cc_call_describe(const struct cc_hostcall *call, const uint64_t args[CC_MAXARGS], char *text,
		      size_t size)
{
	const struct cc_item *item = call->arg, *end = call->arg + call->nargs;
	unsigned at;
	int64_t number;
	char name[128];

	while (item < end && item->kind != CC_ITEM_BY)
		item++;
	snprintf(text, size, "%s", call->name);
	if (item == end)
		return;
	at = cc_variant_selector(call, item);
	number = (int64_t)cc_item_number(&call->arg[at], args[at]);
	if (!call->arg[at].decode ||
	    !cc_names_format(cc_names_at(call->arg[at].decode - 1u), number, name, sizeof(name)))
		snprintf(name, sizeof(name), "%lld", (long long)number);
	snprintf(text, size, "%s(%s)", call->name, name);
}

static int show_args(struct cc_walk *walk)
{
	for (unsigned i = 0; i < walk->call->nargs; i++) {
		const struct cc_item *item = &walk->call->arg[i];

		if (!cc_walk_has(walk, item))
			continue;
		if (cc_shapes[item->shape]->show(walk, item) || walk->cursor->bad)
			return -1;
	}
	return 0;
}

static int show_result(struct cc_walk *walk)
{
	const struct cc_item *item = &walk->call->ret;

	if (!cc_walk_has(walk, item))
		return 0;
	return cc_shapes[item->shape]->show(walk, item) || walk->cursor->bad ? -1 : 0;
}

/*
 * Is the result shown by what it leads to, and not as an address? Also where an object of the
 * program's own holds it.
 */
static int is_shown(const struct cc_hostcall *call)
{
	return call->storage || call->ret.kind == CC_ITEM_GRAPH;
}

static unsigned out_items(const struct cc_walk *walk)
{
	const struct cc_hostcall *call = walk->call;
	unsigned count = call->ret.kind == CC_ITEM_TZ;

	for (unsigned i = 0; i < call->nargs; i++)
		count += cc_walk_has(walk, &call->arg[i]) != 0;
	return count;
}

/* The errno of a call that failed: some return it. */
static int error_of(const struct cc_hostcall *call, int64_t ret, int error)
{
	if (call->ret.decode) /* getaddrinfo has codes of its own */
		return 0;
	if (call->result == CC_RES_NONZERO && ret)
		return (int)ret;
	return cc_call_failed(call, ret) ? error : 0;
}

static void print_number(const struct cc_hostcall *call, int64_t ret, FILE *to)
{
	const struct cc_item *item = &call->ret;
	char text[256];

	if (item->decode && item->shape == CC_SHAPE_NUMBER &&
	    cc_names_format(cc_names_at(item->decode - 1u), ret, text, sizeof(text))) {
		fputs(text, to);
		return;
	}
	switch (item->kind) {
	case CC_ITEM_INT:
	case CC_ITEM_LONG:
		fprintf(to, "%lld", (long long)ret);
		break;
	case CC_ITEM_UINT:
	case CC_ITEM_ULONG:
		fprintf(to, "%llu", (unsigned long long)ret);
		break;
	case CC_ITEM_VOID:
	case CC_ITEM_TZ:
		fputs("void", to);
		break;
	default:
		if (!ret)
			fputs("NULL", to);
		else if (ret == -1)
			fputs("-1", to);
		else
			fprintf(to, "0x%llx", (unsigned long long)ret);
	}
}

static void print_error(int error, FILE *to)
{
	const char *name = strerrorname_np(error);

	if (name)
		fprintf(to, " %s (%s)", name, strerrordesc_np(error));
	else
		fprintf(to, " errno %d", error);
}

int cc_call_print_in(const struct cc_hostcall *call, struct cc_log_reader *reader,
		     struct cc_cursor *cursor, size_t limit, FILE *to)
{
	struct cc_text text;
	struct cc_walk walk = {.call = call,
			       .direction = CC_IN,
			       .reader = reader,
			       .cursor = cursor,
			       .emit = &text.emit};

	cc_text_init(&text, to, limit, 0);
	fprintf(to, "%s(", call->name);
	if (show_args(&walk))
		return -1;
	fputc(')', to);
	return 0;
}

int cc_call_print_out(const struct cc_hostcall *call, int64_t ret, int error,
		      struct cc_log_reader *reader, struct cc_cursor *cursor, size_t limit,
		      FILE *to)
{
	struct cc_text text;
	struct cc_walk walk = {.call = call,
			       .ret = ret,
			       .direction = CC_OUT,
			       .reader = reader,
			       .cursor = cursor,
			       .emit = &text.emit};
	int failed = walk.failed = cc_call_failed(call, ret);
	char *line = NULL;
	size_t length = 0;
	FILE *items;
	int status;

	cc_text_init(&text, to, limit, 0);
	fputs(" = ", to);
	if (failed || !is_shown(call))
		print_number(call, ret, to);
	else if (show_result(&walk))
		return -1;
	error = error_of(call, ret, error);
	if (error > 0)
		print_error(error, to);
	if (!out_items(&walk))
		return 0;
	/* A call may have brought nothing at all: then there is no arrow. */
	items = open_memstream(&line, &length);
	if (!items)
		return -1;
	cc_text_init(&text, items, limit, out_items(&walk));
	status = (is_shown(call) ? 0 : show_result(&walk)) || show_args(&walk) ? -1 : 0;
	fclose(items);
	if (length)
		fprintf(to, " → %s", line);
	free(line);
	return status;
}

int cc_call_json_in(const struct cc_hostcall *call, struct cc_log_reader *reader,
		    struct cc_cursor *cursor, json_t *object)
{
	json_t *args = json_object();
	struct cc_json json;
	struct cc_walk walk = {.call = call,
			       .direction = CC_IN,
			       .reader = reader,
			       .cursor = cursor,
			       .emit = &json.emit};

	cc_json_init(&json, args);
	json_object_set_new(object, "args", args);
	return show_args(&walk);
}

static json_t *json_number(const struct cc_hostcall *call, int64_t ret)
{
	char text[32];

	switch (call->ret.kind) {
	case CC_ITEM_INT:
	case CC_ITEM_LONG:
	case CC_ITEM_UINT:
		return json_integer(ret);
	case CC_ITEM_ULONG:
		if (ret >= 0)
			return json_integer(ret);
		snprintf(text, sizeof(text), "%llu", (unsigned long long)ret);
		return json_string(text);
	case CC_ITEM_VOID:
	case CC_ITEM_TZ:
		return json_null();
	}
	snprintf(text, sizeof(text), "0x%llx", (unsigned long long)ret);
	return ret ? json_string(text) : json_null();
}

int cc_call_json_out(const struct cc_hostcall *call, int64_t ret, int error,
		     struct cc_log_reader *reader, struct cc_cursor *cursor, json_t *object)
{
	int failed = cc_call_failed(call, ret);
	json_t *out = json_object();
	struct cc_json json;
	struct cc_walk walk = {.call = call,
			       .ret = ret,
			       .direction = CC_OUT,
			       .reader = reader,
			       .cursor = cursor,
			       .emit = &json.emit};
	int status = 0;

	walk.failed = failed;
	error = error_of(call, ret, error);
	if (failed || !is_shown(call)) {
		json_object_set_new(object, "ret", json_number(call, ret));
	} else {
		cc_json_init(&json, object); /* the result's item is called "ret" */
		status = show_result(&walk);
	}
	if (error > 0)
		json_object_set_new(object, "errno",
				    strerrorname_np(error) ? json_string(strerrorname_np(error))
							   : json_integer(error));
	cc_json_init(&json, out);
	if (!status)
		status = (is_shown(call) ? 0 : show_result(&walk)) || show_args(&walk) ? -1 : 0;
	if (json_object_size(out))
		json_object_set(object, "out", out);
	json_decref(out);
	return status;
}
