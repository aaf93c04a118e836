/* SPDX-License-Identifier: GPL-2.0-or-later */
#define Py_BUILD_CORE
#include <Python.h>
#include <math.h>

#include "runtimes/python/debug/plain-text.h"
#include "runtimes/python/debug/plain.h"
#include "runtimes/python/state/layout.h"

#define DEPTH_MAX 20
#define DIGITS_MAX 128 /* what is longer takes a while */

/* ---- numbers ---- */

static int put_large(struct cc_plain_text *text, const PyObject *number)
{
	/* Of nine decimals, the last first */
	uint32_t digits[DIGITS_MAX], parts[DIGITS_MAX + DIGITS_MAX / 16 + 1];
	Py_ssize_t count = cc_python_digit_count(number), have = 0;
	int status;

	if (count > DIGITS_MAX)
		return CC_PLAIN_NOT;
	memcpy(digits, cc_python_digits(number), (size_t)count * sizeof(*digits));
	while (count) {
		uint64_t rest = 0;

		for (Py_ssize_t i = count; i--;) {
			rest = rest << CC_PYTHON_DIGIT_BITS | digits[i];
			digits[i] = (uint32_t)(rest / 1000000000);
			rest %= 1000000000;
		}
		parts[have++] = (uint32_t)rest;
		while (count && !digits[count - 1])
			count--;
	}
	status = cc_plain_format(text, "%s%u", cc_python_is_negative(number) ? "-" : "",
				 parts[--have]);
	while (!status && have)
		status = cc_plain_format(text, "%09u", parts[--have]);
	return status;
}

/* As float_repr_style 'short': the fewest digits that are read back as the same number. */
static int put_double(struct cc_plain_text *text, double d)
{
	char line[40], digits[20];
	int precision = 0, exponent, count, status;

	if (isnan(d))
		return cc_plain_put(text, "nan", 3, 1);
	if (isinf(d))
		return cc_plain_format(text, d < 0 ? "-inf" : "inf");
	do
		snprintf(line, sizeof(line), "%.*e", precision, fabs(d));
	while (strtod(line, NULL) != fabs(d) && ++precision < 17);
	exponent = atoi(strchr(line, 'e') + 1);
	count = precision + 1;
	digits[0] = line[0];
	memcpy(digits + 1, line + 2, (size_t)precision);
	if (signbit(d) && cc_plain_put(text, "-", 1, 1))
		return CC_PLAIN_NOT;
	if (exponent < -4 || exponent >= 16) {
		status = cc_plain_put(text, digits, 1, 1);
		if (!status && count > 1)
			status = cc_plain_format(text, ".%.*s", count - 1, digits + 1);
		return status ? status
			      : cc_plain_format(text, "e%c%02d", exponent < 0 ? '-' : '+',
						abs(exponent));
	}
	if (exponent < 0)
		return cc_plain_format(text, "0.%.*s%.*s", -exponent - 1, "000", count, digits);
	if (exponent + 1 >= count)
		return cc_plain_format(text, "%.*s%.*s.0", count, digits, exponent + 1 - count,
				       "0000000000000000");
	return cc_plain_format(text, "%.*s.%.*s", exponent + 1, digits, count - exponent - 1,
			       digits + exponent + 1);
}

/* ---- strings ---- */

static int put_character(struct cc_plain_text *text, Py_UCS4 c)
{
	char bytes[4];
	size_t length = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	if (c >= 0xd800 && c < 0xe000)
		return CC_PLAIN_NOT;
	if (length == 1) {
		bytes[0] = (char)c;
	} else {
		for (size_t i = length; --i; c >>= 6)
			bytes[i] = (char)(0x80 | (c & 0x3f));
		bytes[0] = (char)((0xf00 >> length) | c);
	}
	return cc_plain_put(text, bytes, length, 1);
}

int cc_python_put_text(struct cc_plain_text *text, const PyObject *string)
{
	Py_ssize_t length = cc_python_length(string);

	if (!cc_python_is_ready(string))
		return CC_PLAIN_NOT;
	if (cc_python_is_compact_ascii(string))
		return cc_plain_put(text, cc_python_ascii(string), (size_t)length, 1);
	for (Py_ssize_t i = 0; i < length; i++)
		if (put_character(text, cc_python_character(string, i)))
			return CC_PLAIN_NOT;
	return 0;
}

/* As unicode_repr and bytes' repr, which knows no character beyond ASCII. */
static int put_escaped(struct cc_plain_text *text, Py_UCS4 c, char quote, int is_bytes)
{
	switch (c) {
	case '\n':
		return cc_plain_put(text, "\\n", 2, 1);
	case '\r':
		return cc_plain_put(text, "\\r", 2, 1);
	case '\t':
		return cc_plain_put(text, "\\t", 2, 1);
	case '\\':
		return cc_plain_put(text, "\\\\", 2, 1);
	}
	if (c == (Py_UCS4)quote)
		return cc_plain_format(text, "\\%c", quote);
	if (c >= ' ' && c < 127)
		return put_character(text, c);
	if (!is_bytes && c >= 128 && cc_python_types._PyUnicode_IsPrintable(c))
		return put_character(text, c);
	return cc_plain_format(text,
			       c < 0x100     ? "\\x%02x"
			       : c < 0x10000 ? "\\u%04x"
					     : "\\U%08x",
			       c);
}

static char quote_for(int single, int twice)
{
	return single && !twice ? '"' : '\'';
}

static int put_quoted(struct cc_plain_text *text, const PyObject *string)
{
	Py_ssize_t length = cc_python_length(string);
	int single = 0, twice = 0;
	char quote;

	for (Py_ssize_t i = 0; i < length; i++) {
		single |= cc_python_character(string, i) == '\'';
		twice |= cc_python_character(string, i) == '"';
	}
	quote = quote_for(single, twice);
	if (cc_plain_put(text, &quote, 1, 1))
		return CC_PLAIN_NOT;
	for (Py_ssize_t i = 0; i < length; i++)
		if (put_escaped(text, cc_python_character(string, i), quote, 0))
			return CC_PLAIN_NOT;
	return cc_plain_put(text, &quote, 1, 1);
}

/* A text that is no object of the program's: ASCII or the expression's own. */
static int put_quoted_text(struct cc_plain_text *text, const struct cc_plain_value *value)
{
	char quote = quote_for(memchr(value->data, '\'', value->length) != NULL,
			       memchr(value->data, '"', value->length) != NULL);

	if (cc_plain_put(text, &quote, 1, 1))
		return CC_PLAIN_NOT;
	for (size_t i = 0; i < value->length; i++)
		if (value->data[i] & 0x80 || put_escaped(text, (Py_UCS4)value->data[i], quote, 0))
			return CC_PLAIN_NOT;
	return cc_plain_put(text, &quote, 1, 1);
}

static int put_bytes(struct cc_plain_text *text, const PyObject *object)
{
	const char *data = ((const PyBytesObject *)object)->ob_sval;
	size_t length = (size_t)Py_SIZE(object);
	char quote =
		quote_for(memchr(data, '\'', length) != NULL, memchr(data, '"', length) != NULL);

	if (cc_plain_format(text, "b%c", quote))
		return CC_PLAIN_NOT;
	for (size_t i = 0; i < length; i++)
		if (put_escaped(text, (uint8_t)data[i], quote, 1))
			return CC_PLAIN_NOT;
	return cc_plain_put(text, &quote, 1, 1);
}

/* ---- containers ---- */

static int put_item(struct cc_plain_text *text, PyObject *item, const char *before, unsigned depth)
{
	struct cc_plain_value value;

	return cc_plain_put(text, before, strlen(before), 1) || cc_python_read(item, &value) ||
			       cc_python_show(text, &value, 1, depth + 1)
		       ? CC_PLAIN_NOT
		       : 0;
}

static int put_items(struct cc_plain_text *text, PyObject *const *items, Py_ssize_t count,
		     unsigned depth)
{
	for (Py_ssize_t i = 0; i < count; i++)
		if (put_item(text, items[i], i ? ", " : "", depth))
			return CC_PLAIN_NOT;
	return 0;
}

static int put_dict(struct cc_plain_text *text, const PyDictObject *dict, unsigned depth)
{
	const char *before = "";
	PyObject *key, *value;
	Py_ssize_t at = 0;

	/* A dict that shares its keys has an order of its own, kept with its values. */
	if (cc_python_shares_keys(dict))
		return CC_PLAIN_NOT;
	while (cc_python_next_entry(dict, &at, &key, &value)) {
		if (put_item(text, key, before, depth) || put_item(text, value, ": ", depth))
			return CC_PLAIN_NOT;
		before = ", ";
	}
	return 0;
}

static int put_set(struct cc_plain_text *text, const PyObject *set, unsigned depth)
{
	const char *before = "";
	PyObject *member;
	Py_ssize_t at = 0;

	while ((member = cc_python_next_member(set, &at))) {
		if (put_item(text, member, before, depth))
			return CC_PLAIN_NOT;
		before = ", ";
	}
	return 0;
}

static int put(struct cc_plain_text *text, const char *string)
{
	return cc_plain_put(text, string, strlen(string), 1);
}

static int put_container(struct cc_plain_text *text, PyObject *object, unsigned depth)
{
	const PyTypeObject *type = object->ob_type;
	int frozen = type == cc_python_types.PyFrozenSet_Type;

	if (type == cc_python_types.PyList_Type)
		return put(text, "[") ||
		       put_items(text, ((PyListObject *)object)->ob_item, Py_SIZE(object), depth) ||
		       put(text, "]");
	if (type == cc_python_types.PyTuple_Type)
		return put(text, "(") ||
		       put_items(text, ((PyTupleObject *)object)->ob_item, Py_SIZE(object),
				 depth) ||
		       put(text, Py_SIZE(object) == 1 ? ",)" : ")");
	if (type == cc_python_types.PyDict_Type)
		return put(text, "{") || put_dict(text, (const PyDictObject *)object, depth) ||
		       put(text, "}");
	if (type != cc_python_types.PySet_Type && !frozen)
		return CC_PLAIN_NOT;
	if (!cc_python_member_count(object))
		return put(text, frozen ? "frozenset()" : "set()");
	return put(text, frozen ? "frozenset({" : "{") || put_set(text, object, depth) ||
	       put(text, frozen ? "})" : "}");
}

/* ---- any value ---- */

static int put_object(struct cc_plain_text *text, PyObject *object, int repr, unsigned depth)
{
	const PyTypeObject *type = object->ob_type;

	if (type == cc_python_types.PyLong_Type)
		return put_large(text, object);
	if (type == cc_python_types.PyUnicode_Type)
		return repr ? put_quoted(text, object) : cc_python_put_text(text, object);
	if (type == cc_python_types.PyBytes_Type)
		return put_bytes(text, object);
	return depth < DEPTH_MAX && put_container(text, object, depth) == 0 ? 0 : CC_PLAIN_NOT;
}

int cc_python_show(struct cc_plain_text *text, const struct cc_plain_value *value, int repr,
		   unsigned depth)
{
	switch (value->kind) {
	case CC_PLAIN_NOTHING:
		return put(text, "None");
	case CC_PLAIN_BOOLEAN:
		return put(text, value->i ? "True" : "False");
	case CC_PLAIN_INTEGER:
		return cc_plain_format(text, "%lld", (long long)value->i);
	case CC_PLAIN_UNSIGNED:
		return CC_PLAIN_NOT;
	case CC_PLAIN_DOUBLE:
		return put_double(text, value->d);
	case CC_PLAIN_TEXT:
		return repr ? put_quoted_text(text, value)
			    : cc_plain_put(text, value->data, value->length, 1);
	case CC_PLAIN_OBJECT:
		return put_object(text, value->object, repr, depth);
	}
	return CC_PLAIN_NOT;
}
