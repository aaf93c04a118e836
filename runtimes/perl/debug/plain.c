/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plain expressions over perl's memory: scalars without magic, elements, references. Variables are
 * found by scope.c; numbers print as sv_2pv_flags has them (sv.c).
 */
#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>
#include <math.h>

#include "core/print/plain-tree.h"
#include "core/replay/heap.h"
#include "runtimes/perl/debug/lasting.h"
#include "runtimes/perl/debug/plain-parse.h"
#include "runtimes/perl/debug/plain.h"
#include "runtimes/perl/debug/scope.h"

typedef struct cc_plain_value Value;

/* ---- values ---- */

static int read_scalar(const SV *sv, Value *value)
{
	U32 flags;

	*value = (Value){.kind = CC_PLAIN_NOTHING, .object = (void *)sv};
	if (!sv)
		return 0;
	flags = SvFLAGS(sv);
	if (SvGMAGICAL(sv) || SvTYPE(sv) >= SVt_REGEXP)
		return CC_PLAIN_NOT;
	if (flags & SVf_ROK) {
		value->kind = CC_PLAIN_OBJECT;
	} else if (flags & SVf_POK) {
		value->kind = CC_PLAIN_TEXT;
		value->data = SvPVX_const(sv);
		value->length = SvCUR(sv);
		value->wide = SvUTF8(sv) != 0;
	} else if (flags & SVf_IOK) {
		value->i = SvIVX(sv);
		value->kind =
			flags & SVf_IVisUV && value->i < 0 ? CC_PLAIN_UNSIGNED : CC_PLAIN_INTEGER;
	} else if (flags & SVf_NOK) {
		value->kind = CC_PLAIN_DOUBLE;
		value->d = SvNVX(sv);
	} else if (SvOK(sv)) {
		return CC_PLAIN_NOT;
	}
	return 0;
}

/* Arrays and hashes are objects that are no references. */
static int is_container(const Value *value, svtype type)
{
	const SV *sv = value->object;

	return value->kind == CC_PLAIN_OBJECT && SvTYPE(sv) == type && !SvMAGICAL(sv);
}

static Value container(const void *sv)
{
	return (Value){.kind = sv ? CC_PLAIN_OBJECT : CC_PLAIN_NOTHING, .object = (void *)sv};
}

static const SV *referred(const Value *value)
{
	const SV *sv = value->object, *to;

	if (value->kind != CC_PLAIN_OBJECT || !SvROK(sv))
		return NULL;
	to = SvRV(sv);
	return SvOBJECT(to) && cc_perl_may_overload(SvSTASH(to)) ? NULL : to;
}

/* ---- access ---- */

_Static_assert(sizeof(struct cc_perl_scope) <= sizeof(((struct cc_plain_run *)0)->frame),
	       "a scope fits");

static int enter(struct cc_plain_run *run, unsigned frame)
{
	return cc_perl_scope_enter((struct cc_perl_scope *)run->frame, frame);
}

static int variable(struct cc_plain_run *run, struct cc_plain_node *node, Value *value)
{
	const struct cc_perl_scope *scope = (const struct cc_perl_scope *)run->frame;
	const SV *found;

	if (cc_perl_lasting_used ? cc_perl_lasting_variable(scope, node, &found)
				 : cc_perl_scope_variable(scope, node, &found))
		return CC_PLAIN_NOT;
	if (node->sigil == '$')
		return read_scalar(found, value);
	*value = container(found);
	return 0;
}

/* What is not there is an empty container, for its elements. */
static int deref(const Value *from, char sigil, Value *value)
{
	const SV *to;

	if (from->kind == CC_PLAIN_NOTHING && sigil != '$') {
		*value = container(NULL);
		return 0;
	}
	to = referred(from);
	if (!to)
		return CC_PLAIN_NOT;
	if (sigil == '$')
		return read_scalar(to, value);
	if (SvTYPE(to) != (sigil == '@' ? SVt_PVAV : SVt_PVHV))
		return CC_PLAIN_NOT;
	*value = container(to);
	return 0;
}

static int number(const Value *value, Value *number);
static int text(struct cc_plain_text *text, const Value *value, int repr);

static int array_element(const Value *from, const Value *at, Value *value)
{
	const AV *array = from->object;
	Value index;

	if (!is_container(from, SVt_PVAV) || number(at, &index) || index.kind != CC_PLAIN_INTEGER)
		return CC_PLAIN_NOT;
	if (index.i < 0)
		index.i += AvFILLp(array) + 1;
	return read_scalar(index.i < 0 || index.i > AvFILLp(array) ? NULL : AvARRAY(array)[index.i],
			   value);
}

static int hash_element(const Value *from, const Value *at, Value *value)
{
	struct cc_plain_text key = {0};
	const SV *found = NULL;
	int status = CC_PLAIN_NOT;

	if (!is_container(from, SVt_PVHV))
		return CC_PLAIN_NOT;
	if (at->kind == CC_PLAIN_TEXT)
		status = cc_perl_hash_find(from->object, at->data, at->length, &found);
	else if (!text(&key, at, 0))
		status = cc_perl_hash_find(from->object, key.data ? key.data : "", key.length,
					   &found);
	free(key.data);
	return status ? CC_PLAIN_NOT : read_scalar(found, value);
}

static int element(const Value *from, const Value *at, char sigil, Value *value)
{
	if (from->kind == CC_PLAIN_NOTHING)
		return read_scalar(NULL, value);
	return sigil == '@' ? array_element(from, at, value) : hash_element(from, at, value);
}

static int count(const Value *from, int64_t *count)
{
	*count = 0;
	if (from->kind == CC_PLAIN_NOTHING)
		return 0;
	if (!is_container(from, SVt_PVAV))
		return CC_PLAIN_NOT;
	*count = AvFILLp((const AV *)from->object) + 1;
	return 0;
}

static int length(struct cc_plain_run *run, const struct cc_plain_node *node, const Value *from,
		  Value *length)
{
	struct cc_plain_text as_text = {0};
	int64_t characters = 0;

	*length = (Value){.kind = CC_PLAIN_NOTHING};
	if (from->kind == CC_PLAIN_NOTHING)
		return 0;
	if (text(&as_text, from, 0)) {
		free(as_text.data);
		return CC_PLAIN_NOT;
	}
	for (size_t i = 0; i < as_text.length; i++)
		characters += !as_text.wide || (as_text.data[i] & 0xc0) != 0x80;
	free(as_text.data);
	*length = (Value){.kind = CC_PLAIN_INTEGER, .i = characters};
	return 0;
}

/* ---- what values are worth ---- */

static int truth(const Value *value)
{
	if (value->kind == CC_PLAIN_TEXT)
		return value->length > 1 || (value->length == 1 && *value->data != '0');
	return referred(value) ? 1 : CC_PLAIN_NOT;
}

/* Only what perl would not warn of, and what strtod reads as perl's own my_atof does. */
static int read_number(const char *data, size_t length, Value *number)
{
	char digits[24], *end;
	size_t from = 0, count = 0;

	while (from < length && isSPACE_A(data[from]))
		from++;
	while (length > from && isSPACE_A(data[length - 1]))
		length--;
	if (from == length || length - from > 16)
		return CC_PLAIN_NOT;
	memcpy(digits, data + from, length - from);
	digits[length - from] = '\0';
	for (const char *at = digits; *at; at++) {
		count += isDIGIT_A(*at);
		if (!isDIGIT_A(*at) && *at != '.' && (at > digits || (*at != '-' && *at != '+')))
			return CC_PLAIN_NOT;
	}
	if (!count)
		return CC_PLAIN_NOT;
	if (strchr(digits, '.'))
		*number = (Value){.kind = CC_PLAIN_DOUBLE, .d = strtod(digits, &end)};
	else
		*number = (Value){.kind = CC_PLAIN_INTEGER, .i = strtoll(digits, &end, 10)};
	return *end ? CC_PLAIN_NOT : 0;
}

static int number(const Value *value, Value *number)
{
	const SV *sv = value->object;

	*number = *value;
	switch (value->kind) {
	case CC_PLAIN_NOTHING:
		number->i = 0;
		break;
	case CC_PLAIN_BOOLEAN:
	case CC_PLAIN_INTEGER:
		break;
	case CC_PLAIN_DOUBLE: /* a whole one is taken for an integer where that is exact */
		if (value->d != floor(value->d) || fabs(value->d) >= 1e15)
			return fabs(value->d) < 1e15 ? 0 : CC_PLAIN_NOT;
		number->i = (int64_t)value->d;
		break;
	case CC_PLAIN_OBJECT:
		if (!referred(value))
			return CC_PLAIN_NOT;
		number->i = (int64_t)(uintptr_t)referred(value);
		break;
	case CC_PLAIN_TEXT:
		if (sv && SvFLAGS(sv) & SVf_NOK && !(SvFLAGS(sv) & SVf_IOK)) {
			*number = (Value){.kind = CC_PLAIN_DOUBLE, .d = SvNVX(sv)};
			return 0;
		}
		if (!sv || !(SvFLAGS(sv) & SVf_IOK) || SvFLAGS(sv) & SVf_IVisUV)
			return read_number(value->data, value->length, number);
		number->i = SvIVX(sv);
		break;
	default:
		return CC_PLAIN_NOT;
	}
	number->kind = CC_PLAIN_INTEGER;
	return 0;
}

/* As sv_reftype. NULL: one of the rarer kinds. */
static const char *kind_of(const SV *sv)
{
	switch (SvTYPE(sv)) {
	case SVt_PVHV:
		return "HASH";
	case SVt_PVAV:
		return "ARRAY";
	case SVt_PVCV:
		return "CODE";
	case SVt_PVGV:
		return isGV_with_GP(sv) ? "GLOB" : NULL;
	case SVt_NULL:
	case SVt_IV:
	case SVt_NV:
	case SVt_PV:
	case SVt_PVIV:
	case SVt_PVNV:
	case SVt_PVMG:
		return SvMAGICAL(sv) ? NULL : SvROK(sv) ? "REF" : "SCALAR";
	default:
		return NULL;
	}
}

const HEK *cc_perl_stash_name(const HV *stash)
{
	const struct xpvhv_aux *aux;

	if (!stash || !(SvFLAGS((const SV *)stash) & SVf_OOK))
		return NULL;
	aux = &((const struct xpvhv_with_aux *)SvANY(stash))->xhv_aux;
	return aux->xhv_name_count ? *aux->xhv_name_u.xhvnameu_names
				   : aux->xhv_name_u.xhvnameu_name;
}

static int put_reference(struct cc_plain_text *text, const Value *value)
{
	const SV *to = referred(value);
	const char *kind = to ? kind_of(to) : NULL;
	const HEK *class;

	if (!kind)
		return CC_PLAIN_NOT;
	if (!SvOBJECT(to))
		return cc_plain_format(text, "%s(0x%" UVxf ")", kind, PTR2UV(to));
	class = cc_perl_stash_name(SvSTASH(to));
	if (!class || HEK_UTF8(class))
		return CC_PLAIN_NOT;
	return cc_plain_put(text, HEK_KEY(class), (size_t)HEK_LEN(class), 0) ||
			       cc_plain_format(text, "=%s(0x%" UVxf ")", kind, PTR2UV(to))
		       ? CC_PLAIN_NOT
		       : 0;
}

static int text(struct cc_plain_text *text, const Value *value, int repr)
{
	switch (value->kind) {
	case CC_PLAIN_NOTHING:
		return 0;
	case CC_PLAIN_BOOLEAN:
		return value->i ? cc_plain_put(text, "1", 1, 0) : 0;
	case CC_PLAIN_INTEGER:
		return cc_plain_format(text, "%" IVdf, (IV)value->i);
	case CC_PLAIN_UNSIGNED:
		return cc_plain_format(text, "%" UVuf, (UV)value->u);
	case CC_PLAIN_DOUBLE:
		if (isnan(value->d))
			return cc_plain_put(text, "NaN", 3, 0);
		if (isinf(value->d))
			return cc_plain_format(text, value->d < 0 ? "-Inf" : "Inf");
		return value->d == 0 ? cc_plain_put(text, "0", 1, 0)
				     : cc_plain_format(text, "%.15g", value->d);
	case CC_PLAIN_TEXT:
		return cc_plain_put(text, value->data, value->length, value->wide);
	default:
		return put_reference(text, value);
	}
}

/* $" */
static int separator(pTHX_ Value *value)
{
	const GV *glob;

	*value = (Value){.kind = CC_PLAIN_TEXT, .data = " ", .length = 1};
	return cc_perl_glob_find(PL_defstash, "\"", 1, &glob) || !GvSV(glob)
		       ? 0
		       : read_scalar(GvSV(glob), value);
}

static int spread(struct cc_plain_run *run, struct cc_plain_text *to, const Value *from)
{
	PerlInterpreter *my_perl = ((struct cc_perl_scope *)run->frame)->perl;
	const AV *array = from->object;
	Value between, value;

	if (!is_container(from, SVt_PVAV) || separator(aTHX_ & between))
		return CC_PLAIN_NOT;
	for (SSize_t i = 0; i <= AvFILLp(array); i++)
		if ((i && text(to, &between, 0)) || read_scalar(AvARRAY(array)[i], &value) ||
		    text(to, &value, 0))
			return CC_PLAIN_NOT;
	return 0;
}

const struct cc_plain_language cc_perl_plain = {
	.parse = cc_perl_plain_parse,
	.enter = enter,
	.variable = variable,
	.deref = deref,
	.element = element,
	.count = count,
	.length = length,
	.truth = truth,
	.number = number,
	.text = text,
	.spread = spread,
	.whole_quotients = 1,
	.tends_to_integers = 1,
};

/* ---- what is watched ---- */

struct cc_plain *cc_perl_plain_watch(const char *expression)
{
	struct cc_plain *plain = cc_plain_new(&cc_perl_plain, expression);
	char *counted;

	if (plain)
		return plain;
	counted = cc_heap_format("scalar(%s)", expression);
	plain = cc_plain_new(&cc_perl_plain, counted);
	free(counted);
	if (plain && plain->root->op != CC_PLAIN_COUNT) {
		/* Plain in these parentheses only, and no whole array. */
		cc_plain_free(plain);
		return NULL;
	}
	if (plain)
		plain->root = plain->root->child[0];
	return plain;
}

static int put_elements(struct cc_plain_text *to, const AV *array)
{
	Value value;

	for (SSize_t i = 0; i <= AvFILLp(array); i++)
		if ((i && cc_plain_put(to, "', '", 4, 0)) ||
		    read_scalar(AvARRAY(array)[i], &value) || text(to, &value, 0))
			return CC_PLAIN_NOT;
	return 0;
}

int cc_perl_plain_watched(struct cc_plain *plain, struct cc_plain_text *values)
{
	Value value;

	if (cc_plain_evaluate(plain, 0, &value))
		return CC_PLAIN_NOT;
	if (value.kind == CC_PLAIN_OBJECT && SvTYPE((const SV *)value.object) == SVt_PVAV)
		return is_container(&value, SVt_PVAV) ? put_elements(values, value.object)
						      : CC_PLAIN_NOT;
	return text(values, &value, 0);
}
