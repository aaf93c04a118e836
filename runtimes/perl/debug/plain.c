/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plain expressions over perl's memory: scalars without magic, elements, references. Lexicals are
 * found as pad_findlex (pad.c) finds them for a string eval at that statement, package variables as
 * gv_fetchpvn does, and numbers print as sv_2pv_flags has them (sv.c).
 */
#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>
#include <math.h>

#include "core/print/plain-tree.h"
#include "runtimes/perl/debug/plain-parse.h"
#include "runtimes/perl/debug/plain.h"
#include "runtimes/perl/replay/events.h"

typedef struct cc_plain_value Value;

struct scope {
	PerlInterpreter *perl;
	const COP *cop;
	const CV *cv;
	I32 depth;
	U32 seq; /* of the statement: what is in scope */
};
_Static_assert(sizeof(struct scope) <= sizeof(((struct cc_plain_run *)0)->frame), "a scope fits");

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
	return SvOBJECT(to) && HvAMAGIC(SvSTASH(to)) ? NULL : to;
}

/* ---- hashes ---- */

/* The value of a key in ASCII; *found is NULL when there is none. */
static int hash_find(const HV *hv, const char *key, size_t length, const SV **found)
{
	U32 hash;

	*found = NULL;
	if (SvMAGICAL((const SV *)hv))
		return CC_PLAIN_NOT;
	for (size_t i = 0; i < length; i++)
		if (key[i] & 0x80)
			return CC_PLAIN_NOT;
	if (!HvARRAY(hv))
		return 0;
	PERL_HASH(hash, key, length);
	for (const HE *entry = HvARRAY(hv)[hash & (U32)HvMAX(hv)]; entry; entry = HeNEXT(entry))
		if (HeHASH(entry) == hash && HeKLEN(entry) == (I32)length &&
		    !memcmp(HeKEY(entry), key, length)) {
			*found = HeVAL(entry);
			return *found && SvTYPE(*found) == SVt_NULL && SvREADONLY(*found) &&
					       SvREFCNT(*found) > 1
				       /* A restricted hash's placeholder, or undef itself */
				       ? CC_PLAIN_NOT
				       : 0;
		}
	return 0;
}

/* ---- variables ---- */

/* Those of the program's scopes: sub, string eval, file. Outwards; NULL: the main program. */
static const PERL_CONTEXT *next_scope(const PERL_SI **info, I32 *index)
{
	for (; *info; *info = (*info)->si_prev, *index = *info ? (*info)->si_cxix : 0)
		while (*index >= 0) {
			const PERL_CONTEXT *context = &(*info)->si_cxstack[(*index)--];

			if ((CxTYPE(context) == CXt_SUB && !(context->cx_type & CXp_SUB_RE)) ||
			    CxTYPE(context) == CXt_FORMAT ||
			    (CxTYPE(context) == CXt_EVAL && !CxTRYBLOCK(context)))
				return context;
		}
	return NULL;
}

static const CV *scope_cv(pTHX_ const PERL_CONTEXT *context)
{
	return !context			     ? PL_main_cv
	       : CxTYPE(context) == CXt_EVAL ? context->blk_eval.cv
					     : context->blk_sub.cv;
}

static int enter(struct cc_plain_run *run, unsigned frame)
{
	struct scope *scope = (struct scope *)run->frame;
	PerlInterpreter *my_perl = PL_curinterp;
	const PERL_SI *info = PL_curstackinfo;
	I32 index = info->si_cxix;
	const PERL_CONTEXT *context = next_scope(&info, &index);
	const CV *inside[64];

	scope->perl = my_perl;
	scope->cop = PL_curcop;
	for (unsigned i = 0; i < frame; i++) {
		if (!context || i >= C_ARRAY_LENGTH(inside))
			return CC_PLAIN_NOT;
		inside[i] = scope_cv(aTHX_ context);
		scope->cop = context->blk_oldcop;
		context = next_scope(&info, &index);
	}
	scope->cv = scope_cv(aTHX_ context);
	if (!scope->cop || !scope->cv || scope->cop == &PL_compiling)
		return CC_PLAIN_NOT;
	/* An ex-nextstate has a scope, but no cop of its own. */
	scope->seq = !frame && cc_perl_event.at ? cc_perl_event.at->cop_seq : scope->cop->cop_seq;
	scope->depth = CvDEPTHunsafe(scope->cv);
	for (unsigned i = 0; i < frame; i++)
		scope->depth -= inside[i] == scope->cv;
	return 0;
}

/* As S_PadnameIN_SCOPE (inline.h). */
static int is_in_scope(const PADNAME *entry, U32 seq)
{
	return entry->xpadn_low != PERL_PADSEQ_INTRO && seq > entry->xpadn_low &&
	       (entry->xpadn_high == PERL_PADSEQ_INTRO || seq <= entry->xpadn_high);
}

/* Of a sub's names: in scope at `seq`, its own before those that it has captured. 0: none. */
static PADOFFSET find_name(const PADLIST *padlist, char sigil, const char *name, size_t length,
			   U32 seq)
{
	const PADNAMELIST *names = (const PADNAMELIST *)padlist->xpadl_arr.xpadlarr_alloc[0];
	PADOFFSET captured = 0;

	for (PADOFFSET offset = names->xpadnl_max_named; offset > 0; offset--) {
		const PADNAME *entry = names->xpadnl_alloc[offset];

		if (!entry || !entry->xpadn_pv || entry->xpadn_len != length + 1 ||
		    *entry->xpadn_pv != sigil || memcmp(entry->xpadn_pv + 1, name, length))
			continue;
		if (PadnameOUTER(entry))
			captured = offset;
		else if (is_in_scope(entry, seq))
			return offset;
	}
	return captured;
}

/* 1: *found is the variable, or *package that of an `our`; 0: there is none of the name. */
static int find_lexical(const struct scope *scope, const struct cc_plain_node *node,
			const SV **found, const HV **package)
{
	const CV *cv = scope->cv;
	U32 seq = scope->seq;
	I32 depth = scope->depth;
	size_t length = strlen(node->name);

	*package = NULL;
	while (cv && !CvISXSUB(cv)) {
		const PADLIST *padlist = CvPADLIST(cv);
		PADOFFSET offset =
			padlist ? find_name(padlist, node->sigil, node->name, length, seq) : 0;

		if (offset) {
			const PADNAMELIST *names =
				(const PADNAMELIST *)padlist->xpadl_arr.xpadlarr_alloc[0];
			const PAD *pad;

			if (PadnameIsOUR(names->xpadnl_alloc[offset])) {
				*package = PadnameOURSTASH(names->xpadnl_alloc[offset]);
				return 1;
			}
			if ((CvANON(cv) && CvCLONE(cv) && !CvCLONED(cv)) ||
			    depth > padlist->xpadl_max)
				return CC_PLAIN_NOT;
			pad = padlist->xpadl_arr.xpadlarr_alloc[depth ? depth : 1];
			*found = pad && offset <= (PADOFFSET)AvFILLp(pad) ? AvARRAY(pad)[offset]
									  : NULL;
			return *found && !SvPADSTALE(*found) ? 1 : CC_PLAIN_NOT;
		}
		seq = CvOUTSIDE_SEQ(cv);
		/* Which call of an outer sub is meant is only sure for an eval's own. */
		if (CvOUTSIDE(cv) && !CvUNIQUE(CvOUTSIDE(cv)) && !CvEVAL(cv))
			return CC_PLAIN_NOT;
		cv = CvOUTSIDE(cv);
		depth = cv ? CvDEPTHunsafe(cv) : 0;
	}
	return 0;
}

static int is_main_always(const char *name, size_t length)
{
	static const char *const names[] = {"ENV",   "INC",    "ARGV",	 "ARGVOUT",
					    "STDIN", "STDOUT", "STDERR", "_"};

	for (size_t i = 0; i < C_ARRAY_LENGTH(names); i++)
		if (strlen(names[i]) == length && !memcmp(names[i], name, length))
			return 1;
	return 0;
}

static int find_glob(const HV *stash, const char *name, size_t length, const GV **glob)
{
	const SV *found;

	if (hash_find(stash, name, length, &found) || !found || !isGV_with_GP(found))
		return CC_PLAIN_NOT;
	*glob = (const GV *)found;
	return 0;
}

static int find_package(pTHX_ const struct scope *scope, const HV *stash, const char *name,
			const GV **glob)
{
	const char *colons;

	if (!stash)
		stash = strstr(name, "::") || is_main_always(name, strlen(name))
				? PL_defstash
				: CopSTASH(scope->cop);
	while (stash && (colons = strstr(name, "::"))) {
		if (colons != name + 4 || memcmp(name, "main", 4)) {
			if (find_glob(stash, name, (size_t)(colons + 2 - name), glob))
				return CC_PLAIN_NOT;
			stash = GvHV(*glob);
		}
		name = colons + 2;
	}
	return stash ? find_glob(stash, name, strlen(name), glob) : CC_PLAIN_NOT;
}

/*
 * A scalar that nobody has named so far is undef, as a lexical's name is where it is not in scope
 * yet. Names with magic, which come to be when they are named, have no small letter first.
 */
static int is_nowhere(pTHX_ const struct scope *scope, const struct cc_plain_node *node)
{
	const HV *stash = CopSTASH(scope->cop);
	const SV *found;

	return node->sigil == '$' && isLOWER_A(*node->name) && !strchr(node->name, ':') && stash &&
	       !hash_find(stash, node->name, strlen(node->name), &found) && !found;
}

static int variable(struct cc_plain_run *run, struct cc_plain_node *node, Value *value)
{
	const struct scope *scope = (const struct scope *)run->frame;
	PerlInterpreter *my_perl = scope->perl;
	const HV *package;
	const SV *found;
	const GV *glob;
	int is_lexical = strstr(node->name, "::") ? 0 : find_lexical(scope, node, &found, &package);

	if (is_lexical < 0)
		return CC_PLAIN_NOT;
	if (!is_lexical || package) {
		if (find_package(aTHX_ scope, is_lexical ? package : NULL, node->name, &glob))
			return !is_lexical && is_nowhere(aTHX_ scope, node)
				       ? read_scalar(NULL, value)
				       : CC_PLAIN_NOT;
		found = node->sigil == '$'   ? GvSV(glob)
			: node->sigil == '@' ? (const SV *)GvAV(glob)
					     : (const SV *)GvHV(glob);
		if (!found && node->sigil != '$')
			return CC_PLAIN_NOT;
	}
	if (node->sigil == '$')
		return read_scalar(found, value);
	*value = container(found);
	return 0;
}

/* ---- access ---- */

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
		status = hash_find(from->object, at->data, at->length, &found);
	else if (!text(&key, at, 0))
		status = hash_find(from->object, key.data ? key.data : "", key.length, &found);
	free(key.data);
	return status ? CC_PLAIN_NOT : read_scalar(found, value);
}

static int element(const Value *from, const Value *at, char sigil, Value *value)
{
	if (from->kind == CC_PLAIN_NOTHING)
		return read_scalar(NULL, value);
	return sigil == '@' ? array_element(from, at, value) : hash_element(from, at, value);
}

static int attribute(const Value *from, const char *name, Value *value)
{
	return CC_PLAIN_NOT;
}

static int count(const Value *from, int64_t *count)
{
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
	switch (value->kind) {
	case CC_PLAIN_NOTHING:
		return 0;
	case CC_PLAIN_DOUBLE:
		return value->d != 0;
	case CC_PLAIN_TEXT:
		return value->length > 1 || (value->length == 1 && *value->data != '0');
	case CC_PLAIN_OBJECT:
		return referred(value) ? 1 : CC_PLAIN_NOT;
	default:
		return value->i != 0;
	}
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
	return find_glob(PL_defstash, "\"", 1, &glob) || !GvSV(glob)
		       ? 0
		       : read_scalar(GvSV(glob), value);
}

static int spread(struct cc_plain_run *run, struct cc_plain_text *to, const Value *from)
{
	PerlInterpreter *my_perl = ((struct scope *)run->frame)->perl;
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
	.attribute = attribute,
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

	if (plain || asprintf(&counted, "scalar(%s)", expression) < 0)
		return plain;
	plain = cc_plain_new(&cc_perl_plain, counted);
	free(counted);
	if (plain && plain->root->op != CC_PLAIN_COUNT) {
		/* One that it was not, inside of parentheses. */
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

/* ---- what is in scope ---- */

void cc_perl_plain_lexicals(unsigned frame,
			    void (*tell)(void *context, const char *name, const SV *variable),
			    void *context)
{
	struct cc_plain_run run;
	const struct scope *scope = (const struct scope *)run.frame;
	const HV *package;
	U32 seq;

	if (enter(&run, frame))
		return;
	seq = scope->seq;
	for (const CV *cv = scope->cv; cv && !CvISXSUB(cv) && CvPADLIST(cv); cv = CvOUTSIDE(cv)) {
		const PADNAMELIST *names =
			(const PADNAMELIST *)CvPADLIST(cv)->xpadl_arr.xpadlarr_alloc[0];

		for (PADOFFSET offset = names->xpadnl_max_named; offset > 0; offset--) {
			const PADNAME *entry = names->xpadnl_alloc[offset];
			const SV *found = NULL;
			struct cc_plain_node node;

			if (!entry || !entry->xpadn_pv || entry->xpadn_len < 2 ||
			    !strchr("$@%", *entry->xpadn_pv) || PadnameIsOUR(entry) ||
			    (!PadnameOUTER(entry) && !is_in_scope(entry, seq)))
				continue;
			node.sigil = *entry->xpadn_pv;
			node.name = entry->xpadn_pv + 1;
			if (find_lexical(scope, &node, &found, &package) > 0 && !package)
				tell(context, entry->xpadn_pv, found);
		}
		seq = CvOUTSIDE_SEQ(cv);
	}
}
