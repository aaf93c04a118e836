/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a guest holds because of a language, and where its objects are found there. Data only. */
#ifndef CC_RUNTIME_GUEST_H
#define CC_RUNTIME_GUEST_H

struct cc_guest_language {
	const char *package; /* Debian's, with what it depends on */
	/*
	 * Names of packages with modules: their other files, and what they depend on, come along.
	 * fnmatch(3).
	 */
	const char *const *modules;
	/*
	 * Directories in which the interpreter looks for modules, whoever put them there: glob(3).
	 * NULL-terminated.
	 */
	const char *const *trees;
	/*
	 * Interpreters and extension modules: fnmatch(3) as in core/stage/slice.c. NULL-terminated.
	 */
	const char *const *objects;
	/*
	 * What the interpreter writes by itself beside its modules: no reason to make a guest anew.
	 * fnmatch(3), or NULL.
	 */
	const char *cache;
	/*
	 * Variables that name directories of modules, with colons between: what is there comes
	 * along. NULL-terminated.
	 */
	const char *const *search_paths;
	const char *variables; /* variables whose names begin so are the command's, too */
};

#endif
