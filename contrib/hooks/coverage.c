/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Statement coverage of a past run, as lcov reads it: genhtml -o html coverage.info
 *   cc-perl-replay --hook coverage slice.plog
 * Options: out=FILE (coverage.info); sources=DIR: the sources, as the run read them, are written
 * there, and genhtml finds them wherever it runs; all=1: the interpreter's own modules (below /usr)
 * too.
 * With --show-process the test's name, by which lcov tells runs apart, is the process.
 */
#include <crosscut/hooks.h>

#include "options.h"
#include "sources.h"

struct sub {
	const char *name;
	unsigned line;
	unsigned long entered;
};

struct file {
	const char *name, *path; /* as events have it; absolute */
	unsigned long *hits;	 /* by line: 1 + how often; 0: no statement begins there */
	size_t lines;
	struct sub *subs;
	size_t sub_count;
};

static struct {
	struct file *files, *last;
	size_t count;
	struct output out;
	struct sources sources;
	char *all;
} coverage;

/* Names are texts that stay: one name, one address. NULL: it is none of the program's. */
static struct file *file_of(const char *name)
{
	if (coverage.last && coverage.last->name == name)
		return coverage.last;
	for (size_t i = 0; i < coverage.count; i++)
		if (coverage.files[i].name == name)
			return coverage.last = &coverage.files[i];
	if (*name == '(' || *name == '<' || !*name || (!coverage.all && !strncmp(name, "/usr/", 5)))
		return NULL;
	coverage.files = realloc(coverage.files, (coverage.count + 1) * sizeof(*coverage.files));
	coverage.last = &coverage.files[coverage.count++];
	*coverage.last = (struct file){.name = name, .path = cc_hook_path(name)};
	return coverage.last;
}

static unsigned long *hits_of(struct file *file, unsigned line)
{
	if (line >= file->lines) {
		size_t lines = line + line / 2 + 100;

		file->hits = realloc(file->hits, lines * sizeof(*file->hits));
		memset(file->hits + file->lines, 0, (lines - file->lines) * sizeof(*file->hits));
		file->lines = lines;
	}
	return &file->hits[line];
}

static struct sub *sub_of(struct file *file, const char *name, unsigned line)
{
	for (size_t i = 0; i < file->sub_count; i++)
		if (file->subs[i].name == name && file->subs[i].line == line)
			return &file->subs[i];
	file->subs = realloc(file->subs, (file->sub_count + 1) * sizeof(*file->subs));
	file->subs[file->sub_count] = (struct sub){name, line, 0};
	return &file->subs[file->sub_count++];
}

/* Not a file's own code, nor what runs while it is compiled. */
static int is_sub(const char *name)
{
	const char *colon = strrchr(name, ':');

	return *name && *name != '<' && (!colon || strcmp(colon, ":BEGIN"));
}

static void code(void *data, const struct cc_hook_code *code)
{
	struct file *file = file_of(code->file);

	for (size_t i = 0; file && i < code->count; i++)
		if (!*hits_of(file, code->lines[i]))
			*hits_of(file, code->lines[i]) = 1;
	if (file && is_sub(code->sub))
		sub_of(file, code->sub, code->line);
}

static void statement(void *data, const char *name, unsigned line, const char *sub)
{
	struct file *file = file_of(name);
	unsigned long *hits = file && line ? hits_of(file, line) : NULL;

	if (hits)
		*hits += *hits ? 1 : 2;
}

static void enter(void *data, const struct cc_hook_call *call)
{
	struct file *file = call->line && is_sub(call->sub) ? file_of(call->file) : NULL;

	if (file)
		sub_of(file, call->sub, call->line)->entered++;
}

/* What a forked child's parent ran, the child has not covered. */
static void forked(void *data, pid_t process)
{
	for (struct file *file = coverage.files; file < coverage.files + coverage.count; file++) {
		for (size_t line = 0; line < file->lines; line++)
			file->hits[line] = file->hits[line] > 0;
		for (size_t i = 0; i < file->sub_count; i++)
			file->subs[i].entered = 0;
	}
}

static void write_file(FILE *out, const struct file *file)
{
	size_t found = 0, hit = 0;

	fprintf(out, "TN:");
	if (*cc_hook_prefix())
		fprintf(out, "process_%d", (int)cc_hook_process());
	fprintf(out, "\nSF:");
	write_line(out, source_name(&coverage.sources, file->path));
	for (size_t i = 0; i < file->sub_count; i++) {
		char name[1024];

		/* lcov tells functions apart by name alone */
		snprintf(name, sizeof(name),
			 strstr(file->subs[i].name, "__ANON__") ? "%s:%u" : "%s",
			 file->subs[i].name, file->subs[i].line);
		fprintf(out, "FN:%u,%s\nFNDA:%lu,%s\n", file->subs[i].line, name,
			file->subs[i].entered, name);
		hit += file->subs[i].entered > 0;
	}
	fprintf(out, "FNF:%zu\nFNH:%zu\n", file->sub_count, hit);
	hit = 0;
	for (unsigned line = 1; line < file->lines; line++)
		if (file->hits[line]) {
			fprintf(out, "DA:%u,%lu\n", line, file->hits[line] - 1);
			found++;
			hit += file->hits[line] > 1;
		}
	fprintf(out, "LF:%zu\nLH:%zu\nend_of_record\n", found, hit);
}

static void end(void *data, int status)
{
	for (size_t i = 0; i < coverage.count; i++)
		write_file(coverage.out.file, &coverage.files[i]);
	sources_over(&coverage.sources);
	close_output(&coverage.out);
}

int cc_hook_load(struct cc_hook *hook)
{
	if (!options_known("coverage", hook->arguments, "out sources all "))
		return -1;
	if (open_output(&coverage.out, "coverage", option(hook->arguments, "out", "coverage.info")))
		return -1;
	if (open_sources(&coverage.sources, "coverage", hook->arguments))
		return -1;
	cc_hook_keep_files();
	coverage.all = option(hook->arguments, "all", NULL);
	hook->code = code;
	hook->statement = statement;
	hook->enter = enter;
	hook->forked = forked;
	hook->end = end;
	return 0;
}
