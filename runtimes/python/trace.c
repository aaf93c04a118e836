/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When a line begins, a function is called, returns, raises: the rules are those of
 * Python/ceval.c (maybe_call_line_trace, TRACE_FUNCTION_ENTRY and _EXIT, call_exc_trace), followed
 * from one dispatch to the next.
 */
#define Py_BUILD_CORE
#include <Python.h>
#include <internal/pycore_code.h>
#include <internal/pycore_frame.h>
#include <internal/pycore_opcode.h>
#include <internal/pycore_runtime.h>
#include <dlfcn.h>
#include <sys/mman.h>

#include "core/preload/preload.h"
#include "core/preload/threads.h"
#include "runtimes/python/attach.h"
#include "runtimes/python/opnames.h"
#include "runtimes/python/trace.h"

/* Of the program's interpreter, looked up: our own copies of CPython's symbols there are none. */
static struct {
	PyTypeObject *c_function, *c_method, *method, *method_descriptor;
	_PyRuntimeState *runtime;
} program;

const struct cc_python_tracer *cc_python_tracer;

/* ---- activations, by thread ---------------------------------------------------------------------- */

static struct cc_python_activation **tops; /* the innermost of each thread */
static size_t top_count;
static struct cc_python_activation *spare;

static struct cc_python_activation **own_top(void)
{
	if (cc_thread >= top_count) {
		tops = realloc(tops, (cc_thread + 1) * sizeof(*tops));
		memset(tops + top_count, 0, (cc_thread + 1 - top_count) * sizeof(*tops));
		top_count = cc_thread + 1;
	}
	return &tops[cc_thread];
}

static struct cc_python_activation *push(struct cc_python_activation **top, _PyInterpreterFrame *frame)
{
	struct cc_python_activation *activation = spare;

	if (activation)
		spare = activation->caller;
	else
		activation = malloc(sizeof(*activation));
	*activation = (struct cc_python_activation){
		.frame = frame, .code = frame->f_code, .last = -1, .caller = *top,
	};
	return *top = activation;
}

static void pop(struct cc_python_activation **top)
{
	struct cc_python_activation *activation = *top;

	if (activation->user && cc_python_tracer->over)
		cc_python_tracer->over(activation);
	*top = activation->caller;
	activation->caller = spare;
	spare = activation;
}

/* Those inside of `upto` were left by an exception; their memory may be another's by now. */
static void unwind(struct cc_python_activation **top, const struct cc_python_activation *upto)
{
	while (*top != upto) {
		(*top)->frame = NULL;
		cc_python_tracer->event(CC_PYTHON_RETURN, *top, NULL, NULL);
		pop(top);
	}
}

/* ---- lines --------------------------------------------------------------------------------------- */

/*
 * The line of every unit of a code object, decoded once. Code objects go, and their memory comes again
 * as another's: what is looked at must still be the same.
 */
struct lines {
	PyCodeObject *code;
	PyObject *table;
	Py_ssize_t units;
	int first, *line;
};
#define LINES 4096
static struct lines cache[LINES];

static int get_signed(const uint8_t **at, const uint8_t *end)
{
	unsigned value = 0, shift = 0, byte;

	do {
		if (*at == end)
			return 0;
		byte = *(*at)++;
		value |= (byte & 63) << shift;
		shift += 6;
	} while (byte & 64 && shift < 30);
	return value & 1 ? -(int)(value >> 1) : (int)(value >> 1);
}

static void decode(struct lines *lines)
{
	const PyBytesObject *table = (const PyBytesObject *)lines->table;
	const uint8_t *at = (const uint8_t *)table->ob_sval, *end = at + ((const PyVarObject *)table)->ob_size;
	int line = lines->first;
	Py_ssize_t unit = 0;

	while (at < end) {
		unsigned kind = *at >> 3 & 15, length = (*at & 7) + 1;

		at++;
		if (kind == PY_CODE_LOCATION_INFO_LONG || kind == PY_CODE_LOCATION_INFO_NO_COLUMNS)
			line += get_signed(&at, end);
		else if (kind >= PY_CODE_LOCATION_INFO_ONE_LINE0 && kind <= PY_CODE_LOCATION_INFO_ONE_LINE2)
			line += (int)kind - PY_CODE_LOCATION_INFO_ONE_LINE0;
		while (length-- && unit < lines->units)
			lines->line[unit++] = kind == PY_CODE_LOCATION_INFO_NONE ? 0 : line;
		while (at < end && *at < 128)
			at++;
	}
	while (unit < lines->units)
		lines->line[unit++] = 0;
}

int cc_python_line(struct PyCodeObject *code, int unit)
{
	struct lines *lines = &cache[(uintptr_t)code / 32 % LINES];

	if (lines->code != code || lines->table != code->co_linetable ||
	    lines->first != code->co_firstlineno || lines->units != Py_SIZE(code)) {
		lines->code = code;
		lines->table = code->co_linetable;
		lines->first = code->co_firstlineno;
		lines->units = Py_SIZE(code);
		lines->line = realloc(lines->line, ((size_t)lines->units + 1) * sizeof(int));
		decode(lines);
	}
	return unit >= 0 && unit < lines->units ? lines->line[unit] : 0;
}

/* What else an op does at once: the distance to the other unit that it stands for. */
static unsigned char span[256];
static unsigned char calls[256]; /* it calls a function itself */

static void find_spans(void)
{
	for (unsigned i = 0; i < 256; i++) {
		const char *name = cc_python_opname(i);
		unsigned base = cc_python_base_op(i);

		if (strstr(name, "__"))
			span[i] = 1;
		else if (!strncmp(name, "COMPARE_OP_", 11) && strstr(name, "_JUMP"))
			span[i] = 3;
		else if (!strcmp(name, "BINARY_OP_INPLACE_ADD_UNICODE"))
			span[i] = 2;
		calls[i] = base == CALL || base == CALL_FUNCTION_EX ||
			   (base == PRECALL && i != PRECALL && i != PRECALL_ADAPTIVE &&
			    i != PRECALL_PYFUNC && i != PRECALL_BOUND_METHOD);
	}
}

static void line_event(struct cc_python_activation *activation, int unit, unsigned base,
		       PyObject **stack_pointer)
{
	int line = cc_python_line(activation->code, unit);
	int first = activation->last <= activation->code->_co_firsttraceable;
	int last = first ? 0 : cc_python_line(activation->code, activation->last);

	if (line) {
		activation->line = line;
		if (activation->lines &&
		    (line != last || (unit < activation->last && base != SEND)))
			cc_python_tracer->event(CC_PYTHON_LINE, activation, NULL, stack_pointer);
	}
}

/* ---- functions in C -------------------------------------------------------------------------------- */

static PyObject *called_c_function(unsigned base, unsigned argument, PyObject **stack_pointer)
{
	PyObject *function = NULL;

	if (base == PRECALL || base == CALL) /* NULL or a method, self or the callable, arguments */
		function = stack_pointer[-(int)argument - 2] ? stack_pointer[-(int)argument - 2]
							    : stack_pointer[-(int)argument - 1];
	else if (base == CALL_FUNCTION_EX)
		function = stack_pointer[-2 - (int)(argument & 1)];
	if (!function)
		return NULL;
	if (function->ob_type == program.method)
		function = ((PyMethodObject *)function)->im_func;
	return function->ob_type == program.c_function || function->ob_type == program.c_method ||
			       function->ob_type == program.method_descriptor
		       ? function : NULL;
}

static void call_c_function(struct cc_python_activation *activation, unsigned base, unsigned argument,
			    PyObject **stack_pointer)
{
	activation->c_function = called_c_function(base, argument, stack_pointer);
	if (activation->c_function)
		cc_python_tracer->event(CC_PYTHON_C_CALL, activation, activation->c_function,
					stack_pointer);
}

static void c_function_over(struct cc_python_activation *activation, PyObject **stack_pointer)
{
	PyObject *function = activation->c_function;

	activation->c_function = NULL;
	cc_python_tracer->event(activation->raised ? CC_PYTHON_C_EXCEPTION : CC_PYTHON_C_RETURN,
				activation, function, stack_pointer);
}

/* ---- an op begins ------------------------------------------------------------------------------------ */

static struct cc_python_activation *find(struct cc_python_activation *top,
					 const _PyInterpreterFrame *frame)
{
	while (top && (top->frame != frame || top->code != frame->f_code))
		top = top->caller;
	return top;
}

static void resumed(struct cc_python_activation **top, _PyInterpreterFrame *frame, int unit,
		    PyObject **stack_pointer)
{
	struct cc_python_activation *activation = find(*top, frame);

	if (activation) /* the one that was there was left by an exception */
		unwind(top, activation->caller);
	/* So were those that do not stand between it and its caller: nothing of theirs ran again. */
	activation = frame->previous ? find(*top, frame->previous) : NULL;
	unwind(top, activation);
	activation = push(top, frame);
	activation->last = activation->unit = unit;
	activation->line = cc_python_line(activation->code, unit);
	cc_python_tracer->event(CC_PYTHON_CALL, activation, NULL, stack_pointer);
}

static void returns(struct cc_python_activation **top, PyObject **stack_pointer)
{
	cc_python_tracer->event(CC_PYTHON_RETURN, *top, stack_pointer[-1], stack_pointer);
	pop(top);
}

/* Does the other half of this op begin a line? Then it is run on its own. */
static int splits(const struct cc_python_activation *activation, int unit, unsigned opcode)
{
	int line = span[opcode] == 1 ? cc_python_line(activation->code, unit + 1) : 0;

	return line && line != cc_python_line(activation->code, unit);
}

unsigned cc_python_trace_op(_PyInterpreterFrame *frame, const uint16_t *instruction, unsigned opcode,
			    PyObject **stack_pointer)
{
	int unit = (int)(instruction - (const uint16_t *)_PyCode_CODE(frame->f_code));
	unsigned base = cc_python_base_op(opcode);
	struct cc_python_activation **top, *activation;

	if (opcode == DO_TRACING || unit < frame->f_code->_co_firsttraceable)
		return opcode;
	top = own_top();
	if (base == RESUME) {
		resumed(top, frame, unit, stack_pointer);
		return opcode;
	}
	activation = find(*top, frame);
	if (!activation)
		return opcode; /* it began before us */
	unwind(top, activation);
	/* An op that has just specialised itself is dispatched again. */
	if (unit != activation->unit || unit != activation->last || !cc_python_caches(base)) {
		/* PRECALL leaves the call to the CALL that follows. */
		if (activation->c_function && !(base == CALL && activation->precall))
			c_function_over(activation, stack_pointer);
		activation->precall = base == PRECALL;
		activation->raised = 0;
		activation->unit = unit;
		line_event(activation, unit, base, stack_pointer);
		activation->last = unit;
		if (splits(activation, unit, opcode))
			return base;
		activation->last += span[opcode];
	}
	if (base == RETURN_VALUE || base == YIELD_VALUE)
		returns(top, stack_pointer);
	else if (cc_python_tracer->c_functions && calls[opcode] && !activation->c_function)
		call_c_function(activation, base, instruction[0] >> 8, stack_pointer);
	return opcode;
}

/* ---- an exception passes a frame ------------------------------------------------------------------------ */

/* traceback-entry.S: PyTraceBack_Here's first bytes, and a jump behind them. */
extern uint8_t cc_traceback_begin[];
extern uint64_t cc_traceback_rest;
#define PROLOGUE 16
static const uint8_t prologue[PROLOGUE] = {0x41, 0x57, 0x66, 0x0f, 0xef, 0xc0, 0x41, 0x56,
					   0x41, 0x55, 0x41, 0x54, 0x55, 0x48, 0x89, 0xfd};

void cc_traceback_here(PyFrameObject *object);
void cc_traceback_here(PyFrameObject *object)
{
	PyThreadState *thread = (PyThreadState *)program.runtime->gilstate.tstate_current._value;
	struct cc_python_activation **top, *activation;
	uint64_t storage;

	if (!thread)
		return;
	cc_tripwire_off();
	cc_context = CC_OURS;
	storage = cc_thread_borrow(cc_python_analysis_storage);
	top = own_top();
	activation = find(*top, object->f_frame);
	if (activation) {
		unwind(top, activation);
		activation->raised = 1;
		activation->unit = _PyInterpreterFrame_LASTI(object->f_frame);
		if (activation->c_function)
			c_function_over(activation, NULL);
		cc_python_tracer->event(CC_PYTHON_EXCEPTION, activation, thread->curexc_value
					? thread->curexc_value : thread->curexc_type, NULL);
	}
	cc_thread_return(storage);
	cc_context = CC_PROGRAM;
	cc_tripwire_on();
}

static void patch_traceback(void)
{
	uint8_t *code = dlsym(RTLD_DEFAULT, "PyTraceBack_Here");
	uint64_t target = (uintptr_t)cc_traceback_begin;
	uintptr_t page = (uintptr_t)code & ~4095ul;

	if (!code || memcmp(code, prologue, PROLOGUE))
		cc_die("this python's PyTraceBack_Here is compiled in a way that is not known");
	if (mprotect((void *)page, 8192, PROT_READ | PROT_WRITE | PROT_EXEC))
		cc_die("PyTraceBack_Here cannot be patched: mprotect: %s", strerror(errno));
	cc_traceback_rest = (uintptr_t)code + PROLOGUE;
	memcpy(code, "\xff\x25\0\0\0\0", 6); /* jmp *0(%rip) */
	memcpy(code + 6, &target, 8);
}

void cc_python_trace(const struct cc_python_tracer *tracer)
{
	program.runtime = dlsym(RTLD_DEFAULT, "_PyRuntime");
	program.c_function = dlsym(RTLD_DEFAULT, "PyCFunction_Type");
	program.c_method = dlsym(RTLD_DEFAULT, "PyCMethod_Type");
	program.method = dlsym(RTLD_DEFAULT, "PyMethod_Type");
	program.method_descriptor = dlsym(RTLD_DEFAULT, "PyMethodDescr_Type");
	cc_python_tracer = tracer;
	find_spans();
	patch_traceback();
}
