/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/perl/replay/sources.h"

#include <stdio.h>
#include <string.h>

#include "core/replay/preload.h"

/* A program may make many evals: of so many bytes the text is kept, the last ones'. */
#define EVAL_BYTES (32u << 20)

struct sub {
	const void *root; /* NULL: free */
	const char *file;
	char *package; /* of one without a name, or NULL */
	unsigned first, last;
};

static struct {
	struct cc_perl_source **at; /* a hash by name */
	size_t count, capacity;
	struct sub *subs; /* a hash by root */
	size_t sub_count, sub_capacity;
	unsigned long first_eval, next_eval; /* of those whose text is kept */
	size_t eval_bytes;
} sources;

/* ---- files ---- */

static size_t hash(const char *name)
{
	size_t sum = 5381;

	while (*name)
		sum = sum * 33 + (uint8_t)*name++;
	return sum;
}

static struct cc_perl_source **slot_of(const char *name)
{
	size_t i = hash(name) & (sources.capacity - 1);

	while (sources.at[i] && strcmp(sources.at[i]->name, name))
		i = (i + 1) & (sources.capacity - 1);
	return &sources.at[i];
}

static void make_room(void)
{
	struct cc_perl_source **old = sources.at;
	size_t capacity = sources.capacity;

	if (sources.count * 2 < capacity)
		return;
	sources.capacity = capacity ? capacity * 2 : 256;
	sources.at = cc_heap_malloc(sources.capacity * sizeof(*sources.at));
	memset(sources.at, 0, sources.capacity * sizeof(*sources.at));
	for (size_t i = 0; i < capacity; i++)
		if (old[i])
			*slot_of(old[i]->name) = old[i];
	cc_heap_free(old);
}

static struct cc_perl_source *source_of(const char *name)
{
	struct cc_perl_source **slot;

	make_room();
	slot = slot_of(name);
	if (!*slot) {
		size_t size = strlen(name) + 1;

		*slot = cc_heap_malloc(sizeof(**slot));
		**slot = (struct cc_perl_source){.name = cc_heap_malloc(size)};
		memcpy((*slot)->name, name, size);
		sources.count++;
	}
	return *slot;
}

static void append(struct cc_perl_source *source, const void *bytes, size_t length)
{
	if (source->length + length > source->room) {
		source->room = (source->length + length) * 2;
		source->text = cc_heap_realloc(source->text, source->room);
	}
	memcpy(source->text + source->length, bytes, length);
	source->length += length;
}

void cc_perl_sources_read(const char *file, const void *parser, const void *handle,
			  const void *bytes, size_t length)
{
	struct cc_perl_source *source = source_of(file);

	if (source->parser != parser || source->handle != handle)
		source->length = 0;
	source->parser = parser;
	source->handle = handle;
	append(source, bytes, length);
}

static void make_line_room(struct cc_perl_source *source, unsigned line)
{
	unsigned room = source->line_room;

	if (line < room)
		return;
	source->line_room = line * 2 + 64;
	source->lines = cc_heap_realloc(source->lines, source->line_room * sizeof(*source->lines));
	memset(source->lines + room, 0, (source->line_room - room) * sizeof(*source->lines));
}

void cc_perl_sources_line(const char *file, unsigned line, struct cc_perl_line found)
{
	struct cc_perl_source *source;

	if (!file || line > 1u << 22)
		return;
	source = source_of(file);
	make_line_room(source, line);
	if (source->lines[line].tree != found.tree || source->lines[line].made < found.made)
		source->lines[line] = found;
}

int cc_perl_sources_breaks(const char *file, unsigned line, const void *statement)
{
	const struct cc_perl_source *source = sources.at ? *slot_of(file) : NULL;

	return source && line < source->line_room && source->lines[line].statement == statement;
}

const struct cc_perl_source *cc_perl_sources_next(size_t *place)
{
	while (*place < sources.capacity)
		if (sources.at[(*place)++])
			return sources.at[*place - 1];
	return NULL;
}

/* ---- string evals ---- */

static const char *eval_name(char name[32], unsigned long number)
{
	snprintf(name, 32, "(eval %lu)", number);
	return name;
}

const char *cc_perl_sources_shown(const char *name)
{
	const struct cc_perl_source *source = sources.at && name ? *slot_of(name) : NULL;

	return source && source->shown ? source->shown : name;
}

static void drop_eval(unsigned long number)
{
	char name[32];
	struct cc_perl_source *source = source_of(eval_name(name, number));

	sources.eval_bytes -= source->length;
	cc_heap_free(source->text);
	source->text = NULL;
	source->length = source->room = 0;
}

void cc_perl_sources_eval(unsigned long number, const char *text, size_t length, const char *file,
			  unsigned line)
{
	char name[32];
	struct cc_perl_source *source = source_of(eval_name(name, number));
	size_t size = strlen(name) + (file ? strlen(file) : 0) + 16;

	if (source->length || length > EVAL_BYTES)
		return;
	source->shown = cc_heap_malloc(size);
	snprintf(source->shown, size, "%s[%s:%u]", name, file ? file : "", line);
	append(source, text, length);
	append(source, "\n;", 2); /* as lex_start does */
	sources.eval_bytes += source->length;
	if (!sources.first_eval)
		sources.first_eval = number;
	sources.next_eval = number + 1;
	while (sources.eval_bytes > EVAL_BYTES && sources.first_eval < number)
		drop_eval(sources.first_eval++);
}

/* ---- subs ---- */

static struct sub *sub_slot(const void *root)
{
	size_t i = ((uintptr_t)root >> 4) * 0x9e3779b1u & (sources.sub_capacity - 1);

	while (sources.subs[i].root && sources.subs[i].root != root)
		i = (i + 1) & (sources.sub_capacity - 1);
	return &sources.subs[i];
}

static void make_sub_room(void)
{
	struct sub *old = sources.subs;
	size_t capacity = sources.sub_capacity;

	if (sources.sub_count * 2 < capacity)
		return;
	sources.sub_capacity = capacity ? capacity * 2 : 1024;
	sources.subs = cc_heap_malloc(sources.sub_capacity * sizeof(*sources.subs));
	memset(sources.subs, 0, sources.sub_capacity * sizeof(*sources.subs));
	for (size_t i = 0; i < capacity; i++)
		if (old[i].root)
			*sub_slot(old[i].root) = old[i];
	cc_heap_free(old);
}

/* What another sub left at the address is replaced. */
void cc_perl_sources_sub(const void *root, const char *package, const char *file, unsigned first,
			 unsigned last)
{
	struct sub *sub;

	if (!file)
		return;
	make_sub_room();
	sub = sub_slot(root);
	if (!sub->root)
		sources.sub_count++;
	cc_heap_free(sub->package);
	*sub = (struct sub){root, source_of(file)->name, NULL, first, last};
	if (package) {
		size_t size = strlen(package) + 1;

		sub->package = memcpy(cc_heap_malloc(size), package, size);
	}
}

const char *cc_perl_sources_next_unnamed(size_t *place, const char **file, unsigned *first,
					 unsigned *last)
{
	while (*place < sources.sub_capacity) {
		const struct sub *sub = &sources.subs[(*place)++];

		if (!sub->root || !sub->package)
			continue;
		*file = cc_perl_sources_shown(sub->file);
		*first = sub->first;
		*last = sub->last;
		return sub->package;
	}
	return NULL;
}

const char *cc_perl_sources_find_sub(const void *root, unsigned *first, unsigned *last)
{
	const struct sub *sub = sources.subs ? sub_slot(root) : NULL;

	if (!sub || !sub->root)
		return NULL;
	*first = sub->first;
	*last = sub->last;
	return cc_perl_sources_shown(sub->file);
}
