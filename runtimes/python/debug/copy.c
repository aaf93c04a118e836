/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In a throwaway copy of the replay: the program's own interpreter works for us. Host calls are
 * real, the dispatch table is CPython's own, memory comes from our heap; nothing of what happens
 * matters to the run. The python side is lib/crosscut_pdb.py, which is run anew in each copy.
 */
#define Py_BUILD_CORE
#include <Python.h>
#include <frameobject.h>
#include <dlfcn.h>

#include "core/replay/agent.h"
#include "core/replay/heap.h"
#include "core/replay/namespace.h"
#include "core/replay/preload.h"
#include "core/replay/run-files.h"
#include "core/replay/threads.h"
#include "logs/text.h"
#include "runtimes/python/debug/debuggee.h"
#include "runtimes/python/debug/evaluate.h"
#include "runtimes/python/replay/activations.h"
#include "runtimes/python/replay/attach.h"
#include "runtimes/python/state/layout.h"

/* Of the program's interpreter: nothing of it is linked here. */
#define API(X)                                                                                     \
	X(PyObject *, PyRun_StringFlags,                                                           \
	  (const char *, int, PyObject *, PyObject *, PyCompilerFlags *))                          \
	X(long, PyImport_GetMagicNumber, (void))                                                   \
	X(PyObject *, PyMarshal_ReadObjectFromString, (const char *, Py_ssize_t))                  \
	X(PyObject *, PyEval_EvalCode, (PyObject *, PyObject *, PyObject *))                       \
	X(void, PyErr_Clear, (void))                                                               \
	X(PyObject *, PyDict_New, (void))                                                          \
	X(PyObject *, PyEval_GetBuiltins, (void))                                                  \
	X(int, PyDict_SetItemString, (PyObject *, const char *, PyObject *))                       \
	X(PyObject *, PyDict_GetItemString, (PyObject *, const char *))                            \
	X(PyObject *, PyUnicode_DecodeUTF8, (const char *, Py_ssize_t, const char *))              \
	X(const char *, PyUnicode_AsUTF8, (PyObject *))                                            \
	X(PyObject *, PyCMethod_New, (PyMethodDef *, PyObject *, PyObject *, PyTypeObject *))      \
	X(PyObject *, PyObject_CallFunction, (PyObject *, const char *, ...))                      \
	X(PyObject *, PyLong_FromSize_t, (size_t))                                                 \
	X(size_t, PyLong_AsSize_t, (PyObject *))                                                   \
	X(PyObject *, PyTuple_Pack, (Py_ssize_t, ...))                                             \
	X(PyFrameObject *, PyThreadState_GetFrame, (PyThreadState *))                              \
	X(void, PyEval_SetTrace, (Py_tracefunc, PyObject *))                                       \
	X(void, PyEval_SetProfile, (Py_tracefunc, PyObject *))                                     \
	X(void, PyErr_Fetch, (PyObject **, PyObject **, PyObject **))                              \
	X(void, PyErr_NormalizeException, (PyObject **, PyObject **, PyObject **))                 \
	X(int, PyException_SetTraceback, (PyObject *, PyObject *))                                 \
	X(PyObject *, PyException_GetTraceback, (PyObject *))                                      \
	X(int, PyTraceBack_Here, (PyFrameObject *))                                                \
	X(void, PyErr_Print, (void))

static struct {
#define X(type, name, arguments) type(*name) arguments;
	API(X)
#undef X
	PyObject *none, *stop_iteration;
} api;

static int find_api(void)
{
	int found = 1;

#define X(type, name, arguments)                                                                   \
	found &= (api.name = (type(*) arguments)dlsym(RTLD_DEFAULT, #name)) != NULL;
	API(X)
#undef X
	api.none = dlsym(RTLD_DEFAULT, "_Py_NoneStruct");
	api.stop_iteration = *(PyObject **)dlsym(RTLD_DEFAULT, "PyExc_StopIteration");
	return found;
}

/*
 * The main thread's innermost frame where the log ends, and those around it; NULL: the program is
 * at an event.
 */
static struct cc_python_activation *standing;

static PyObject *text_object(const char *text)
{
	return api.PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace");
}

static json_t *source(const char *path)
{
	const struct cc_run_file *read = cc_run_file(path);
	json_t *json =
		read && read->text ? cc_json_characters(read->text, strlen(read->text)) : NULL;

	return json ? json_pack("{s:o}", "text", json) : json_object();
}

/* The numbers of a frame and of those around it, the innermost first. */
static json_t *frame_numbers(const struct cc_python_activation *activation)
{
	json_t *numbers = json_array();

	for (; activation; activation = activation->caller)
		json_array_append_new(numbers, json_integer((json_int_t)activation->id));
	return numbers;
}

/* What each thread does now, or where the log ends. */
static json_t *threads(void)
{
	json_t *list = json_array();
	struct cc_thread_now now;

	for (unsigned i = 0; cc_thread_now(i, &now); i++)
		json_array_append_new(list,
				      json_pack("{s:I, s:s?, s:I, s:b, s:b, s:o}", "ident",
						(json_int_t)now.pointer, "call", now.call,
						"semaphore", (json_int_t)now.semaphore, "works",
						now.at_work, "asks", now.asks, "numbers",
						frame_numbers(cc_python_innermost_of(now.id))));
	return json_pack("{s:o}", "threads", list);
}

static json_t *semaphore_of(const json_t *lock)
{
	uint64_t address = (uint64_t)json_integer_value(lock);

	return json_pack("{s:I}", "semaphore", (json_int_t)cc_python_semaphore_of(address));
}

static json_t *answer_question(json_t *question)
{
	/* The copy is thrown away */
	const char *path = cc_json_copy(json_object_get(question, "path"), NULL);
	const json_t *lock = json_object_get(question, "lock");

	if (path)
		return source(path);
	if (lock)
		return semaphore_of(lock);
	return json_object_get(question, "threads") ? threads() : cc_agent_request(question);
}

/*
 * request(TEXT) → TEXT: ask whoever leads the session. {"path"} asks for a source of the run,
 * {"threads"} what its threads do, {"lock"} for the semaphore of the lock with this address.
 */
static PyObject *request(PyObject *self, PyObject *argument)
{
	const char *text = api.PyUnicode_AsUTF8(argument);
	json_t *question = text ? json_loads(text, 0, NULL) : NULL;
	json_t *answer = question ? answer_question(question) : NULL;
	char *dumped = answer ? json_dumps(answer, JSON_COMPACT) : NULL;

	return text_object(dumped ? dumped : "{}");
}

/*
 * pending(N) → M: of N bytes that the program has printed and not written, the last M are to be
 * shown.
 */
static PyObject *pending(PyObject *self, PyObject *argument)
{
	return api.PyLong_FromSize_t(cc_agent_pending(1, api.PyLong_AsSize_t(argument)));
}

static PyMethodDef pending_method = {"pending", pending, METH_O, NULL};
static PyMethodDef request_method = {"request", request, METH_O, NULL};

/* ---- the interpreter, as it is in a trace function ---- */

static PyThreadState *own_thread(void)
{
	_PyRuntimeState *runtime = dlsym(RTLD_DEFAULT, "_PyRuntime");

	return cc_python_thread_now(runtime);
}

static void prepare_frame(const struct cc_python_event *at)
{
	_PyInterpreterFrame *frame = at->activation->frame;

	if (standing) /* it is there already */
		return;
	cc_python_set_unit(frame, at->activation->unit);
	if (at->stack_pointer)
		cc_python_set_stack(frame, at->stack_pointer);
}

/*
 * No other thread is there to take the interpreter's lock. Handlers of signals and pending calls
 * come where they came; and by a collection of our objects, what the program has left about would
 * be finalised before it is seen.
 */
static void calm_interpreter(void)
{
	_PyRuntimeState *runtime = dlsym(RTLD_DEFAULT, "_PyRuntime");

	cc_python_calm(runtime);
	cc_python_untraced = 1;
	cc_python_table_restore();
	api.PyEval_SetTrace(NULL, NULL);
	api.PyEval_SetProfile(NULL, NULL);
}

/* (class, exception, traceback), as a trace function gets it. */
static PyObject *exception_of(const struct cc_python_event *at, PyFrameObject *frame)
{
	PyObject *class = NULL, *value = NULL, *traceback = NULL;

	if (at->what == CC_PYTHON_STOP) {
		value = api.PyObject_CallFunction(api.stop_iteration, at->argument ? "(O)" : "()",
						  at->argument);
		return api.PyTuple_Pack(3, api.stop_iteration, value ? value : api.none, api.none);
	}
	if (cc_python_reraised) {
		traceback = api.PyException_GetTraceback(cc_python_reraised);
		return api.PyTuple_Pack(3, (PyObject *)Py_TYPE(cc_python_reraised),
					cc_python_reraised, traceback ? traceback : api.none);
	}
	api.PyTraceBack_Here(frame);
	api.PyErr_Fetch(&class, &value, &traceback);
	if (!class)
		return api.none;
	api.PyErr_NormalizeException(&class, &value, &traceback);
	if (traceback)
		api.PyException_SetTraceback(value, traceback);
	return api.PyTuple_Pack(3, class, value, traceback ? traceback : api.none);
}

static PyObject *argument_of(const struct cc_python_event *at, PyFrameObject *frame)
{
	PyObject *class, *value, *traceback;

	if (at->what == CC_PYTHON_EXCEPTION || at->what == CC_PYTHON_STOP ||
	    (at->what == CC_PYTHON_RETURN && !at->argument))
		return exception_of(at, frame);
	api.PyErr_Fetch(&class, &value, &traceback); /* thrown into a generator, on its way */
	return at->argument ? at->argument : api.none;
}

/* ---- the python side ---- */

/* With a zero byte behind it. */
static char *read_file(const char *path, size_t *length)
{
	FILE *file = fopen(path, "r");
	char *text;

	if (!file)
		return NULL;
	fseek(file, 0, SEEK_END);
	*length = (size_t)ftell(file);
	rewind(file);
	text = cc_heap_zeros(1, *length + 1);
	if (fread(text, 1, *length, file) != *length)
		text = NULL;
	fclose(file);
	return text;
}

/*
 * Compiled when Crosscut was built, which saves most of the time; NULL: by another python, or not
 * at all.
 */
static PyObject *run_compiled(PyObject *globals)
{
	enum { HEADER = 16 };
	size_t length;
	const char *data = read_file(cc_namespace_beside("python/crosscut_pdb.pyc"), &length);
	int32_t magic;
	PyObject *code, *result;

	if (!data || length <= HEADER)
		return NULL;
	memcpy(&magic, data, sizeof(magic));
	if (magic != api.PyImport_GetMagicNumber())
		return NULL;
	code = api.PyMarshal_ReadObjectFromString(data + HEADER, (Py_ssize_t)(length - HEADER));
	result = code ? api.PyEval_EvalCode(code, globals, globals) : NULL;
	if (!code)
		api.PyErr_Clear();
	else if (!result)
		api.PyErr_Print();
	return result;
}

static PyObject *load_side(void)
{
	size_t length;
	char *path = cc_namespace_beside("python/crosscut_pdb.py"), *text;
	PyObject *globals = api.PyDict_New();

	api.PyDict_SetItemString(globals, "__builtins__", api.PyEval_GetBuiltins());
	api.PyDict_SetItemString(globals, "__name__", text_object("crosscut_pdb"));
	api.PyDict_SetItemString(globals, "__file__", text_object(path));
	if (run_compiled(globals))
		return api.PyDict_GetItemString(globals, "serve");
	text = read_file(path, &length);
	if (!text)
		return NULL;
	if (!api.PyRun_StringFlags(text, Py_file_input, globals, globals, NULL)) {
		api.PyErr_Print();
		return NULL;
	}
	return api.PyDict_GetItemString(globals, "serve");
}

static char *arguments_text(const struct cc_python_event *at, const json_t *arguments)
{
	json_t *with = arguments ? json_copy((json_t *)arguments) : json_object();

	json_object_set_new(with, "event", json_string(cc_python_event_name(at->what)));
	json_object_set_new(with, "depth", json_integer(at->activation->depth));
	json_object_set_new(with, "left",
			    json_boolean(at->what == CC_PYTHON_RETURN && !at->argument));
	json_object_set_new(with, "frames", frame_numbers(at->activation));
	cc_python_rule_describe(with);
	json_object_set_new(with, "over", json_boolean(standing != NULL));
	if (standing)
		json_object_set_new(with, "thread", json_integer(0));
	return json_dumps(with, JSON_COMPACT);
}

static json_t *fail(const char *text)
{
	return json_pack("{s:s}", "error", text);
}

static json_t *run_side(const char *what, const struct cc_python_event *at, const json_t *arguments)
{
	PyObject *side, *result, *argument;
	PyFrameObject *frame;
	const char *text;
	json_t *answer;

	prepare_frame(at);
	frame = api.PyThreadState_GetFrame(own_thread());
	if (!frame)
		return fail("the program is at no frame");
	argument = argument_of(at, frame);
	side = load_side();
	if (!side)
		return fail("crosscut_pdb.py does not run: install Crosscut again");
	result = api.PyObject_CallFunction(side, "ssOOOO", what, arguments_text(at, arguments),
					   api.PyCMethod_New(&request_method, NULL, NULL, NULL),
					   api.PyCMethod_New(&pending_method, NULL, NULL, NULL),
					   frame, argument);
	if (!result)
		api.PyErr_Print();
	text = result ? api.PyUnicode_AsUTF8(result) : NULL;
	answer = text ? json_loads(text, 0, NULL) : NULL;
	return answer ? answer : fail("the debugger failed");
}

/* ---- where no event is: the program is over, or the log is ---- */

static void say_line(const char *text)
{
	printf("%s\n", text);
	fflush(stdout);
}

static json_t *back_rule(const char *back, const json_t *state)
{
	return json_pack("{s:s, s:{s:s, s:i, s:O?}}", "do", "back", "rule", "back", back, "depth",
			 1, "breaks", json_object_get(state, "breaks"));
}

static const struct {
	const char *name, *other, *back;
} backs[] = {
	{"rstep", "rs", "step"},
	{"rnext", "rn", "next"},
	{"rreturn", "rr", "next"},
	{"rcontinue", "rc", "continue"},
};

/* What the controller is to do for this line. NULL: no command that leads away. */
static json_t *command(const char *line, const json_t *arguments)
{
	const json_t *state = json_object_get(arguments, "state");
	char word[16] = "", rest[64] = "";

	sscanf(line, "%15s %63s", word, rest);
	for (size_t i = 0; i < sizeof(backs) / sizeof(*backs); i++)
		if (!strcmp(word, backs[i].name) || !strcmp(word, backs[i].other))
			return back_rule(backs[i].back, state);
	if (!strcmp(word, "go"))
		return json_pack("{s:s, s:s}", "do", "go", "at", rest);
	if (!strcmp(word, "back"))
		return json_pack("{s:s}", "do", "undo");
	if (!strcmp(word, "run") || !strcmp(word, "restart"))
		return json_pack("{s:s}", "do", "restart");
	if (!strcmp(word, "q") || !strcmp(word, "quit") || !strcmp(word, "exit") ||
	    !strcmp(word, "EOF"))
		return json_pack("{s:s}", "do", "quit");
	if (!strcmp(word, "when"))
		say_line(json_string_value(json_object_get(arguments, "at")));
	else if (*word)
		say_line("*** the program is over here: go back (rstep, rnext, rcontinue, back, go "
			 "TIME, "
			 "run) or quit");
	return NULL;
}

/* What TAB has to choose from here. */
static json_t *command_names(void)
{
	json_t *names = json_pack("[s, s, s, s, s]", "back", "go", "quit", "run", "when");

	for (size_t i = 0; i < sizeof(backs) / sizeof(*backs); i++)
		json_array_append_new(names, json_string(backs[i].name));
	return names;
}

static json_t *read_command(void)
{
	json_t *question = json_pack("{s:s, s:s, s:{s:s}}", "request", "readline", "prompt",
				     "(Pdb) ", "words", "breaks", " ");
	json_t *got = cc_agent_request(json_incref(question));

	while (json_object_get(got, "complete")) {
		json_decref(got);
		json_object_set_new(question, "matches", command_names());
		got = cc_agent_request(json_incref(question));
	}
	json_decref(question);
	return got;
}

static json_t *prompt_at_end(const json_t *arguments)
{
	const char *text = json_string_value(json_object_get(arguments, "text"));
	const char *note = json_string_value(json_object_get(arguments, "note"));
	json_t *answer = NULL;

	if (note)
		say_line(note);
	if (text)
		say_line(text);
	else
		printf("The program ended with status %d\n",
		       (int)json_integer_value(json_object_get(arguments, "status")));
	while (!answer) {
		json_t *got = read_command();
		const char *line = json_string_value(json_object_get(got, "line"));

		answer = command(line ? line : "EOF", arguments);
		json_decref(got);
	}
	json_object_set(answer, "state", json_object_get(arguments, "state"));
	return answer;
}

/*
 * The number of the main thread's activation that has this frame; 0: it was not followed. *from is
 * the innermost one that may have it, and then the next: frames are asked for from the inside out.
 */
static uint64_t number_of(const _PyInterpreterFrame *frame,
			  const struct cc_python_activation **from)
{
	for (const struct cc_python_activation *at = *from; at; at = at->caller)
		if (at->frame == frame && at->code == cc_python_code(frame)) {
			*from = at->caller;
			return at->id;
		}
	return 0;
}

/*
 * Where the log or the process ends amidst the run, the program is at no event, but its frames are
 * there: those of the main thread are shown as at a line. Events may not have been followed until
 * there, so they are found from the interpreter's state. That thread has the interpreter from now
 * on, whoever had it: no other one runs in a copy.
 */
static int stand_at_end(void)
{
	_PyRuntimeState *runtime = dlsym(RTLD_DEFAULT, "_PyRuntime");
	PyThreadState *thread = cc_python_main_thread(runtime);
	_PyInterpreterFrame *innermost = cc_python_frame_in(thread);
	const struct cc_python_activation *followed = cc_python_innermost_of(0);
	struct cc_python_activation **at = &standing;
	int depth = 0;

	if (!innermost)
		return 0;
	for (const _PyInterpreterFrame *frame = innermost; frame; frame = cc_python_caller(frame))
		depth += !cc_python_is_incomplete(frame);
	for (_PyInterpreterFrame *frame = innermost; frame; frame = cc_python_caller(frame)) {
		if (cc_python_is_incomplete(frame))
			continue;
		*at = cc_heap_zeros(1, sizeof(**at));
		(*at)->frame = frame;
		(*at)->code = cc_python_code(frame);
		(*at)->unit = cc_python_unit(frame);
		(*at)->id = number_of(frame, &followed);
		if (!(*at)->id)
			(*at)->id = (uint64_t)1 << 62 | (unsigned)depth;
		(*at)->depth = depth--;
		at = &(*at)->caller;
	}
	cc_python_give(runtime, thread);
	cc_python_event = (struct cc_python_event){.what = CC_PYTHON_LINE, .activation = standing};
	return standing != NULL;
}

static json_t *watched(const json_t *arguments)
{
	const struct cc_python_activation *activation = cc_python_event.activation;
	json_int_t frame = json_integer_value(json_object_get(arguments, "frame"));
	unsigned up = 0;

	for (; frame && activation && activation->id != (uint64_t)frame; up++)
		activation = activation->caller;
	if (!activation)
		return fail("it rests, or belongs to another thread");
	return cc_python_evaluate_watched(arguments, up);
}

json_t *cc_python_ask(const char *what, const json_t *arguments)
{
	if ((!cc_python_event.activation || !cc_python_event.activation->frame) && !stand_at_end())
		return strcmp(what, "prompt") ? fail("the program is at no frame")
					      : prompt_at_end(arguments);
	if (!find_api())
		return fail("this python lacks a function of its interface");
	calm_interpreter();
	if (!strcmp(what, "print")) {
		prepare_frame(&cc_python_event);
		return cc_python_evaluate(arguments);
	}
	if (!strcmp(what, "watched")) {
		prepare_frame(&cc_python_event);
		return watched(arguments);
	}
	return run_side(what, &cc_python_event, arguments);
}
