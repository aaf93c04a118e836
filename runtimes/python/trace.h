/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The events of a program that is replayed, as sys.settrace and sys.setprofile would tell them, told
 * from outside: CPython's own tracing is off, and the program cannot see ours.
 */
#ifndef CC_PYTHON_TRACE_H
#define CC_PYTHON_TRACE_H

#include <stdint.h>

struct _PyInterpreterFrame;
struct PyCodeObject;
struct _object;

enum cc_python_what {
	CC_PYTHON_CALL,
	CC_PYTHON_LINE,
	CC_PYTHON_RETURN, /* by an exception: arg is NULL */
	CC_PYTHON_EXCEPTION,
	CC_PYTHON_C_CALL, /* these only when asked for; arg: the function */
	CC_PYTHON_C_RETURN,
	CC_PYTHON_C_EXCEPTION,
};

/* An activation of a function, from its call (or the resumption of a generator) to its return. */
struct cc_python_activation {
	struct _PyInterpreterFrame *frame; /* the program's; NULL: it is over */
	struct PyCodeObject *code;
	int last;    /* index of the code unit that ran last, -1 at first */
	int unit;    /* and of the one that runs now */
	int line;    /* where it is; 0: unknown */
	int lines;   /* line events are wanted (set by the receiver) */
	struct _object *c_function; /* of the program: it is in, or NULL */
	int raised;  /* since the last op */
	int precall; /* the last op prepared a call */
	void *user;  /* the receiver's, NULL at first; see cc_python_tracer.over */
	struct cc_python_activation *caller; /* in its thread, or NULL */
};

struct cc_python_tracer {
	/* In our own context. `stack_pointer`: the program's evaluation stack's. */
	void (*event)(enum cc_python_what what, struct cc_python_activation *activation,
		      struct _object *arg, struct _object **stack_pointer);
	/* It ends, and its memory goes: let `user` go. */
	void (*over)(struct cc_python_activation *activation);
	int c_functions;
};

/* From now on; before the program's first op. */
void cc_python_trace(const struct cc_python_tracer *tracer);

/* ---- replay.c's side --------------------------------------------------------------------------- */

extern const struct cc_python_tracer *cc_python_tracer;
/* The opcode to go on with: another one when only the first half of an op is to run. */
unsigned cc_python_trace_op(struct _PyInterpreterFrame *frame, const uint16_t *instruction,
			    unsigned opcode, struct _object **stack_pointer);
/* Line of a code unit; 0: none. */
int cc_python_line(struct PyCodeObject *code, int unit);

#endif
