/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The activations of the program's functions: which ones run in each thread, and which rest. Events
 * (events.c) make them begin and end here. What each op asks is inline.
 */
#ifndef CC_PYTHON_ACTIVATIONS_H
#define CC_PYTHON_ACTIVATIONS_H

#include <Python.h>

#include "core/replay/threads.h"
#include "runtimes/python/replay/chains.h"
#include "runtimes/python/replay/events.h"
#include "runtimes/python/state/layout.h"

/* Not in the way of what comes with each call, line and return. */
#define CC_RARE __attribute__((cold, noinline))

struct cc_python_running {
	struct cc_python_activation *
		*tops; /* the innermost of each thread, in the chain that runs */
	size_t count;  /* of threads that `tops` has room for */
	/* The one whose ops are passed over (cc_dispatch_pass); NULL: it is over, or none is. */
	struct cc_python_activation *passing;
};

#pragma GCC visibility push(hidden)

extern struct cc_python_running cc_python_running;

/* Tells the receiver, in its namespace, of an event (cc_python_tracer.event has what goes in). */
void cc_python_tell(enum cc_python_what what, struct cc_python_activation *activation,
		    PyObject *arg, PyObject **stack_pointer);

/* Room for the running thread in `tops`. */
CC_RARE void cc_python_more_tops(void);
/*
 * A frame goes on at this unit: one that is called (`begins`), or a generator's. Its activation,
 * which is the innermost one then.
 */
struct cc_python_activation *cc_python_enter(struct cc_python_activation **top,
					     _PyInterpreterFrame *frame, int unit, int begins);
/* The innermost one is over. Whoever it is told to has been told of its return. */
void cc_python_pop(struct cc_python_activation **top);
/* The innermost one is a generator's that yields: it rests if the receiver has something of it. */
CC_RARE void cc_python_rest(struct cc_python_activation **top);
/* An exception leaves the innermost one: its return is told. */
void cc_python_leave(struct cc_python_activation **top);
/* An exception has left all those inside of `upto`, which is in the chain, or NULL. */
CC_RARE void cc_python_leave_all(struct cc_python_activation **top,
				 const struct cc_python_activation *upto);
/*
 * Is this frame in the chain that runs, or was one called there that has called it in turn? Else
 * the thread has been switched to another chain, which may be new: no frame of it is known then,
 * and `*top` is NULL.
 */
CC_RARE void cc_python_follow_switch(struct cc_python_activation **top,
				     const _PyInterpreterFrame *frame);

#pragma GCC visibility pop

/* Where the innermost activation of the running thread stands; NULL there: none does. */
static inline struct cc_python_activation **cc_python_own_top(void)
{
	if (__builtin_expect(cc_thread >= cc_python_running.count, 0))
		cc_python_more_tops();
	return &cc_python_running.tops[cc_thread];
}

/* That activation, or NULL. In the program's context, too: nothing is allocated. */
static inline struct cc_python_activation *cc_python_innermost(void)
{
	return cc_thread < cc_python_running.count ? cc_python_running.tops[cc_thread] : NULL;
}

/* Those inside of `upto` were left, and nobody saw it; their memory may be another's by now. */
static inline void cc_python_unwind(struct cc_python_activation **top,
				    const struct cc_python_activation *upto)
{
	if (*top != upto)
		cc_python_leave_all(top, upto);
}

/* The activation of this frame, among `top` and those that have called it, or NULL. */
static inline struct cc_python_activation *cc_python_find(struct cc_python_activation *top,
							  const _PyInterpreterFrame *frame)
{
	while (top && (top->frame != frame || top->code != cc_python_code(frame)))
		top = top->caller;
	return top;
}

/* The activation of a frame that goes on, or NULL. */
static inline struct cc_python_activation *cc_python_find_running(struct cc_python_activation **top,
								  const _PyInterpreterFrame *frame)
{
	struct cc_python_activation *activation = cc_python_find(*top, frame);

	if (activation || !cc_python_chains)
		return activation;
	cc_python_follow_switch(top, frame);
	return cc_python_find(*top, frame);
}

#endif
