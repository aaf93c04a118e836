/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/vm/exclude.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/files.h"
#include "core/base/memory.h"
#include "core/base/text.h"

#define FILE_MAX (1u << 20)
#define HEAD 65536 /* bytes of a file in which a key is looked for */

struct glob {
	char *text;	  /* as it was given */
	const char *from; /* within that, what is compared; it ends at `length` */
	size_t length;
	int named; /* on the command line: it is told when it fits nothing */
	int negated, directories, any_depth;
	int used;
};

struct cc_exclude {
	const char *cwd;
	struct glob *globs;
	size_t count;
};

/* ---- comparing ---- */

/* The first name of *path, malloc'ed, which is taken off it. */
static char *take_name(const char **path)
{
	size_t length = strcspn(*path, "/");
	char *name = cc_format("%.*s", (int)length, *path);

	*path += length + ((*path)[length] == '/');
	return name;
}

/* Name by name, from the left; both without a slash in front. */
static int fits(const char *glob, const char *path)
{
	char *wanted, *name;
	int is;

	if (!*glob)
		return !*path;
	wanted = take_name(&glob);
	if (!strcmp(wanted, "**")) {
		free(wanted);
		for (is = *glob ? fits(glob, path) : *path != '\0'; !is && *path;) {
			free(take_name(&path));
			is = fits(glob, path);
		}
		return is;
	}
	name = take_name(&path);
	is = *name && !fnmatch(wanted, name, 0) && fits(glob, path);
	free(wanted);
	free(name);
	return is;
}

/* `path` from the working directory, or from the root, without a slash in front. */
static int fits_at_depth(const char *glob, int any_depth, const char *path)
{
	const char *slash = any_depth ? strrchr(path, '/') : NULL;

	return fits(glob, slash ? slash + 1 : path);
}

/* What is behind the working directory; NULL: nothing, it is another place. */
static const char *below(const char *cwd, const char *path)
{
	size_t length = strcmp(cwd, "/") ? strlen(cwd) : 0;

	return !strncmp(cwd, path, length) && path[length] == '/' && path[length + 1]
		       ? path + length + 1
		       : NULL;
}

/* ---- the globs ---- */

struct cc_exclude *cc_exclude_new(const char *cwd)
{
	struct cc_exclude *exclude = cc_allocate_zeros(1, sizeof(*exclude));

	exclude->cwd = cwd;
	return exclude;
}

void cc_exclude_free(struct cc_exclude *exclude)
{
	if (!exclude)
		return;
	for (size_t i = 0; i < exclude->count; i++)
		free(exclude->globs[i].text);
	free(exclude->globs);
	free(exclude);
}

static void add(struct cc_exclude *exclude, const char *text, int named)
{
	struct glob glob = {.text = cc_copy(text), .named = named};

	glob.negated = *glob.text == '!';
	glob.from = glob.text + glob.negated;
	glob.length = strlen(glob.from);
	while (glob.length && glob.from[glob.length - 1] == '/') {
		glob.directories = 1;
		glob.length--;
	}
	glob.any_depth = !memchr(glob.from, '/', glob.length);
	while (glob.length && *glob.from == '/') {
		glob.from++;
		glob.length--;
	}
	cc_array_room(exclude->globs, exclude->count);
	exclude->globs[exclude->count++] = glob;
}

void cc_exclude_add(struct cc_exclude *exclude, const char *glob)
{
	add(exclude, glob, 1);
}

int cc_exclude_read(struct cc_exclude *exclude, const char *path, struct cc_error *error)
{
	struct cc_error why;
	char *text = cc_read_file(path, FILE_MAX, NULL, &why), *rest = text, *line;

	if (!text && why.status != CC_EMISSING)
		return cc_fail(error, why.status, "%s", why.text);
	while ((line = strsep(&rest, "\n"))) {
		size_t length = strlen(line);

		while (length && strchr(" \t\r", line[length - 1]))
			line[--length] = '\0';
		if (length && *line != '#')
			add(exclude, line, 0);
	}
	free(text);
	return 0;
}

static int is_directory(const char *path)
{
	struct stat info;

	return !lstat(path, &info) && S_ISDIR(info.st_mode);
}

/* The verdict of the last glob that fits `path`, which is `whole` or a directory above it. */
static int has(struct cc_exclude *exclude, const char *path, const char *whole)
{
	int out = 0;

	for (size_t i = 0; i < exclude->count; i++) {
		struct glob *glob = &exclude->globs[i];
		char *text = cc_format("%.*s", (int)glob->length, glob->from);

		if (fits_at_depth(text, glob->any_depth, path) &&
		    (!glob->directories || is_directory(whole))) {
			out = !glob->negated;
			glob->used = 1;
		}
		free(text);
	}
	return out;
}

int cc_exclude_has(struct cc_exclude *exclude, const char *path)
{
	const char *rest = below(exclude->cwd, path);
	char *whole, *slash, *from;
	int out = 0;

	if (!exclude->count ||
	    (!rest && (!strcmp(path, exclude->cwd) || below(path, exclude->cwd))))
		return 0;
	whole = cc_copy(path);
	from = whole + (rest ? rest - path : 1);
	for (slash = from; !out && (slash = strchr(slash, '/')); *slash++ = '/') {
		*slash = '\0';
		out = has(exclude, from, whole);
	}
	out = out || has(exclude, from, path);
	free(whole);
	return out;
}

const char *cc_exclude_unused(const struct cc_exclude *exclude, size_t *at)
{
	while (*at < exclude->count) {
		const struct glob *glob = &exclude->globs[(*at)++];

		if (glob->named && !glob->used)
			return glob->text;
	}
	return NULL;
}

/* ---- what is mostly nobody else's ---- */

static const struct {
	const char *glob;    /* without a slash: at any depth */
	const char *content; /* only with this in it; NULL: in any case */
} privates[] = {
	{".env", NULL},
	{".env.*", NULL},
	{".git", NULL},
	{".git-credentials", NULL},
	{".ssh", NULL},
	{".gnupg", NULL},
	{"id_rsa", NULL},
	{"id_dsa", NULL},
	{"id_ecdsa", NULL},
	{"id_ed25519", NULL},
	{"*.pem", "PRIVATE KEY"}, /* most hold certificates */
	{"*.key", NULL},
	{"*.p12", NULL},
	{"*.pfx", NULL},
	{"*.kdbx", NULL},
	{".netrc", NULL},
	{".npmrc", NULL},
	{".pypirc", NULL},
	{".pgpass", NULL},
	{".my.cnf", NULL},
	{"**/.aws/credentials", NULL},
	{"**/.docker/config.json", NULL},
	{"**/.kube/config", NULL},
};

static int holds(const char *path, const char *content)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *head = cc_allocate(HEAD);
	ssize_t n = fd < 0 ? 0 : read(fd, head, HEAD);
	int is = n > 0 && memmem(head, (size_t)n, content, strlen(content));

	if (fd >= 0)
		close(fd);
	free(head);
	return is;
}

static int is_private(const char *cwd, const char *path)
{
	const char *rest = below(cwd, path);

	for (size_t i = 0; rest && i < sizeof(privates) / sizeof(*privates); i++)
		if (fits_at_depth(privates[i].glob, !strchr(privates[i].glob, '/'), rest) &&
		    (!privates[i].content || holds(path, privates[i].content)))
			return 1;
	return 0;
}

#define SHOWN 4

struct search {
	const char *cwd;
	char *names;
	size_t size;
	unsigned count;
	char *last; /* a directory: what is below it does not count again */
};

static int note(void *context, const struct cc_fileset_entry *entry)
{
	struct search *search = context;
	size_t length = strlen(search->names);

	if ((search->last && below(search->last, entry->path)) ||
	    !is_private(search->cwd, entry->path))
		return 0;
	free(search->last);
	search->last = cc_copy(entry->path);
	if (search->count++ < SHOWN)
		snprintf(search->names + length, search->size - length, "%s%s", length ? ", " : "",
			 below(search->cwd, entry->path));
	return 0;
}

int cc_privates_in(struct cc_fileset *set, const char *cwd, char *names, size_t size)
{
	struct search search = {.cwd = cwd, .names = names, .size = size};
	size_t length;

	*names = '\0';
	cc_fileset_each(set, note, &search);
	free(search.last);
	cc_show_controls(names, size);
	length = strlen(names);
	if (search.count > SHOWN)
		snprintf(names + length, size - length, " and %u more", search.count - SHOWN);
	return search.count > 0;
}
