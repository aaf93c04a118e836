/* SPDX-License-Identifier: GPL-2.0-or-later */
#define Py_BUILD_CORE
#include <Python.h>

#include "core/replay/agent.h"
#include "core/replay/probe.h"
#include "runtimes/python/debug/debuggee.h"
#include "runtimes/python/debug/digest.h"
#include "runtimes/python/debug/plain.h"
#include "runtimes/python/debug/watch.h"
#include "runtimes/python/state/layout.h"

#define NOWHERE 0 /* the value where there is none: its frame or module is not there, it raises */

static struct {
	json_t *rule;		/* as it came, for copies */
	struct cc_plain *plain; /* the expression, or NULL */
	uint64_t frame;		/* its activation's number; 0: it is a module's */
	const char *module;
	struct cc_python_activation *activation; /* once it is there */
	struct {
		struct cc_plain *plain;
		const char *name;
		PyObject *address;
		PyTypeObject *type;
	} object; /* name NULL: there is none */
	int known;
	uint64_t value;		 /* at the event before, */
	struct cc_moment before; /* which was this one */
} watch;

/* ---- where it is looked at ---- */

static void follow(struct cc_python_activation *activation)
{
	if (!activation || activation->id != watch.frame)
		return;
	activation->user = activation; /* its end is to be told */
	watch.activation = activation;
}

void cc_python_watch_over(const struct cc_python_activation *activation)
{
	if (activation == watch.activation)
		watch.activation = NULL;
}

/* A frame in which names are the module's. NULL: it is not there. */
static _PyInterpreterFrame *module_frame(void)
{
	static PyCodeObject code; /* no function's */
	static _PyInterpreterFrame frame;
	const PyInterpreterState *interpreter = cc_python_interpreter();
	const PyObject *modules = interpreter ? cc_python_modules(interpreter) : NULL;
	const PyObject *module = modules ? cc_python_dict_name(modules, watch.module) : NULL;
	PyObject *globals = module ? cc_python_module_dict(module) : NULL;
	PyObject *builtins = module ? cc_python_builtins_of(interpreter) : NULL;

	cc_python_make_module_frame(&frame, &code, globals, builtins);
	return globals && builtins ? &frame : NULL;
}

/*
 * Only objects that the garbage collector knows: when they die their heads stay, until others take
 * the place.
 */
static int is_alive(void)
{
	const PyObject *head = watch.object.address;

	return cc_can_read(&head->ob_refcnt) && cc_can_read(&head->ob_type) &&
	       head->ob_refcnt > 0 && head->ob_type == watch.object.type;
}

static _PyInterpreterFrame *watched_frame(void)
{
	if (!watch.frame || (!watch.activation && watch.object.name && is_alive()))
		return module_frame();
	if (!watch.activation)
		return NULL;
	return watch.activation->frame ? watch.activation->frame : watch.activation->home;
}

/* ---- what it is ---- */

/* 0: *value; CC_PLAIN_NOT: memory alone does not tell. */
static int read_value(_PyInterpreterFrame *frame, uint64_t *value)
{
	int early = watch.frame && !watch.activation;
	struct cc_plain *plain = early ? watch.object.plain : watch.plain;
	struct cc_plain_value result;
	int status = CC_PLAIN_NOT;

	if (!plain)
		return CC_PLAIN_NOT;
	cc_python_plain_frame(frame);
	cc_python_plain_name(early ? watch.object.name : NULL, watch.object.address);
	cc_python_plain_missing = 0;
	if (!cc_plain_evaluate(plain, 0, &result)) {
		status = cc_python_digest(&result, value);
	} else if (cc_python_plain_missing) {
		*value = NOWHERE;
		status = 0;
	}
	cc_python_plain_frame(NULL);
	cc_python_plain_name(NULL, NULL);
	return status;
}

/* In a copy. 0, or -1: it cannot be told here. */
static int ask_value(uint64_t *value)
{
	json_t *answer = cc_agent_copy("watched", watch.rule, 0);
	const json_t *text = json_object_get(answer, "value");
	struct cc_plain_value result = {.kind = CC_PLAIN_TEXT};
	int status = -1;

	if (json_is_string(text)) {
		result.data = json_string_value(text);
		result.length = json_string_length(text);
		status = cc_python_digest(&result, value);
	} else if (json_is_null(text)) {
		*value = NOWHERE;
		status = 0;
	}
	json_decref(answer);
	return status;
}

void cc_python_watch_event(void)
{
	_PyInterpreterFrame *frame;
	uint64_t value = NOWHERE;

	follow(cc_python_event.activation);
	frame = watched_frame();
	if (!frame || !read_value(frame, &value) || !ask_value(&value)) {
		if (watch.known && value != watch.value)
			cc_agent_hit_at(watch.before);
		watch.known = 1;
		watch.value = value;
	}
	watch.before = cc_agent.now;
}

/* ---- the rule ---- */

void cc_python_watch_end(void)
{
	cc_plain_free(watch.plain);
	cc_plain_free(watch.object.plain);
	json_decref(watch.rule);
	memset(&watch, 0, sizeof(watch));
}

static struct cc_plain *parse(const json_t *from)
{
	const char *text = json_string_value(json_object_get(from, "watch"));

	return text ? cc_plain_new(&cc_python_plain, text + strspn(text, " \t")) : NULL;
}

static void take_object(const json_t *from)
{
	watch.object.plain = parse(from);
	watch.object.name =
		watch.object.plain ? json_string_value(json_object_get(from, "name")) : NULL;
	watch.object.address =
		(PyObject *)(uintptr_t)json_integer_value(json_object_get(from, "address"));
	watch.object.type =
		(PyTypeObject *)(uintptr_t)json_integer_value(json_object_get(from, "type"));
}

int cc_python_watch_begin(const json_t *rule)
{
	watch.frame = (uint64_t)json_integer_value(json_object_get(rule, "frame"));
	watch.module = json_string_value(json_object_get(rule, "module"));
	if (!json_is_string(json_object_get(rule, "watch")) || (!watch.frame && !watch.module))
		return -1;
	watch.rule = json_deep_copy(rule);
	json_object_set(watch.rule, "expression", json_object_get(watch.rule, "watch"));
	watch.module =
		watch.frame ? "__main__" : json_string_value(json_object_get(watch.rule, "module"));
	watch.plain = parse(rule);
	take_object(json_object_get(watch.rule, "object"));
	follow(cc_python_activation(watch.frame));
	if (cc_python_event.activation) /* what the first event to come is compared with */
		cc_python_watch_event();
	return 0;
}
