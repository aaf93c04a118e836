/* SPDX-License-Identifier: GPL-2.0-or-later */
#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>

#include "core/replay/agent.h"
#include "core/replay/preload.h"
#include "logs/text.h"
#include "runtimes/perl/debug/debuggee.h"
#include "runtimes/perl/debug/plain.h"
#include "runtimes/perl/debug/rule.h"
#include "runtimes/perl/replay/events.h"
#include "runtimes/perl/replay/loads.h"
#include "runtimes/perl/replay/sources.h"

enum { ASKED_SINGLE = 1, ASKED_SIGNAL = 2, ASKED_TRACE = 4 };
enum kind { NOTHING, START, FORWARD, BACK_IN, BACK_OVER, BACK_BREAKS, BACK_CHANGE, BACK_END };
#define NEVER (-2) /* doret: no return value is to be shown */

struct line {
	char *file, *condition; /* condition NULL: it does not stop */
	struct cc_plain *plain; /* the condition, or NULL */
	unsigned line;
	int has_action;
};

struct watch {
	char *expression, *value;
	struct cc_plain *plain; /* or NULL */
};

/* A sub that is being run: what it has kept, forward; the last event in itself, backward. */
struct kept {
	uint8_t single;
	uint8_t has_event;
	struct cc_moment event;
};

static struct {
	enum kind kind;
	int single, doret, always, compiling;
	int stepping;		  /* forward: subs have to be followed */
	int loads, loaded;	  /* what is compiled may stop; something was */
	int asked, signal, trace; /* ASKED_…, by the program; what it said; -1: nothing */
	struct watch change;	  /* backward: the value at the last event that can tell, */
	struct cc_moment before;  /* which was this one */
	int anywhere;		  /* it can be told in other subs, too */
	/* The event before was in a sub that has not called this one yet */
	int outside;
	struct line *lines;
	size_t line_count;
	uint8_t may_break[8192]; /* a bit for each line, modulo their number */
	struct watch *watches;
	size_t watch_count;
	struct cc_perl_frames now, frames; /* frames: those that are followed */
	struct kept *kept;		   /* by depth, the main program's first */
	size_t kept_room;
	struct cc_perl_frames present; /* backward: those of where we come from */
	unsigned deepest;	       /* and how many of them may hold what is looked for */
	json_t *state;
} rule;

/* ---- copies ---- */

/* In a throwaway copy. Takes the reference, gives one. */
static json_t *ask_copy(const char *what, json_t *arguments)
{
	json_t *answer = cc_agent_copy(what, arguments, 1);

	json_decref(arguments);
	return answer;
}

static const char *context_name(I32 gimme)
{
	return gimme == G_LIST ? "list" : gimme == G_SCALAR ? "scalar" : "void";
}

static struct watch new_watch(char *expression, char *value)
{
	return (struct watch){expression, value,
			      expression ? cc_perl_plain_watch(expression) : NULL};
}

static void free_watch(struct watch *watch)
{
	free(watch->expression);
	free(watch->value);
	cc_plain_free(watch->plain);
	*watch = (struct watch){NULL, NULL, NULL};
}

/* Read from memory; NULL: it cannot be, or it might look otherwise in a copy's answer. */
static char *plain_value(const struct watch *watch)
{
	struct cc_plain_text text = {0};
	char *value = NULL;

	if (!watch->plain)
		return NULL;
	if (!cc_plain_put(&text, "'", 1, 0) && !cc_perl_plain_watched(watch->plain, &text) &&
	    !cc_plain_put(&text, "'", 1, 0) && (!text.high || text.wide) &&
	    !memchr(text.data, 0, text.length))
		value = strndup(text.data, text.length);
	free(text.data);
	return value;
}

/* As perl5db's watches have it; malloc'ed, or NULL. */
static char *value_of(const struct watch *watch)
{
	char *copy = plain_value(watch);
	const char *value;
	json_t *answer;

	if (copy)
		return copy;
	answer = ask_copy("watched", json_pack("{s:s?}", "expression", watch->expression));
	value = json_string_value(json_object_get(answer, "value"));
	copy = value ? strdup(value) : NULL;
	json_decref(answer);
	return copy;
}

/*
 * On the way back to a change: if the value is another one than at the event before, the statement
 * there has changed it. What a sub's variables are as it begins, its call has given them: not what
 * they were in the call before.
 */
static void note_value(pTHX)
{
	int inside; /* of the user's sub, in what it calls; less than 0: outside */
	char *was;

	cc_perl_frames_now(aTHX_ & rule.now);
	inside = cc_perl_frames_common(&rule.now, &rule.present) < rule.present.count ? -1
		 : rule.now.count > rule.present.count
			 ? 1
			 : (int)rule.now.comparing - (int)rule.present.comparing;
	if (!rule.anywhere && inside > 0)
		return;
	was = rule.change.value;
	rule.change.value = NULL;
	if (!rule.anywhere && inside) {
		rule.outside = 1;
	} else {
		rule.change.value = value_of(&rule.change);
		if (rule.outside || (was && rule.change.value && strcmp(was, rule.change.value)))
			cc_agent_hit_at(rule.before);
		rule.outside = 0;
	}
	rule.before = cc_agent.now;
	free(was);
}

/* ---- reading ---- */

/* perl has no booleans of its own. */
static int is_set(const json_t *from, const char *key)
{
	const json_t *value = json_object_get(from, key);

	return json_is_true(value) || json_integer_value(value);
}

static char *copy_text(const json_t *text)
{
	return json_is_string(text) ? strdup(json_string_value(text)) : NULL;
}

/* perl hands strings over as characters; a file's name is the bytes that they stand for. */
static char *copy_name(const json_t *text)
{
	char *name = copy_text(text), *to = name;

	for (const char *at = name; at && *at; at++)
		if ((unsigned char)*at >= 0xc4) /* above U+00FF: characters indeed */
			return name;
	for (const char *at = name; at && *at; at++)
		if ((unsigned char)*at >= 0xc2) {
			*to++ = (char)(at[0] << 6 | (at[1] & 0x3f));
			at++;
		} else {
			*to++ = *at;
		}
	if (to)
		*to = '\0';
	return name;
}

static void forget(void)
{
	for (size_t i = 0; i < rule.line_count; i++) {
		free(rule.lines[i].file);
		free(rule.lines[i].condition);
		cc_plain_free(rule.lines[i].plain);
	}
	for (size_t i = 0; i < rule.watch_count; i++)
		free_watch(&rule.watches[i]);
	free(rule.lines);
	free(rule.watches);
	json_decref(rule.state);
	free_watch(&rule.change);
	rule.lines = NULL;
	rule.watches = NULL;
	rule.state = NULL;
	rule.line_count = rule.watch_count = 0;
	memset(rule.may_break, 0, sizeof(rule.may_break));
	rule.kind = NOTHING;
	rule.always = rule.compiling = rule.stepping = rule.loads = rule.loaded = rule.deepest =
		rule.outside = 0;
	rule.asked = rule.signal = 0;
	rule.trace = -1;
	rule.doret = NEVER;
}

/* As statements have it: without the place that the debugger shows behind an eval's number. */
static char *file_name(char *shown)
{
	char *end = strncmp(shown, "(eval ", 6) ? NULL : strstr(shown, ")[");

	if (end)
		end[1] = '\0';
	return shown;
}

/* Takes over its texts. */
static void add_line(char *file, unsigned line, char *condition, int has_action)
{
	if (!file) {
		free(condition);
		return;
	}
	rule.lines = realloc(rule.lines, (rule.line_count + 1) * sizeof(*rule.lines));
	rule.lines[rule.line_count++] = (struct line){
		.file = file_name(file),
		.condition = condition,
		.plain = condition ? cc_plain_new(&cc_perl_plain, condition) : NULL,
		.line = line,
		.has_action = has_action,
	};
	rule.may_break[line / 8 % sizeof(rule.may_break)] |= (uint8_t)(1u << line % 8);
}

static void read_lines(const json_t *lines)
{
	const json_t *line;
	size_t i;

	json_array_foreach(lines, i, line)
		add_line(copy_name(json_array_get(line, 0)),
			 (unsigned)json_integer_value(json_array_get(line, 1)),
			 copy_text(json_array_get(line, 2)),
			 json_integer_value(json_array_get(line, 3)) != 0);
}

static void read_breaks(const json_t *breaks)
{
	const json_t *at;
	size_t i;

	json_array_foreach(breaks, i, at)
	{
		char *condition = copy_text(json_object_get(at, "condition"));

		add_line(cc_json_copy(json_object_get(at, "file"), NULL),
			 (unsigned)json_integer_value(json_object_get(at, "line")),
			 condition ? condition : strdup("1"), 0);
	}
}

static void read_watches(const json_t *watches)
{
	const json_t *watch;
	size_t i;

	rule.watches = calloc(json_array_size(watches) + 1, sizeof(*rule.watches));
	json_array_foreach(watches, i, watch) rule.watches[rule.watch_count++] =
		new_watch(copy_text(json_array_get(watch, 0)), copy_text(json_array_get(watch, 1)));
}

static void need_kept(size_t depth)
{
	size_t room = rule.kept_room;

	if (depth < room)
		return;
	rule.kept_room = depth * 2 + 64;
	rule.kept = cc_heap_realloc(rule.kept, rule.kept_room * sizeof(*rule.kept));
	memset(rule.kept + room, 0, (rule.kept_room - room) * sizeof(*rule.kept));
}

/* What each sub has kept that runs at this moment, from `stack`; NULL: nothing. */
static void begin_frames(pTHX_ const json_t *stack)
{
	rule.frames.count = 0;
	rule.frames.chain = 0;
	if (my_perl) /* before main() there is none */
		cc_perl_frames_now(aTHX_ & rule.frames);
	need_kept(rule.frames.count);
	memset(rule.kept, 0, rule.kept_room * sizeof(*rule.kept));
	for (unsigned i = 0; i < rule.frames.count; i++)
		rule.kept[i + 1].single = (uint8_t)json_integer_value(json_array_get(stack, i));
	for (unsigned i = 0; i < rule.frames.count; i++)
		rule.stepping |= rule.kept[i + 1].single;
}

static int read_forward(pTHX_ const json_t *from)
{
	const json_t *doret = json_object_get(from, "doret");

	rule.kind = FORWARD;
	rule.single = (int)json_integer_value(json_object_get(from, "single"));
	rule.doret = doret ? (int)json_integer_value(doret) : NEVER;
	rule.always = is_set(from, "always");
	rule.loads = cc_perl_loads_set(json_object_get(from, "loads"));
	read_watches(json_object_get(from, "watch"));
	rule.state = json_incref(json_object_get(from, "state"));
	begin_frames(aTHX_ json_object_get(from, "stack"));
	rule.stepping |= rule.single || rule.doret != NEVER;
	return 0;
}

static int read_back(pTHX_ const char *how, const json_t *from)
{
	const json_t *frames = json_object_get(from, "frames"), *frame;
	size_t i;

	if (!strcmp(how, "in"))
		rule.kind = BACK_IN;
	else if (!strcmp(how, "breaks"))
		rule.kind = BACK_BREAKS;
	else if (!strcmp(how, "end"))
		rule.kind = BACK_END;
	else if (!strcmp(how, "change"))
		rule.kind = BACK_CHANGE;
	else if (!strcmp(how, "over") || !strcmp(how, "out"))
		rule.kind = BACK_OVER;
	else
		return -1;
	rule.present.count = 0;
	rule.present.at =
		cc_heap_realloc(rule.present.at, (json_array_size(frames) + 1) * sizeof(uint64_t));
	json_array_foreach(frames, i, frame) rule.present.at[rule.present.count++] =
		(uint64_t)json_integer_value(frame);
	rule.present.comparing = (unsigned)json_integer_value(json_object_get(from, "comparing"));
	rule.present.chain = (uint64_t)json_integer_value(json_object_get(from, "chain"));
	rule.deepest = rule.present.count - (!strcmp(how, "out") && rule.present.count);
	begin_frames(aTHX_ NULL);
	if (rule.frames.chain != rule.present.chain)
		rule.frames.count = 0;
	rule.frames.chain = rule.present.chain;
	rule.stepping = rule.kind == BACK_OVER;
	if (rule.kind == BACK_CHANGE) {
		rule.change = new_watch(copy_text(json_object_get(from, "expression")), NULL);
		rule.anywhere = is_set(from, "anywhere");
		if (my_perl && cc_perl_event.in)
			note_value(aTHX);
	}
	return 0;
}

static int read_step(pTHX_ const char *step)
{
	rule.kind = FORWARD;
	rule.single = !strcmp(step, "in") ? 1 : !strcmp(step, "over") ? 2 : 0;
	if (!strcmp(step, "start")) {
		rule.kind = START;
		rule.single = 1;
		return 0;
	}
	begin_frames(aTHX_ NULL);
	rule.stepping = 1;
	if (!strcmp(step, "out"))
		rule.kept[rule.frames.count].single = 1;
	else if (!rule.single)
		return -1;
	return 0;
}

int cc_perl_rule(const json_t *from, struct cc_error *error)
{
	PerlInterpreter *my_perl = cc_perl_interpreter();
	const char *back = json_string_value(json_object_get(from, "back"));
	const char *step = json_string_value(json_object_get(from, "step"));
	int status = 0;

	forget();
	if (from) {
		read_lines(json_object_get(from, "lines"));
		read_breaks(json_object_get(from, "breaks"));
		rule.compiling = is_set(from, "compiling");
		if (back)
			status = read_back(aTHX_ back, from);
		else if (step)
			status = read_step(aTHX_ step);
		else
			status = read_forward(aTHX_ from);
	}
	if (rule.kind == NOTHING || (rule.kind == FORWARD && !rule.stepping && !rule.always &&
				     !rule.line_count && !rule.watch_count))
		cc_perl_listeners &= ~CC_LISTEN_RULE;
	else
		cc_perl_listeners |= CC_LISTEN_RULE;
	return status ? cc_fail(error, CC_EUSAGE, "a rule that perl does not know: %s",
				back ? back : step)
		      : 0;
}

/* ---- subs that come and go ---- */

/*
 * Which of those that were followed are still there, and which are new. 0: another coroutine runs,
 * and the user's waits: but into one he steps.
 */
static int follow(pTHX)
{
	struct cc_perl_frames was = rule.frames;
	unsigned common;

	cc_perl_frames_now(aTHX_ & rule.now);
	if (was.chain && was.chain != rule.now.chain && !(rule.kind == FORWARD && rule.single & 1))
		return 0;
	common = cc_perl_frames_common(&rule.now, &rule.frames);
	need_kept(rule.now.count);
	for (unsigned i = common; i < rule.now.count; i++) {
		rule.kept[i + 1] = (struct kept){.single = (uint8_t)rule.single};
		rule.single &= 1;
	}
	rule.frames = rule.now;
	rule.now = was;
	return 1;
}

/* What a way back from the present would come to, as far as is known at this moment. */
static void note_way_back(void)
{
	unsigned depth = cc_perl_frames_common(&rule.frames, &rule.present);

	if (depth > rule.deepest)
		depth = rule.deepest;
	while (depth && !rule.kept[depth].has_event)
		depth--;
	if (rule.kept[depth].has_event)
		cc_agent_hit_at(rule.kept[depth].event);
}

void cc_perl_rule_leaves(pTHX_ struct cc_perl_leave *leave)
{
	const PERL_CONTEXT *context;

	leave->told =
		rule.stepping && (rule.compiling || PL_phase != PERL_PHASE_START) && follow(aTHX);
	if (!leave->told)
		return;
	context = cc_perl_frames_sub(aTHX);
	leave->depth = rule.frames.count;
	leave->gimme = context ? context->blk_gimme : G_VOID;
	leave->below = context ? context->blk_oldsp : 0;
	leave->code = context ? context->blk_sub.cv : NULL;
}

void cc_perl_rule_left(pTHX_ const struct cc_perl_leave *leave)
{
	cc_perl_frames_now(aTHX_ & rule.now);
	if (rule.now.chain != rule.frames.chain || rule.now.count + 1 != leave->depth ||
	    cc_perl_frames_common(&rule.now, &rule.frames) != rule.now.count)
		return; /* an eval's return */
	rule.frames.count--;
	if (rule.kind == BACK_OVER) {
		note_way_back();
		return;
	}
	rule.single |= rule.kept[leave->depth].single;
	if (rule.doret == (int)rule.frames.count) {
		rule.doret = NEVER;
		json_decref(ask_copy("returned",
				     json_pack("{s:s, s:I, s:O*, s:I}", "context",
					       context_name(leave->gimme), "below",
					       (json_int_t)leave->below, "state", rule.state,
					       "code", (json_int_t)(uintptr_t)leave->code)));
	}
}

/* ---- events ---- */

/* -1: it cannot be told, perl5db is to say why. */
static int condition_holds(const struct line *at)
{
	const char *condition = at->condition;
	json_t *answer;
	int holds = at->plain ? cc_plain_truth(at->plain, 0) : CC_PLAIN_NOT;

	if (holds >= 0)
		return holds;
	if (!strcmp(condition, "1") ||
	    (strlen(condition) > 1 && !strcmp(condition + strlen(condition) - 2, ";9")))
		return 1;
	answer = ask_copy("condition", json_pack("{s:s}", "expression", condition));
	holds = json_object_get(answer, "error")
			? -1
			: json_integer_value(json_object_get(answer, "holds")) != 0;
	json_decref(answer);
	return holds;
}

static int line_holds(int forward)
{
	unsigned line = CopLINE(cc_perl_event.at);
	const char *file = cc_perl_event_file();
	int holds;

	if (!(rule.may_break[line / 8 % sizeof(rule.may_break)] >> line % 8 & 1))
		return 0;
	for (size_t i = 0; i < rule.line_count; i++) {
		const struct line *at = &rule.lines[i];

		if (at->line != line || !file || strcmp(at->file, file) ||
		    !cc_perl_sources_breaks(file, line, cc_perl_event.at))
			continue;
		if (forward && at->has_action)
			return 1;
		holds = at->condition ? condition_holds(at) : 0;
		if (forward ? holds : holds > 0)
			return 1;
	}
	return 0;
}

static int watch_changes(void)
{
	for (size_t i = 0; i < rule.watch_count; i++) {
		char *value = value_of(&rule.watches[i]);
		int same = value && rule.watches[i].value && !strcmp(value, rule.watches[i].value);

		free(value);
		if (!same)
			return 1;
	}
	return 0;
}

static int forward_holds(pTHX)
{
	if (rule.stepping && follow(aTHX) && rule.single)
		return 1;
	if (rule.signal)
		return 1;
	if (rule.loaded) {
		rule.loaded = 0;
		if (cc_perl_loads_due(aTHX))
			return 1;
	}
	return rule.always || (rule.line_count && line_holds(1)) ||
	       (rule.watch_count && watch_changes());
}

static int set_by_program(pTHX_ const char *name)
{
	const GV *gv = gv_fetchpvn_flags(name, strlen(name), GV_NOADD_NOINIT, SVt_PV);
	const SV *value = gv && isGV_with_GP(gv) ? GvSV(gv) : NULL;

	return !value	      ? 0
	       : SvIOK(value) ? (int)SvIVX(value)
	       : SvPOK(value) ? atoi(SvPVX_const(value))
			      : 0;
}

/* What the program has said to its debugger. 1: it has asked to be stopped. */
static int take_asked(pTHX)
{
	int single = rule.asked & ASKED_SINGLE ? set_by_program(aTHX_ "DB::single") & 3 : 0;

	if (rule.asked & ASKED_SIGNAL)
		rule.signal = set_by_program(aTHX_ "DB::signal") != 0;
	if (rule.asked & ASKED_TRACE) {
		rule.trace = set_by_program(aTHX_ "DB::trace");
		rule.always |= rule.trace != 0;
	}
	rule.asked = 0;
	if (single) {
		rule.compiling = 1; /* BEGIN { $DB::single = 1 } */
		rule.single |= single;
		if (!rule.stepping)
			begin_frames(aTHX_ NULL);
		rule.stepping = 1;
	}
	return single || rule.signal;
}

void cc_perl_rule_event(pTHX)
{
	int asked = rule.asked && take_asked(aTHX);

	if (cc_perl_event.end) {
		if ((rule.kind <= FORWARD || rule.kind == BACK_END) && cc_agent.on)
			cc_agent_hit();
		return;
	}
	if (!rule.compiling && PL_phase == PERL_PHASE_START)
		return;
	switch (rule.kind) {
	case NOTHING:
	case BACK_END:
		return;
	case BACK_CHANGE:
		note_value(aTHX);
		return;
	case START:
	case BACK_IN:
		cc_agent_hit();
		return;
	case FORWARD:
		if (forward_holds(aTHX))
			cc_agent_hit();
		return;
	case BACK_BREAKS:
		if (asked || line_holds(0))
			cc_agent_hit();
		return;
	case BACK_OVER:
		if (!follow(aTHX))
			return;
		rule.kept[rule.frames.count].has_event = 1;
		rule.kept[rule.frames.count].event = cc_agent.now;
		note_way_back();
		return;
	}
}

void cc_perl_rule_asked(const char *name)
{
	if (rule.kind != START && rule.kind != FORWARD && rule.kind != BACK_BREAKS)
		return;
	rule.asked |= !strcmp(name, "single")	? ASKED_SINGLE
		      : !strcmp(name, "signal") ? ASKED_SIGNAL
						: ASKED_TRACE;
	cc_perl_listeners |= CC_LISTEN_RULE;
}

void cc_perl_rule_compiled(const char *file)
{
	if (!rule.loads)
		return;
	if (file)
		cc_perl_loads_file(file);
	rule.loaded = 1;
	cc_perl_listeners |= CC_LISTEN_RULE;
}

json_t *cc_perl_rule_now(void)
{
	json_t *stack = json_array(), *now;

	for (unsigned i = 0; rule.kind == FORWARD && i < rule.frames.count; i++)
		json_array_append_new(stack, json_integer(rule.kept[i + 1].single));
	now = json_pack("{s:i, s:o, s:i, s:b, s:o, s:b}", "single", rule.single, "stack", stack,
			"doret", rule.doret, "travelled", rule.kind == NOTHING, "loaded",
			cc_perl_loads_now(), "signal", rule.signal);
	if (rule.trace >= 0)
		json_object_set_new(now, "trace", json_integer(rule.trace));
	return now;
}
