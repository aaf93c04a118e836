/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interpreters, their threads, and the lock that one of these has, the GIL (layout.h):
 * Include/internal/pycore_runtime.h, pycore_interp.h and pycore_gil.h, Include/cpython/pystate.h.
 */
#ifndef CC_PYTHON_LAYOUT_THREADS_H
#define CC_PYTHON_LAYOUT_THREADS_H

#include <Python.h>
#include <internal/pycore_interp.h>
#include <internal/pycore_runtime.h>
#include <stddef.h>
#include <stdint.h>

#include "runtimes/python/state/layout-frames.h"

/* ---- where it stands, in bytes from the beginning, for reading another memory ---- */

enum {
	/*
	 * In _PyRuntime. Of the GIL (Python/ceval_gil.h): take_gil signals under switch_mutex that
	 * it has it. The holder is a thread's state, NULL while none has it.
	 */
	CC_PYTHON_RUNTIME_SIZE = sizeof(_PyRuntimeState),
	CC_PYTHON_INTERPRETERS = offsetof(_PyRuntimeState, interpreters.head),
	CC_PYTHON_GIL_HOLDER = offsetof(_PyRuntimeState, gilstate.tstate_current),
	CC_PYTHON_GIL_MUTEX = offsetof(_PyRuntimeState, ceval.gil.mutex),
	CC_PYTHON_GIL_TAKEN = offsetof(_PyRuntimeState, ceval.gil.switch_mutex),
	CC_PYTHON_GIL = offsetof(_PyRuntimeState, ceval.gil),
	CC_PYTHON_GIL_END =
		offsetof(_PyRuntimeState, ceval.gil) + sizeof(struct _gil_runtime_state),
	/* In an interpreter: the next one, its first thread. */
	CC_PYTHON_NEXT_INTERPRETER = offsetof(PyInterpreterState, next),
	CC_PYTHON_THREADS = offsetof(PyInterpreterState, threads.head),
	/* In a thread's state: the next one, what pthread_self gives, and what has the frame. */
	CC_PYTHON_NEXT_THREAD = offsetof(PyThreadState, next),
	CC_PYTHON_THREAD_ID = offsetof(PyThreadState, thread_id),
	CC_PYTHON_CFRAME = offsetof(PyThreadState, cframe),
	/* In that: the frame that runs. */
	CC_PYTHON_CURRENT_FRAME = offsetof(_PyCFrame, current_frame),
};

/* ---- what is where ---- */

/* The interpreter that the program began with. */
static inline PyInterpreterState *cc_python_main_interpreter(const _PyRuntimeState *runtime)
{
	return runtime->interpreters.main;
}

/* The thread that the program began with; NULL: it is not there, or not any more. */
static inline PyThreadState *cc_python_main_thread(const _PyRuntimeState *runtime)
{
	const PyInterpreterState *interpreter = cc_python_main_interpreter(runtime);
	PyThreadState *thread = interpreter ? interpreter->threads.head : NULL;

	while (thread && thread->thread_id != runtime->main_thread)
		thread = thread->next;
	return thread;
}

/* The thread that has the interpreter; NULL: none has. */
static inline PyThreadState *cc_python_thread_now(const _PyRuntimeState *runtime)
{
	return (PyThreadState *)runtime->gilstate.tstate_current._value;
}

/* The frame that runs in a thread; NULL: none does, or there is no thread. */
static inline _PyInterpreterFrame *cc_python_frame_in(const PyThreadState *thread)
{
	return thread && thread->cframe ? thread->cframe->current_frame : NULL;
}

/* sys.modules of an interpreter; NULL: it has not got that far. */
static inline PyObject *cc_python_modules(const PyInterpreterState *interpreter)
{
	return interpreter->modules;
}

/* The builtins of an interpreter, a dict. */
static inline PyObject *cc_python_builtins_of(const PyInterpreterState *interpreter)
{
	return interpreter->builtins;
}

/* The class of the exception that is on its way in the thread; NULL: none is. */
static inline PyObject *cc_python_raised_type(const PyThreadState *thread)
{
	return thread->curexc_type;
}

/* Its value: an exception, or what one will be made of, or NULL. */
static inline PyObject *cc_python_raised_value(const PyThreadState *thread)
{
	return thread->curexc_value;
}

/* The function that PyEval_SetTrace has set in the thread, or NULL. */
static inline Py_tracefunc cc_python_trace_function(const PyThreadState *thread)
{
	return thread->c_tracefunc;
}

/* The object that this function is called with, borrowed: what sys.settrace was given. */
static inline PyObject *cc_python_trace_object(const PyThreadState *thread)
{
	return thread->c_traceobj;
}

/* The function that PyEval_SetProfile has set in the thread, or NULL. */
static inline Py_tracefunc cc_python_profile_function(const PyThreadState *thread)
{
	return thread->c_profilefunc;
}

/* The object that this function is called with, borrowed: what sys.setprofile was given. */
static inline PyObject *cc_python_profile_object(const PyThreadState *thread)
{
	return thread->c_profileobj;
}

/*
 * The address of the semaphore in a _thread.lock or RLock at this address: both have it behind
 * their heads (Modules/_threadmodule.c).
 */
static inline uint64_t cc_python_semaphore_of(uint64_t lock)
{
	return *(const uint64_t *)((uintptr_t)lock + sizeof(PyObject));
}

/* ---- what is changed: in a replay as CPython does it, or in a copy ---- */

/*
 * The thread that has the interpreter is to give it away: as SET_GIL_DROP_REQUEST (Python/ceval.c)
 * for a thread that has waited long enough.
 */
static inline void cc_python_request_drop(const _PyRuntimeState *runtime)
{
	struct _ceval_state *state = &runtime->interpreters.main->ceval;

	state->gil_drop_request._value = 1;
	state->eval_breaker._value = 1;
}

/* What is asked of the interpreter of this thread does not break in on its code. */
static inline void cc_python_hold_breaks(PyThreadState *thread)
{
	thread->interp->ceval.eval_breaker._value = 0;
}

/*
 * Nothing breaks in on code from now on: no other thread, no handlers of signals, no pending calls;
 * and no objects set off a collection.
 */
static inline void cc_python_calm(_PyRuntimeState *runtime)
{
	PyInterpreterState *interpreter = runtime->interpreters.main;

	interpreter->ceval.gil_drop_request._value = 0;
	runtime->ceval.signals_pending._value = 0;
	interpreter->ceval.pending.calls_to_do._value = 0;
	interpreter->ceval.eval_breaker._value = 0;
	interpreter->gc.enabled = 0;
}

/* The thread has the interpreter from now on, whoever had it. */
static inline void cc_python_give(_PyRuntimeState *runtime, PyThreadState *thread)
{
	runtime->gilstate.tstate_current._value = (uintptr_t)thread;
	runtime->ceval.gil.locked._value = 1;
	runtime->ceval.gil.last_holder._value = (uintptr_t)thread;
}

/*
 * A tool's function begins, which is not traced itself: PyThreadState_EnterTracing
 * (Python/pystate.c). In our own interpreter nobody else traces, so tracing stays off behind it.
 */
static inline void cc_python_enter_tool(PyThreadState *thread)
{
	thread->tracing++;
	thread->cframe->use_tracing = 0;
}

/* It is over. */
static inline void cc_python_leave_tool(PyThreadState *thread)
{
	thread->tracing--;
}

#endif
