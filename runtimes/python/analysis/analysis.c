/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The analysis's side (analysis.h). Everything named Py… here is the second interpreter's; what
 * belongs to the program is only read, by pointer, and called foreign.
 */
#define Py_BUILD_CORE
#include <Python.h>
#include <frameobject.h>
#include <internal/pycore_ceval.h>
#include <internal/pycore_code.h>
#include <internal/pycore_frame.h>
#include <internal/pycore_interp.h>
#include <internal/pycore_pystate.h>

#include <dlfcn.h>
#include <malloc.h>
#include <sys/mman.h>

#include "runtimes/python/analysis/analysis.h"
#include "runtimes/python/analysis/foreign.h"
#include "runtimes/python/analysis/hook-module.h"
#include "runtimes/python/state/opnames.h"

static const struct cc_analysis *host;
static PyThreadState *thread;
static Py_tracefunc trace_trampoline, profile_trampoline;
static PyObject *names[8]; /* of events, as sys.settrace passes them */

/* ---- code objects: real ones, with the foreign one's content ---- */

struct code_entry {
	const PyCodeObject *foreign;
	const PyObject *table;
	int first;
	PyObject *code;
	int partial;	     /* its constants are not all there */
	struct shown *spare; /* frames of it that nobody has kept */
};
static struct code_entry **codes; /* by the foreign one's address; they stay where they are */
static size_t code_room, code_count;

static PyObject *code_bytes(const PyCodeObject *foreign)
{
	Py_ssize_t count = Py_SIZE(foreign);
	PyObject *bytes = PyBytes_FromStringAndSize(NULL, count * 2);
	_Py_CODEUNIT *to = bytes ? (_Py_CODEUNIT *)PyBytes_AS_STRING(bytes) : NULL;

	for (Py_ssize_t i = 0; to && i < count; i++) {
		_Py_CODEUNIT unit = _PyCode_CODE(foreign)[i];
		unsigned op = cc_python_base_op(_Py_OPCODE(unit));

		to[i] = _Py_MAKECODEUNIT(op, _Py_OPARG(unit));
		for (int caches = cc_python_caches(op); caches-- && i + 1 < count;)
			to[++i] = 0;
	}
	return bytes;
}

/*
 * The code objects among the constants are the greater part of the work, and mostly not looked at:
 * None stands for them until somebody looks (complete).
 */
static PyObject *plain_constants(const PyCodeObject *foreign, int *partial)
{
	const PyTupleObject *all = (const PyTupleObject *)foreign->co_consts;
	PyObject *result = PyTuple_New(Py_SIZE(all));

	for (Py_ssize_t i = 0; result && i < Py_SIZE(all); i++) {
		int is_code = all->ob_item[i]->ob_type == ((const PyObject *)foreign)->ob_type;
		PyObject *item = is_code ? Py_NewRef(Py_None) : cc_foreign_value(all->ob_item[i]);

		*partial |= is_code;
		if (!item)
			Py_CLEAR(result);
		else
			PyTuple_SET_ITEM(result, i, item);
	}
	return result;
}

static PyObject *make_code(const PyCodeObject *foreign, int *partial)
{
	struct _PyCodeConstructor parts = {
		.filename = cc_foreign_value(foreign->co_filename),
		.name = cc_foreign_value(foreign->co_name),
		.qualname = cc_foreign_value(foreign->co_qualname),
		.flags = foreign->co_flags,
		.code = code_bytes(foreign),
		.firstlineno = foreign->co_firstlineno,
		.linetable = cc_foreign_value(foreign->co_linetable),
		.consts = plain_constants(foreign, partial),
		.names = cc_foreign_value(foreign->co_names),
		.localsplusnames = cc_foreign_value(foreign->co_localsplusnames),
		.localspluskinds = cc_foreign_value(foreign->co_localspluskinds),
		.argcount = foreign->co_argcount,
		.posonlyargcount = foreign->co_posonlyargcount,
		.kwonlyargcount = foreign->co_kwonlyargcount,
		.stacksize = foreign->co_stacksize,
		.exceptiontable = cc_foreign_value(foreign->co_exceptiontable),
	};
	PyObject *owned[] = {parts.filename,	    parts.name,
			     parts.qualname,	    parts.code,
			     parts.linetable,	    parts.consts,
			     parts.names,	    parts.localsplusnames,
			     parts.localspluskinds, parts.exceptiontable};
	PyObject *code = NULL;

	if (!PyErr_Occurred() && !_PyCode_Validate(&parts))
		code = (PyObject *)_PyCode_New(&parts);
	for (size_t i = 0; i < sizeof(owned) / sizeof(*owned); i++)
		Py_XDECREF(owned[i]);
	return code;
}

static struct code_entry **code_slot(const PyCodeObject *foreign)
{
	size_t i = ((uintptr_t)foreign >> 4) * 0x9e3779b97f4a7c15u >> 20;

	for (i &= code_room - 1; codes[i] && codes[i]->foreign != foreign;)
		i = (i + 1) & (code_room - 1);
	return &codes[i];
}

static void more_codes(void)
{
	struct code_entry **old = codes;
	size_t room = code_room;

	code_room = room ? room * 2 : 1024;
	codes = calloc(code_room, sizeof(*codes));
	for (size_t i = 0; i < room; i++)
		if (old[i])
			*code_slot(old[i]->foreign) = old[i];
	free(old);
}

static void drop_spare(struct shown *spare);

/*
 * A foreign code object's memory may have become another one's: then it is made anew. NULL: an
 * exception.
 */
static struct code_entry *code_of(const PyCodeObject *foreign)
{
	struct code_entry **slot, *entry;
	PyObject *code;
	int partial = 0;

	if (code_count * 2 >= code_room)
		more_codes();
	entry = *code_slot(foreign);
	if (entry && entry->code && entry->table == foreign->co_linetable &&
	    entry->first == foreign->co_firstlineno)
		return entry;
	code = make_code(foreign, &partial);
	slot = code_slot(foreign);
	if (!*slot) {
		*slot = calloc(1, sizeof(**slot));
		code_count++;
	}
	entry = *slot;
	Py_XDECREF(entry->code);
	drop_spare(entry->spare);
	*entry = (struct code_entry){
		foreign, foreign->co_linetable, foreign->co_firstlineno, code, partial, NULL};
	return code ? entry : NULL;
}

/* NULL: an exception. The entry's code is still that one. */
static PyObject *complete(struct code_entry *entry)
{
	PyObject *code = entry->code, *constants;

	if (!entry->partial)
		return code;
	entry->partial = 0;
	constants = cc_foreign_value(entry->foreign->co_consts);
	if (!constants)
		return NULL;
	Py_SETREF(((PyCodeObject *)code)->co_consts, constants);
	return code;
}

PyObject *cc_analysis_code(const PyCodeObject *foreign)
{
	struct code_entry *entry = code_of(foreign);

	return entry ? Py_XNewRef(complete(entry)) : NULL;
}

/* ---- frames ---- */

/*
 * A frame that shows one of the program's: found by its address when somebody looks at its
 * variables.
 */
struct shown {
	PyFrameObject *frame;
	struct code_entry *entry; /* of its code, or of what has come in that one's place */
	struct cc_python_activation *activation; /* NULL: it is over */
	uint64_t moment;			 /* of the variables that it shows */
	struct shown *next; /* at the same place; or among the spare ones of its code */
};
static struct shown *shown[4096];

static struct shown **shown_at(const PyFrameObject *frame)
{
	struct shown **at = &shown[((uintptr_t)frame >> 4) % (sizeof(shown) / sizeof(*shown))];

	while (*at && (*at)->frame != frame)
		at = &(*at)->next;
	return at;
}

static struct cc_python_activation *activation_of(const PyFrameObject *frame)
{
	const struct shown *found = *shown_at(frame);

	return found ? found->activation : NULL;
}

/* Is some tool one in C? */
static int in_c(void)
{
	return (thread->c_tracefunc && thread->c_tracefunc != trace_trampoline) ||
	       (thread->c_profilefunc && thread->c_profilefunc != profile_trampoline);
}

static void complete_frame(const PyFrameObject *frame);
static PyObject *empty; /* globals of a frame until somebody looks */

static struct shown *make_frame(struct cc_python_activation *activation)
{
	struct code_entry *entry = *activation->of_code;
	struct shown *made;
	PyFrameObject *frame;

	if (!entry)
		*activation->of_code = entry = code_of(activation->code);
	made = entry ? entry->spare : NULL;
	if (made) {
		entry->spare = made->next;
	} else {
		frame = entry ? PyFrame_New(thread, (PyCodeObject *)entry->code, empty, NULL)
			      : NULL;
		if (!frame)
			return NULL;
		made = malloc(sizeof(*made));
		made->frame = frame;
	}
	made->entry = entry;
	made->activation = activation;
	made->moment = 0;
	made->next = NULL;
	*shown_at(made->frame) = made;
	if (in_c()) /* it does not ask f_code's getter */
		complete_frame(made->frame);
	activation->user = made;
	return made;
}

static inline PyFrameObject *frame_of(struct cc_python_activation *activation);

static PyFrameObject *frame_linked(struct cc_python_activation *activation)
{
	struct shown *own = activation->user;

	if (!own)
		own = make_frame(activation);
	if (!own)
		return NULL;
	if (activation->caller && !own->frame->f_back)
		own->frame->f_back =
			(PyFrameObject *)Py_XNewRef((PyObject *)frame_of(activation->caller));
	return own->frame;
}

static inline PyFrameObject *frame_of(struct cc_python_activation *activation)
{
	struct shown *own = activation->user;

	return own && (own->frame->f_back || !activation->caller) ? own->frame
								  : frame_linked(activation);
}

static void place(PyFrameObject *frame, const struct cc_python_activation *activation)
{
	frame->f_lineno = activation->line;
	frame->f_frame->prev_instr = _PyCode_CODE(frame->f_frame->f_code) + activation->unit;
}

/*
 * f_locals and f_globals of the frames that we show: copies, made at the look. Within one event
 * f_locals stays the same object, as tools put things into it.
 */
static PyObject *get_locals(PyObject *self, void *unused)
{
	PyFrameObject *frame = (PyFrameObject *)self;
	struct shown *slot = *shown_at(frame);
	PyObject *locals;

	if (!slot || !slot->activation || !slot->activation->frame) {
		if (frame->f_frame->owner == FRAME_OWNED_BY_FRAME_OBJECT &&
		    frame->f_frame->f_locals)
			return Py_NewRef(frame->f_frame->f_locals);
		return PyObject_CallOneArg(cc_analysis_original_locals, self);
	}
	if (slot->moment == cc_foreign_moment && frame->f_frame->f_locals)
		return Py_NewRef(frame->f_frame->f_locals);
	slot->moment = cc_foreign_moment;
	locals = cc_foreign_locals(slot->activation->frame);
	if (locals)
		Py_XSETREF(frame->f_frame->f_locals, Py_NewRef(locals));
	return locals;
}

static PyObject *get_globals(PyObject *self, void *unused)
{
	struct cc_python_activation *activation = activation_of((PyFrameObject *)self);

	if (!activation || !activation->frame)
		return Py_NewRef(((PyFrameObject *)self)->f_frame->f_globals);
	return cc_foreign_globals(activation->frame->f_globals);
}

/* Before the program's code can go. */
static void complete_frame(const PyFrameObject *frame)
{
	const struct shown *found = *shown_at(frame);
	struct code_entry *entry =
		found && found->activation && found->activation->frame ? found->entry : NULL;

	if (entry && entry->code == (PyObject *)frame->f_frame->f_code && !complete(entry))
		PyErr_Clear();
}

static PyObject *get_code(PyObject *self, void *unused)
{
	complete_frame((PyFrameObject *)self);
	return Py_NewRef((PyObject *)((PyFrameObject *)self)->f_frame->f_code);
}

PyObject *cc_analysis_original_locals;
static PyGetSetDef getters[] = {
	{"f_code", get_code, NULL, NULL, NULL},
	{"f_locals", get_locals, NULL, NULL, NULL},
	{"f_globals", get_globals, NULL, NULL, NULL},
	{0},
};

/* Our own interpreter's frame type: nobody else's. */
static void patch_frames(void)
{
	PyObject *original = PyDict_GetItemString(PyFrame_Type.tp_dict, "f_locals");

	cc_analysis_original_locals = PyObject_GetAttrString(original, "__get__");
	for (PyGetSetDef *getter = getters; getter->name; getter++) {
		PyObject *descriptor = PyDescr_NewGetSet(&PyFrame_Type, getter);

		PyDict_SetItemString(PyFrame_Type.tp_dict, getter->name, descriptor);
		Py_DECREF(descriptor);
	}
	PyType_Modified(&PyFrame_Type);
}

/* ---- events ---- */

static const int number_of[] = {
	[CC_PYTHON_CALL] = PyTrace_CALL,
	[CC_PYTHON_LINE] = PyTrace_LINE,
	[CC_PYTHON_RETURN] = PyTrace_RETURN,
	[CC_PYTHON_EXCEPTION] = PyTrace_EXCEPTION,
	[CC_PYTHON_STOP] = PyTrace_EXCEPTION,
	[CC_PYTHON_OPCODE] = PyTrace_OPCODE,
	[CC_PYTHON_C_CALL] = PyTrace_C_CALL,
	[CC_PYTHON_C_RETURN] = PyTrace_C_RETURN,
	[CC_PYTHON_C_EXCEPTION] = PyTrace_C_EXCEPTION,
};

static void complain(const char *which)
{
	cc_hook_module_note();
	PyErr_Print();
	PySys_WriteStderr(
		"cc-python-replay: the %s function raised an exception: it is called no more; the "
		"replay goes on\n",
		which);
}

/* A function that is def name(frame, event, argument) and no more. */
static int is_simple(PyObject *callback)
{
	const PyCodeObject *code =
		Py_IS_TYPE(callback, &PyFunction_Type)
			? (PyCodeObject *)((PyFunctionObject *)callback)->func_code
			: NULL;

	return code && code->co_argcount == 3 && !code->co_kwonlyargcount &&
	       (code->co_flags & (CO_OPTIMIZED | CO_NEWLOCALS | CO_VARARGS | CO_VARKEYWORDS)) ==
		       (CO_OPTIMIZED | CO_NEWLOCALS);
}

/*
 * As CALL_PY_EXACT_ARGS of Python/ceval.c calls it: PyObject_Vectorcall looks at what is known
 * here.
 */
static PyObject *call_simple(PyFunctionObject *function, PyObject *const arguments[3])
{
	const PyCodeObject *code = (PyCodeObject *)function->func_code;
	_PyInterpreterFrame *frame = _PyThreadState_BumpFramePointer(
		thread, (size_t)(code->co_nlocalsplus + code->co_stacksize) + FRAME_SPECIALS_SIZE);
	PyObject *result;

	if (!frame)
		return NULL;
	Py_INCREF(function);
	_PyFrame_InitializeSpecials(frame, function, NULL, code->co_nlocalsplus);
	for (int i = 0; i < 3; i++)
		frame->localsplus[i] = Py_NewRef(arguments[i]);
	for (int i = 3; i < code->co_nlocalsplus; i++)
		frame->localsplus[i] = NULL;
	result = _PyEval_EvalFrame(thread, frame, 0);
	thread->recursion_remaining--;
	_PyFrame_Clear(frame);
	thread->recursion_remaining++;
	_PyThreadState_PopFrame(thread, frame);
	return result;
}

static inline int drop_result(PyObject *result)
{
	if (!result)
		return -1;
	Py_DECREF(result);
	return 0;
}

/* The function that traces this frame from now on. */
static inline int keep_result(PyFrameObject *frame, PyObject *result)
{
	if (!result || result == Py_None || result == frame->f_trace)
		return drop_result(result);
	Py_XSETREF(frame->f_trace, result);
	return 0;
}

/* What sys.settrace's trampoline does, but for writing locals back. */
static int call_python(PyObject *callback, PyFrameObject *frame, int what, PyObject *arg, int keep)
{
	PyObject *arguments[] = {(PyObject *)frame, names[what], arg}, *result;

	if (is_simple(callback))
		result = call_simple((PyFunctionObject *)callback, arguments);
	else
		result = PyObject_Vectorcall(callback, arguments, 3, NULL);
	return keep ? keep_result(frame, result) : drop_result(result);
}

static void give_up_tracing(void)
{
	complain("trace");
	PyEval_SetTrace(NULL, NULL);
}

static void trace_event(PyFrameObject *frame, int what, PyObject *arg)
{
	PyObject *callback = what == PyTrace_CALL ? thread->c_traceobj : frame->f_trace;
	int status = 0;

	if (thread->c_tracefunc != trace_trampoline)
		status = thread->c_tracefunc(thread->c_traceobj, frame, what, arg);
	else if (callback) {
		Py_INCREF(callback);
		status = call_python(callback, frame, what, arg, 1);
		Py_DECREF(callback);
	}
	if (status < 0)
		give_up_tracing();
}

static void profile_event(PyFrameObject *frame, int what, PyObject *arg)
{
	int status = thread->c_profilefunc != profile_trampoline
			     ? thread->c_profilefunc(thread->c_profileobj, frame, what, arg)
			     : call_python(thread->c_profileobj, frame, what, arg, 0);

	if (status < 0) {
		complain("profile");
		PyEval_SetProfile(NULL, NULL);
	}
}

/* What the frame is told of next. */
static inline void take_wishes(struct cc_python_activation *activation, const PyFrameObject *frame)
{
	activation->lines = thread->c_tracefunc && (thread->c_tracefunc != trace_trampoline ||
						    (frame->f_trace && frame->f_trace_lines));
	activation->opcodes = thread->c_tracefunc && frame->f_trace_opcodes;
}

/*
 * Most events are lines, told to a simple function that has been called with this frame before:
 * then there is less to be looked at. 0: it is not like that.
 */
static int report_line(struct cc_python_activation *activation)
{
	static const PyObject *callback, *code; /* of a function that is simple */
	struct shown *own = activation->user;
	PyObject *traces =
		own && thread->c_tracefunc == trace_trampoline ? own->frame->f_trace : NULL;
	PyFrameObject *frame;

	if (!traces || !Py_IS_TYPE(traces, &PyFunction_Type) ||
	    (!own->frame->f_back && activation->caller))
		return 0;
	if (traces != callback || ((PyFunctionObject *)traces)->func_code != code) {
		if (!is_simple(traces))
			return 0;
		callback = traces;
		code = ((PyFunctionObject *)traces)->func_code;
	}
	frame = own->frame;
	cc_foreign_moment++;
	place(frame, activation);
	thread->tracing++;
	thread->cframe->use_tracing = 0;
	if (keep_result(frame, call_simple((PyFunctionObject *)traces,
					   (PyObject *[]){(PyObject *)frame, names[PyTrace_LINE],
							  Py_None})))
		give_up_tracing();
	thread->tracing--;
	take_wishes(activation, frame);
	return 1;
}

static PyObject *argument_of(enum cc_python_what kind,
			     const struct cc_python_activation *activation, PyObject *foreign)
{
	if (kind == CC_PYTHON_EXCEPTION)
		return cc_foreign_exception(foreign, activation->value);
	if (kind == CC_PYTHON_STOP)
		return cc_foreign_stop(foreign);
	return foreign ? cc_foreign_view(foreign) : Py_NewRef(Py_None);
}

static void event(enum cc_python_what kind, struct cc_python_activation *activation,
		  PyObject *foreign, PyObject **stack_pointer)
{
	int what = number_of[kind];
	int for_trace = thread->c_tracefunc && (what <= PyTrace_RETURN || what == PyTrace_OPCODE);
	int for_profile = thread->c_profilefunc && what != PyTrace_LINE &&
			  what != PyTrace_EXCEPTION && what != PyTrace_OPCODE;
	PyFrameObject *frame;
	PyObject *arg;

	if (!for_trace && !for_profile)
		return;
	cc_foreign_moment++;
	frame = frame_of(activation);
	if (kind == CC_PYTHON_LINE)
		arg = Py_NewRef(Py_None);
	else
		arg = frame ? argument_of(kind, activation, foreign) : NULL;
	if (!frame || !arg) {
		PyErr_Print();
		return;
	}
	place(frame, activation);
	if (what == PyTrace_CALL && activation->caller)
		place(((struct shown *)activation->caller->user)->frame, activation->caller);
	thread->tracing++; /* PyThreadState_EnterTracing and _LeaveTracing */
	thread->cframe->use_tracing = 0;
	if (for_trace)
		trace_event(frame, what, arg);
	if (for_profile)
		profile_event(frame, what, arg);
	thread->tracing--;
	Py_DECREF(arg);
	take_wishes(activation, frame);
}

static void keep_locals(const struct cc_python_activation *activation)
{
	PyFrameObject *frame = ((struct shown *)activation->user)->frame;

	if (Py_REFCNT(frame) == 1 || !activation->frame)
		return;
	complete_frame(frame);
	Py_XDECREF(get_locals((PyObject *)frame, NULL));
}

/* As it was when it was made, for the next call of its code. */
static void spare(struct code_entry *entry, struct shown *own)
{
	PyFrameObject *frame = own->frame;

	Py_CLEAR(frame->f_trace);
	Py_CLEAR(frame->f_back);
	Py_CLEAR(frame->f_frame->f_locals);
	frame->f_trace_lines = 1;
	frame->f_trace_opcodes = 0;
	own->next = entry->spare;
	entry->spare = own;
}

static void drop_spare(struct shown *own)
{
	while (own) {
		struct shown *next = own->next;

		Py_DECREF(own->frame);
		free(own);
		own = next;
	}
}

/* A frame that somebody keeps shows what its variables were. */
static void over(struct cc_python_activation *activation)
{
	struct shown *own = activation->user;

	keep_locals(activation);
	*shown_at(own->frame) = own->next;
	activation->user = NULL;
	if (Py_REFCNT(own->frame) == 1 &&
	    own->entry->code == (PyObject *)own->frame->f_frame->f_code) {
		spare(own->entry, own);
	} else {
		own->next = NULL;
		drop_spare(own);
	}
}

/* So does a generator's while that rests; who goes on with it is another one's callee. */
static void rest(struct cc_python_activation *activation)
{
	keep_locals(activation);
	Py_CLEAR(((struct shown *)activation->user)->frame->f_back);
}

/* ---- beginning and end ---- */

static struct cc_python_tracer tracer = {
	.event = event, .line = report_line, .over = over, .rest = rest, .in_namespace = 1};

/*
 * Memory with all its pages: one by one each costs an exception (core/replay/populate.c). What the
 * start takes of the C library's heap, nearly 1 MB, and the arenas, as CPython's own are.
 */
static void populate_heap(void)
{
	size_t size = 960ul << 10; /* of the 1 MiB that this namespace's heap begins with */
	void *memory;

	mallopt(M_MMAP_THRESHOLD, 4 << 20);
	mallopt(M_TRIM_THRESHOLD, 8 << 20);
	memory = malloc(size);
	if (memory)
		madvise((void *)(((uintptr_t)memory + 4095) & ~4095ul), size - 4096,
			MADV_POPULATE_WRITE);
	free(memory);
}

static void *arena_new(void *unused, size_t size)
{
	void *arena = mmap(NULL, size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	return arena == MAP_FAILED ? NULL : arena;
}

static void arena_free(void *unused, void *arena, size_t size)
{
	munmap(arena, size);
}

static int start_interpreter(char *error, size_t size)
{
	PyObjectArenaAllocator arenas = {NULL, arena_new, arena_free};
	PyPreConfig before;
	PyConfig config;
	PyStatus status;

	PyPreConfig_InitIsolatedConfig(&before);
	before.utf8_mode = 1; /* it has no locale, and ASCII would not do */
	populate_heap();
	PyObject_SetArenaAllocator(&arenas);
	status = Py_PreInitialize(&before);
	PyConfig_InitIsolatedConfig(&config);
	config.install_signal_handlers = 0;
	config.site_import = 0; /* crosscut.py does what is needed of it */
	/* What it shows is the same each time: sets of text have one order */
	config.use_hash_seed = 1;
	config.hash_seed = 0;
	if (!PyStatus_Exception(status))
		status = PyConfig_SetBytesString(&config, &config.program_name,
						 "/usr/bin/python3.11");
	if (!PyStatus_Exception(status))
		status = Py_InitializeFromConfig(&config);
	PyConfig_Clear(&config);
	if (PyStatus_Exception(status)) {
		snprintf(error, size, "the analysis interpreter does not start: %s",
			 status.err_msg);
		return -1;
	}
	return 0;
}

/*
 * A file that closes when its last reference goes tells of a failure only so. Nothing else asks for
 * this any more.
 */
static void enable_close_errors(void)
{
	((PyConfig *)_Py_GetConfig())->dev_mode = 1;
}

/* What sys.settrace and sys.setprofile install, to be told from tools in C. */
static void find_trampolines(void)
{
	PyThreadState_EnterTracing(thread);
	PyRun_SimpleString("import sys; sys.settrace(len); sys.setprofile(len)");
	trace_trampoline = thread->c_tracefunc;
	profile_trampoline = thread->c_profilefunc;
	PyEval_SetTrace(NULL, NULL);
	PyEval_SetProfile(NULL, NULL);
	PyThreadState_LeaveTracing(thread);
}

/* crosscut.py's begin(): it installs what the options ask for. */
static int run_options(char *error, size_t size)
{
	PyObject *module = NULL, *result = NULL;
	PyObject *path = PySys_GetObject("path"),
		 *directory = PyUnicode_DecodeFSDefault(host->directory);

	PyList_Insert(path, 0, directory);
	Py_DECREF(directory);
	PyThreadState_EnterTracing(thread);
	module = PyImport_ImportModule("crosscut");
	if (module)
		result = PyObject_CallMethod(module, "begin", "NN",
					     PyUnicode_DecodeFSDefault(host->path),
					     PyUnicode_DecodeFSDefault(host->options));
	PyThreadState_LeaveTracing(thread);
	Py_XDECREF(module);
	if (!result || result != Py_None) {
		const char *text = result ? PyUnicode_AsUTF8(result) : NULL;

		if (!result)
			PyErr_Print();
		snprintf(error, size, "%s", text ? text : "the analysis does not begin");
		return -1;
	}
	Py_DECREF(result);
	return 0;
}

__attribute__((visibility("default"))) const struct cc_python_tracer *cc_analysis_begin(
	const struct cc_analysis *given, char *error, size_t size)
{
	static const char *const texts[] = {"call",   "exception",   "line",	 "return",
					    "c_call", "c_exception", "c_return", "opcode"};

	host = given;
	cc_hook_module_add(given->functions);
	if (start_interpreter(error, size))
		return NULL;
	thread = PyThreadState_Get();
	PyGC_Disable(); /* what is made now stays */
	for (int i = 0; i < 8; i++)
		names[i] = PyUnicode_InternFromString(texts[i]);
	empty = PyDict_New();
	PyDict_SetItemString(empty, "__builtins__", PyEval_GetBuiltins());
	find_trampolines();
	enable_close_errors();
	patch_frames();
	if (cc_foreign_begin(given) || run_options(error, size))
		return NULL;
	if (cc_hook_module_take(given->hook)) {
		PyErr_Print();
		snprintf(error, size, "hooks in Python do not begin");
		return NULL;
	}
	PyGC_Enable();
	tracer.c_functions = thread->c_profilefunc != NULL;
	if (!thread->c_tracefunc && !thread->c_profilefunc)
		tracer.event = NULL;
	return &tracer;
}

__attribute__((visibility("default"))) void cc_analysis_end(void)
{
	PyEval_SetTrace(NULL, NULL);
	PyEval_SetProfile(NULL, NULL);
	for (size_t i = 0; i < sizeof(shown) / sizeof(*shown); i++)
		for (const struct shown *own = shown[i]; own; own = own->next)
			/* Or the tool's module stays, and what it has open */
			Py_CLEAR(own->frame->f_trace);
	cc_hook_module_end();
	PyThreadState_EnterTracing(thread);
	PyRun_SimpleString("import crosscut; crosscut.end()");
	Py_FinalizeEx();
}
