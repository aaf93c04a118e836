/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What hooks are told of a python (core/replay/hooked.h), and what they may ask. */
#ifndef CC_PYTHON_HOOKS_H
#define CC_PYTHON_HOOKS_H

#include "core/replay/hooked.h"

struct _PyInterpreterFrame;
struct _object;
struct PyCodeObject;
struct cc_interpreter;

/* Before the program's first op, when some hook is loaded. */
void cc_python_hooks_begin(const struct cc_interpreter *interpreter);
extern const struct cc_hooked cc_python_hooked;

/* runtime.c: the frame of the thread that runs, or NULL. */
struct _PyInterpreterFrame *cc_python_current_frame(const struct cc_memory *memory,
						    const uint64_t *at);

/* ---- variables.c: objects of the program, only read ---- */

/* Once, before the functions below. */
void cc_python_variables_begin(void);
/* What a hook is shown of an object of the program. */
void cc_python_value(struct cc_hook_value *value, struct _object *object);
/* A variable as the frame sees it, elements and attributes too. 0, or -1: there is none. */
int cc_python_variable(struct _PyInterpreterFrame *frame, const char *name,
		       struct cc_hook_value *value);
/* See cc_hook_element. */
int cc_python_element(const struct cc_hook_value *container, size_t index,
		      struct cc_hook_value *key, struct cc_hook_value *element);
/*
 * An exception's text as str() has it; until the event is over. `value` may be what the exception
 * will be made of, or NULL.
 */
const char *cc_python_exception_text(struct _object *class_object, struct _object *value);
/* A str as a text that stays. */
const char *cc_python_stays(struct _object *text);

#endif
