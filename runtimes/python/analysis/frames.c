/* SPDX-License-Identifier: GPL-2.0-or-later */
#define Py_BUILD_CORE
#include "runtimes/python/analysis/frames.h"

#include "runtimes/python/analysis/foreign.h"

static PyThreadState *thread;	  /* the analysis interpreter's only one */
static PyObject *original_locals; /* the getter of f_locals before it was patched */
static PyObject *empty;		  /* globals of a frame until somebody looks */
static struct cc_shown *shown[4096];

static struct cc_shown **shown_at(const PyFrameObject *frame)
{
	struct cc_shown **at = &shown[((uintptr_t)frame >> 4) % (sizeof(shown) / sizeof(*shown))];

	while (*at && (*at)->frame != frame)
		at = &(*at)->next;
	return at;
}

static struct cc_python_activation *activation_of(const PyFrameObject *frame)
{
	const struct cc_shown *found = *shown_at(frame);

	return found ? found->activation : NULL;
}

static void complete_frame(const PyFrameObject *frame);

static struct cc_shown *make_frame(struct cc_python_activation *activation)
{
	struct cc_code_entry *entry = *activation->of_code;
	struct cc_shown *made;
	PyFrameObject *frame;

	if (!entry)
		*activation->of_code = entry = cc_code_entry_of(activation->code);
	made = entry ? entry->spare : NULL;
	if (made) {
		entry->spare = made->next;
	} else {
		frame = entry ? PyFrame_New(thread, (PyCodeObject *)entry->code, empty, NULL)
			      : NULL;
		if (!frame)
			return NULL;
		made = malloc(sizeof(*made));
		if (!made) {
			Py_DECREF(frame);
			PyErr_NoMemory();
			return NULL;
		}
		made->frame = frame;
	}
	made->entry = entry;
	made->activation = activation;
	made->moment = 0;
	made->next = NULL;
	*shown_at(made->frame) = made;
	if (cc_tool_is_in_c()) /* it does not ask f_code's getter */
		complete_frame(made->frame);
	activation->user = made;
	return made;
}

PyFrameObject *cc_frame_linked(struct cc_python_activation *activation)
{
	struct cc_shown *own = activation->user;
	PyFrameObject *back;

	if (!own)
		own = make_frame(activation);
	if (!own)
		return NULL;
	if (activation->caller && !cc_python_back(own->frame)) {
		back = cc_frame_of(activation->caller);
		cc_python_set_back(own->frame, (PyFrameObject *)Py_XNewRef((PyObject *)back));
	}
	return own->frame;
}

/* ---- what a tool asks a frame for ---- */

/*
 * f_locals and f_globals of the frames that we show: copies, made at the look. Within one event
 * f_locals stays the same object, as tools put things into it.
 */
static PyObject *get_locals(PyObject *self, void *unused)
{
	_PyInterpreterFrame *frame = cc_python_frame_of((PyFrameObject *)self);
	struct cc_shown *slot = *shown_at((PyFrameObject *)self);
	PyObject *locals = cc_python_namespace(frame);

	if (!slot || !slot->activation || !slot->activation->frame) {
		if (cc_python_is_frame_objects(frame) && locals)
			return Py_NewRef(locals);
		return PyObject_CallOneArg(original_locals, self);
	}
	if (slot->moment == cc_foreign_moment && locals)
		return Py_NewRef(locals);
	slot->moment = cc_foreign_moment;
	locals = cc_foreign_locals(slot->activation->frame);
	if (locals)
		cc_python_set_namespace(frame, Py_NewRef(locals));
	return locals;
}

static PyObject *get_globals(PyObject *self, void *unused)
{
	struct cc_python_activation *activation = activation_of((PyFrameObject *)self);

	if (!activation || !activation->frame)
		return Py_NewRef(cc_python_globals(cc_python_frame_of((PyFrameObject *)self)));
	return cc_foreign_globals(cc_python_globals(activation->frame));
}

/* The code that a frame object of ours shows. */
static PyObject *code_of(const PyFrameObject *frame)
{
	return (PyObject *)cc_python_code(cc_python_frame_of(frame));
}

/* Before the program's code can go. */
static void complete_frame(const PyFrameObject *frame)
{
	const struct cc_shown *found = *shown_at(frame);
	struct cc_code_entry *entry =
		found && found->activation && found->activation->frame ? found->entry : NULL;

	if (entry && entry->code == code_of(frame) && !cc_code_complete(entry))
		PyErr_Clear();
}

static PyObject *get_code(PyObject *self, void *unused)
{
	complete_frame((PyFrameObject *)self);
	return Py_NewRef(code_of((PyFrameObject *)self));
}

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

	original_locals = PyObject_GetAttrString(original, "__get__");
	for (PyGetSetDef *getter = getters; getter->name; getter++) {
		PyObject *descriptor = PyDescr_NewGetSet(&PyFrame_Type, getter);

		PyDict_SetItemString(PyFrame_Type.tp_dict, getter->name, descriptor);
		Py_DECREF(descriptor);
	}
	PyType_Modified(&PyFrame_Type);
}

/* ---- frames that are over, or rest ---- */

static void keep_locals(const struct cc_python_activation *activation)
{
	PyFrameObject *frame = ((struct cc_shown *)activation->user)->frame;

	if (Py_REFCNT(frame) == 1 || !activation->frame)
		return;
	complete_frame(frame);
	Py_XDECREF(get_locals((PyObject *)frame, NULL));
}

/* As it was when it was made, for the next call of its code. */
static void spare(struct cc_code_entry *entry, struct cc_shown *own)
{
	cc_python_renew_frame_object(own->frame);
	own->next = entry->spare;
	entry->spare = own;
}

void cc_shown_drop(struct cc_shown *own)
{
	while (own) {
		struct cc_shown *next = own->next;

		Py_DECREF(own->frame);
		free(own);
		own = next;
	}
}

void cc_frame_over(struct cc_python_activation *activation)
{
	struct cc_shown *own = activation->user;

	keep_locals(activation);
	*shown_at(own->frame) = own->next;
	activation->user = NULL;
	if (Py_REFCNT(own->frame) == 1 && own->entry->code == code_of(own->frame)) {
		spare(own->entry, own);
	} else {
		own->next = NULL;
		cc_shown_drop(own);
	}
}

void cc_frame_rest(struct cc_python_activation *activation)
{
	keep_locals(activation);
	cc_python_set_back(((struct cc_shown *)activation->user)->frame, NULL);
}

/* ---- beginning and end ---- */

void cc_frames_begin(PyThreadState *own)
{
	thread = own;
	empty = PyDict_New();
	PyDict_SetItemString(empty, "__builtins__", PyEval_GetBuiltins());
	patch_frames();
}

void cc_frames_end(void)
{
	for (size_t i = 0; i < sizeof(shown) / sizeof(*shown); i++)
		for (const struct cc_shown *own = shown[i]; own; own = own->next)
			/* Or the tool's module stays, and what it has open */
			cc_python_set_frame_tracer(own->frame, NULL);
}
