/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the program is to stop. Forward, what bdb.Bdb decides event by event, with its own
 * variables: stopframe, returnframe, stoplineno, and which frames have a trace function. Frames are
 * activations' numbers.
 *
 *   {"stop": ID | 0 | -1, "return": ID, "line": N, "caller": true, "breaks": [...]}
 *   {"back": "step" | "next" | "return" | "continue", "frames": [IDS], "depth": N, "breaks": [...]}
 *   {"back": "line", "frame": ID}: the line where it is
 *   {"back": "raise", "frame": ADDRESS}: the last exception in the frame of this frame object
 *   {"back": "change", …}: see watch.h
 *   {"step": "start" | "forked" | "in" | "over" | "out", "breaks": [...]}
 *
 * "frames" are those that run where the user is, the innermost first, and "depth" that of the one
 * he looks at: "next" and "return" lead to a line of that or of one that called it. "thread": the
 * user's, in which steps stay; backward, "step" leads into the main one, too. Forward it is where
 * the program is. Breakpoints are passed in every thread.
 *
 * stop 0: any frame (bdb's None); -1: none of the program's. A breakpoint is {"file", "line"} and
 * perhaps "number", "enabled", "temporary", "ignore", "hits", "function", "first" (its first line
 * that has run), "condition".
 */
#define Py_BUILD_CORE
#include <Python.h>

#include "core/replay/agent.h"
#include "core/replay/heap.h"
#include "core/replay/past.h"
#include "core/replay/preload.h"
#include "core/replay/threads.h"
#include "logs/text.h"
#include "runtimes/python/analysis/text.h"
#include "runtimes/python/debug/debuggee.h"
#include "runtimes/python/debug/plain.h"
#include "runtimes/python/debug/watch.h"
#include "runtimes/python/state/layout.h"

#define ANY 0
#define NONE UINT64_MAX
#define ANYONE UINT_MAX /* for a thread */
#define GENERATORS (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR)

struct breakpoint {
	char *file, *function, *condition;
	struct cc_plain *plain; /* the condition; NULL: it is not plain */
	int number, line, enabled, temporary, ignore, hits, first;
};

enum kind {
	NOTHING,
	BDB,
	START,
	BACK_STEP,
	BACK_NEXT,
	BACK_RETURN,
	BACK_CONTINUE,
	BACK_LINE,
	BACK_RAISE,
	BACK_CHANGE,
	FORKED
};

static struct {
	enum kind kind;
	uint64_t stop, returning, frame;
	uint64_t newest;  /* on the way to a fork: the last activation that began before it */
	uint64_t *frames; /* of the user, the innermost first */
	size_t frame_count;
	int line, depth;
	unsigned thread;
	struct breakpoint *breaks;
	size_t count;
	int hit;      /* number of the breakpoint that stopped it, or 0 */
	int clears;   /* and it is a temporary one whose time has come */
	int finished; /* the main program is over */
} rule;

uint64_t cc_python_main;

/* ---- the rule as it comes ---- */

static char *copy_text(const json_t *from, const char *key)
{
	return cc_json_copy(json_object_get(from, key), NULL);
}

static int number_of(const json_t *from, const char *key, int otherwise)
{
	const json_t *value = json_object_get(from, key);

	return json_is_integer(value)	? (int)json_integer_value(value)
	       : json_is_boolean(value) ? json_is_true(value)
					: otherwise;
}

static void drop_breaks(void)
{
	for (size_t i = 0; i < rule.count; i++) {
		free(rule.breaks[i].file);
		free(rule.breaks[i].function);
		free(rule.breaks[i].condition);
		cc_plain_free(rule.breaks[i].plain);
	}
	free(rule.breaks);
	rule.breaks = NULL;
	rule.count = 0;
}

static void take_breaks(const json_t *list)
{
	size_t i;
	json_t *from;

	drop_breaks();
	rule.breaks = cc_heap_zeros(json_array_size(list) + 1, sizeof(*rule.breaks));
	json_array_foreach(list, i, from)
	{
		struct breakpoint own = {
			.file = copy_text(from, "file"),
			.function = copy_text(from, "function"),
			.condition = copy_text(from, "condition"),
			.number = number_of(from, "number", (int)i + 1),
			.line = number_of(from, "line", 0),
			.enabled = number_of(from, "enabled", 1),
			.temporary = number_of(from, "temporary", 0),
			.ignore = number_of(from, "ignore", 0),
			.hits = number_of(from, "hits", 0),
			.first = number_of(from, "first", 0),
		};

		if (own.condition)
			own.plain = cc_plain_new(&cc_python_plain,
						 own.condition + strspn(own.condition, " \t"));
		if (own.file)
			rule.breaks[rule.count++] = own;
	}
}

static void take_frames(const json_t *list)
{
	rule.frame_count = json_array_size(list);
	rule.frames = cc_heap_realloc(rule.frames, (rule.frame_count + 1) * sizeof(*rule.frames));
	for (size_t i = 0; i < rule.frame_count; i++)
		rule.frames[i] = (uint64_t)json_integer_value(json_array_get(list, i));
}

static uint64_t frame_number(const json_t *from, const char *key, uint64_t otherwise)
{
	const json_t *value = json_object_get(from, key);

	return !json_is_integer(value)	       ? otherwise
	       : json_integer_value(value) < 0 ? NONE
					       : (uint64_t)json_integer_value(value);
}

static int step_kind(const char *step, const struct cc_python_activation *now)
{
	const struct cc_python_activation *caller = now ? now->caller : NULL;

	if (!strcmp(step, "start"))
		return START;
	if (!strcmp(step, "forked"))
		return FORKED;
	if (!strcmp(step, "over") && now) {
		rule.stop = now->id;
	} else if (!strcmp(step, "out") && now) {
		rule.stop = caller ? caller->id : NONE;
		rule.returning = now->id;
	} else if (strcmp(step, "in")) {
		return NOTHING;
	}
	return BDB;
}

static int back_kind(const char *back)
{
	static const struct {
		const char *name;
		enum kind kind;
	} kinds[] = {{"step", BACK_STEP},	  {"next", BACK_NEXT},	    {"return", BACK_RETURN},
		     {"continue", BACK_CONTINUE}, {"line", BACK_LINE},	    {"change", BACK_CHANGE},
		     {"raise", BACK_RAISE},	  {"in", BACK_STEP},	    {"over", BACK_NEXT},
		     {"out", BACK_RETURN},	  {"breaks", BACK_CONTINUE}};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(kinds[i].name, back))
			return (int)kinds[i].kind;
	return NOTHING;
}

int cc_python_set_rule(const json_t *from, struct cc_error *error)
{
	const char *step = json_string_value(json_object_get(from, "step"));
	const char *back = json_string_value(json_object_get(from, "back"));
	struct cc_python_activation *now = cc_python_event.activation;

	/* Where the user has come by another way than bdb's, all frames are his. */
	for (; now && rule.kind != BDB && rule.kind != START; now = now->caller)
		now->traced = 1;
	now = cc_python_event.activation;
	rule.hit = rule.clears = rule.finished = 0;
	rule.kind = NOTHING;
	drop_breaks();
	cc_python_watch_end();
	if (!from)
		return 0;
	take_breaks(json_object_get(from, "breaks"));
	rule.stop = frame_number(from, "stop", step ? ANY : NONE);
	rule.returning = frame_number(from, "return", NONE);
	rule.line = number_of(from, "line", 0);
	take_frames(json_object_get(from, "frames"));
	rule.depth = number_of(from, "depth", 1);
	rule.thread = back || !now ? (unsigned)number_of(from, "thread", 0) : cc_thread;
	rule.kind = step ? step_kind(step, now) : back ? back_kind(back) : BDB;
	rule.frame = frame_number(from, "frame", NONE);
	rule.newest = number_of(from, "anywhere", 0) ? NONE : 0;
	if (rule.kind == BACK_CHANGE && cc_python_watch_begin(from))
		return cc_fail(error, CC_EUSAGE, "nothing is said of what may change");
	if (rule.kind == NOTHING)
		return cc_fail(error, CC_EUSAGE, "%s: there is no such step", step ? step : back);
	if (now && !now->caller && cc_python_event.what == CC_PYTHON_RETURN && !back)
		rule.thread = ANYONE; /* its own thread has nothing more to do */
	if (number_of(from, "caller", 0) && now && now->caller)
		now->caller->traced = 1;
	return 0;
}

/* ---- breakpoints ---- */

/* bdb compares absolute names; code that was given a relative one has that. */
static int is_file(const struct breakpoint *point, const char *name)
{
	size_t have = strlen(point->file), length = strlen(name);

	if (!strcmp(point->file, name))
		return 1;
	return *name != '/' && *name != '<' && have > length &&
	       point->file[have - length - 1] == '/' && !strcmp(point->file + have - length, name);
}

static const char *file_of(const struct cc_python_activation *activation)
{
	static const PyObject *last;
	static Py_ssize_t last_length;
	static char text[4096];
	const PyObject *name = activation->code->co_filename;

	if (name != last || cc_python_length(name) != last_length) {
		last = name;
		last_length = cc_python_length(name);
		if (cc_python_text(&cc_own_memory, name, text, sizeof(text)) < 0)
			*text = '\0';
	}
	return text;
}

static int has_breaks(const struct cc_python_activation *activation)
{
	for (size_t i = 0; i < rule.count; i++)
		if (is_file(&rule.breaks[i], file_of(activation)))
			return 1;
	return 0;
}

/* Does the condition hold where the program is? -1: that cannot be told, as it raises. */
static int condition_holds(const struct breakpoint *point)
{
	int holds = point->plain ? cc_plain_truth(point->plain, 0) : CC_PLAIN_NOT;
	json_t *with, *answer;
	const json_t *value;

	if (holds != CC_PLAIN_NOT)
		return holds;
	with = json_pack("{s:s}", "expression", point->condition);
	answer = cc_agent_copy("condition", with, 1);
	value = json_object_get(answer, "value");
	holds = json_is_boolean(value) ? json_is_true(value) : -1;
	json_decref(with);
	json_decref(answer);
	return holds;
}

/* bdb.checkfuncname */
static int is_place(struct breakpoint *point, const struct cc_python_activation *activation)
{
	char name[1024];

	if (!point->function)
		return point->line == activation->line;
	if (cc_python_text(&cc_own_memory, activation->code->co_name, name, sizeof(name)) < 0 ||
	    strcmp(name, point->function))
		return 0;
	if (!point->first)
		point->first = activation->line;
	return point->first == activation->line;
}

static int is_hit(struct breakpoint *point)
{
	int holds = 1;

	point->hits++;
	if (point->condition)
		holds = condition_holds(point);
	if (!holds)
		return 0;
	if (holds > 0 && point->ignore > 0) {
		point->ignore--;
		return 0;
	}
	rule.hit = point->number;
	rule.clears = holds > 0 && point->temporary;
	return 1;
}

/* bdb.Bdb.break_here and bdb.effective */
static int break_here(const struct cc_python_activation *activation)
{
	int line = 0;

	for (size_t i = 0; i < rule.count && line != activation->line; i++)
		if ((rule.breaks[i].line == activation->line ||
		     rule.breaks[i].line == activation->code->co_firstlineno) &&
		    is_file(&rule.breaks[i], file_of(activation)))
			line = rule.breaks[i].line;
	if (!line)
		return 0;
	for (size_t i = 0; i < rule.count; i++) {
		struct breakpoint *point = &rule.breaks[i];

		if (point->line == line && point->enabled && is_file(point, file_of(activation)) &&
		    is_place(point, activation) && is_hit(point))
			return 1;
	}
	return 0;
}

/* ---- bdb ---- */

static int stop_here(const struct cc_python_activation *activation)
{
	if (activation->id == rule.stop)
		return rule.line != -1 && activation->line >= rule.line;
	return rule.stop == ANY;
}

static int is_generator(const struct cc_python_activation *activation)
{
	return (activation->code->co_flags & GENERATORS) != 0;
}

static int at_call(struct cc_python_activation *activation)
{
	int stops = stop_here(activation);

	if (!stops && !has_breaks(activation))
		return 0;
	activation->traced = 1;
	return stops && !(rule.stop != ANY && is_generator(activation));
}

static int at_return(const struct cc_python_activation *activation)
{
	if (!stop_here(activation) && activation->id != rule.returning)
		return 0;
	return !(rule.stop != ANY && is_generator(activation));
}

/* The class is StopIteration or GeneratorExit itself. */
static int ends_generator(const PyTypeObject *class)
{
	return !strcmp(class->tp_name, "StopIteration") || !strcmp(class->tp_name, "GeneratorExit");
}

static const struct cc_python_activation *stop_frame(const struct cc_python_activation *from)
{
	while (from && from->id != rule.stop)
		from = from->caller;
	return from;
}

static int at_exception(const struct cc_python_activation *activation, enum cc_python_what what)
{
	const struct cc_python_activation *stop;

	if (stop_here(activation))
		return !(is_generator(activation) && what == CC_PYTHON_STOP);
	stop = stop_frame(activation);
	return stop && stop != activation && is_generator(stop) &&
	       (what == CC_PYTHON_STOP ||
		ends_generator((const PyTypeObject *)cc_python_event.argument));
}

static int bdb_stops(struct cc_python_activation *activation)
{
	if (cc_python_event.what == CC_PYTHON_CALL)
		return at_call(activation);
	if (!activation->traced)
		return 0;
	switch (cc_python_event.what) {
	case CC_PYTHON_LINE:
		return stop_here(activation) || break_here(activation);
	case CC_PYTHON_RETURN:
		return at_return(activation);
	default:
		return at_exception(activation, cc_python_event.what);
	}
}

/* In a thread where the user is not: a breakpoint, from which he can step on. */
static int stops_elsewhere(struct cc_python_activation *activation)
{
	if (cc_python_event.what != CC_PYTHON_LINE || !break_here(activation))
		return 0;
	for (; activation; activation = activation->caller)
		activation->traced = 1;
	return 1;
}

/* ---- the main program ---- */

/* globals()["__name__"] == "__main__", without a call into the interpreter. */
static int is_main_globals(const PyDictObject *globals)
{
	PyObject *key, *value;
	Py_ssize_t at = 0;

	if (!cc_python_has_names(globals) || cc_python_shares_keys(globals))
		return 0;
	while (cc_python_next_entry(globals, &at, &key, &value))
		if (cc_python_is_ascii(key, "__name__"))
			return PyUnicode_Check(value) && cc_python_is_ascii(value, "__main__");
	return 0;
}

static void find_main(const struct cc_python_activation *activation)
{
	if (cc_python_is_ascii(activation->code->co_name, "<module>") &&
	    is_main_globals((const PyDictObject *)cc_python_globals(activation->frame)))
		cc_python_main = activation->id;
}

/*
 * Of the frames that the user has below the depth, is it one? Not each that is as deep: `f() + g()`
 * has called f before g. From the program's end all are looked at.
 */
static int is_users(const struct cc_python_activation *activation, int depth)
{
	if (cc_thread != rule.thread || activation->depth > depth)
		return 0;
	for (size_t i = 0; i < rule.frame_count; i++)
		if (rule.frames[i] == activation->id)
			return 1;
	return !rule.frame_count;
}

/*
 * Behind the fork: at a line of who called it. What os.register_at_fork has run before that belongs
 * to the fork.
 */
static int is_forked(const struct cc_python_activation *activation)
{
	if (cc_past.on && activation->id > rule.newest)
		rule.newest = activation->id;
	return !cc_past.on && cc_python_event.what == CC_PYTHON_LINE &&
	       activation->id <= rule.newest;
}

int cc_python_rule_holds(void)
{
	struct cc_python_activation *activation = cc_python_event.activation;
	enum cc_python_what what = cc_python_event.what;

	if (!cc_python_main && what == CC_PYTHON_CALL)
		find_main(activation);
	if (rule.kind != BDB)
		activation->traced = 1;
	if (rule.kind < BACK_CONTINUE && rule.kind != BDB && cc_thread && cc_thread != rule.thread)
		return 0;
	switch (rule.kind) {
	case NOTHING:
		return 0;
	case START:
		return activation->id == cc_python_main && what == CC_PYTHON_LINE;
	case FORKED:
		return is_forked(activation);
	case BDB:
		if (cc_thread == rule.thread || rule.thread == ANYONE ? bdb_stops(activation)
								      : stops_elsewhere(activation))
			return 1;
		rule.finished = activation->id == cc_python_main && what == CC_PYTHON_RETURN;
		return rule.finished;
	case BACK_STEP:
		return 1;
	case BACK_NEXT:
		return what == CC_PYTHON_LINE && is_users(activation, rule.depth);
	case BACK_RETURN:
		return what == CC_PYTHON_LINE && is_users(activation, rule.depth - 1);
	case BACK_LINE:
		return activation->id == rule.frame && what == CC_PYTHON_LINE;
	case BACK_RAISE:
		return what == CC_PYTHON_EXCEPTION &&
		       (uintptr_t)cc_python_frame_object(activation->frame) == rule.frame;
	case BACK_CHANGE:
		cc_python_watch_event();
		return 0;
	case BACK_CONTINUE:
		return what == CC_PYTHON_LINE && break_here(activation);
	}
	return 0;
}

void cc_python_rule_describe(json_t *to)
{
	const struct cc_python_activation *activation = cc_python_event.activation;
	json_t *counts = json_array();

	for (size_t i = 0; i < rule.count; i++)
		json_array_append_new(counts, json_pack("[i,i,i,i]", rule.breaks[i].number,
							rule.breaks[i].hits, rule.breaks[i].ignore,
							rule.breaks[i].first));
	json_object_set_new(to, "hits", counts);
	json_object_set_new(to, "breakpoint", json_integer(rule.hit));
	json_object_set_new(to, "clears", json_boolean(rule.clears));
	json_object_set_new(to, "finished", json_boolean(rule.finished));
	json_object_set_new(to, "thread", json_integer(cc_thread));
	json_object_set_new(to, "main",
			    json_boolean(activation && activation->id == cc_python_main));
}
