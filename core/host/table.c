/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of hostcalls.def, and finding one by any of its symbols. */
#include "core/host/walk.h"
#include "core/base/hash.h"

#include <stdlib.h>
#include <string.h>

#define HOST CC_HOST
#define LIVE CC_LIVE
#define THREAD CC_THREAD
#define LOAD CC_LOAD
#define PURE CC_PURE
#define DATA CC_DATA
#define REFUSE CC_REFUSE

/*
 * Apart from the rows as they are parsed, most of which nobody meets: those are memory that is not
 * touched, instead of a third of a megabyte with addresses in it, which the dynamic linker would
 * write.
 */
static const struct {
	const char *name, *aliases, *spec, *effects;
	uint8_t class;
} rows[] = {
#define CC_CALL(symbol, others, kind, text, ...) {#symbol, others, text, "" __VA_ARGS__, kind},
#define CC_DATASYM(symbol, note)
#include "core/host/hostcalls.def"
#undef CC_CALL
#undef CC_DATASYM
};

#define ROWS (sizeof(rows) / sizeof(*rows))
struct cc_hostcall cc_hostcalls[ROWS];
const unsigned cc_hostcall_count = ROWS;

static const struct {
	const char *name, *note;
} datasyms[] = {
#define CC_CALL(symbol, others, kind, text, ...)
#define CC_DATASYM(symbol, text) {#symbol, text},
#include "core/host/hostcalls.def"
#undef CC_CALL
#undef CC_DATASYM
};

/* Symbols by hash, open addressing: a slot points into a row's name or aliases. */
#define SLOTS 8192

struct slot {
	const char *symbol;
	uint16_t length;
	uint16_t row;
};

static struct {
	struct slot slots[SLOTS];
	unsigned used;
	int ready;
} symbols;

static struct slot *slot_of(const char *symbol, size_t length)
{
	uint64_t hash = cc_hash(symbol, length);

	for (;; hash++) {
		struct slot *slot = &symbols.slots[hash % SLOTS];

		if (!slot->symbol ||
		    (slot->length == length && !memcmp(slot->symbol, symbol, length)))
			return slot;
	}
}

static void add_symbol(const char *symbol, size_t length, unsigned row)
{
	struct slot *slot = slot_of(symbol, length);

	if (slot->symbol || ++symbols.used > SLOTS / 2) {
		fprintf(stderr, "hostcalls.def: %.*s: %s\n", (int)length, symbol,
			slot->symbol ? "stands in two rows" : "too many symbols: enlarge SLOTS");
		abort();
	}
	*slot = (struct slot){symbol, (uint16_t)length, (uint16_t)row};
}

static void add_row(unsigned row)
{
	add_symbol(rows[row].name, strlen(rows[row].name), row);
	for (const char *at = rows[row].aliases; *at;) {
		size_t length = strcspn(at, " ");

		add_symbol(at, length, row);
		at += length;
		at += strspn(at, " ");
	}
}

void cc_hostcall_init_some(void)
{
	if (symbols.ready)
		return;
	cc_variant_init();
	for (unsigned i = 0; i < cc_hostcall_count; i++)
		add_row(i);
	symbols.ready = 1;
}

const struct cc_hostcall *cc_hostcall_row(unsigned row)
{
	struct cc_hostcall *call = &cc_hostcalls[row];

	if (!call->is_parsed) {
		call->name = rows[row].name;
		call->aliases = rows[row].aliases;
		call->spec = rows[row].spec;
		call->class = rows[row].class;
		cc_spec_parse(call);
		cc_effects_parse(call, rows[row].effects);
		call->is_parsed = 1;
	}
	return call;
}

void cc_hostcall_init(void)
{
	cc_hostcall_init_some();
	for (unsigned i = 0; i < cc_hostcall_count; i++)
		cc_hostcall_row(i);
}

const struct cc_hostcall *cc_hostcall_find(const char *symbol)
{
	struct slot *slot = slot_of(symbol, strcspn(symbol, "@"));

	return slot->symbol ? cc_hostcall_row(slot->row) : NULL;
}

const char *cc_datasym_find(const char *symbol)
{
	size_t length = strcspn(symbol, "@");

	for (size_t i = 0; i < sizeof(datasyms) / sizeof(*datasyms); i++)
		if (!strncmp(datasyms[i].name, symbol, length) && !datasyms[i].name[length])
			return datasyms[i].note;
	return NULL;
}
