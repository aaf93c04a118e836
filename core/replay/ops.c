/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is due between host calls, after so many ops. Ops are counted only on the way to such an
 * event: the runtime is told when to begin and when to stop.
 */
#include "core/replay/preload.h"
#include "core/replay/replayer.h"

uint64_t cc_calls;
void (*cc_op_value)(void);
void (*cc_op_due)(int loop_ends);
uint8_t cc_op_late;

static int64_t completed;      /* ops since the last host call, while watched */
static int64_t due = CC_NEVER; /* so many, and cc_op_due is called */
static int watched;
static uint64_t loops; /* entered since the last op or host call, while an event is late */

static void watch(void)
{
	int on = due != CC_NEVER;

	if (on || on != watched) {
		watched = on;
		cc_language.replayer->watch(on);
	}
}

/* What a runtime has counted by itself comes in here. */
static void settle(void)
{
	if (cc_language.replayer->elapsed)
		completed += cc_language.replayer->elapsed();
}

void cc_ops_call(void)
{
	settle();
	completed = 0;
	loops = 0;
	due = CC_NEVER;
}

int64_t cc_ops_swap(int64_t ops)
{
	int64_t was;

	settle();
	was = completed;
	completed = ops;
	due = CC_NEVER;
	return was;
}

void cc_ops_until(int64_t ops)
{
	due = ops;
	cc_op_late = completed == due;
	watch();
}

/* What is due now is done; what becomes due by that, and at once, is for the run loop. */
static void do_due(int loop_ends)
{
	cc_op_due(loop_ends);
	cc_op_late = completed == due;
}

void cc_ops_completed(int loop_ends)
{
	loops = 0;
	if (++completed != due)
		return;
	do_due(loop_ends);
}

void cc_ops_reached(void)
{
	settle();
	if (completed == due)
		cc_op_due(0);
}

int64_t cc_ops_left(void)
{
	settle();
	return due == CC_NEVER ? CC_NEVER : due - completed;
}

void cc_ops_loop_ended(void)
{
	do_due(0);
}

void cc_ops_loop_entered(void)
{
	loops++;
	do_due(0);
}

uint64_t cc_ops_loops(void)
{
	return loops;
}
