/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/vm/missed.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/files.h"
#include "core/base/memory.h"

#define COMPLAINTS_MAX (16u << 20)
#define TOLD_MAX 10

struct search {
	const char *cwd;
	const struct cc_fileset *set;
	struct cc_base *base;
	void (*notice)(const char *text);
	char *told[TOLD_MAX];
	size_t count;
};

static int guest_has(const struct search *search, const char *path)
{
	return cc_fileset_has(search->set, path) || cc_cpio_find(&search->base->files, path + 1);
}

static int was_reported(const struct search *search, const char *path)
{
	for (size_t i = 0; i < search->count; i++)
		if (!strcmp(search->told[i], path))
			return 1;
	return 0;
}

static void tell(struct search *search, const char *path)
{
	char *text = cc_format(
		"%s is on this machine, but was not in the guest; --include %s takes it there",
		path, path);

	search->notice(text);
	free(text);
	search->told[search->count++] = cc_copy(path);
}

static void consider(struct search *search, char *word)
{
	size_t length = strlen(word);
	char *path, *real;

	while (length > 1 && strchr(".!?", word[length - 1])) /* the end of a sentence */
		word[--length] = 0;

	if (!strchr(word, '/') || length >= PATH_MAX || search->count == TOLD_MAX)
		return;
	path = *word == '/' ? cc_copy(word) : cc_format("%s/%s", search->cwd, word);
	real = realpath(path, NULL);
	if (real && strncmp(real, "/proc/", 6) && strncmp(real, "/sys/", 5) &&
	    strncmp(real, "/dev/", 5) && !guest_has(search, real) && !was_reported(search, path))
		tell(search, path);
	free(real);
	free(path);
}

void cc_report_missed(const char *complaints, const char *cwd, const struct cc_fileset *set,
		      struct cc_base *base, void (*notice)(const char *text))
{
	struct search search = {.cwd = cwd, .set = set, .base = base, .notice = notice};
	char *text = cc_read_file(complaints, COMPLAINTS_MAX, NULL, NULL), *rest = text, *word;

	if (!text || !notice || cc_base_files(base, NULL)) {
		free(text);
		return;
	}
	/* what messages put around names; a path with these in it goes untold */
	while ((word = strsep(&rest, " \t\r\n'\"`:,;()[]{}<>")))
		consider(&search, word);
	for (size_t i = 0; i < search.count; i++)
		free(search.told[i]);
	free(text);
}
