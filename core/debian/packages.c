/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dpkg database, read directly: /var/lib/dpkg/status holds a paragraph per package, and
 * /var/lib/dpkg/info/NAME[:ARCH].list the files of one. Starting dpkg-query for it costs more than
 * the rest of a recording's preparation.
 */
#include "core/debian/packages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/files.h"
#include "core/base/memory.h"

#define STATUS "/var/lib/dpkg/status"
#define INFO "/var/lib/dpkg/info"
#define STATUS_MAX (256u << 20)

struct package {
	const char *name;
	const char *version;
	const char *architecture;
	const char *depends[2]; /* Depends, Pre-Depends; "" when absent */
	const char *provides;
	const char *size; /* Installed-Size, in KiB */
};

struct cc_packages {
	char *text;	      /* of STATUS, cut into strings that the packages point into */
	struct package *list; /* sorted by name */
	size_t count;
	struct provider { /* virtual name to index; sorted by name */
		char *name;
		size_t package;
	} * providers;
	size_t provider_count;
};

struct cc_package_marks {
	char *seen;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct package *)a)->name, ((const struct package *)b)->name);
}

static int by_provided(const void *a, const void *b)
{
	return strcmp(((const struct provider *)a)->name, ((const struct provider *)b)->name);
}

/* One line "Field: value" of a paragraph, already NUL-terminated. */
static void take_field(struct package *package, int *installed, char *line)
{
	static const char status[] = "Status: ";
	const struct {
		const char *field;
		const char **to;
	} fields[] = {
		{"Package: ", &package->name},
		{"Version: ", &package->version},
		{"Architecture: ", &package->architecture},
		{"Depends: ", &package->depends[0]},
		{"Pre-Depends: ", &package->depends[1]},
		{"Provides: ", &package->provides},
		{"Installed-Size: ", &package->size},
	};

	if (!strncmp(line, status, sizeof(status) - 1)) {
		*installed = strstr(line, " installed") != NULL;
		return;
	}
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (!strncmp(line, fields[i].field, strlen(fields[i].field)))
			*fields[i].to = line + strlen(fields[i].field);
}

static void append(struct cc_packages *packages, const struct package *package)
{
	cc_array_room(packages->list, packages->count);
	packages->list[packages->count++] = *package;
}

static int is_native(const char *architecture)
{
	return !strcmp(architecture, "amd64") || !strcmp(architecture, "all");
}

static void parse_status(struct cc_packages *packages)
{
	static const struct package none = {"", "", "", {"", ""}, "", ""};
	struct package package = none;
	int installed = 0;
	char *line = packages->text;

	while (line) {
		char *next = strchr(line, '\n');

		if (next)
			*next++ = 0;
		if (*line)
			take_field(&package, &installed, line);
		if (!*line || !next) { /* the end of a paragraph */
			if (installed && *package.name && is_native(package.architecture))
				append(packages, &package);
			package = none;
			installed = 0;
		}
		line = next;
	}
	qsort(packages->list, packages->count, sizeof(*packages->list), by_name);
}

/* The next name of a list like "a (>= 1) | b:any, c"; its separator goes to *separator. */
static const char *next_name(const char **at, size_t *length, char *separator)
{
	const char *name = *at + strspn(*at, " ,|"), *end;

	*length = strcspn(name, " ,|(:");
	end = name + strcspn(name, ",|");
	*separator = *end;
	*at = *end ? end + 1 : end;
	return *length ? name : NULL;
}

static void parse_provides(struct cc_packages *packages)
{

	for (size_t i = 0; i < packages->count; i++) {
		const char *at = packages->list[i].provides, *name;
		size_t length;
		char separator;

		while ((name = next_name(&at, &length, &separator))) {
			cc_array_room(packages->providers, packages->provider_count);
			packages->providers[packages->provider_count++] =
				(struct provider){cc_format("%.*s", (int)length, name), i};
		}
	}
	qsort(packages->providers, packages->provider_count, sizeof(*packages->providers),
	      by_provided);
}

struct cc_packages *cc_packages_read(struct cc_error *error)
{
	struct cc_packages *packages = cc_allocate_zeros(1, sizeof(*packages));
	struct cc_error why;

	packages->text = cc_read_file(STATUS, STATUS_MAX, NULL, &why);
	if (!packages->text) {
		cc_fail(error, CC_EMISSING, "%s; a recording needs a Debian system", why.text);
		free(packages);
		return NULL;
	}
	parse_status(packages);
	parse_provides(packages);
	return packages;
}

void cc_packages_free(struct cc_packages *packages)
{
	if (!packages)
		return;
	for (size_t i = 0; i < packages->provider_count; i++)
		free(packages->providers[i].name);
	free(packages->providers);
	free(packages->list);
	free(packages->text);
	free(packages);
}

static const struct package *find(const struct cc_packages *packages, const char *name)
{
	struct package key = {.name = name};

	return bsearch(&key, packages->list, packages->count, sizeof(key), by_name);
}

/* The package of this name, or one that provides it. */
static const struct package *resolve(const struct cc_packages *packages, const char *name)
{
	const struct package *package = find(packages, name);
	struct provider key = {.name = (char *)name}, *provider;

	if (package)
		return package;
	provider = bsearch(&key, packages->providers, packages->provider_count, sizeof(key),
			   by_provided);
	return provider ? packages->list + provider->package : NULL;
}

void cc_packages_each(const struct cc_packages *packages,
		      void (*callback)(void *context, const char *name, const char *version),
		      void *context)
{
	for (size_t i = 0; i < packages->count; i++)
		callback(context, packages->list[i].name, packages->list[i].version);
}

uint64_t cc_package_size(const struct cc_packages *packages, const char *name)
{
	const struct package *package = find(packages, name);

	return package ? strtoull(package->size, NULL, 10) << 10 : 0;
}

int cc_packages_has(const struct cc_packages *packages, const char *name)
{
	return find(packages, name) != NULL;
}

struct cc_package_marks *cc_package_marks_new(const struct cc_packages *packages)
{
	struct cc_package_marks *marks = cc_allocate_zeros(1, sizeof(*marks));

	marks->seen = cc_allocate_zeros(packages->count + 1, 1);
	return marks;
}

void cc_package_marks_free(struct cc_package_marks *marks)
{
	if (marks)
		free(marks->seen);
	free(marks);
}

struct closure {
	const struct cc_packages *packages;
	struct cc_package_marks *marks;
	void (*callback)(void *context, const char *name);
	void *context;
};

static int is_first(struct closure *closure, const struct package *package)
{
	char *seen = &closure->marks->seen[package - closure->packages->list];
	int first = !*seen;

	*seen = 1;
	return first;
}

/* Visits each package that this one needs: of alternatives the first that is installed. */
static void each_need(struct closure *closure, const struct package *package,
		      void (*visit)(struct closure *closure, const struct package *package))
{
	for (int i = 0; i < 2; i++) {
		const char *at = package->depends[i], *name;
		size_t length;
		char separator;
		int satisfied = 0;

		while ((name = next_name(&at, &length, &separator))) {
			char *needed = cc_format("%.*s", (int)length, name);
			const struct package *other = resolve(closure->packages, needed);

			free(needed);
			if (other && !satisfied)
				visit(closure, other);
			satisfied = separator == '|' && (satisfied || other);
		}
	}
}

static void visit_one(struct closure *closure, const struct package *package)
{
	if (is_first(closure, package))
		closure->callback(closure->context, package->name);
}

static void visit_all(struct closure *closure, const struct package *package)
{
	if (!is_first(closure, package))
		return;
	closure->callback(closure->context, package->name);
	each_need(closure, package, visit_all);
}

void cc_packages_closure(const struct cc_packages *packages, const char *name,
			 struct cc_package_marks *marks,
			 void (*callback)(void *context, const char *name), void *context)
{
	struct closure closure = {packages, marks, callback, context};
	const struct package *package = resolve(packages, name);

	if (package)
		visit_all(&closure, package);
}

void cc_packages_itself(const struct cc_packages *packages, const char *name,
			struct cc_package_marks *marks,
			void (*callback)(void *context, const char *name), void *context)
{
	struct closure closure = {packages, marks, callback, context};
	const struct package *package = find(packages, name);

	if (package)
		visit_one(&closure, package);
}

void cc_packages_needs(const struct cc_packages *packages, const char *name,
		       struct cc_package_marks *marks,
		       void (*callback)(void *context, const char *name), void *context)
{
	struct closure closure = {packages, marks, callback, context};
	const struct package *package = find(packages, name);

	if (package)
		each_need(&closure, package, visit_one);
}

/* The text of a package's file list; NULL when there is none. */
static char *read_list(const struct package *package)
{
	char *path = cc_format(INFO "/%s.list", package->name), *text;

	text = cc_read_file(path, STATUS_MAX, NULL, NULL);
	free(path);
	if (text)
		return text;
	path = cc_format(INFO "/%s:%s.list", package->name, package->architecture);
	text = cc_read_file(path, STATUS_MAX, NULL, NULL);
	free(path);
	return text;
}

void cc_package_files(const struct cc_packages *packages, const char *name,
		      void (*callback)(void *context, const char *path), void *context)
{
	const struct package *package = find(packages, name);
	char *text = package ? read_list(package) : NULL, *rest = text, *line;

	while (rest && (line = strsep(&rest, "\n")))
		if (*line == '/' && strcmp(line, "/."))
			callback(context, line);
	free(text);
}

/* Whether a list has this line. */
static int has_line(const char *text, const char *line)
{
	size_t length = strlen(line);

	for (const char *at = text; (at = strstr(at, line)); at += length)
		if ((at == text || at[-1] == '\n') && (at[length] == '\n' || !at[length]))
			return 1;
	return 0;
}

const char *cc_packages_owner(const struct cc_packages *packages, const char *const paths[])
{
	for (size_t i = 0; i < packages->count; i++) {
		char *text = read_list(packages->list + i);
		int found = 0;

		for (size_t j = 0; text && paths[j] && !found; j++)
			found = has_line(text, paths[j]);
		free(text);
		if (found)
			return packages->list[i].name;
	}
	return NULL;
}
