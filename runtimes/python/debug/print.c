/* SPDX-License-Identifier: GPL-2.0-or-later */
#define Py_BUILD_CORE
#include <Python.h>

#include "core/replay/print.h"
#include "runtimes/python/analysis/text.h"
#include "runtimes/python/debug/plain.h"
#include "runtimes/python/debug/print.h"
#include "runtimes/python/state/layout.h"

static const struct cc_python_activation *entered; /* a function that has begun no line yet */
static struct cc_plain_text function;

/* RESUME says whether a function begins or goes on. */
static int begins(const struct cc_python_activation *activation)
{
	const uint16_t *units = cc_python_first_unit(activation->code);

	return activation->unit >= 0 && !cc_python_oparg(units[activation->unit]);
}

static const char *as_string(struct cc_plain_text *text)
{
	return cc_plain_put(text, "", 1, 0) ? "" : text->data;
}

static const char *name_file(const PyCodeObject *code)
{
	static char file[4096];

	cc_python_text(&cc_own_memory, code->co_filename, file, sizeof(file));
	return file;
}

/* shop.Shop.total */
static const char *name_function(const struct cc_python_activation *activation)
{
	const PyObject *module =
		cc_python_dict_name(cc_python_globals(activation->frame), "__name__");

	function.length = 0;
	if (module && module->ob_type == activation->code->co_name->ob_type) {
		cc_python_put_text(&function, module);
		cc_plain_put(&function, ".", 1, 0);
	}
	cc_python_put_text(&function, activation->code->co_qualname);
	return as_string(&function);
}

void cc_python_print_event(enum cc_python_what what, struct cc_python_activation *activation)
{
	int first;

	if (what == CC_PYTHON_CALL) {
		entered = cc_prints.functions && begins(activation) ? activation : NULL;
		return;
	}
	first = entered == activation;
	if (first || cc_print_wants((unsigned)activation->line))
		cc_print_event(name_file(activation->code), (unsigned)activation->line,
			       first ? name_function(activation) : NULL);
	if (first)
		entered = NULL;
}
