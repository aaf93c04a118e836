/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program's code objects, foreign ones, shown to the analysis interpreter as real code objects
 * of its own with their content.
 */
#ifndef CC_PYTHON_CODES_H
#define CC_PYTHON_CODES_H

#include <Python.h>

struct cc_shown;

/* By `table` and `first` a foreign code object is told from one that has come in its place. */
struct cc_code_entry {
	const PyCodeObject *foreign;
	const PyObject *table;
	int first;
	PyObject *code;
	int partial;		/* not all constants are in `code` */
	struct cc_shown *spare; /* frames of `code` that nobody has kept */
};

/*
 * The entry of this code object, which stays where it is. A foreign code object's memory may have
 * become another one's: then its code is made anew. NULL: an exception.
 */
struct cc_code_entry *cc_code_entry_of(const PyCodeObject *foreign);
/* The entry's code, when all constants have been put into it (cc_code_complete). */
PyObject *cc_code_constants(struct cc_code_entry *entry);
/* The code that shows this one: a new reference. NULL: an exception. */
PyObject *cc_analysis_code(const PyCodeObject *foreign);

/* The entry's code, the same as before, with all its constants. NULL: an exception. */
static inline PyObject *cc_code_complete(struct cc_code_entry *entry)
{
	return entry->partial ? cc_code_constants(entry) : entry->code;
}

#endif
