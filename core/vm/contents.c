/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/vm/contents.h"

#include <fnmatch.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/runtime/guest.h"
#include "core/runtime/language.h"

/* With what they depend on. One that is not installed is passed over. */
static const char *const packages_of_base[] = {
	"base-files", "base-passwd", "bash",	     "bsdutils", "bzip2",     "coreutils",
	"dash",	      "debianutils", "diffutils",    "file",	 "findutils", "gawk",
	"grep",	      "gzip",	     "hostname",     "less",	 "libc-bin",  "libc6",
	"locales",    "mawk",	     "ncurses-base", "netbase",	 "procps",    "sed",
	"tar",	      "tzdata",	     "util-linux",   "xz-utils", NULL};

/*
 * Not in the base, though something in it depends on them. A command that needs them brings them.
 */
static const char *const packages_left_out[] = {"dpkg", "debconf", "cdebconf", NULL};

/*
 * A module is there with its package, and what that depends on: fonts, tables, templates, plugins.
 * Up to so much, what it depends on directly before what that depends on, and the smaller packages
 * first: what is larger is seldom what a module needs (a compiler, a browser's engine), and its
 * libraries come all the same if something is linked with them.
 */
#define MODULE_PACKAGE_MAX (UINT64_C(48) << 20)
#define MODULE_PACKAGES_MAX (UINT64_C(320) << 20)

/*
 * Trees that come whole: patterns of glob(3). Languages add theirs (core/runtime/guest.h). Of some,
 * packages' scripts make what is in no package: which fonts there are, lists of plugins, whose
 * certificates are trusted.
 */
static const char *const trees[] = {"/usr/lib/locale",
				    "/etc/ld.so.conf.d",
				    "/etc/fonts",
				    "/etc/ssl/certs",
				    "/usr/share/glib-2.0/schemas",
				    "/usr/lib/x86_64-linux-gnu/gdk-pixbuf-2.0",
				    NULL};

static const char *const single_files[] = {"/bin",
					   "/sbin",
					   "/lib",
					   "/lib64",
					   "/lib32",
					   "/libx32",
					   "/etc/ld.so.cache",
					   "/etc/ld.so.conf",
					   "/proc",
					   "/sys",
					   "/dev",
					   "/run",
					   "/tmp",
					   "/var/tmp",
					   "/home",
					   "/root",
					   "/etc/mtab",
					   NULL};

static const struct {
	const char *path, *text;
} made_files[] = {
	{"/etc/nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\nhosts: files\n"
			       "networks: files\nprotocols: files\nservices: files\nrpc: files\n"},
	{"/etc/resolv.conf", ""},
	{"/etc/fstab", ""},
	{"/etc/host.conf", "multi on\n"},
};

/* For compiling, not for running; large. */
static const char *const left_out_suffixes[] = {".a", ".la", NULL};

/* Read by people, not by programs. */
static const char *const documentation[] = {"/usr/share/doc/",
					    "/usr/share/man/",
					    "/usr/share/info/",
					    "/usr/share/lintian/",
					    "/usr/share/bug/",
					    "/usr/share/doc-base/",
					    "/usr/share/menu/",
					    "/usr/share/applications/",
					    "/usr/share/pixmaps/",
					    "/usr/share/icons/",
					    NULL};

static int has_prefix(const char *path, const char *const prefixes[])
{
	for (size_t i = 0; prefixes[i]; i++)
		if (!strncmp(path, prefixes[i], strlen(prefixes[i])))
			return 1;
	return 0;
}

static int is_one_of(const char *name, const char *const names[])
{
	for (size_t i = 0; names[i]; i++)
		if (!strcmp(name, names[i]))
			return 1;
	return 0;
}

struct adding {
	struct cc_fileset *set;
	const struct cc_packages *packages;
	const char *whole; /* the package that comes with its documentation, or NULL */
	int keep_documentation;
};

static void add_file(void *context, const char *path)
{
	struct adding *adding = context;

	if (adding->keep_documentation || !has_prefix(path, documentation))
		cc_fileset_add(adding->set, path);
}

static void add_package(void *context, const char *name)
{
	struct adding *adding = context;

	if (!adding->whole && is_one_of(name, packages_left_out))
		return;
	adding->keep_documentation = adding->whole && !strcmp(name, adding->whole);
	cc_package_files(adding->packages, name, add_file, adding);
}

void cc_add_package(struct cc_fileset *set, const struct cc_packages *packages, const char *name,
		    struct cc_package_marks *marks)
{
	struct adding adding = {set, packages, name, 0};

	cc_packages_closure(packages, name, marks, add_package, &adding);
}

/* ---- modules' packages ---- */

struct modules {
	const struct cc_language *const *languages;
	const struct cc_packages *packages;
	struct cc_package_marks *marks; /* those of the base are seen already */
	struct module_package {
		const char *name;
		uint64_t size;
		unsigned distance; /* 0: a module's own package */
	} * list;
	size_t count;
	unsigned distance;
};

static void note_package(void *context, const char *name)
{
	struct modules *modules = context;

	if (is_one_of(name, packages_left_out))
		return;
	cc_array_room(modules->list, modules->count);
	modules->list[modules->count++] =
		(struct module_package){name, cc_package_size(modules->packages, name),
					modules->distance};
}

static void note_module(void *context, const char *name, const char *version)
{
	struct modules *modules = context;

	for (size_t i = 0; modules->languages[i]; i++)
		for (const char *const *pattern = modules->languages[i]->guest->modules; *pattern;
		     pattern++)
			if (!fnmatch(*pattern, name, 0))
				cc_packages_itself(modules->packages, name, modules->marks,
						   note_package, modules);
}

static int by_need(const void *a, const void *b)
{
	const struct module_package *one = a, *other = b;

	if (one->distance != other->distance)
		return one->distance < other->distance ? -1 : 1;
	if (one->size != other->size)
		return one->size < other->size ? -1 : 1;
	return strcmp(one->name, other->name);
}

/* What modules are is there anyway, by its directory. */
static void add_modules(const struct cc_language *const *languages,
			const struct cc_packages *packages, struct cc_package_marks *marks,
			struct adding *adding)
{
	struct modules modules = {languages, packages, marks, NULL, 0, 0};
	uint64_t room = MODULE_PACKAGES_MAX;

	cc_packages_each(packages, note_module, &modules);
	for (size_t i = 0; i < modules.count; i++) {
		modules.distance = modules.list[i].distance + 1;
		cc_packages_needs(packages, modules.list[i].name, marks, note_package, &modules);
	}
	if (modules.count)
		qsort(modules.list, modules.count, sizeof(*modules.list), by_need);
	for (size_t i = 0; i < modules.count; i++) {
		uint64_t size = modules.list[i].distance ? modules.list[i].size : 0;

		if (size > room || modules.list[i].size > MODULE_PACKAGE_MAX)
			continue;
		room -= size;
		cc_package_files(packages, modules.list[i].name, add_file, adding);
	}
	free(modules.list);
}

/* ---- trees ---- */

static int add_tree(struct cc_fileset *set, const char *pattern, struct cc_error *error)
{
	glob_t found;
	int status = 0;

	if (glob(pattern, 0, NULL, &found))
		return 0;
	for (size_t i = 0; !status && i < found.gl_pathc; i++)
		status = cc_fileset_add_tree(set, found.gl_pathv[i], error);
	globfree(&found);
	return status;
}

static int add_trees(struct cc_fileset *set, const char *const *patterns, struct cc_error *error)
{
	int status = 0;

	while (!status && *patterns)
		status = add_tree(set, *patterns++, error);
	return status;
}

static int is_left_out(void *context, const char *path)
{
	size_t length = strlen(path);

	for (size_t i = 0; left_out_suffixes[i]; i++) {
		size_t end = strlen(left_out_suffixes[i]);

		if (length > end && !strcmp(path + length - end, left_out_suffixes[i]))
			return 1;
	}
	return 0;
}

int cc_base_contents(struct cc_fileset *set, const struct cc_language *const *languages,
		     const struct cc_packages *packages, struct cc_error *error)
{
	struct cc_package_marks *marks = cc_package_marks_new(packages);
	struct adding adding = {set, packages, NULL, 0};
	int status = 0;

	cc_fileset_skip(set, is_left_out, NULL);
	for (size_t i = 0; packages_of_base[i]; i++)
		cc_packages_closure(packages, packages_of_base[i], marks, add_package, &adding);
	for (size_t i = 0; languages[i]; i++)
		cc_packages_closure(packages, languages[i]->guest->package, marks, add_package,
				    &adding);
	adding.keep_documentation = 0;
	add_modules(languages, packages, marks, &adding);
	cc_package_marks_free(marks);
	for (size_t i = 0; single_files[i]; i++)
		cc_fileset_add(set, single_files[i]);
	status = add_trees(set, trees, error);
	for (size_t i = 0; !status && languages[i]; i++)
		status = add_trees(set, languages[i]->guest->trees, error);
	for (size_t i = 0; i < sizeof(made_files) / sizeof(*made_files); i++)
		cc_fileset_put(set, made_files[i].path, S_IFREG | 0644, 0, 0, made_files[i].text,
			       strlen(made_files[i].text));
	return status;
}
