/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Variables of the program by name, for hooks: locals, cells, globals, attributes and elements. All
 * of it is only read, and no code of the program runs: properties and subclasses' own ways are not
 * followed.
 */
#define Py_BUILD_CORE
#include <Python.h>
#include <dlfcn.h>
#include <structmember.h>

#include "runtimes/python/analysis/text.h"
#include "runtimes/python/replay/hooks.h"
#include "runtimes/python/state/layout.h"

#define TEXT_MAX (1u << 20)
#define KNOWN 1024

/* Of the program's interpreter. */
static struct {
	const PyTypeObject *bool_type, *float_type, *set, *frozen_set, *cell, *module, *byte_array,
		*member;
	const PyObject *none;
} program;

void cc_python_variables_begin(void)
{
	program.bool_type = dlsym(RTLD_DEFAULT, "PyBool_Type");
	program.float_type = dlsym(RTLD_DEFAULT, "PyFloat_Type");
	program.set = dlsym(RTLD_DEFAULT, "PySet_Type");
	program.frozen_set = dlsym(RTLD_DEFAULT, "PyFrozenSet_Type");
	program.cell = dlsym(RTLD_DEFAULT, "PyCell_Type");
	program.module = dlsym(RTLD_DEFAULT, "PyModule_Type");
	program.byte_array = dlsym(RTLD_DEFAULT, "PyByteArray_Type");
	program.member = dlsym(RTLD_DEFAULT, "PyMemberDescr_Type");
	program.none = dlsym(RTLD_DEFAULT, "_Py_NoneStruct");
}

static int is_a(const PyObject *object, unsigned long flag)
{
	return (object->ob_type->tp_flags & flag) != 0;
}

/* ---- text ---- */

static char *copy_text(const PyObject *object, size_t *length)
{
	size_t size = (size_t)cc_python_length(object) * 4 + 8;
	char *text = cc_hooks_scratch(size < TEXT_MAX ? size : TEXT_MAX);
	ssize_t have =
		cc_python_text(&cc_own_memory, object, text, size < TEXT_MAX ? size : TEXT_MAX);

	*length = have < 0 ? 0 : (size_t)have;
	return text;
}

const char *cc_python_stays(PyObject *object)
{
	static struct cc_hooks_known known[KNOWN];
	const char *bytes = cc_python_ascii(object);
	char text[4096];

	if (bytes)
		return cc_hooks_known(&known[(uintptr_t)bytes / 16 % KNOWN], bytes);
	cc_python_text(&cc_own_memory, object, text, sizeof(text));
	return cc_hooks_text(text);
}

static int is_named(const PyObject *name, const char *text, size_t length)
{
	if (!is_a(name, Py_TPFLAGS_UNICODE_SUBCLASS))
		return 0;
	if (cc_python_is_compact_ascii(name))
		return cc_python_is_ascii_of(name, text, length);
	return !strncmp(cc_python_stays((PyObject *)name), text, length) &&
	       !cc_python_stays((PyObject *)name)[length];
}

/* ---- dictionaries and attributes ---- */

static PyObject *dict_get(const PyObject *dict, const char *name, size_t length)
{
	PyObject *key, *value;
	Py_ssize_t at = 0;

	if (dict && is_a(dict, Py_TPFLAGS_DICT_SUBCLASS))
		while (cc_python_next_entry((const PyDictObject *)dict, &at, &key, &value))
			if (is_named(key, name, length))
				return value;
	return NULL;
}

/*
 * An instance's attributes as a dict: its own, or one made of the values that stand before it. 0:
 * none.
 */
static int attributes(PyObject *object, PyDictObject *made)
{
	PyObject *dict;

	if (cc_python_inline_dict(object, made))
		return 1;
	if (cc_python_own_dict(object, &dict) || !dict)
		return 0;
	*made = *(PyDictObject *)dict;
	return 1;
}

static PyObject *class_get(const PyTypeObject *type, const char *name, size_t length)
{
	const PyTupleObject *order = (const PyTupleObject *)type->tp_mro;
	PyObject *found = NULL;

	for (Py_ssize_t i = 0; order && !found && i < Py_SIZE(order); i++)
		found = dict_get(((PyTypeObject *)order->ob_item[i])->tp_dict, name, length);
	return found;
}

static PyObject *attribute(PyObject *object, const char *name, size_t length)
{
	PyDictObject dict = {0};
	PyObject *key, *value, *found;
	const PyMemberDef *member;
	Py_ssize_t at = 0;

	if (attributes(object, &dict))
		while (cc_python_next_entry(&dict, &at, &key, &value))
			if (is_named(key, name, length))
				return value;
	found = class_get(is_a(object, Py_TPFLAGS_TYPE_SUBCLASS) ? (PyTypeObject *)object
								 : object->ob_type,
			  name, length);
	if (!found || found->ob_type != program.member)
		return found;
	member = ((PyMemberDescrObject *)found)->d_member;
	return member->type == T_OBJECT_EX || member->type == T_OBJECT
		       ? *(PyObject **)((char *)object + member->offset)
		       : NULL;
}

/* ---- values ---- */

static void set_long(struct cc_hook_value *value, const PyObject *object)
{
	int negative = cc_python_is_negative(object);
	uint64_t plain;

	if (!cc_python_magnitude(object, &plain) || (negative && plain > (uint64_t)INT64_MAX + 1)) {
		value->kind = CC_HOOK_NUMBER;
		value->number = cc_python_magnitude_near(object);
		if (negative)
			value->number = -value->number;
		return;
	}
	value->kind = !negative && plain > INT64_MAX ? CC_HOOK_UNSIGNED : CC_HOOK_INTEGER;
	value->unsigned_integer = negative ? 0 - plain : plain;
}

static size_t count_of(PyObject *object)
{
	PyDictObject dict = {0};
	PyObject *key, *value;
	Py_ssize_t at = 0;
	size_t count = 0;

	if (is_a(object, Py_TPFLAGS_LIST_SUBCLASS | Py_TPFLAGS_TUPLE_SUBCLASS))
		return (size_t)Py_SIZE(object);
	if (is_a(object, Py_TPFLAGS_DICT_SUBCLASS))
		return (size_t)cc_python_entry_count(object);
	if (object->ob_type == program.set || object->ob_type == program.frozen_set)
		return (size_t)cc_python_member_count(object);
	if (!is_a(object, Py_TPFLAGS_TYPE_SUBCLASS) && object->ob_type != program.module &&
	    attributes(object, &dict))
		while (cc_python_next_entry(&dict, &at, &key, &value))
			count++;
	return count;
}

void cc_python_value(struct cc_hook_value *value, PyObject *object)
{
	if (!object || object == program.none)
		return;
	if (is_a(object, Py_TPFLAGS_UNICODE_SUBCLASS)) {
		value->kind = CC_HOOK_TEXT;
		value->text = copy_text(object, &value->length);
	} else if (object->ob_type == program.bool_type) {
		value->kind = CC_HOOK_INTEGER;
		value->integer = cc_python_is_true(object);
	} else if (is_a(object, Py_TPFLAGS_LONG_SUBCLASS)) {
		set_long(value, object);
	} else if (object->ob_type == program.float_type) {
		value->kind = CC_HOOK_NUMBER;
		value->number = ((PyFloatObject *)object)->ob_fval;
	} else if (is_a(object, Py_TPFLAGS_BYTES_SUBCLASS)) {
		cc_hooks_set_bytes(value, ((PyBytesObject *)object)->ob_sval,
				   Py_SIZE(object) < TEXT_MAX ? (size_t)Py_SIZE(object) : TEXT_MAX);
		value->kind = CC_HOOK_BYTES;
	} else {
		value->kind = CC_HOOK_OTHER;
		value->text = cc_hooks_text(object->ob_type->tp_name);
		value->length = strlen(value->text);
		value->address = value->inside = (uintptr_t)object;
		value->count = count_of(object);
	}
}

/* ---- elements ---- */

/* Whoever asks for one after the other does not begin anew each time. */
static int entry_at(PyObject *object, const PyDictObject *dict, size_t index, PyObject **key,
		    PyObject **value)
{
	static struct {
		const PyObject *object;
		uint64_t moment;
		size_t index;
		Py_ssize_t at;
	} next;

	if (next.object != object || next.moment != cc_hooks_moment || index < next.index) {
		next.object = object;
		next.moment = cc_hooks_moment;
		next.index = 0;
		next.at = 0;
	}
	do
		if (!cc_python_next_entry(dict, &next.at, key, value))
			return 0;
	while (next.index++ < index);
	return 1;
}

static PyObject *member_at(const PyObject *set, size_t index)
{
	PyObject *member;
	Py_ssize_t at = 0;

	do
		member = cc_python_next_member(set, &at);
	while (member && index--);
	return member;
}

int cc_python_element(const struct cc_hook_value *container, size_t index,
		      struct cc_hook_value *key, struct cc_hook_value *element)
{
	PyObject *object = (PyObject *)(uintptr_t)container->inside, *entry_key, *entry_value;
	PyDictObject dict = {0};

	if (index >= container->count)
		return -1;
	key->kind = CC_HOOK_INTEGER;
	key->integer = (int64_t)index;
	if (is_a(object, Py_TPFLAGS_LIST_SUBCLASS)) {
		cc_python_value(element, ((PyListObject *)object)->ob_item[index]);
	} else if (is_a(object, Py_TPFLAGS_TUPLE_SUBCLASS)) {
		cc_python_value(element, ((PyTupleObject *)object)->ob_item[index]);
	} else if (object->ob_type == program.set || object->ob_type == program.frozen_set) {
		cc_python_value(element, member_at(object, index));
	} else {
		if (is_a(object, Py_TPFLAGS_DICT_SUBCLASS))
			dict = *(PyDictObject *)object;
		else if (!attributes(object, &dict))
			return -1;
		if (!entry_at(object, &dict, index, &entry_key, &entry_value))
			return -1;
		memset(key, 0, sizeof(*key));
		cc_python_value(key, entry_key);
		cc_python_value(element, entry_value);
	}
	return 0;
}

/* ---- names: x, x.attribute, x[1], x['key'] ---- */

static size_t identifier(const char *text)
{
	size_t length = 0;

	while (text[length] && !strchr(".[", text[length]))
		length++;
	return length;
}

static PyObject *fast_local(_PyInterpreterFrame *frame, const char *name, size_t length,
			    const void **variable)
{
	const PyCodeObject *code = cc_python_code(frame);

	for (int i = 0; i < cc_python_variable_count(code); i++) {
		if (!is_named(cc_python_variable_name(code, i), name, length))
			continue;
		*variable = cc_python_variable_cell(frame, i, program.cell);
		if (!*variable)
			*variable = cc_python_variable_place(frame, i);
		return cc_python_variable_value(frame, i, program.cell);
	}
	return NULL;
}

static PyObject *item(PyObject *object, const char *text, size_t length)
{
	PyObject *const *items;
	Py_ssize_t index;

	if (is_a(object, Py_TPFLAGS_DICT_SUBCLASS)) {
		PyObject *key, *value;
		Py_ssize_t at = 0;

		if (length > 1 && (*text == '\'' || *text == '"'))
			return dict_get(object, text + 1, length - 2);
		while (cc_python_next_entry((PyDictObject *)object, &at, &key, &value)) {
			struct cc_hook_value plain = {0};

			cc_python_value(&plain, key);
			if (plain.kind == CC_HOOK_INTEGER &&
			    plain.integer == strtoll(text, NULL, 10))
				return value;
		}
		return NULL;
	}
	if (!is_a(object, Py_TPFLAGS_LIST_SUBCLASS | Py_TPFLAGS_TUPLE_SUBCLASS))
		return NULL;
	items = is_a(object, Py_TPFLAGS_LIST_SUBCLASS) ? ((PyListObject *)object)->ob_item
						       : ((PyTupleObject *)object)->ob_item;
	index = strtol(text, NULL, 10);
	if (index < 0)
		index += Py_SIZE(object);
	return index >= 0 && index < Py_SIZE(object) ? items[index] : NULL;
}

static PyObject *follow(PyObject *object, const char *rest, const void **variable)
{
	while (object && *rest) {
		*variable = object;
		if (*rest == '.') {
			size_t length = identifier(++rest);

			object = attribute(object, rest, length);
			rest += length;
		} else {
			const char *end = *rest == '[' ? strchr(rest, ']') : NULL;

			if (!end)
				return NULL;
			object = item(object, rest + 1, (size_t)(end - rest) - 1);
			rest = end + 1;
		}
	}
	return object;
}

int cc_python_variable(_PyInterpreterFrame *frame, const char *name, struct cc_hook_value *value)
{
	size_t length = identifier(name);
	const void *variable = NULL;
	PyObject *object = fast_local(frame, name, length, &variable);

	if (!object && !(cc_python_code(frame)->co_flags & CO_OPTIMIZED))
		object = dict_get(variable = cc_python_namespace(frame), name, length);
	if (!object)
		object = dict_get(variable = cc_python_globals(frame), name, length);
	object = follow(object, name + length, &variable);
	if (!object)
		return -1;
	cc_python_value(value, object);
	value->variable = (uintptr_t)variable;
	return 0;
}

/* ---- exceptions ---- */

static void add(char *text, size_t size, const PyObject *object, int plain)
{
	struct cc_hook_value value = {0};
	size_t have = strlen(text);

	cc_python_value(&value, (PyObject *)object);
	if (plain && value.kind == CC_HOOK_TEXT)
		snprintf(text + have, size - have, "%s", value.text);
	else if (value.kind == CC_HOOK_TEXT && !strchr(value.text, '\''))
		snprintf(text + have, size - have, "'%s'", value.text);
	else if (value.kind == CC_HOOK_NOTHING)
		snprintf(text + have, size - have, "None");
	else
		cc_hook_print(&value, text + have, size - have);
}

static const char *error_text(const PyOSErrorObject *error, char *text, size_t size)
{
	strcpy(text, "[Errno ");
	add(text, size, error->myerrno, 1);
	strncat(text, "] ", size - strlen(text) - 1);
	if (error->strerror)
		add(text, size, error->strerror, 1);
	if (error->filename) {
		strncat(text, ": ", size - strlen(text) - 1);
		add(text, size, error->filename, 0);
	}
	return text;
}

static int is_under(const PyTypeObject *class, const char *builtin)
{
	while (class && strcmp(class->tp_name, builtin))
		class = class->tp_base;
	return class != NULL;
}

const char *cc_python_exception_text(PyObject *class, PyObject *value)
{
	const size_t size = 4096;
	char *text = cc_hooks_scratch(size);
	const PyTupleObject *args = (const PyTupleObject *)value;

	*text = '\0';
	if (!value || value == program.none)
		return text;
	if (is_a(value, Py_TPFLAGS_BASE_EXC_SUBCLASS)) {
		if (is_under(value->ob_type, "OSError") && ((PyOSErrorObject *)value)->myerrno)
			return error_text((PyOSErrorObject *)value, text, size);
		args = (const PyTupleObject *)((PyBaseExceptionObject *)value)->args;
	}
	if (!is_a((const PyObject *)args, Py_TPFLAGS_TUPLE_SUBCLASS)) {
		add(text, size, value, 1);
	} else if (Py_SIZE(args) == 1) {
		add(text, size, args->ob_item[0], !is_under((PyTypeObject *)class, "KeyError"));
	} else if (Py_SIZE(args)) {
		for (Py_ssize_t i = 0; i < Py_SIZE(args); i++) {
			strncat(text, i ? ", " : "(", size - strlen(text) - 1);
			add(text, size, args->ob_item[i], 0);
		}
		strncat(text, ")", size - strlen(text) - 1);
	}
	return text;
}
