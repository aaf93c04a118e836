/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The events of a program that is replayed, as sys.settrace and sys.setprofile would tell them,
 * told from outside: CPython's own tracing is off, and the program cannot see ours.
 */
#ifndef CC_PYTHON_EVENTS_H
#define CC_PYTHON_EVENTS_H

#include <stdint.h>

struct _PyInterpreterFrame;
struct PyCodeObject;
struct _object;

enum cc_python_what {
	CC_PYTHON_CALL,
	CC_PYTHON_LINE,
	CC_PYTHON_RETURN,    /* by an exception: arg is NULL */
	CC_PYTHON_EXCEPTION, /* arg: its class; activation->value */
	/* An iterator's end, an exception too: StopIteration(arg), or without arg */
	CC_PYTHON_STOP,
	CC_PYTHON_OPCODE, /* only when activation->opcodes */
	CC_PYTHON_C_CALL, /* these only when asked for; arg: the function */
	CC_PYTHON_C_RETURN,
	CC_PYTHON_C_EXCEPTION,
};

/* An activation of a function, from its call (or the resumption of a generator) to its return. */
struct cc_python_activation {
	struct _PyInterpreterFrame *frame; /* the program's; NULL: it is over, or rests */
	struct _PyInterpreterFrame *home;  /* a generator's stays there while it rests */
	struct PyCodeObject *code;
	struct cc_python_units *units; /* what events.c knows of the code */
	/* The receiver's, one for the code object, NULL at first; not to be owned */
	void **of_code;
	int last;		    /* index of the code unit that ran last, -1 at first */
	int unit;		    /* and of the unit that runs now */
	int line;		    /* of that unit; -1: none, an op of the compiler's own */
	int lines;		    /* line events are wanted (set by the receiver) */
	int opcodes;		    /* and an event for each op */
	struct _object *c_function; /* the function in C that it is in, or NULL */
	struct _object *value;	    /* of the exception that passes; NULL: none, or no object yet */
	int raised;		    /* an exception was, since the last op */
	int stop;		    /* what was raised is a StopIteration */
	int inner; /* a StopIteration has left a function that it called, since the last op */
	struct _object *iterated; /* what the op that runs now asks (FOR_ITER, SEND), or NULL */
	int ends;	/* when that iterator's end is an exception: enum ends of events.c */
	int precall;	/* the last op prepared a call */
	int half;	/* the unit of an op whose first half was run on its own; 0: none */
	void *user;	/* the receiver's, NULL at first; see cc_python_tracer.over */
	uint64_t id;	/* its number, from 1 on */
	int depth;	/* of calls; the outermost one's is 1 */
	uint64_t chain; /* number, from 1 on, of the activations that have called one another */
	int traced;	/* the receiver's */
	struct cc_python_activation *caller; /* in its thread, or NULL */
};

struct cc_python_tracer {
	/* In our own context. `stack_pointer`: the program's evaluation stack's. */
	void (*event)(enum cc_python_what what, struct cc_python_activation *activation,
		      struct _object *arg, struct _object **stack_pointer);
	/*
	 * Tells a line event that is like those before it; 0: this one is not, and is to be told
	 * by `event`. NULL: all are.
	 */
	int (*line)(struct cc_python_activation *activation);
	/* The activation ends, and its memory goes: let `user` go. */
	void (*over)(struct cc_python_activation *activation);
	/* A generator yields; `user` stays for when it goes on. */
	void (*rest)(struct cc_python_activation *activation);
	/*
	 * The thread goes on in another chain, before the op of its innermost activation that is
	 * told of next. NULL: nothing.
	 */
	void (*switched)(struct cc_python_activation *activation);
	int c_functions;
	int in_namespace; /* the receiver runs on the storage of core/replay/namespace.h */
};

/* At a RETURN by an exception that an op raises again: that; else NULL, and the thread has it. */
extern struct _object *cc_python_reraised;
extern int cc_python_untraced; /* in a copy in which the interpreter works for us */

/* The activation with this number, if it runs or rests. NULL: it does not. */
struct cc_python_activation *cc_python_activation(uint64_t id);
/* Events are told to this receiver from now on; before the program's first op. */
void cc_python_trace(const struct cc_python_tracer *tracer);

/*
 * Another receiver is told from here on, which wants the same events. It is told of the calls that
 * are open in the running thread, each chain's outermost one first, as if they were made now.
 */
void cc_python_trace_on(const struct cc_python_tracer *tracer);

/* ---- replay.c's side ---- */

extern const struct cc_python_tracer *cc_python_tracer;
extern int cc_python_halved; /* how many ops are half done: ask cc_python_trace_half only then */
/* Is it the second half of an op that the run dispatched as one? */
int cc_python_trace_half(const struct _PyInterpreterFrame *frame, const uint16_t *instruction);
/*
 * Most ops that are not passed over begin a line and are nothing else, in a frame whose ops pass:
 * then the line is told. 0: the op is not known to be like that.
 */
int cc_python_trace_line(const struct _PyInterpreterFrame *frame, const uint16_t *instruction,
			 unsigned opcode, struct _object **stack_pointer);
/* The opcode to go on with: another one when only the first half of an op is to run. */
unsigned cc_python_trace_op(struct _PyInterpreterFrame *frame, const uint16_t *instruction,
			    unsigned opcode, struct _object **stack_pointer);

#endif
