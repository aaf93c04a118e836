/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plain expressions in python (core/print/plain.h). */
#ifndef CC_PYTHON_PLAIN_H
#define CC_PYTHON_PLAIN_H

#include "core/print/plain.h"

struct _object;
struct _PyInterpreterFrame;
struct _is;

extern const struct cc_plain_language cc_python_plain;

/* Before the first evaluation. */
void cc_python_plain_begin(void);
/* The frame that runs in the thread that holds the interpreter's lock, or NULL. */
struct _PyInterpreterFrame *cc_python_frame(void);
/* Frame 0 is this frame from now on; NULL: the frame that runs. */
void cc_python_plain_frame(struct _PyInterpreterFrame *frame);
/* A name that means this object from now on, whatever the frame; NULL: none does. */
void cc_python_plain_name(const char *name, struct _object *object);
/*
 * Set when an expression is not plain because python would find no such name, element or attribute.
 */
extern int cc_python_plain_missing;
struct _is *cc_python_interpreter(void); /* the program's main interpreter */
struct _object *cc_python_module_dict(const struct _object *module); /* NULL: it is no module */
/* A str appended as UTF-8. 0 or CC_PLAIN_NOT. */
int cc_python_put_text(struct cc_plain_text *text, const struct _object *string);
/* What a dict (exactly) has under a name in ASCII; NULL: nothing. */
struct _object *cc_python_dict_name(const struct _object *dict, const char *name);

#endif
