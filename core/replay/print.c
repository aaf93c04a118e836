/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/replay/print.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/near.h"
#include "core/print/plain.h"
#include "core/replay/agent.h"
#include "core/replay/heap.h"
#include "core/replay/options.h"
#include "core/replay/past.h"
#include "core/replay/state.h"
#include "logs/text.h"

#define NEAR 10	       /* lines this far away are proposed for a line that never runs */
#define DESCRIPTOR 900 /* and above: out of the program's way, in copies */

struct print {
	const char *file, *function;
	unsigned line;
	const char *expression, *condition;
	struct cc_plain *plain, *plain_condition; /* NULL: not plain */
	uint64_t reached, shown;
	int before;		    /* it was reached in a forked child's past */
	int met;		    /* something of the file, or the function, has run */
	uint8_t near[2 * NEAR + 1]; /* lines around `line` that have run */
};

struct cc_prints cc_prints CC_STATE;

static struct {
	struct print *prints;
	size_t count;
	int descriptor, json;
	int failed; /* errno of the first write that failed; 0 */
	const char *tool;
	char *to;			       /* the option that says where; NULL: stderr */
	struct cc_near_names files, functions; /* names that have run, as long as one is missed */
	size_t unmet;
	struct cc_plain_text value; /* of the hit */
	char *line;		    /* what is written of the hit */
	size_t length, room;
} own CC_STATE;

/* ---- a line of output ---- */

static void add(const char *data, size_t length)
{
	cc_heap_reach(own.line, own.room, own.length + length);
	memcpy(own.line + own.length, data, length);
	own.length += length;
}

static void add_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void add_format(const char *format, ...)
{
	size_t length, room;
	va_list list;

	cc_heap_reach(own.line, own.room, own.length + 80); /* mostly enough, and asked once */
	room = own.room - own.length;
	va_start(list, format);
	length = (size_t)vsnprintf(own.line + own.length, room, format, list);
	va_end(list);
	if (length >= room) {
		cc_heap_reach(own.line, own.room, own.length + length);
		va_start(list, format);
		vsnprintf(own.line + own.length, length + 1, format, list);
		va_end(list);
	}
	own.length += length;
}

/*
 * A hit is one line, whatever text it has; a newline at the text's end is written by habit, and
 * left out.
 */
static void add_text(const char *data, size_t length)
{
	size_t from = 0;

	if (length && data[length - 1] == '\n')
		length--;
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)data[i];

		if ((c >= ' ' && c != 127) || c == '\t')
			continue;
		add(data + from, i - from);
		if (c == '\n')
			add("\\n", 2);
		else
			add_format("\\x%02x", c);
		from = i + 1;
	}
	add(data + from, length - from);
}

static void write_line(void)
{
	const char *from;

	add("\n", 1);
	from = own.line; /* the line may have moved */
	while (own.length) {
		ssize_t wrote = write(own.descriptor, from, own.length);

		if (wrote < 0 && errno != EINTR && errno != EAGAIN) {
			own.failed = own.failed ? own.failed : errno;
			break;
		}
		if (wrote > 0) {
			from += wrote;
			own.length -= (size_t)wrote;
		}
	}
	own.length = 0;
}

static void write_object(json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT);

	if (text)
		add(text, strlen(text));
	free(text);
	json_decref(object);
	write_line();
}

/* ---- values ---- */

static json_t *json_value(const struct cc_plain_value *value)
{
	switch (value->kind) {
	case CC_PLAIN_NOTHING:
		return json_null();
	case CC_PLAIN_BOOLEAN:
		return json_boolean(value->i);
	case CC_PLAIN_INTEGER:
		return json_integer(value->i);
	case CC_PLAIN_DOUBLE:
		if (isfinite(value->d))
			return json_real(value->d);
		break;
	default:
		break;
	}
	return cc_json_characters(own.value.data, own.value.length);
}

/* ---- a hit ---- */

static void begin_line(const char *file, unsigned line)
{
	add_format("%s[%llu.%llu ", cc_past_prefix(), (unsigned long long)cc_agent.now.calls,
		   (unsigned long long)cc_agent.now.events);
	add_text(file, strlen(file));
	add_format(":%u] ", line);
}

/* Writes the hit as a JSON object, with what came of the expression under `key`. */
static void write_json(const struct print *print, const char *file, unsigned line, const char *key,
		       json_t *came)
{
	json_t *object = json_pack("{s:I, s:I}", "calls", (json_int_t)cc_agent.now.calls, "events",
				   (json_int_t)cc_agent.now.events);

	if (cc_past.shown)
		json_object_set_new(object, "process", json_integer(cc_past.process));
	json_object_set_new(object, "file", cc_json_characters(file, strlen(file)));
	json_object_set_new(object, "line", json_integer(line));
	json_object_set_new(object, "expression", json_string(print->expression));
	json_object_set_new(object, key, came);
	write_object(object);
}

static void show_value(const struct print *print, const char *file, unsigned line,
		       const struct cc_plain_value *value)
{
	if (own.json) {
		write_json(print, file, line, "value", json_value(value));
		return;
	}
	begin_line(file, line);
	add_text(own.value.data, own.value.length);
	write_line();
}

/* Characters that stand for bytes, as the copy sent them, are bytes again. */
static size_t narrow(char *text, size_t length)
{
	size_t to = 0;

	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c & 0x80 && i + 1 < length)
			c = (unsigned char)(c << 6 | (text[++i] & 0x3f));
		text[to++] = (char)c;
	}
	return to;
}

static void show_answer(const struct print *print, const char *file, unsigned line, json_t *answer)
{
	const char *error = json_string_value(json_object_get(answer, "error"));
	json_t *text = json_object_get(answer, "text");
	size_t length = json_string_length(text);
	char *copy;

	if (own.json) {
		write_json(print, file, line, error ? "error" : "value",
			   json_incref(json_object_get(answer, error ? "error" : "value")));
		return;
	}
	begin_line(file, line);
	if (error) {
		add("error: ", 7);
		add_text(error, strlen(error));
	} else {
		copy = cc_heap_malloc(length + 1);
		memcpy(copy, json_string_value(text) ? json_string_value(text) : "", length);
		if (json_is_false(json_object_get(answer, "wide")))
			length = narrow(copy, length);
		add_text(copy, length);
		free(copy);
	}
	write_line();
}

/*
 * Evaluates the expression, and the condition if `holds` is negative, in a copy. 1: a value was
 * printed.
 */
static int evaluate_copied(const struct print *print, const char *file, unsigned line, int holds)
{
	json_t *arguments = json_pack("{s:s, s:s, s:i}", "expression", print->expression, "file",
				      file, "line", (int)line),
	       *answer;
	int shown;

	if (!arguments) /* the file's name is no UTF-8 */
		arguments = json_pack("{s:s}", "expression", print->expression);
	if (holds < 0)
		json_object_set_new(arguments, "condition", json_string(print->condition));
	answer = cc_agent_copy("print", arguments, 0);
	json_decref(arguments);
	shown = !json_is_false(json_object_get(answer, "holds"));
	if (shown)
		show_answer(print, file, line, answer);
	json_decref(answer);
	return shown;
}

static int evaluate(struct print *print, const char *file, unsigned line)
{
	struct cc_plain_value value;
	int holds = !print->condition	     ? 1
		    : print->plain_condition ? cc_plain_truth(print->plain_condition, 0)
					     : CC_PLAIN_NOT;

	if (!holds)
		return 0;
	own.value.length = 0;
	own.value.wide = own.value.high = 0;
	if (holds < 0 || !print->plain || cc_plain_evaluate(print->plain, 0, &value) ||
	    cc_plain_show(print->plain, &value, 0, &own.value))
		return evaluate_copied(print, file, line, holds);
	show_value(print, file, line, &value);
	return 1;
}

/* ---- which events ---- */

static void mark(unsigned line)
{
	cc_prints.lines[line % CC_PRINT_LINES / 8] |= (uint8_t)(1 << line % 8);
}

/* Lines around a print's line matter until that is reached. */
static void mark_all(void)
{
	memset(cc_prints.lines, own.unmet ? 0xff : 0, sizeof(cc_prints.lines));
	for (size_t i = 0; i < own.count; i++) {
		const struct print *print = &own.prints[i];
		unsigned around = print->reached ? 0 : NEAR;

		for (unsigned at = 0; print->file && at <= 2 * around; at++)
			if (print->reached || !print->near[at])
				mark(print->line - around + at);
	}
}

/* `end` is all of `name`, or what stands behind a separator in it. */
static int ends_with(const char *name, const char *end, const char *separators)
{
	size_t length = strlen(name), wanted = strlen(end);

	return length >= wanted && !memcmp(name + length - wanted, end, wanted) &&
	       (length == wanted || strchr(separators, name[length - wanted - 1]));
}

static int is_at(struct print *print, const char *file, unsigned line, const char *function)
{
	unsigned at = line - (print->line - NEAR);

	if (print->function)
		return function && ends_with(function, print->function, ":.");
	if (print->reached ? line != print->line : at > 2 * NEAR)
		return 0;
	if (!ends_with(file, print->file, "/"))
		return 0;
	if (line != print->line && !print->near[at] && !cc_past.on) {
		print->near[at] = 1;
		mark_all();
	}
	return line == print->line;
}

/*
 * Until the files and functions of all prints are met, the names of those that run are noted, to be
 * proposed to who has misspelt one.
 */
static void meet(const char *file, const char *function)
{
	static char *last CC_STATE;

	if (function)
		cc_near_add(&own.functions, function);
	if (last && !strcmp(last, file) && !function)
		return;
	free(last);
	last = cc_heap_copy(file);
	cc_near_add(&own.files, file);
	for (size_t i = 0; i < own.count; i++) {
		struct print *print = &own.prints[i];

		if (print->met ||
		    !(print->file ? ends_with(file, print->file, "/")
				  : function && ends_with(function, print->function, ":.")))
			continue;
		print->met = 1;
		own.unmet--;
		mark_all();
	}
}

void cc_print_event(const char *file, unsigned line, const char *function)
{
	if (own.unmet)
		meet(file, function);
	for (size_t i = 0; i < own.count; i++) {
		struct print *print = &own.prints[i];

		if (!is_at(print, file, line, function))
			continue;
		if (cc_past.on) {
			print->before = 1;
			continue;
		}
		if (!print->reached++ && print->file)
			mark_all();
		print->shown += (uint64_t)evaluate(print, file, line);
	}
}

/* ---- beginning and end ---- */

static int take_output(char *to, struct cc_error *error)
{
	int descriptor = to ? CC_PRINTS_DESCRIPTOR : 2;

	own.descriptor = descriptor < 0 ? -1 : fcntl(descriptor, F_DUPFD_CLOEXEC, DESCRIPTOR);
	if (descriptor >= 0 && own.descriptor < 0) /* the limit may be lower */
		own.descriptor = fcntl(descriptor, F_DUPFD_CLOEXEC, 100);
	if (own.descriptor < 0)
		return cc_fail(error, CC_EIO, "%s: %s", to ? to : "--print", strerror(errno));
	if (to)
		close(descriptor);
	own.to = to;
	return 0;
}

/* `from` stays: so do its strings. */
static void read_print(struct print *print, const json_t *from,
		       const struct cc_plain_language *language)
{
	print->file = cc_json_copy(json_object_get(from, "file"), NULL);
	print->function = cc_json_copy(json_object_get(from, "function"), NULL);
	print->line = (unsigned)json_integer_value(json_object_get(from, "line"));
	print->expression = json_string_value(json_object_get(from, "expression"));
	print->condition = json_string_value(json_object_get(from, "condition"));
	print->plain = cc_plain_new(language, print->expression);
	if (print->condition)
		print->plain_condition = cc_plain_new(language, print->condition);
	cc_prints.functions += print->function != NULL;
}

int cc_print_begin(const char *options, const char *tool, const struct cc_plain_language *language,
		   struct cc_error *error)
{
	json_t *parsed = json_loads(options, 0, NULL), *list = json_object_get(parsed, "prints");

	if (!language)
		return cc_fail(error, CC_EUNSUPPORTED,
			       "--print: programs of this language cannot be asked");
	if (take_output(cc_json_copy(json_object_get(parsed, "to"), NULL), error) < 0)
		return error->status;
	own.tool = tool;
	own.json = json_is_true(json_object_get(parsed, "json"));
	own.count = own.unmet = json_array_size(list);
	own.prints = cc_heap_zeros(own.count, sizeof(*own.prints));
	for (size_t i = 0; i < own.count; i++)
		read_print(&own.prints[i], json_array_get(list, i), language);
	cc_prints.on = 1;
	mark_all();
	return 0;
}

static void say_near(const struct cc_near_names *names, const char *wanted)
{
	char text[CC_NEAR_TEXT];

	cc_near_text(names, wanted, text);
	add_format("%s", text);
}

static void say_before(const struct print *print)
{
	if (print->function)
		add_format("%s: it was called only", print->function);
	else
		add_format("%s:%u: it was reached only", print->file, print->line);
	add_format(" before the fork: --with-parent prints that, too");
}

static void say_missed(const struct print *print)
{
	const char *separator = "; nearest lines that run: ";

	add_format("%s: --print ", own.tool);
	if (print->before) {
		say_before(print);
	} else if (print->function) {
		add_format("%s: it was never called", print->function);
		if (!print->expression[strspn(print->expression, "0123456789")])
			add_format(" (is it a file? FILE:LINE:EXPRESSION)");
		say_near(&own.functions, print->function);
	} else if (!print->met) {
		add_format("%s:%u: nothing of such a file was run", print->file, print->line);
		say_near(&own.files, print->file);
	} else {
		add_format("%s:%u: it was never reached", print->file, print->line);
	}
	for (unsigned at = 0; at <= 2 * NEAR; at++)
		if (print->near[at]) {
			add_format("%s%u", separator, print->line - NEAR + at);
			separator = ", ";
		}
	write_line();
}

static void say_held_back(const struct print *print)
{
	add_format("%s: --print-if %s: it was never true, of %llu times", own.tool,
		   print->condition, (unsigned long long)print->reached);
	write_line();
}

int cc_print_end(struct cc_error *error)
{
	int failed = own.failed;

	own.descriptor = 2;
	for (size_t i = 0; i < own.count; i++)
		if (!own.prints[i].reached)
			say_missed(&own.prints[i]);
		else if (!own.prints[i].shown)
			say_held_back(&own.prints[i]);
	if (!failed)
		return 0;
	return cc_fail(error, CC_EIO, "%s: %s: what was printed is not complete",
		       own.to ? own.to : "--print", strerror(failed));
}
