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
	/* Whose ops are passed over (cc_dispatch_pass); NULL: none's, or it is over. */
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
 * A frame goes on at this unit: a frame that is called (`begins`), or a generator's. The frame's
 * activation, which is the innermost one then.
 */
struct cc_python_activation *cc_python_enter(struct cc_python_activation **top,
					     _PyInterpreterFrame *frame, int unit, int begins);
/* The innermost activation is over, and its return has been told. */
void cc_python_pop(struct cc_python_activation **top);
/*
 * The innermost activation is a generator's that yields: it rests if the receiver has something of
 * the activation's.
 */
CC_RARE void cc_python_rest(struct cc_python_activation **top);
/* An exception leaves the innermost activation: its return is told. */
void cc_python_leave(struct cc_python_activation **top);
/* An exception has left all activations inside of `upto`, which is in the chain, or NULL. */
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

/* Where the innermost activation of the running thread is kept; NULL there: none runs. */
static inline struct cc_python_activation **cc_python_own_top(void)
{
	if (__builtin_expect(cc_thread >= cc_python_running.count, 0))
		cc_python_more_tops();
	return &cc_python_running.tops[cc_thread];
}

/* That of the thread with this id, or NULL. In the program's context, too: nothing is allocated. */
static inline struct cc_python_activation *cc_python_innermost_of(unsigned thread)
{
	return thread < cc_python_running.count ? cc_python_running.tops[thread] : NULL;
}

static inline struct cc_python_activation *cc_python_innermost(void)
{
	return cc_python_innermost_of(cc_thread);
}

/* The activations inside of `upto` were left unseen; their frames' memory may be another's. */
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
