/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/cmd/kinds.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "core/runtime/language.h"
#include "core/vm/members.h"
#include "logs/frame.h"

#define HEAD 512
#define KIND_AT 16 /* in a slice's prologue (doc/log-format.md) */
#define KIND_SIZE 16
#define TAR_MAGIC_AT 257

struct file {
	const char *path;
	uint8_t head[HEAD];
	size_t length;
};

/* ---- by the first bytes ---- */

int cc_kind_is_slice(const uint8_t *head, size_t length)
{
	return length >= CC_MAGIC_SIZE && !memcmp(head, cc_log_magic, CC_MAGIC_SIZE);
}

static int is_tar(const uint8_t *head, size_t length)
{
	return length >= TAR_MAGIC_AT + 5 && !memcmp(head + TAR_MAGIC_AT, "ustar", 5);
}

/* Its manifest comes first in the archive, and so the manifest's name in the file. */
int cc_kind_is_machine(const uint8_t *head, size_t length)
{
	static const char name[] = CC_VMLOG_MANIFEST;

	return length >= sizeof(name) && !memcmp(head, name, sizeof(name)) &&
	       (length < HEAD || is_tar(head, length));
}

static int begins(const uint8_t *head, size_t length, const char *with)
{
	return length >= strlen(with) && !memcmp(head, with, strlen(with));
}

static int is_elf(const uint8_t *head, size_t length)
{
	return begins(head, length, "\177ELF");
}

static int is_script(const uint8_t *head, size_t length)
{
	return begins(head, length, "#!");
}

static int is_json(const uint8_t *head, size_t length)
{
	static const char *const beginnings[] = {"{", "[{", "[\"", "[[", "[]", "[\n"};
	size_t at = 0;

	while (at < length && head[at] && strchr(" \t\r\n", head[at]))
		at++;
	for (size_t i = 0; i < sizeof(beginnings) / sizeof(*beginnings); i++)
		if (begins(head + at, length - at, beginnings[i]))
			return 1;
	return 0;
}

static int is_compressed(const uint8_t *head, size_t length)
{
	static const char *const magics[] = {"\037\213", "\x28\xb5\x2f\xfd",
					     "\375"
					     "7zXZ",
					     "BZh", "PK\3\4"};

	for (size_t i = 0; i < sizeof(magics) / sizeof(*magics); i++)
		if (begins(head, length, magics[i]))
			return 1;
	return 0;
}

static int is_text(const uint8_t *head, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if ((head[i] < ' ' && !strchr("\t\r\n\f\033", head[i])) || head[i] == 127 ||
		    !head[i])
			return 0;
	return length > 0;
}

/* The first that fits is told. What no row fits is left to who opens it. */
static const struct {
	int (*is)(const uint8_t *head, size_t length);
	const char *name;
	unsigned as; /* mask of 1 << enum cc_kind_wanted: as what it is opened */
} kinds[] = {
	{cc_kind_is_slice, NULL, 1u << CC_WANTED_SLICE | 1u << CC_WANTED_LOG},
	{cc_kind_is_machine, NULL, 1u << CC_WANTED_MACHINE | 1u << CC_WANTED_LOG},
	{is_tar, "a tar archive", 0},
	{is_elf, "an ELF file (a program or a library)", 1u << CC_WANTED_HOOK},
	{is_script, "a script", 0},
	{is_json, "JSON", 0},
	{is_compressed, "compressed", 0},
	{is_text, "text", 0},
};

/* What is wanted, and where that comes from. */
static const struct {
	const char *name, *from;
} wants[] = {
	[CC_WANTED_SLICE] = {"slice", "cc-slice makes one of a recording"},
	[CC_WANTED_MACHINE] = {"recording", "cc-record makes one"},
	[CC_WANTED_LOG] = {"log", "name a slice or a recording"},
	[CC_WANTED_HOOK] = {"hook", "name a library (.so) or a file in the program's language"},
};

/* ---- what opens it ---- */

/* The language of a slice of this kind; NULL: none that is known. */
static const char *language_of(const char *kind)
{
	for (size_t i = 0; cc_languages[i]; i++)
		if (!strcmp(cc_languages[i]->kind, kind))
			return cc_languages[i]->name;
	return NULL;
}

static void kind_of(const struct file *file, char kind[KIND_SIZE])
{
	memset(kind, 0, KIND_SIZE);
	if (file->length >= KIND_AT + KIND_SIZE)
		memcpy(kind, file->head + KIND_AT, KIND_SIZE - 1);
}

static int is_slice(const struct file *file, const char *but, struct cc_error *error)
{
	char kind[KIND_SIZE];
	const char *language;

	kind_of(file, kind);
	language = language_of(kind);
	if (!language)
		return cc_fail(error, CC_EFORMAT, "%s: is a slice%s: `cc-log info %s` tells more",
			       file->path, but, file->path);
	return cc_fail(error, CC_EFORMAT,
		       "%s: is a slice of a %s run%s: `cc-%s-replay %s` replays it, `cc-log dump "
		       "%s` prints it",
		       file->path, language, but, language, file->path, file->path);
}

static int is_other(const struct file *file, enum cc_kind_wanted wanted, struct cc_error *error)
{
	char *but = cc_format(", and no %s", wants[wanted].name);
	int status;
	size_t i = 0;

	while (i < sizeof(kinds) / sizeof(*kinds) && !kinds[i].is(file->head, file->length))
		i++;
	if (i == sizeof(kinds) / sizeof(*kinds) || kinds[i].as >> wanted & 1)
		status = CC_OK; /* what is wanted, or nobody knows */
	else if (kinds[i].is == cc_kind_is_slice)
		status = is_slice(file, but, error);
	else if (kinds[i].is == cc_kind_is_machine)
		status = cc_fail(error, CC_EFORMAT,
				 "%s: is a recorded machine%s: `cc-slice %s` makes a slice of it",
				 file->path, but, file->path);
	else
		status = cc_fail(error, CC_EFORMAT, "%s: is %s%s: %s", file->path, kinds[i].name,
				 but, wants[wanted].from);
	free(but);
	return status;
}

/* ---- the check ---- */

static int check(const struct file *file, enum cc_kind_wanted wanted, const char *kind,
		 struct cc_error *error)
{
	char own[KIND_SIZE];

	if (!file->length && (wanted == CC_WANTED_SLICE || wanted == CC_WANTED_LOG))
		return 0; /* the reader says so */
	if (!file->length)
		return cc_fail(error, CC_EFORMAT, "%s: is an empty file, and no %s: %s", file->path,
			       wants[wanted].name, wants[wanted].from);
	if (cc_kind_is_machine(file->head, file->length) && file->length < HEAD)
		return cc_fail(error, CC_ECUT, "%s: cut short; record it again", file->path);
	kind_of(file, own);
	if (kind && cc_kind_is_slice(file->head, file->length) && language_of(own) &&
	    strcmp(own, kind))
		return is_slice(file, "", error);
	return is_other(file, wanted, error);
}

int cc_kind_check(const char *path, enum cc_kind_wanted wanted, const char *kind,
		  struct cc_error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), status = 0;
	struct file file = {.path = path};
	struct stat info;
	ssize_t got;

	if (fd < 0)
		return 0;
	if (!fstat(fd, &info) && S_ISDIR(info.st_mode))
		status = cc_fail(error, CC_EIO, "%s: is a directory, and no %s: name a file in it",
				 path, wants[wanted].name);
	else if (S_ISREG(info.st_mode) && (got = read(fd, file.head, HEAD)) >= 0) {
		file.length = (size_t)got;
		status = check(&file, wanted, kind, error);
	}
	close(fd);
	return status;
}
