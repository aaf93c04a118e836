/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is due between host calls, after so many ops. Ops are counted only on the way to such an
 * event: the runtime is told when to begin and when to stop.
 */
#include "core/replay/preload.h"
#include "core/replay/replayer.h"
#include "core/replay/state.h"

uint64_t cc_calls CC_STATE;
void (*cc_op_value)(void) CC_STATE;
void (*cc_op_due)(int loop_ends) CC_STATE;
uint8_t cc_op_late CC_STATE;

static struct {
	int64_t completed; /* ops since the last host call, while watched */
	int64_t due;	   /* so many, and cc_op_due is called */
	int watched;
	uint64_t loops; /* entered since the last op or host call, while an event is late */
} counting CC_STATE = {.due = CC_NEVER};

static void watch(void)
{
	int on = counting.due != CC_NEVER;

	if (on || on != counting.watched) {
		counting.watched = on;
		cc_language.replayer->watch(on);
	}
}

/* Adds the ops that a runtime has counted by itself. */
static void settle(void)
{
	if (cc_language.replayer->elapsed)
		counting.completed += cc_language.replayer->elapsed();
}

void cc_ops_call(void)
{
	settle();
	counting.completed = 0;
	counting.loops = 0;
	counting.due = CC_NEVER;
}

int64_t cc_ops_swap(int64_t ops)
{
	int64_t was;

	settle();
	was = counting.completed;
	counting.completed = ops;
	counting.due = CC_NEVER;
	return was;
}

void cc_ops_until(int64_t ops)
{
	counting.due = ops;
	cc_op_late = counting.completed == counting.due;
	watch();
}

/* What is due now is done; what becomes due by that, and at once, is for the run loop. */
static void reach(int loop_ends)
{
	cc_op_due(loop_ends);
	cc_op_late = counting.completed == counting.due;
}

void cc_ops_completed(int loop_ends)
{
	counting.loops = 0;
	if (++counting.completed != counting.due)
		return;
	reach(loop_ends);
}

void cc_ops_reached(void)
{
	settle();
	if (counting.completed == counting.due)
		cc_op_due(0);
}

int64_t cc_ops_left(void)
{
	settle();
	return counting.due == CC_NEVER ? CC_NEVER : counting.due - counting.completed;
}

void cc_ops_loop_ended(void)
{
	reach(0);
}

void cc_ops_loop_entered(void)
{
	counting.loops++;
	reach(0);
}

uint64_t cc_ops_loops(void)
{
	return counting.loops;
}
