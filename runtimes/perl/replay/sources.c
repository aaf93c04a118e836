/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/perl/replay/sources.h"

#include <stdio.h>
#include <string.h>

#include "core/replay/heap.h"
#include "core/replay/preload.h"

/* A program may make many evals: of so many bytes the text is kept, the last ones'. */
#define EVAL_BYTES (32u << 20)

struct sub {
	const void *root;
	const char *file;
	char *package; /* of one without a name, or NULL */
	unsigned first, last;
};

/* An open hash of what is found by a key of its own. */
struct table {
	void **at;
	size_t count, capacity;
	const void *(*key)(const void *item);
	size_t (*hash)(const void *key);
	int (*is_same)(const void *key, const void *other);
};

static struct {
	unsigned long first_eval; /* of those whose text is kept */
	size_t eval_bytes;
} sources;

/* ---- tables ---- */

static void **slot_of(const struct table *table, const void *key)
{
	size_t i = table->hash(key) & (table->capacity - 1);

	while (table->at[i] && !table->is_same(table->key(table->at[i]), key))
		i = (i + 1) & (table->capacity - 1);
	return &table->at[i];
}

/* What has that key, or NULL. */
static void *find(const struct table *table, const void *key)
{
	return table->at ? *slot_of(table, key) : NULL;
}

static void make_room(struct table *table)
{
	void **old = table->at;
	size_t capacity = table->capacity;

	if (table->count * 2 < capacity)
		return;
	table->capacity = capacity ? capacity * 2 : 256;
	table->at = cc_heap_zeros(table->capacity, sizeof(*table->at));
	for (size_t i = 0; i < capacity; i++)
		if (old[i])
			*slot_of(table, table->key(old[i])) = old[i];
	cc_heap_free(old);
}

/* What has that key; if nothing has, new memory, which the caller has to give the key. */
static void *need(struct table *table, const void *key, size_t size)
{
	void **slot;

	make_room(table);
	slot = slot_of(table, key);
	if (!*slot) {
		*slot = cc_heap_zeros(1, size);
		table->count++;
	}
	return *slot;
}

/* The next one from *place on, or NULL. */
static void *next_of(const struct table *table, size_t *place)
{
	while (*place < table->capacity)
		if (table->at[(*place)++])
			return table->at[*place - 1];
	return NULL;
}

/* ---- files ---- */

static const void *name_of(const void *source)
{
	return ((const struct cc_perl_source *)source)->name;
}

static size_t hash_name(const void *name)
{
	size_t sum = 5381;

	for (const char *at = name; *at; at++)
		sum = sum * 33 + (uint8_t)*at;
	return sum;
}

static int is_same_name(const void *name, const void *other)
{
	return !strcmp(name, other);
}

static struct table files = {.key = name_of, .hash = hash_name, .is_same = is_same_name};

static struct cc_perl_source *source_of(const char *name)
{
	struct cc_perl_source *source = need(&files, name, sizeof(*source));

	if (!source->name)
		source->name = cc_heap_copy(name);
	return source;
}

static void append(struct cc_perl_source *source, const void *bytes, size_t length)
{
	cc_heap_reach(source->text, source->room, source->length + length);
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

void cc_perl_sources_line(const char *file, unsigned line, struct cc_perl_line found)
{
	struct cc_perl_source *source;

	if (!file || line > 1u << 22)
		return;
	source = source_of(file);
	cc_heap_reach(source->lines, source->line_room, line);
	if (source->lines[line].tree != found.tree || source->lines[line].made < found.made)
		source->lines[line] = found;
}

int cc_perl_sources_breaks(const char *file, unsigned line, const void *statement)
{
	const struct cc_perl_source *source = find(&files, file);

	return source && line < source->line_room && source->lines[line].statement == statement;
}

const struct cc_perl_source *cc_perl_sources_next(size_t *place)
{
	return next_of(&files, place);
}

/* ---- string evals ---- */

static const char *eval_name(char name[32], unsigned long number)
{
	snprintf(name, 32, "(eval %lu)", number);
	return name;
}

const char *cc_perl_sources_shown(const char *name)
{
	const struct cc_perl_source *source = name ? find(&files, name) : NULL;

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
	while (sources.eval_bytes > EVAL_BYTES && sources.first_eval < number)
		drop_eval(sources.first_eval++);
}

/* ---- subs ---- */

static const void *root_of(const void *sub)
{
	return ((const struct sub *)sub)->root;
}

static size_t hash_root(const void *root)
{
	return ((uintptr_t)root >> 4) * 0x9e3779b1u;
}

static int is_same_root(const void *root, const void *other)
{
	return root == other;
}

static struct table subs = {.key = root_of, .hash = hash_root, .is_same = is_same_root};

/* What another sub left at the address is replaced. */
void cc_perl_sources_sub(const void *root, const char *package, const char *file, unsigned first,
			 unsigned last)
{
	struct sub *sub;

	if (!file)
		return;
	sub = need(&subs, root, sizeof(*sub));
	cc_heap_free(sub->package);
	*sub = (struct sub){root, source_of(file)->name, package ? cc_heap_copy(package) : NULL,
			    first, last};
}

const char *cc_perl_sources_next_unnamed(size_t *place, const char **file, unsigned *first,
					 unsigned *last)
{
	const struct sub *sub;

	while ((sub = next_of(&subs, place)) && !sub->package)
		;
	if (!sub)
		return NULL;
	*file = cc_perl_sources_shown(sub->file);
	*first = sub->first;
	*last = sub->last;
	return sub->package;
}

const char *cc_perl_sources_find_sub(const void *root, unsigned *first, unsigned *last)
{
	const struct sub *sub = find(&subs, root);

	if (!sub)
		return NULL;
	*first = sub->first;
	*last = sub->last;
	return cc_perl_sources_shown(sub->file);
}
