/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Builtin objects that are no dicts: ints, texts, sets, cells, modules (layout.h). */
#ifndef CC_PYTHON_LAYOUT_OBJECTS_H
#define CC_PYTHON_LAYOUT_OBJECTS_H

#include <Python.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * ---- ints (Include/cpython/longintrepr.h): digits, the lowest first, and none where it is 0.
 * ob_size has their number, and is negative where the int is ----
 */

/* How many bits a digit has. */
#define CC_PYTHON_DIGIT_BITS PyLong_SHIFT
_Static_assert(sizeof(digit) == sizeof(uint32_t), "digits are handed out as uint32_t");

/* Where an int's digits begin, in bytes. */
enum { CC_PYTHON_DIGITS = offsetof(struct _longobject, ob_digit) };

/* How many digits the int has. Its head is enough: a PyVarObject. */
static inline Py_ssize_t cc_python_digit_count(const PyObject *number)
{
	Py_ssize_t size = Py_SIZE(number);

	return size < 0 ? -size : size;
}

/* Is the int below 0? 1 or 0. Its head is enough. */
static inline int cc_python_is_negative(const PyObject *number)
{
	return Py_SIZE(number) < 0;
}

/* The int's digits. */
static inline const uint32_t *cc_python_digits(const PyObject *number)
{
	return ((const PyLongObject *)number)->ob_digit;
}

/* The int's lowest digit, which is all of an int from 0 to 2**30 - 1. */
static inline uint32_t cc_python_low_digit(const PyObject *number)
{
	return Py_SIZE(number) ? cc_python_digits(number)[0] : 0;
}

/* What so many digits make, modulo 2**64. */
static inline uint64_t cc_python_join_digits(const uint32_t *digits, Py_ssize_t count)
{
	uint64_t number = 0;

	while (count--)
		number = number << PyLong_SHIFT | digits[count];
	return number;
}

/* The int's absolute value into *magnitude, if it has up to 64 bits. 1; 0: it has more. */
static inline int cc_python_magnitude(const PyObject *number, uint64_t *magnitude)
{
	Py_ssize_t count = cc_python_digit_count(number);

	if (count > 3 ||
	    (count == 3 && cc_python_digits(number)[2] >> (64 - 2 * CC_PYTHON_DIGIT_BITS)))
		return 0;
	*magnitude = cc_python_join_digits(cc_python_digits(number), count);
	return 1;
}

/* The int's absolute value, digit by digit, as near as a double comes. */
static inline double cc_python_magnitude_near(const PyObject *number)
{
	double magnitude = 0;

	for (Py_ssize_t i = cc_python_digit_count(number); i--;)
		magnitude = magnitude * (1 << PyLong_SHIFT) + cc_python_digits(number)[i];
	return magnitude;
}

/*
 * The int into *value, if its absolute value has up to `bits` bits, which are 63 at most. 1; 0: it
 * has more.
 */
static inline int cc_python_int(const PyObject *number, unsigned bits, int64_t *value)
{
	uint64_t magnitude;

	if (!cc_python_magnitude(number, &magnitude) || magnitude >> bits)
		return 0;
	*value = cc_python_is_negative(number) ? -(int64_t)magnitude : (int64_t)magnitude;
	return 1;
}

/* Makes the new int `to`, which has as many digits and is our own, the same number as `from`. */
static inline void cc_python_copy_int(PyLongObject *to, const PyObject *from)
{
	memcpy(to->ob_digit, cc_python_digits(from),
	       (size_t)cc_python_digit_count(from) * sizeof(digit));
	Py_SET_SIZE(to, Py_SIZE(from));
}

/* Is the bool True? 1 or 0. It is an int: Objects/boolobject.c. */
static inline int cc_python_is_true(const PyObject *boolean)
{
	return Py_SIZE(boolean) != 0;
}

/*
 * ---- texts (Include/cpython/unicodeobject.h): a compact str has its characters behind its head,
 * which is shorter where all are ASCII ----
 */

/* What stands before the characters, to be read from another memory. */
struct cc_python_text_head {
	PyASCIIObject object;
};

/* How many characters the str has. Its head is enough. */
static inline Py_ssize_t cc_python_length(const PyObject *text)
{
	return ((const PyASCIIObject *)text)->length;
}

/* How many bytes each character takes: 1, 2 or 4; 0: it is not made yet. Its head is enough. */
static inline unsigned cc_python_kind(const PyObject *text)
{
	return ((const PyASCIIObject *)text)->state.kind;
}

/* Do its characters stand behind its head? 1 or 0. The head is enough. */
static inline int cc_python_is_compact(const PyObject *text)
{
	return ((const PyASCIIObject *)text)->state.compact;
}

/* Are its characters there? Those of an old extension module's may be made later. 1 or 0. */
static inline int cc_python_is_ready(const PyObject *text)
{
	return ((const PyASCIIObject *)text)->state.ready;
}

/* Is it compact, and all its characters ASCII? 1 or 0. Its head is enough. */
static inline int cc_python_is_compact_ascii(const PyObject *text)
{
	return cc_python_is_compact(text) && ((const PyASCIIObject *)text)->state.ascii;
}

/* Where a compact str's characters begin, in bytes. Its head is enough. */
static inline size_t cc_python_characters_at(const PyObject *text)
{
	return ((const PyASCIIObject *)text)->state.ascii ? sizeof(PyASCIIObject)
							  : sizeof(PyCompactUnicodeObject);
}

/* The characters of a str, of cc_python_kind bytes each. */
static inline const void *cc_python_characters(const PyObject *text)
{
	if (!cc_python_is_compact(text))
		return ((const PyUnicodeObject *)text)->data.any;
	return (const char *)text + cc_python_characters_at(text);
}

/* The str's bytes, if it is compact and in ASCII; NULL: it is not. */
static inline const char *cc_python_ascii(const PyObject *text)
{
	return cc_python_is_compact_ascii(text) ? (const char *)text + sizeof(PyASCIIObject) : NULL;
}

/* Is this str the ASCII text of so many bytes? 1 or 0. */
static inline int cc_python_is_ascii_of(const PyObject *text, const char *ascii, size_t length)
{
	const PyASCIIObject *own = (const PyASCIIObject *)text;

	return own->state.ascii && own->length == (Py_ssize_t)length &&
	       !memcmp(own + 1, ascii, length);
}

/* Is this str the ASCII text? 1 or 0. */
static inline int cc_python_is_ascii(const PyObject *text, const char *ascii)
{
	return cc_python_is_ascii_of(text, ascii, strlen(ascii));
}

/* The character at this place of those that the str has. */
static inline Py_UCS4 cc_python_character(const PyObject *text, Py_ssize_t i)
{
	const void *data = cc_python_characters(text);

	return cc_python_kind(text) == 1   ? ((const uint8_t *)data)[i]
	       : cc_python_kind(text) == 2 ? ((const uint16_t *)data)[i]
					   : ((const uint32_t *)data)[i];
}

/* The str's hash; -1: nobody has asked for it yet. */
static inline Py_hash_t cc_python_text_hash(const PyObject *text)
{
	return ((const PyASCIIObject *)text)->hash;
}

/* ---- sets (Include/setobject.h, Objects/setobject.c): a table with room for mask + 1 ---- */

/* How many members the set or frozenset has. */
static inline Py_ssize_t cc_python_member_count(const PyObject *set)
{
	return ((const PySetObject *)set)->used;
}

/*
 * The next member of a set, from *at on, which is 0 at first. NULL: there are no more. One that was
 * taken out leaves a dummy, whose hash is -1.
 */
static inline PyObject *cc_python_next_member(const PyObject *object, Py_ssize_t *at)
{
	const PySetObject *set = (const PySetObject *)object;

	while (*at <= set->mask) {
		const setentry *entry = &set->table[(*at)++];

		if (entry->key && entry->hash != -1)
			return entry->key;
	}
	return NULL;
}

/* ---- modules ---- */

/* A module's dict: Objects/moduleobject.c has md_dict behind the head. NULL: it has none. */
static inline PyObject *cc_python_md_dict(const PyObject *module)
{
	return ((PyObject *const *)module)[2];
}

#endif
