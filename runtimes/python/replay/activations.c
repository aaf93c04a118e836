/* SPDX-License-Identifier: GPL-2.0-or-later */
#define Py_BUILD_CORE
#include "runtimes/python/replay/activations.h"

#include "core/replay/heap.h"
#include "core/replay/namespace.h"
#include "runtimes/python/replay/units.h"

void cc_python_tell(enum cc_python_what what, struct cc_python_activation *activation,
		    PyObject *arg, PyObject **stack_pointer)
{
	if (cc_python_tracer->in_namespace)
		cc_namespace_enter();
	cc_python_tracer->event(what, activation, arg, stack_pointer);
	if (cc_python_tracer->in_namespace)
		cc_namespace_leave();
}

static void report_end(struct cc_python_activation *activation,
		       void (*end)(struct cc_python_activation *))
{
	if (!activation->user || !end)
		return;
	if (cc_python_tracer->in_namespace)
		cc_namespace_enter();
	end(activation);
	if (cc_python_tracer->in_namespace)
		cc_namespace_leave();
}

/* ---- activations that begin and end ---- */

struct cc_python_running cc_python_running;
static uint64_t pushed, chains;
static struct cc_python_activation *spare; /* those that are over, to be used again */

void cc_python_more_tops(void)
{
	cc_heap_reach(cc_python_running.tops, cc_python_running.count, cc_thread);
}

static inline void call_from(struct cc_python_activation *activation,
			     struct cc_python_activation *caller)
{
	activation->depth = caller ? caller->depth + 1 : 1;
	activation->chain = caller ? caller->chain : ++chains;
	activation->caller = caller;
}

static struct cc_python_activation *push(struct cc_python_activation **top,
					 _PyInterpreterFrame *frame)
{
	struct cc_python_activation *activation = spare;

	if (activation)
		spare = activation->caller;
	else
		activation = cc_heap_malloc(sizeof(*activation));
	/*
	 * All of them by name: gcc clears a struct by rep stos, which takes as long as all else
	 * here.
	 */
	activation->frame = activation->home = frame;
	activation->code = cc_python_code(frame);
	activation->units = cc_python_units(activation->code);
	activation->of_code = &activation->units->user;
	activation->last = -1;
	activation->unit = activation->line = activation->lines = activation->opcodes = 0;
	activation->c_function = activation->value = activation->iterated = NULL;
	activation->raised = activation->stop = activation->inner = activation->ends = 0;
	activation->precall = activation->half = activation->traced = 0;
	activation->user = NULL;
	activation->id = ++pushed;
	call_from(activation, *top);
	return *top = activation;
}

static void discard(struct cc_python_activation *activation)
{
	report_end(activation, cc_python_tracer->over);
	if (activation == cc_python_running.passing)
		cc_python_running.passing = NULL;
	cc_python_halved -= activation->half != 0;
	activation->caller = spare;
	spare = activation;
}

void cc_python_pop(struct cc_python_activation **top)
{
	struct cc_python_activation *activation = *top;

	*top = activation->caller;
	discard(activation);
}

void cc_python_leave(struct cc_python_activation **top)
{
	struct cc_python_activation *activation = *top;

	cc_python_tell(CC_PYTHON_RETURN, activation, NULL, NULL);
	if (activation->caller)
		activation->caller->inner = activation->stop;
	cc_python_pop(top);
}

void cc_python_leave_all(struct cc_python_activation **top, const struct cc_python_activation *upto)
{
	while (*top != upto) {
		(*top)->frame = NULL;
		cc_python_leave(top);
	}
}

/* ---- generators that have yielded ---- */

/* By address; one that is freed before its end stays here until another generator begins there. */
#define RESTING 1024
static struct cc_python_activation *resting[RESTING];

static struct cc_python_activation **resting_at(const _PyInterpreterFrame *frame)
{
	return &resting[(uintptr_t)frame / 16 % RESTING];
}

void cc_python_rest(struct cc_python_activation **top)
{
	struct cc_python_activation *activation = *top, **place = resting_at(activation->home);

	if (!activation->user || !cc_python_tracer->rest) {
		cc_python_pop(top);
		return;
	}
	report_end(activation, cc_python_tracer->rest);
	*top = activation->caller;
	activation->frame = NULL;
	activation->caller = *place;
	*place = activation;
}

static CC_RARE struct cc_python_activation *wake(_PyInterpreterFrame *frame)
{
	struct cc_python_activation **place = resting_at(frame), *activation;

	while ((activation = *place) && activation->home != frame)
		place = &activation->caller;
	if (!activation)
		return NULL;
	*place = activation->caller;
	if (activation->code == cc_python_code(frame))
		return activation;
	discard(activation);
	return NULL;
}

struct cc_python_activation *cc_python_activation(uint64_t id)
{
	struct cc_python_activation *activation = NULL;

	for (size_t i = 0; i < cc_python_running.count && !activation; i++)
		for (activation = cc_python_running.tops[i]; activation && activation->id != id;)
			activation = activation->caller;
	for (size_t i = 0; i < RESTING && !activation; i++)
		for (activation = resting[i]; activation && activation->id != id;)
			activation = activation->caller;
	return activation ? activation : cc_python_chain_find(id);
}

/* ---- the chain that runs ---- */

static struct cc_python_activation *find_in_chain(struct cc_python_activation **top,
						  const _PyInterpreterFrame *frame, int anywhere)
{
	struct cc_python_activation *other = cc_python_chain_take(frame, cc_thread, anywhere);

	if (other) {
		cc_python_chain_keep(*top, cc_thread);
		*top = other;
		if (cc_python_tracer->switched)
			cc_python_tracer->switched(other);
	}
	return other;
}

void cc_python_follow_switch(struct cc_python_activation **top, const _PyInterpreterFrame *frame)
{
	for (int anywhere = 0; anywhere < 2; anywhere++)
		for (const _PyInterpreterFrame *outer = frame; outer;
		     outer = cc_python_caller(outer))
			if (cc_python_find(*top, outer) ||
			    (cc_python_chains && find_in_chain(top, outer, anywhere)))
				return;
	cc_python_chain_keep(*top, cc_thread);
	*top = NULL;
}

/* A frame begins or goes on: the ones inside of its caller are over, though nobody saw it. */
static void leave_those_left(struct cc_python_activation **top, const _PyInterpreterFrame *frame)
{
	const _PyInterpreterFrame *caller = cc_python_caller(frame);
	struct cc_python_activation *activation;

	if (*top && (*top)->frame == caller && (*top)->code == cc_python_code(caller))
		return;
	if (*top || cc_python_chains)
		cc_python_follow_switch(top, caller);
	activation = cc_python_find(*top, frame);
	if (activation) /* the one that was there was left by an exception */
		cc_python_unwind(top, activation->caller);
	/*
	 * So were activations that are not of the frame's callers: nothing of theirs ran again.
	 */
	for (activation = NULL; caller && !activation; caller = cc_python_caller(caller))
		activation = cc_python_find(*top, caller);
	cc_python_unwind(top, activation);
}

struct cc_python_activation *cc_python_enter(struct cc_python_activation **top,
					     _PyInterpreterFrame *frame, int unit, int begins)
{
	struct cc_python_activation *activation;

	leave_those_left(top, frame);
	activation = cc_python_is_generators(frame) ? wake(frame) : NULL;
	if (activation && begins) {
		discard(activation);
		activation = NULL;
	}
	if (activation) {
		call_from(activation, *top);
		activation->frame = frame;
		activation->raised = activation->inner = 0;
		*top = activation;
	} else {
		activation = push(top, frame);
	}
	activation->iterated = NULL;
	activation->last = activation->unit = unit;
	activation->line = cc_python_line_at(activation->units, unit);
	return activation;
}
