/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames of the analysis interpreter that show the program's, made at the first event in each. */
#ifndef CC_PYTHON_FRAMES_H
#define CC_PYTHON_FRAMES_H

#include <Python.h>
#include <frameobject.h>

#include "runtimes/python/analysis/codes.h"
#include "runtimes/python/replay/events.h"
#include "runtimes/python/state/layout.h"

/*
 * A frame that shows a frame of the program's: found by its own address when somebody looks at its
 * variables.
 */
struct cc_shown {
	PyFrameObject *frame;
	struct cc_code_entry *entry; /* of its code, or of code that has come in that one's place */
	struct cc_python_activation *activation; /* which it shows; NULL: that is over */
	uint64_t moment;			 /* cc_foreign_moment of the variables shown */
	struct cc_shown *next; /* at the same place of the table; or of its code's spare frames */
};

/* Before the first event: our own interpreter's frame type shows the program's variables. */
void cc_frames_begin(PyThreadState *own);
/* Nothing more is told: no frame has a tool's function any more. */
void cc_frames_end(void);
/* analysis.c. Is some tool one in C? 1 or 0. */
int cc_tool_is_in_c(void);

/*
 * The frame that shows the activation, made if need be, with its caller's as f_back. NULL: an
 * exception.
 */
PyFrameObject *cc_frame_linked(struct cc_python_activation *activation);
/*
 * A tracer's `over` and `rest` (events.h). A frame that somebody keeps shows what its variables
 * were; so does a generator's while that rests. Then it has no f_back: another frame may go on with
 * it.
 */
void cc_frame_over(struct cc_python_activation *activation);
void cc_frame_rest(struct cc_python_activation *activation);
/* Lets a frame go that shows nothing any more, and those behind it (`next`). NULL: none. */
void cc_shown_drop(struct cc_shown *own);

/* As cc_frame_linked, in the common case without a call. Borrowed. */
static inline PyFrameObject *cc_frame_of(struct cc_python_activation *activation)
{
	struct cc_shown *own = activation->user;

	return own && (cc_python_back(own->frame) || !activation->caller)
		       ? own->frame
		       : cc_frame_linked(activation);
}

/* Line and instruction of the frame are to be those of the activation. */
static inline void cc_frame_place(PyFrameObject *frame,
				  const struct cc_python_activation *activation)
{
	cc_python_set_line(frame, activation->line);
	cc_python_set_unit(cc_python_frame_of(frame), activation->unit);
}

#endif
