/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When a line begins, a function is called, returns, raises: the rules are those of
 * Python/ceval.c (maybe_call_line_trace, TRACE_FUNCTION_ENTRY and _EXIT, call_exc_trace), followed
 * from one dispatch to the next.
 */
#define Py_BUILD_CORE
#include <Python.h>
#include <dlfcn.h>
#include <opcode.h>

#include "core/replay/namespace.h"
#include "core/replay/preload.h"
#include "runtimes/python/replay/activations.h"
#include "runtimes/python/replay/events.h"
#include "runtimes/python/replay/traceback.h"
#include "runtimes/python/replay/units.h"
#include "runtimes/python/state/layout.h"
#include "runtimes/python/state/opnames.h"

/* Of the program's interpreter, looked up: our own copies of CPython's symbols there are none. */
static struct {
	PyTypeObject *c_function, *c_method, *method, *method_descriptor, *generator, *coroutine;
	PyObject *none, **stop_iteration;
	_PyRuntimeState *runtime;
} program;

const struct cc_python_tracer *cc_python_tracer;
PyObject *cc_python_reraised;
int cc_python_untraced, cc_python_halved;

/* Of a receiver in a namespace of its own. */
static inline void report_line(struct cc_python_activation *activation, PyObject **stack_pointer)
{
	cc_namespace_enter();
	if (!cc_python_tracer->line || !cc_python_tracer->line(activation))
		cc_python_tracer->event(CC_PYTHON_LINE, activation, NULL, stack_pointer);
	cc_namespace_leave();
}

/* ---- opcodes ---- */

/*
 * A specialised PRECALL does the work of the CALL behind it; where tracing is native there is none.
 */
static int skipped_call(const struct cc_python_activation *activation)
{
	return activation->last + 1 + (int)cc_python_caches(PRECALL);
}

/* dispatch-entries.S */
struct pass {
	const _PyInterpreterFrame *frame;
	const PyCodeObject *code;
	uint64_t map;	      /* the marks' address, less half the code's */
	const uint16_t *last; /* op that passed; NULL: none */
	uint32_t last_op;
	uint8_t masks[256]; /* marks that count for an opcode */
};
_Static_assert(offsetof(struct pass, masks) == 36 && CC_PYTHON_FRAME_CODE == 32,
	       "as dispatch-entries.S has them");
extern struct pass cc_dispatch_pass;
/* What else an op does at once: the distance to the other unit that it stands for. */
static unsigned char span[256];
static unsigned char calls[256];	      /* it calls a function itself */
static unsigned char pops[256];		      /* and drops what that returns */
static unsigned char bases[256], caches[256]; /* cc_python_base_op and cc_python_caches */

static void find_spans(void)
{
	for (unsigned i = 0; i < 256; i++) {
		const char *name = cc_python_opname(i);
		unsigned base = cc_python_base_op(i);

		bases[i] = (unsigned char)base;
		caches[i] = (unsigned char)cc_python_caches(i);
		if (strstr(name, "__"))
			span[i] = 1;
		else if (!strncmp(name, "COMPARE_OP_", 11) && strstr(name, "_JUMP"))
			span[i] = 3;
		else if (!strcmp(name, "BINARY_OP_INPLACE_ADD_UNICODE"))
			span[i] = 2;
		pops[i] = !strcmp(name, "PRECALL_NO_KW_LIST_APPEND");
		calls[i] = base == CALL || base == CALL_FUNCTION_EX ||
			   (base == PRECALL && i != PRECALL && i != PRECALL_ADAPTIVE &&
			    i != PRECALL_PYFUNC && i != PRECALL_BOUND_METHOD);
		cc_dispatch_pass.masks[i] =
			i == DO_TRACING || base == RESUME
				? 255
				: CC_MARK_OP | CC_MARK_LINE | (span[i] == 1 ? CC_MARK_SECOND : 0);
	}
}

/* ---- ops that are passed over ---- */

/* What passed is taken note of when it matters. */
static inline void settle(void)
{
	struct cc_python_activation *passing = cc_python_running.passing;
	int unit;

	cc_dispatch_pass.frame = NULL;
	if (!passing || !cc_dispatch_pass.last)
		return;
	unit = cc_python_unit_at(cc_dispatch_pass.code, cc_dispatch_pass.last);
	if (unit >= cc_python_first_traced(cc_dispatch_pass.code)) {
		/* Else another one began in its frame's place. */
		passing->raised = passing->inner = 0;
		passing->precall = cc_python_base_op(cc_dispatch_pass.last_op) == PRECALL;
		passing->unit = unit;
		passing->line = cc_python_line_at(passing->units, unit);
		passing->last = unit + span[cc_dispatch_pass.last_op];
	}
	cc_dispatch_pass.last = NULL;
}

static inline void pass_silent_ops(struct cc_python_activation *activation)
{
	const struct cc_python_units *units;
	const uint8_t *marks;

	if (!activation || !activation->frame || activation->half || activation->opcodes ||
	    activation->c_function || activation->iterated ||
	    activation->last <= cc_python_first_traced(activation->code))
		return;
	units = activation->units;
	marks = units->marks + (activation->lines ? 0 : units->count);
	cc_python_running.passing = activation;
	cc_dispatch_pass.code = activation->code;
	cc_dispatch_pass.map =
		(uintptr_t)marks - (uintptr_t)cc_python_first_unit(activation->code) / 2;
	cc_dispatch_pass.frame = activation->frame;
}

static void line_event(struct cc_python_activation *activation, int unit, unsigned base,
		       PyObject **stack_pointer)
{
	int line = cc_python_line_at(activation->units, unit);
	int first = activation->last <= cc_python_first_traced(activation->code);
	int last = first ? -1 : cc_python_line_at(activation->units, activation->last);

	activation->line = line;
	if (line >= 0 && activation->lines &&
	    (line != last || (unit < activation->last && base != SEND)))
		cc_python_tell(CC_PYTHON_LINE, activation, NULL, stack_pointer);
	if (activation->opcodes)
		cc_python_tell(CC_PYTHON_OPCODE, activation, NULL, stack_pointer);
}

/* ---- functions in C ---- */

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
		       ? function
		       : NULL;
}

static CC_RARE void call_c_function(struct cc_python_activation *activation, unsigned base,
				    unsigned argument, PyObject **stack_pointer)
{
	activation->c_function = called_c_function(base, argument, stack_pointer);
	if (activation->c_function)
		cc_python_tell(CC_PYTHON_C_CALL, activation, activation->c_function, stack_pointer);
}

static CC_RARE void c_function_over(struct cc_python_activation *activation,
				    PyObject **stack_pointer)
{
	PyObject *function = activation->c_function;

	activation->c_function = NULL;
	cc_python_tell(activation->raised ? CC_PYTHON_C_EXCEPTION : CC_PYTHON_C_RETURN, activation,
		       function, stack_pointer);
}

/* ---- iterators' ends ---- */

/*
 * When the end of an iterator is an exception that FOR_ITER or SEND take back, where tracing shows
 * it.
 */
enum ends {
	ENDS_BY_EXCEPTION, /* when a function that it called has raised one */
	ENDS_BY_VALUE,	   /* when it has a value */
	ENDS_BY_VALUE_NOW, /* likewise, and the value is gone at once */
	ENDS_ALWAYS,
};

static enum ends sends_to(const PyObject *iterator, const PyObject *value)
{
	static const char *const always[] = {"async_generator_asend", "async_generator_athrow",
					     "anext_awaitable", "_asyncio.FutureIter"};
	const PyTypeObject *type = iterator->ob_type;

	if (type == program.coroutine || (type == program.generator && value != program.none))
		return ENDS_ALWAYS;
	for (size_t i = 0; i < sizeof(always) / sizeof(*always); i++)
		if (!strcmp(type->tp_name, always[i]))
			return ENDS_ALWAYS;
	return ENDS_BY_VALUE;
}

/*
 * Iterators that call no function which could raise StopIteration, or that catch it: they end
 * without any exception.
 */
static const char *const quiet_names[] = {
	"PyRangeIter_Type", "PyLongRangeIter_Type", "PyListIter_Type",	    "PyListRevIter_Type",
	"PyTupleIter_Type", "PyDictIterKey_Type",   "PyDictIterValue_Type", "PyDictIterItem_Type",
	"PySetIter_Type",   "PyUnicodeIter_Type",   "PyBytesIter_Type",	    "PyByteArrayIter_Type",
	"PySeqIter_Type",   "PyCallIter_Type",
};
#define QUIET (sizeof(quiet_names) / sizeof(*quiet_names))
static const PyTypeObject *quiet[QUIET];

static int is_quiet(const PyTypeObject *type)
{
	for (size_t i = 0; i < QUIET; i++)
		if (type == quiet[i])
			return 1;
	return 0;
}

static void iterates(struct cc_python_activation *activation, unsigned base,
		     PyObject **stack_pointer)
{
	activation->iterated = NULL;
	if (base == FOR_ITER) {
		if (is_quiet(stack_pointer[-1]->ob_type))
			return;
		activation->iterated = stack_pointer[-1];
		activation->ends = activation->iterated->ob_type == program.generator
					   ? ENDS_BY_VALUE_NOW
					   : ENDS_BY_EXCEPTION;
	} else if (base == SEND) {
		activation->iterated = stack_pointer[-2];
		activation->ends = (int)sends_to(activation->iterated, stack_pointer[-1]);
	}
}

/* Both go on with the next unit but at the end, which SEND leaves a value of. */
static CC_RARE void iterator_over(struct cc_python_activation *activation, int unit,
				  PyObject **stack_pointer)
{
	int sends = activation->ends == ENDS_BY_VALUE || activation->ends == ENDS_ALWAYS;
	PyObject *value = sends ? stack_pointer[-1] : NULL;

	if (unit != activation->last + 1 && !activation->raised &&
	    (activation->inner || activation->ends == ENDS_ALWAYS ||
	     (value && value != program.none)))
		cc_python_tell(CC_PYTHON_STOP, activation, value, stack_pointer);
}

/* ---- an op begins ---- */

static void resumed(struct cc_python_activation **top, _PyInterpreterFrame *frame, int unit,
		    int begins, PyObject **stack_pointer)
{
	cc_python_tell(CC_PYTHON_CALL, cc_python_enter(top, frame, unit, begins), NULL,
		       stack_pointer);
}

/*
 * A generator went on without RESUME: behind an iterator that it had delegated to, and throw()
 * ended.
 */
static CC_RARE struct cc_python_activation *went_on(struct cc_python_activation **top,
						    _PyInterpreterFrame *frame, int unit)
{
	return cc_python_is_generators(frame) ? cc_python_enter(top, frame, unit - 1, 0) : NULL;
}

static void returns(struct cc_python_activation **top, int yields, PyObject **stack_pointer)
{
	struct cc_python_activation *activation = *top, *caller = activation->caller;
	PyObject *value = stack_pointer[-1];

	cc_python_tell(CC_PYTHON_RETURN, activation, value, stack_pointer);
	if (yields) {
		cc_python_rest(top);
		return;
	}
	/* A for statement's generator that returns something: it drops that at once. */
	if (caller && caller->ends == ENDS_BY_VALUE_NOW && value != program.none &&
	    caller->iterated && activation->frame == cc_python_generator_frame(caller->iterated)) {
		cc_python_pop(top);
		cc_python_tell(CC_PYTHON_STOP, caller, value, NULL);
		return;
	}
	cc_python_pop(top);
}

/* What was raised goes on as from where it was raised first; ceval.c notes that on the stack. */
static CC_RARE void raises_again(struct cc_python_activation **top, unsigned argument,
				 PyObject **stack_pointer)
{
	struct cc_python_activation *activation = *top;
	const PyObject *first = argument ? stack_pointer[-(int)argument - 1] : NULL;
	int unit = activation->unit;

	if (first) {
		activation->unit = (int)cc_python_low_digit(first);
		activation->line = cc_python_line_at(activation->units, activation->unit);
	}
	cc_python_reraised = stack_pointer[-1];
	if (!cc_python_is_handled(activation->code, unit))
		cc_python_leave(top);
	cc_python_reraised = NULL;
}

/* Does the other half of this op begin a line? Then it is run on its own. */
static int splits(const struct cc_python_activation *activation, int unit, unsigned opcode)
{
	int line = span[opcode] == 1 ? cc_python_line_at(activation->units, unit + 1) : -1;

	if (activation->opcodes)
		return span[opcode] == 1;
	return line >= 0 && line != cc_python_line_at(activation->units, unit);
}

/* Ops that cannot be parted: what else they do is told at once. */
static CC_RARE void second_opcode(struct cc_python_activation *activation, unsigned opcode,
				  PyObject **stack_pointer)
{
	int unit = activation->unit;

	if (span[opcode] > 1)
		activation->unit = activation->last;
	else if (cc_python_base_op(opcode) == PRECALL && calls[opcode])
		activation->unit = skipped_call(activation);
	else
		return;
	cc_python_tell(CC_PYTHON_OPCODE, activation, NULL, stack_pointer);
	if (pops[opcode]) {
		activation->unit += 1 + (int)cc_python_caches(CALL);
		cc_python_tell(CC_PYTHON_OPCODE, activation, NULL, stack_pointer);
	}
	activation->unit = unit;
}

static unsigned op_begins(struct cc_python_activation **top, _PyInterpreterFrame *frame,
			  const uint16_t *instruction, unsigned opcode, PyObject **stack_pointer)
{
	int unit = cc_python_unit_at(cc_python_code(frame), instruction);
	unsigned base = bases[opcode];
	struct cc_python_activation *activation;

	if (base == RESUME) {
		resumed(top, frame, unit, !cc_python_oparg(*instruction), stack_pointer);
		return opcode;
	}
	activation = cc_python_find_running(top, frame);
	if (!activation)
		activation = went_on(top, frame, unit);
	if (!activation)
		return opcode; /* it began before us */
	cc_python_unwind(top, activation);
	if (unit == activation->half) /* what follows it was not part of it */
		opcode = base;
	if (activation->half) {
		activation->half = 0;
		cc_python_halved--;
	}
	/* An op that has just specialised itself is dispatched again. */
	if (unit != activation->unit || unit != activation->last || !caches[base]) {
		/* PRECALL leaves the call to the CALL that follows. */
		if (activation->c_function && !(base == CALL && activation->precall))
			c_function_over(activation, stack_pointer);
		if (activation->iterated)
			iterator_over(activation, unit, stack_pointer);
		activation->precall = base == PRECALL;
		activation->raised = activation->inner = 0;
		activation->unit = unit;
		line_event(activation, unit, base, stack_pointer);
		iterates(activation, base, stack_pointer);
		activation->last = unit;
		if (splits(activation, unit, opcode)) {
			activation->half = unit + 1;
			cc_python_halved++;
			return base;
		}
	}
	activation->last = unit + span[opcode];
	if (activation->opcodes)
		second_opcode(activation, opcode, stack_pointer);
	if (base == RETURN_VALUE || base == YIELD_VALUE)
		returns(top, base == YIELD_VALUE, stack_pointer);
	else if (base == RERAISE)
		raises_again(top, cc_python_oparg(*instruction), stack_pointer);
	else if (cc_python_tracer->c_functions && calls[opcode] && !activation->c_function)
		call_c_function(activation, base, cc_python_oparg(*instruction), stack_pointer);
	return opcode;
}

int cc_python_trace_half(const _PyInterpreterFrame *frame, const uint16_t *instruction)
{
	const struct cc_python_activation *activation = cc_python_innermost();

	return activation && activation->half && activation->frame == frame &&
	       cc_python_first_unit(cc_python_code(frame)) + activation->half == instruction;
}

/* While we run; what we call for others may change errno. */
static int begin(void)
{
	cc_leave_program();
	return cc_python_tracer->in_namespace ? 0 : errno;
}

static void end(int error)
{
	if (!cc_python_tracer->in_namespace)
		errno = error;
	cc_enter_program();
}

/* Is there no more to it than that a line may begin? */
static inline int is_line_only(const struct cc_python_activation *activation, unsigned opcode,
			       int unit, PyObject **stack_pointer)
{
	return unit >= 0 && unit < activation->units->count && !span[opcode] &&
	       (!(activation->units->marks[unit] & CC_MARK_OP) ||
		(bases[opcode] == FOR_ITER && is_quiet(stack_pointer[-1]->ob_type)));
}

/*
 * The unit that ran last in this frame, its own or what passed since; -1: other things must be
 * settled first.
 */
static inline int last_unit(const struct cc_python_activation *activation)
{
	if (!cc_dispatch_pass.last)
		return activation->last;
	if (cc_dispatch_pass.frame != activation->frame || cc_python_running.passing != activation)
		return -1;
	return cc_python_unit_at(activation->code, cc_dispatch_pass.last) +
	       span[cc_dispatch_pass.last_op];
}

int cc_python_trace_line(const _PyInterpreterFrame *frame, const uint16_t *instruction,
			 unsigned opcode, PyObject **stack_pointer)
{
	struct cc_python_activation *activation = cc_python_innermost();
	int unit = cc_python_unit_at(cc_python_code(frame), instruction), last, line, first;

	if (!activation || activation->frame != frame ||
	    activation->code != cc_python_code(frame) || !cc_python_tracer->in_namespace ||
	    activation->half || activation->opcodes || activation->c_function ||
	    activation->iterated || !is_line_only(activation, opcode, unit, stack_pointer))
		return 0;
	last = last_unit(activation);
	if (last < 0 || unit < cc_python_first_traced(activation->code) ||
	    (unit == last && caches[bases[opcode]]))
		return 0;
	first = last <= cc_python_first_traced(activation->code);
	line = activation->units->line[unit];
	activation->raised = activation->inner = 0;
	activation->precall = bases[opcode] == PRECALL;
	activation->unit = activation->last = unit;
	activation->line = line;
	cc_dispatch_pass.last = NULL;
	if (line >= 0 && activation->lines &&
	    (first || unit < last || line != cc_python_line_at(activation->units, last))) {
		begin();
		report_line(activation, stack_pointer);
		if (activation->opcodes)
			cc_python_tell(CC_PYTHON_OPCODE, activation, NULL, stack_pointer);
		end(0);
	}
	if (first || activation->opcodes || !activation->lines) {
		settle();
		pass_silent_ops(activation);
	}
	return 1;
}

unsigned cc_python_trace_op(_PyInterpreterFrame *frame, const uint16_t *instruction,
			    unsigned opcode, PyObject **stack_pointer)
{
	const PyCodeObject *code = cc_python_code(frame);
	struct cc_python_activation **top;
	int error;

	if (opcode == DO_TRACING ||
	    instruction < cc_python_first_unit(code) + cc_python_first_traced(code))
		return opcode;
	error = begin();
	settle();
	top = cc_python_own_top();
	opcode = op_begins(top, frame, instruction, opcode, stack_pointer);
	pass_silent_ops(*top);
	end(error);
	return opcode;
}

/* ---- an exception passes a frame ---- */

static void raised(struct cc_python_activation *activation, const PyThreadState *thread, int unit)
{
	if (activation->precall)
		unit = skipped_call(activation);
	activation->raised = 1;
	activation->stop = cc_python_raised_type(thread) == *program.stop_iteration;
	activation->unit = unit;
	if (activation->c_function)
		c_function_over(activation, NULL);
	activation->value = cc_python_raised_value(thread);
	cc_python_tell(CC_PYTHON_EXCEPTION, activation, cc_python_raised_type(thread), NULL);
	activation->value = NULL;
}

void cc_traceback_here(PyFrameObject *object)
{
	PyThreadState *thread = cc_python_thread_now(program.runtime);
	_PyInterpreterFrame *frame = cc_python_frame_of(object);
	struct cc_python_activation **top, *activation;
	int error;

	if (!thread || cc_python_untraced)
		return;
	error = begin();
	settle();
	top = cc_python_own_top();
	activation = cc_python_find(*top, frame);
	/* Extensions in C show frames of their own that nobody runs. */
	if (!activation && cc_python_chains && cc_python_is_threads(frame))
		activation = cc_python_find_running(top, frame);
	if (!activation && cc_python_is_generators(frame)) { /* throw() */
		resumed(top, frame, cc_python_unit(frame), 0, NULL);
		activation = *top;
	}
	if (activation) {
		cc_python_unwind(top, activation);
		raised(activation, thread, cc_python_unit(frame));
		if (!cc_python_is_handled(activation->code, activation->unit))
			cc_python_leave(top);
	}
	pass_silent_ops(*top);
	end(error);
}

/* ---- from now on ---- */

static void tell_open(struct cc_python_activation *activation)
{
	if (!activation)
		return;
	tell_open(activation->caller);
	cc_python_tell(CC_PYTHON_CALL, activation, NULL, NULL);
	if (activation->c_function)
		cc_python_tell(CC_PYTHON_C_CALL, activation, activation->c_function, NULL);
}

void cc_python_trace_on(const struct cc_python_tracer *tracer)
{
	settle(); /* ops that passed are not to pass any more if the receiver asks for lines */
	cc_python_tracer = tracer;
	cc_python_chains_each(cc_thread, tell_open);
	tell_open(cc_python_innermost());
}

void cc_python_trace(const struct cc_python_tracer *tracer)
{
	program.runtime = dlsym(RTLD_DEFAULT, "_PyRuntime");
	program.c_function = dlsym(RTLD_DEFAULT, "PyCFunction_Type");
	program.c_method = dlsym(RTLD_DEFAULT, "PyCMethod_Type");
	program.method = dlsym(RTLD_DEFAULT, "PyMethod_Type");
	program.method_descriptor = dlsym(RTLD_DEFAULT, "PyMethodDescr_Type");
	program.generator = dlsym(RTLD_DEFAULT, "PyGen_Type");
	program.coroutine = dlsym(RTLD_DEFAULT, "PyCoro_Type");
	program.none = dlsym(RTLD_DEFAULT, "_Py_NoneStruct");
	program.stop_iteration = dlsym(RTLD_DEFAULT, "PyExc_StopIteration");
	for (size_t i = 0; i < QUIET; i++)
		quiet[i] = dlsym(RTLD_DEFAULT, quiet_names[i]);
	cc_python_tracer = tracer;
	find_spans();
	cc_python_units_begin(tracer->c_functions);
	cc_python_watch_tracebacks();
}
