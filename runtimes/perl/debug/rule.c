/* SPDX-License-Identifier: GPL-2.0-or-later */
#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>

#include "core/replay/agent.h"
#include "core/replay/heap.h"
#include "core/replay/past.h"
#include "core/replay/preload.h"
#include "runtimes/perl/debug/breaks.h"
#include "runtimes/perl/debug/debuggee.h"
#include "runtimes/perl/debug/lasting.h"
#include "runtimes/perl/debug/rule.h"
#include "runtimes/perl/debug/watches.h"
#include "runtimes/perl/replay/events.h"
#include "runtimes/perl/replay/loads.h"

enum { ASKED_SINGLE = 1, ASKED_SIGNAL = 2, ASKED_TRACE = 4 };
enum kind {
	NOTHING,
	START,
	FORKED,
	FORWARD,
	BACK_IN,
	BACK_OVER,
	BACK_DIED,
	BACK_BREAKS,
	BACK_CHANGE,
	BACK_END
};
#define NEVER (-2) /* doret: no return value is to be shown */

/* A sub that is being run: what it has kept, forward; the last event in itself, backward. */
struct kept {
	uint8_t single;
	uint8_t has_event;
	struct cc_moment event;
};

static struct {
	enum kind kind;
	int single, doret, always, compiling;
	int stepping;		     /* forward: subs have to be followed */
	int loads, loaded;	     /* what is compiled may stop; something was */
	int asked, signal, trace;    /* ASKED_…, by the program; what it said; -1: nothing */
	struct cc_perl_watch change; /* backward: the value at the last event that can tell, */
	struct cc_moment before;     /* which was this one */
	int anywhere;		     /* it can be told in other subs, too */
	int left; /* so many subs have returned since then, to which it was told */
	struct cc_perl_lasting *lasting; /* and is what it is here; or NULL */
	/* The event before was in a sub that has not called this one yet */
	int outside;
	struct cc_perl_frames now, frames; /* frames: those that are followed */
	struct kept *kept;		   /* by depth, the main program's first */
	size_t kept_room;
	json_t *found;		       /* what the watches' values were before they changed */
	struct cc_perl_frames present; /* backward: those of where we come from */
	unsigned deepest;	       /* and how many of them may hold what is looked for */
	json_t *state;
} rule;

static int uncaught; /* an exception has come that ends the program */

/* Of the user's call of the sub: 1: in what it calls; 0; or less: outside. */
static int inside_of_call(pTHX)
{
	cc_perl_frames_now(aTHX_ & rule.now);
	return cc_perl_frames_common(&rule.now, &rule.present) < rule.present.count ? -1
	       : rule.now.count > rule.present.count
		       ? 1
		       : (int)rule.now.comparing - (int)rule.present.comparing;
}

/* The event before is of the statement that has changed it, if the value is another one than there.
 */
static void compare(char *value)
{
	if (value && rule.change.value && strcmp(value, rule.change.value))
		cc_agent_hit_at(rule.before);
	if (value) {
		free(rule.change.value);
		rule.change.value = value;
	}
}

/* The value where the expression means one thing everywhere; NULL: it cannot be told here. */
static char *value_anywhere(int in_call)
{
	return rule.lasting ? cc_perl_watch_lasting(&rule.change, rule.lasting, in_call)
			    : cc_perl_watch_value(&rule.change);
}

/*
 * A sub has returned. If the value is still what it was, not the sub's last statement changes it,
 * but that which has called the sub, when it goes on.
 */
static void note_return(pTHX)
{
	if (rule.change.plain)
		compare(value_anywhere(!inside_of_call(aTHX)));
	rule.left++;
}

/*
 * On the way back to a change: if the value is another one than at the event before, the statement
 * there has changed it. What a sub's variables are as it begins, its call has given them: not what
 * they were in the call before.
 */
static void note_value(pTHX)
{
	int inside = inside_of_call(aTHX);
	char *was;

	if (rule.lasting || rule.anywhere) {
		compare(value_anywhere(!inside));
		rule.left = 0;
		rule.before = cc_agent.now;
		return;
	}
	if (inside > 0)
		return;
	was = rule.change.value;
	rule.change.value = NULL;
	if (inside) {
		rule.outside = 1;
	} else {
		rule.change.value = cc_perl_watch_value(&rule.change);
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

static void forget(void)
{
	json_decref(rule.found);
	rule.found = NULL;
	cc_perl_breaks_forget();
	cc_perl_watches_forget();
	cc_perl_watch_free(&rule.change);
	cc_perl_lasting_free(rule.lasting);
	rule.lasting = NULL;
	json_decref(rule.state);
	rule.state = NULL;
	rule.kind = NOTHING;
	rule.always = rule.compiling = rule.stepping = rule.loads = rule.loaded = rule.deepest =
		rule.outside = rule.left = 0;
	rule.asked = rule.signal = 0;
	rule.trace = -1;
	rule.doret = NEVER;
}

/* What each sub has kept that runs at this moment, from `stack`; NULL: nothing. */
static void begin_frames(pTHX_ const json_t *stack)
{
	rule.frames.count = 0;
	rule.frames.chain = 0;
	if (my_perl) /* before main() there is none */
		cc_perl_frames_now(aTHX_ & rule.frames);
	cc_heap_reach(rule.kept, rule.kept_room, rule.frames.count);
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
	cc_perl_watches_read(json_object_get(from, "watch"));
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
	else if (!strcmp(how, "died"))
		rule.kind = BACK_DIED;
	else if (!strcmp(how, "over") || !strcmp(how, "out"))
		rule.kind = BACK_OVER;
	else
		return -1;
	rule.present.count = 0;
	json_array_foreach(frames, i, frame)
	{
		cc_heap_room(rule.present.at, rule.present.count);
		rule.present.at[rule.present.count++] = (uint64_t)json_integer_value(frame);
	}
	rule.present.comparing = (unsigned)json_integer_value(json_object_get(from, "comparing"));
	rule.present.chain = (uint64_t)json_integer_value(json_object_get(from, "chain"));
	rule.deepest = rule.present.count - (!strcmp(how, "out") && rule.present.count);
	begin_frames(aTHX_ NULL);
	if (rule.frames.chain != rule.present.chain)
		rule.frames.count = 0;
	rule.frames.chain = rule.present.chain;
	rule.stepping = rule.kind == BACK_OVER || rule.kind == BACK_DIED;
	if (rule.kind == BACK_CHANGE) {
		rule.change = cc_perl_watch_new(json_object_get(from, "expression"), NULL);
		rule.anywhere = is_set(from, "anywhere");
		rule.lasting =
			cc_perl_lasting_read(json_object_get(from, "lasting"), rule.change.plain);
		rule.stepping = rule.anywhere || rule.lasting;
		if (my_perl && cc_perl_event.in)
			note_value(aTHX);
	}
	if (rule.kind == BACK_BREAKS) {
		cc_perl_watches_read(json_object_get(from, "watch"));
		if (my_perl && cc_perl_event.in)
			cc_perl_watches_step(NULL);
	}
	return 0;
}

static int read_step(pTHX_ const char *step)
{
	rule.kind = FORWARD;
	rule.single = !strcmp(step, "in") ? 1 : !strcmp(step, "over") ? 2 : 0;
	if (!strcmp(step, "start") || !strcmp(step, "forked")) {
		rule.kind = *step == 's' ? START : FORKED;
		rule.compiling |= rule.kind == FORKED; /* in a BEGIN, too */
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
		cc_perl_breaks_read(from);
		rule.compiling = is_set(from, "compiling");
		if (back)
			status = read_back(aTHX_ back, from);
		else if (step)
			status = read_step(aTHX_ step);
		else
			status = read_forward(aTHX_ from);
	}
	if (rule.kind == NOTHING || (rule.kind == FORWARD && !rule.stepping && !rule.always &&
				     !cc_perl_breaks_any() && !cc_perl_watches_any()))
		cc_perl_listeners &= ~CC_LISTEN_RULE;
	else
		cc_perl_listeners |= CC_LISTEN_RULE;
	return status ? cc_fail(error, CC_EUSAGE, "a rule that perl does not know: %s",
				back ? back : step)
		      : 0;
}

/* ---- subs that come and go ---- */

/*
 * Which subs that were followed are still there, and which are new. 0: another coroutine runs, and
 * the user's waits: but into one the user steps.
 */
static int follow(pTHX)
{
	struct cc_perl_frames was = rule.frames;
	unsigned common;

	cc_perl_frames_now(aTHX_ & rule.now);
	if (was.chain && was.chain != rule.now.chain && !(rule.kind == FORWARD && rule.single & 1))
		return 0;
	common = cc_perl_frames_common(&rule.now, &rule.frames);
	cc_heap_reach(rule.kept, rule.kept_room, rule.now.count);
	for (unsigned i = common; i < rule.now.count; i++) {
		rule.kept[i + 1] = (struct kept){.single = (uint8_t)rule.single};
		rule.single &= 1;
	}
	rule.frames = rule.now;
	rule.now = was;
	return 1;
}

/* The last event of each sub that runs is known. 0: this one belongs to another coroutine. */
static int note_event(pTHX)
{
	if (!follow(aTHX))
		return 0;
	rule.kept[rule.frames.count].has_event = 1;
	rule.kept[rule.frames.count].event = cc_agent.now;
	return 1;
}

/* Notes the last event of the sub at this depth, or of the next one around it that has any. */
static void hit_in(unsigned depth)
{
	while (depth && !rule.kept[depth].has_event)
		depth--;
	if (rule.kept[depth].has_event)
		cc_agent_hit_at(rule.kept[depth].event);
}

/* What a way back from the present would come to, as far as is known at this moment. */
static void note_way_back(void)
{
	unsigned depth = cc_perl_frames_common(&rule.frames, &rule.present);

	hit_in(depth > rule.deepest ? rule.deepest : depth);
}

/*
 * The first exception that nothing catches ends the program: `require` and BEGIN throw it once more
 * further out. An eval around them would have been noted in PL_in_eval.
 */
void cc_perl_rule_died(pTHX)
{
	if (uncaught || PL_in_eval & EVAL_INEVAL)
		return;
	uncaught = 1;
	if (rule.kind == BACK_DIED && follow(aTHX))
		hit_in(rule.frames.count);
}

int cc_perl_rule_uncaught(void)
{
	return uncaught;
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

static const char *context_name(I32 gimme)
{
	return gimme == G_LIST ? "list" : gimme == G_SCALAR ? "scalar" : "void";
}

/* In a throwaway copy. */
static void show_returned(const struct cc_perl_leave *leave)
{
	json_t *with = json_pack("{s:s, s:I, s:O*, s:I}", "context", context_name(leave->gimme),
				 "below", (json_int_t)leave->below, "state", rule.state, "code",
				 (json_int_t)(uintptr_t)leave->code);

	json_decref(cc_agent_copy("returned", with, 1));
	json_decref(with);
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
	if (rule.kind == BACK_CHANGE) {
		note_return(aTHX);
		return;
	}
	rule.single |= rule.kept[leave->depth].single;
	if (rule.doret == (int)rule.frames.count) {
		rule.doret = NEVER;
		show_returned(leave);
	}
}

/* ---- events ---- */

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
	return rule.always || cc_perl_breaks_hold(1) || cc_perl_watches_change();
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

/* On the way back: would the program have stopped here on its way forward? */
static int passes_break(int asked)
{
	json_decref(rule.found);
	rule.found = NULL;
	return cc_perl_watches_step(&rule.found) || asked || cc_perl_breaks_hold(0);
}

json_t *cc_perl_rule_found(void)
{
	return rule.kind == BACK_CHANGE ? json_pack("{s:i}", "left", rule.left)
					: json_incref(rule.found);
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
	case FORKED:
		if (!cc_past.on)
			cc_agent_hit();
		return;
	case FORWARD:
		if (forward_holds(aTHX))
			cc_agent_hit();
		return;
	case BACK_BREAKS:
		if (passes_break(asked))
			cc_agent_hit();
		return;
	case BACK_OVER:
		if (note_event(aTHX))
			note_way_back();
		return;
	case BACK_DIED:
		note_event(aTHX);
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
