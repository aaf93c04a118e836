/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames (layout.h): Include/internal/pycore_frame.h, Objects/frame_layout.md. The evaluation loop
 * has frames that are no objects; a frame object (PyFrameObject) leads to one, and is made when
 * somebody asks for it.
 */
#ifndef CC_PYTHON_LAYOUT_FRAMES_H
#define CC_PYTHON_LAYOUT_FRAMES_H

#include <Python.h>
#include <internal/pycore_frame.h>
#include <stddef.h>
#include <stdint.h>

#include "runtimes/python/state/layout-code.h"

/* Where a frame's code stands in it: dispatch-entries.S has this as a number. */
enum { CC_PYTHON_FRAME_CODE = offsetof(_PyInterpreterFrame, f_code) };

/* The code that runs in the frame. */
static inline PyCodeObject *cc_python_code(const _PyInterpreterFrame *frame)
{
	return frame->f_code;
}

/* Its globals, a dict. */
static inline PyObject *cc_python_globals(const _PyInterpreterFrame *frame)
{
	return frame->f_globals;
}

/* Its builtins, mostly a dict. */
static inline PyObject *cc_python_builtins(const _PyInterpreterFrame *frame)
{
	return frame->f_builtins;
}

/*
 * The mapping in which the variables of a module's or class's frame stand; of another frame, where
 * locals() has put them. NULL: nowhere.
 */
static inline PyObject *cc_python_namespace(const _PyInterpreterFrame *frame)
{
	return frame->f_locals;
}

/* Our own frame gets this mapping, to which it takes over a reference, or NULL. */
static inline void cc_python_set_namespace(_PyInterpreterFrame *frame, PyObject *locals)
{
	Py_XSETREF(frame->f_locals, locals);
}

/* The frame that has called it, or NULL. It may be incomplete. */
static inline _PyInterpreterFrame *cc_python_caller(const _PyInterpreterFrame *frame)
{
	return frame->previous;
}

/* Its frame object; NULL: nobody has asked for one yet. */
static inline const PyFrameObject *cc_python_frame_object(const _PyInterpreterFrame *frame)
{
	return frame->frame_obj;
}

/* Is it still being made: has it not come to its first unit that a tracer is told of? 1 or 0. */
static inline int cc_python_is_incomplete(const _PyInterpreterFrame *frame)
{
	return _PyFrame_IsIncomplete((_PyInterpreterFrame *)frame);
}

/* Is it a part of its generator or coroutine, and stays while that rests? 1 or 0. */
static inline int cc_python_is_generators(const _PyInterpreterFrame *frame)
{
	return frame->owner == FRAME_OWNED_BY_GENERATOR;
}

/* Is it in its thread's stack of frames? 1 or 0. */
static inline int cc_python_is_threads(const _PyInterpreterFrame *frame)
{
	return frame->owner == FRAME_OWNED_BY_THREAD;
}

/* Has its frame object taken it over, as it is over? 1 or 0. */
static inline int cc_python_is_frame_objects(const _PyInterpreterFrame *frame)
{
	return frame->owner == FRAME_OWNED_BY_FRAME_OBJECT;
}

/* Makes it a frame in which names are a module's, of a code object that is no function's. */
static inline void cc_python_make_module_frame(_PyInterpreterFrame *frame, PyCodeObject *code,
					       PyObject *globals, PyObject *builtins)
{
	frame->f_code = code;
	frame->f_globals = globals;
	frame->f_builtins = builtins;
}

/* ---- where it is ---- */

/* The unit at which the frame is: what runs is the next one. May stand before the first one. */
static inline const uint16_t *cc_python_instruction(const _PyInterpreterFrame *frame)
{
	return frame->prev_instr;
}

/* The same as its number in the code. Of a copy of a frame in another memory, too. */
static inline int cc_python_unit(const _PyInterpreterFrame *frame)
{
	return cc_python_unit_at(frame->f_code, frame->prev_instr);
}

/* The frame is at this unit from now on. */
static inline void cc_python_set_unit(_PyInterpreterFrame *frame, int unit)
{
	frame->prev_instr = _PyCode_CODE(frame->f_code) + unit;
}

/* The frame's evaluation stack, which the loop has in a register, ends here from now on. */
static inline void cc_python_set_stack(_PyInterpreterFrame *frame, PyObject **stack_pointer)
{
	_PyFrame_SetStackPointer(frame, stack_pointer);
}

/* ---- variables ---- */

/* The place of a variable in its frame: in another memory, too. */
static inline PyObject *const *cc_python_variable_place(const _PyInterpreterFrame *frame,
							int number)
{
	return &frame->localsplus[number];
}

/* Where the evaluation stack of a frame with so many variables begins: in another memory, too. */
static inline uint64_t cc_python_stack_bottom(const _PyInterpreterFrame *frame, int variables)
{
	return (uint64_t)(uintptr_t)&frame->localsplus[variables];
}

/* The cell in which a variable stands, by the cells' type. NULL: it stands in the frame. */
static inline const PyCellObject *cc_python_variable_cell(const _PyInterpreterFrame *frame,
							  int number, const PyTypeObject *cell)
{
	const PyObject *value = frame->localsplus[number];

	return value && cc_python_has_cell(frame->f_code, number) && value->ob_type == cell
		       ? (const PyCellObject *)value
		       : NULL;
}

/* The value of a variable, or NULL: it has none now. By the cells' type. */
static inline PyObject *cc_python_variable_value(const _PyInterpreterFrame *frame, int number,
						 const PyTypeObject *cell)
{
	const PyCellObject *in = cc_python_variable_cell(frame, number, cell);

	return in ? in->ob_ref : frame->localsplus[number];
}

/* ---- frames of objects ---- */

/* The frame to which a frame object leads. */
static inline _PyInterpreterFrame *cc_python_frame_of(const PyFrameObject *object)
{
	return object->f_frame;
}

/* The frame object of the caller, borrowed. NULL: it has not been asked for, or there is none. */
static inline PyFrameObject *cc_python_back(const PyFrameObject *object)
{
	return object->f_back;
}

/* The frame object gets this caller's, to which it takes over a reference, or NULL. */
static inline void cc_python_set_back(PyFrameObject *object, PyFrameObject *back)
{
	Py_XSETREF(object->f_back, back);
}

/* The line that a frame object tells is this one from now on. */
static inline void cc_python_set_line(PyFrameObject *object, int line)
{
	object->f_lineno = line;
}

/* What a tool has put into f_trace of a frame object, borrowed, or NULL. */
static inline PyObject *cc_python_frame_tracer(const PyFrameObject *object)
{
	return object->f_trace;
}

/* The frame object gets this as its f_trace, to which it takes over a reference, or NULL. */
static inline void cc_python_set_frame_tracer(PyFrameObject *object, PyObject *tracer)
{
	Py_XSETREF(object->f_trace, tracer);
}

/* Is f_trace to be told of lines, as it is unless a tool says otherwise? 1 or 0. */
static inline int cc_python_wants_lines(const PyFrameObject *object)
{
	return object->f_trace_lines != 0;
}

/* Is f_trace to be told of opcodes? 1 or 0. */
static inline int cc_python_wants_opcodes(const PyFrameObject *object)
{
	return object->f_trace_opcodes != 0;
}

/* The frame object is as PyFrame_New made it, from now on: without tracer, caller, namespace. */
static inline void cc_python_renew_frame_object(PyFrameObject *object)
{
	cc_python_set_frame_tracer(object, NULL);
	cc_python_set_back(object, NULL);
	cc_python_set_namespace(cc_python_frame_of(object), NULL);
	object->f_trace_lines = 1;
	object->f_trace_opcodes = 0;
}

/* The frame of a generator (Include/cpython/genobject.h). */
static inline _PyInterpreterFrame *cc_python_generator_frame(const PyObject *generator)
{
	return (_PyInterpreterFrame *)((const PyGenObject *)generator)->gi_iframe;
}

/* ---- frames of our own interpreter, made and let go ---- */

/*
 * A new frame of a function that takes so many arguments, and these by position only: as
 * CALL_PY_EXACT_ARGS (Python/ceval.c) and _PyFrame_Push (Python/frame.c) make it. It has references
 * of its own. NULL, with an exception: there is no room.
 */
static inline _PyInterpreterFrame *cc_python_push_frame(PyThreadState *thread,
							PyFunctionObject *function,
							PyObject *const *arguments, int count)
{
	const PyCodeObject *code = (PyCodeObject *)function->func_code;
	_PyInterpreterFrame *frame = _PyThreadState_BumpFramePointer(
		thread, (size_t)(code->co_nlocalsplus + code->co_stacksize) + FRAME_SPECIALS_SIZE);

	if (!frame)
		return NULL;
	Py_INCREF(function);
	_PyFrame_InitializeSpecials(frame, function, NULL, code->co_nlocalsplus);
	for (int i = 0; i < count; i++)
		frame->localsplus[i] = Py_NewRef(arguments[i]);
	for (int i = count; i < code->co_nlocalsplus; i++)
		frame->localsplus[i] = NULL;
	return frame;
}

/* The innermost frame of the thread is over: as _PyEvalFrameClearAndPop (Python/ceval.c). */
static inline void cc_python_pop_frame(PyThreadState *thread, _PyInterpreterFrame *frame)
{
	thread->recursion_remaining--;
	_PyFrame_Clear(frame);
	thread->recursion_remaining++;
	_PyThreadState_PopFrame(thread, frame);
}

#endif
