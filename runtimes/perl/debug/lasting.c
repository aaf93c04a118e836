/* SPDX-License-Identifier: GPL-2.0-or-later */
#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>

#include "core/print/plain-tree.h"
#include "core/replay/heap.h"
#include "runtimes/perl/debug/lasting.h"
#include "runtimes/perl/debug/plain.h"

/* A variable of the expression. `to`: what a sub's own scalar refers to; else `place`. */
struct variable {
	struct cc_perl_place place;
	const SV *to;
	svtype type;
};

struct cc_perl_lasting {
	struct variable *at; /* by the hints of nodes, less 1 */
	size_t count;
	int in_call, misses;
	const SV *arenas; /* the root of those in which `to` were looked for last, */
	int has_arenas;	  /* and whether all were found */
};

struct cc_perl_lasting *cc_perl_lasting_used;

/* ---- nodes ---- */

typedef void visit(void *context, struct cc_plain_node *node, const struct cc_plain_node *parent);

/* Visits each variable of the tree, always in the same order. */
static void each_variable(struct cc_plain_node *node, const struct cc_plain_node *parent,
			  visit *visit, void *context)
{
	for (; node; node = node->next) {
		if (node->op == CC_PLAIN_VARIABLE)
			visit(context, node, parent);
		for (int i = 0; i < 3; i++)
			each_variable(node->child[i], node, visit, context);
	}
}

/* ---- finding ---- */

struct search {
	struct cc_perl_scope scope;
	json_t *variables; /* NULL: one of them does not last */
};

static json_t *described(const struct search *search, const struct cc_plain_node *node,
			 const struct cc_plain_node *parent)
{
	struct cc_perl_place place;
	int status = cc_perl_scope_place(&search->scope, node, &place);
	const SV *found, *to;

	if (!strcmp(node->name, "_")) /* @_ is of a call, $_ of whoever has set it */
		return NULL;
	if (!status && place.cv)
		return json_pack("{s:I, s:I, s:I}", "sub", (json_int_t)(uintptr_t)place.cv, "pad",
				 (json_int_t)(uintptr_t)place.padlist, "offset",
				 (json_int_t)place.offset);
	if (!status)
		return json_pack("{s:s}", "global", place.global);
	if (status < 0 || node->sigil != '$' || !parent || parent->op != CC_PLAIN_DEREF ||
	    cc_perl_scope_variable(&search->scope, node, &found) || !found || SvGMAGICAL(found) ||
	    !SvROK(found))
		return NULL;
	to = SvRV(found);
	return json_pack("{s:I, s:i}", "to", (json_int_t)(uintptr_t)to, "type", (int)SvTYPE(to));
}

static void find(void *context, struct cc_plain_node *node, const struct cc_plain_node *parent)
{
	struct search *search = context;
	json_t *variable = search->variables ? described(search, node, parent) : NULL;

	if (variable) {
		json_array_append_new(search->variables, variable);
	} else {
		json_decref(search->variables);
		search->variables = NULL;
	}
}

json_t *cc_perl_lasting_find(const char *expression)
{
	struct cc_plain *plain = cc_perl_plain_watch(expression);
	struct search search = {.variables = NULL};

	if (plain && !cc_perl_scope_enter(&search.scope, 0)) {
		search.variables = json_array();
		each_variable(plain->root, NULL, find, &search);
	}
	cc_plain_free(plain);
	return search.variables;
}

/* ---- reading ---- */

static uint64_t number(const json_t *from, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(from, key));
}

static void take(struct variable *variable, const json_t *from)
{
	const char *global = json_string_value(json_object_get(from, "global"));

	variable->place = (struct cc_perl_place){
		.cv = (const CV *)(uintptr_t)number(from, "sub"),
		.padlist = (const PADLIST *)(uintptr_t)number(from, "pad"),
		.offset = number(from, "offset"),
	};
	snprintf(variable->place.global, sizeof(variable->place.global), "%s",
		 global ? global : "");
	variable->to = (const SV *)(uintptr_t)number(from, "to");
	variable->type = (svtype)number(from, "type");
}

static void number_node(void *context, struct cc_plain_node *node,
			const struct cc_plain_node *parent)
{
	PERL_UNUSED_ARG(parent);
	node->hint = ++*(size_t *)context;
}

struct cc_perl_lasting *cc_perl_lasting_read(const json_t *variables, struct cc_plain *plain)
{
	struct cc_perl_lasting *lasting;
	size_t bound = 0;

	if (!plain || !json_is_array(variables))
		return NULL;
	each_variable(plain->root, NULL, number_node, &bound);
	if (bound != json_array_size(variables))
		return NULL;
	lasting = cc_heap_zeros(1, sizeof(*lasting));
	lasting->at = cc_heap_zeros(bound + 1, sizeof(*lasting->at));
	lasting->count = bound;
	for (size_t i = 0; i < bound; i++)
		take(&lasting->at[i], json_array_get(variables, i));
	return lasting;
}

void cc_perl_lasting_free(struct cc_perl_lasting *lasting)
{
	if (lasting)
		cc_heap_free(lasting->at);
	cc_heap_free(lasting);
}

/* ---- use ---- */

void cc_perl_lasting_use(struct cc_perl_lasting *lasting, int in_call)
{
	cc_perl_lasting_used = lasting;
	if (!lasting)
		return;
	lasting->in_call = in_call;
	lasting->misses = 0;
}

int cc_perl_lasting_misses(const struct cc_perl_lasting *lasting)
{
	return lasting->misses;
}

/* As Perl_visit (sv.c) goes through them: an arena's first head says how many it has. */
static int is_in_arena(pTHX_ const SV *sv)
{
	for (const SV *arena = PL_sv_arenaroot; arena; arena = (const SV *)SvANY(arena))
		if (sv > arena && sv < arena + SvREFCNT(arena))
			return 1;
	return 0;
}

/* Heads stay heads for good; before there was an arena, its memory may have been anything. */
static int has_arenas(pTHX_ struct cc_perl_lasting *lasting)
{
	if (lasting->has_arenas || lasting->arenas == PL_sv_arenaroot)
		return lasting->has_arenas;
	lasting->arenas = PL_sv_arenaroot;
	for (size_t i = 0; i < lasting->count; i++)
		if (lasting->at[i].to && !is_in_arena(aTHX_ lasting->at[i].to))
			return 0;
	lasting->has_arenas = 1;
	return 1;
}

/* A scalar gets a larger type when it is given a value that needs one. */
static int is_there(const struct variable *variable)
{
	svtype type = SvTYPE(variable->to);

	return SvREFCNT(variable->to) &&
	       (type == variable->type || (type <= SVt_PVMG && variable->type <= SVt_PVMG));
}

/* A reference of ours to what the variable refers to. NULL: that is not there. */
static const SV *reference(pTHX_ struct cc_perl_lasting *lasting, const struct variable *variable)
{
	static SV references[8];
	static unsigned made;
	SV *reference = &references[made++ % C_ARRAY_LENGTH(references)];

	if (!has_arenas(aTHX_ lasting) || !is_there(variable))
		return NULL;
	reference->sv_refcnt = 1;
	reference->sv_flags = SVt_IV | SVf_ROK;
	reference->sv_u.svu_rv = (SV *)variable->to;
	return reference;
}

int cc_perl_lasting_variable(const struct cc_perl_scope *scope, const struct cc_plain_node *node,
			     const SV **found)
{
	PerlInterpreter *my_perl = scope->perl;
	struct cc_perl_lasting *lasting = cc_perl_lasting_used;
	const struct variable *variable = &lasting->at[node->hint - 1];
	int status = 0;

	PERL_UNUSED_VAR(my_perl); /* but where perl has threads */
	if (!variable->to) {
		status = cc_perl_place_variable(&variable->place, scope, node, found);
	} else if (!lasting->in_call || cc_perl_scope_variable(scope, node, found) || !*found ||
		   !SvROK(*found)) {
		*found = reference(aTHX_ lasting, variable);
		status = !*found;
	}
	lasting->misses |= status == 1;
	return status ? CC_PLAIN_NOT : 0;
}
