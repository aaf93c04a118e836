/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Variables of the program by name, for hooks: lexicals as pad.c finds them, package variables,
 * elements. All of it is only read, and no code of the program runs: a tied or magical one shows
 * what it holds.
 */
#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>

#include "runtimes/perl/replay/hooks.h"

#define TEXT_MAX (1u << 20)

/* ---- hashes ---- */

/* A key of pure ASCII is the same bytes with and without UTF-8. */
static const HE *find_entry(const HV *hv, const char *key, size_t length)
{
	for (STRLEN i = 0; HvARRAY(hv) && i <= HvMAX(hv); i++)
		for (const HE *entry = HvARRAY(hv)[i]; entry; entry = HeNEXT(entry)) {
			const HEK *hek = HeKEY_hek(entry);

			if (HEK_LEN(hek) == (I32)length && !memcmp(HEK_KEY(hek), key, length))
				return entry;
		}
	return NULL;
}

static SV *hash_get(const HV *hv, const char *key, size_t length)
{
	const HE *entry = find_entry(hv, key, length);

	return entry ? HeVAL(entry) : NULL;
}

/* The entry of this number; whoever asks for one after the other does not begin anew each time. */
static const HE *entry_at(const HV *hv, size_t index)
{
	static struct {
		const HV *hv;
		uint64_t moment;
		size_t index;
		STRLEN bucket;
		const HE *entry;
	} last;

	if (!HvARRAY(hv))
		return NULL;
	if (last.hv != hv || last.moment != cc_hooks_moment || index < last.index || !last.entry) {
		last.hv = hv;
		last.moment = cc_hooks_moment;
		last.index = last.bucket = 0;
		last.entry = HvARRAY(hv)[0];
	} else if (index > last.index) {
		last.entry = HeNEXT(last.entry);
		last.index++;
	}
	for (;;) {
		while (!last.entry && last.bucket < HvMAX(hv))
			last.entry = HvARRAY(hv)[++last.bucket];
		if (!last.entry || last.index == index)
			return last.entry;
		last.entry = HeNEXT(last.entry);
		last.index++;
	}
}

/* ---- values ---- */

static const char *type_name(const SV *sv)
{
	switch (SvTYPE(sv)) {
	case SVt_PVAV:
		return "ARRAY";
	case SVt_PVHV:
		return "HASH";
	case SVt_PVCV:
		return "CODE";
	case SVt_PVGV:
		return "GLOB";
	case SVt_PVIO:
		return "IO";
	case SVt_REGEXP:
		return "Regexp";
	default:
		return SvROK(sv) ? "REF" : "SCALAR";
	}
}

/* Something that is no plain scalar, or is referred to. */
static void set_other(struct cc_hook_value *value, const SV *sv)
{
	const char *class = SvOBJECT(sv) ? HvNAME_get(SvSTASH(sv)) : NULL;

	value->kind = CC_HOOK_OTHER;
	value->text = cc_hooks_text(class ? class : type_name(sv));
	value->length = strlen(value->text);
	value->address = value->inside = (uintptr_t)sv;
	if (SvTYPE(sv) == SVt_PVAV)
		value->count = (size_t)(AvFILLp((const AV *)sv) + 1);
	else if (SvTYPE(sv) == SVt_PVHV)
		value->count = HvTOTALKEYS((const HV *)sv);
	else if (SvTYPE(sv) <= SVt_PVMG)
		value->count = 1;
}

static void set_scalar(struct cc_hook_value *value, const SV *sv)
{
	value->kind = CC_HOOK_NOTHING;
	value->variable = (uintptr_t)sv;
	if (!sv)
		return;
	if (SvROK(sv)) {
		set_other(value, SvRV(sv));
	} else if (SvTYPE(sv) > SVt_PVMG && SvTYPE(sv) != SVt_PVLV) {
		set_other(value, sv);
	} else if (SvPOK(sv) || (SvPOKp(sv) && !SvIOK(sv) && !SvNOK(sv))) {
		cc_hooks_set_bytes(value, SvPVX_const(sv),
				   SvCUR(sv) < TEXT_MAX ? SvCUR(sv) : TEXT_MAX);
	} else if (SvIOK(sv) || (SvIOKp(sv) && !SvNOK(sv))) {
		value->kind =
			SvIsUV(sv) && SvUVX(sv) > INT64_MAX ? CC_HOOK_UNSIGNED : CC_HOOK_INTEGER;
		value->integer = SvIVX(sv);
	} else if (SvNOKp(sv)) {
		value->kind = CC_HOOK_NUMBER;
		value->number = SvNVX(sv);
	}
}

static void set(struct cc_hook_value *value, const SV *sv)
{
	if (sv && (SvTYPE(sv) == SVt_PVAV || SvTYPE(sv) == SVt_PVHV))
		set_other(value, sv);
	else
		set_scalar(value, sv);
}

int cc_perl_element(const struct cc_hook_value *container, size_t index, struct cc_hook_value *key,
		    struct cc_hook_value *element)
{
	const SV *sv = (const SV *)(uintptr_t)container->inside;
	const HE *entry;

	if (index >= container->count)
		return -1;
	key->kind = CC_HOOK_INTEGER;
	key->integer = (int64_t)index;
	if (SvTYPE(sv) == SVt_PVAV) {
		set_scalar(element, AvARRAY((const AV *)sv)[index]);
	} else if (SvTYPE(sv) == SVt_PVHV) {
		entry = entry_at((const HV *)sv, index);
		if (!entry)
			return -1;
		cc_hooks_set_bytes(key, HeKEY(entry), (size_t)HeKLEN(entry));
		set_scalar(element, HeVAL(entry));
	} else {
		set_scalar(element, sv);
	}
	return 0;
}

/* ---- lexicals ---- */

/* pad.c: is a statement of this number where the variable is in scope? */
static int in_scope(const PADNAME *name, U32 statement)
{
	U32 low = COP_SEQ_RANGE_LOW(name), high = COP_SEQ_RANGE_HIGH(name);

	if (low == PERL_PADSEQ_INTRO)
		return 0;
	if (high == PERL_PADSEQ_INTRO)
		return statement > low;
	return low > high ? statement > low || statement <= high
			  : statement > low && statement <= high;
}

const CV *cc_perl_code_at(pTHX_ struct cc_perl_place place, I32 *depth)
{
	*depth = 1;
	while (place.stack) {
		for (; place.index >= 0; place.index--) {
			const PERL_CONTEXT *context = &place.stack->si_cxstack[place.index];

			if (CxTYPE(context) == CXt_SUB) {
				*depth = context->blk_sub.olddepth + 1;
				return context->blk_sub.cv;
			}
			if (CxTYPE(context) == CXt_EVAL && !CxTRYBLOCK(context) &&
			    context->blk_eval.cv)
				return context->blk_eval.cv;
		}
		place.stack = place.stack->si_prev;
		place.index = place.stack ? place.stack->si_cxix : -1;
	}
	return PL_main_cv;
}

struct name {
	char sigil;
	const char *text; /* without it */
	size_t length;
};

static const PADNAME *find_name(const PADNAMELIST *names, const struct name *name, U32 statement,
				SSize_t *offset)
{
	for (SSize_t i = PadnamelistMAX(names); i > 0; i--) {
		const PADNAME *at = PadnamelistARRAY(names)[i];

		if (at && PadnameLEN(at) == (SSize_t)name->length + 1 &&
		    *PadnamePV(at) == name->sigil &&
		    !memcmp(PadnamePV(at) + 1, name->text, name->length) &&
		    (PadnameOUTER(at) || in_scope(at, statement))) {
			*offset = i;
			return at;
		}
	}
	return NULL;
}

/* NULL: no lexical; or the package of an `our`, in *package. */
static SV *find_lexical(const CV *cv, I32 depth, U32 statement, const struct name *name,
			const HV **package)
{
	const PADNAME *found;
	const PADLIST *list;
	SSize_t offset;

	for (; cv;
	     statement = CvOUTSIDE_SEQ(cv), cv = CvOUTSIDE(cv), depth = cv ? CvDEPTH(cv) : 0) {
		list = CvISXSUB(cv) ? NULL : CvPADLIST(cv);
		if (!list)
			continue;
		found = find_name(PadlistNAMES(list), name, statement, &offset);
		if (!found)
			continue;
		if (PadnameIsOUR(found)) {
			*package = PadnameOURSTASH(found);
			return NULL;
		}
		if (depth < 1)
			depth = 1;
		if (depth > PadlistMAX(list) || offset > PadMAX(PadlistARRAY(list)[depth]))
			return NULL;
		return PadARRAY(PadlistARRAY(list)[depth])[offset];
	}
	return NULL;
}

/* ---- package variables ---- */

static const GV *glob_in(const HV *stash, const char *name, size_t length)
{
	const SV *found = hash_get(stash, name, length);

	return found && isGV_with_GP(found) ? (const GV *)found : NULL;
}

static int is_of_main(const struct name *name)
{
	static const char *const names[] = {"_",     "ENV",    "ARGV",	 "INC",	   "SIG",
					    "STDIN", "STDOUT", "STDERR", "ARGVOUT"};

	if (!isIDFIRST_A(*name->text))
		return 1;
	for (size_t i = 0; i < C_ARRAY_LENGTH(names); i++)
		if (strlen(names[i]) == name->length && !memcmp(names[i], name->text, name->length))
			return 1;
	return 0;
}

static const GV *find_glob(pTHX_ const HV *package, struct name name)
{
	const char *colons;
	const GV *gv;

	while ((colons = memmem(name.text, name.length, "::", 2))) {
		size_t length = (size_t)(colons + 2 - name.text);

		package = package ? package : PL_defstash;
		if (length == 2 || (length == 6 && !memcmp(name.text, "main::", 6))) {
			package = PL_defstash;
		} else {
			gv = glob_in(package, name.text, length);
			if (!gv || !GvHV(gv))
				return NULL;
			package = GvHV(gv);
		}
		name.text += length;
		name.length -= length;
	}
	return glob_in(package ? package : PL_defstash, name.text, name.length);
}

static const SV *of_glob(const GV *gv, char sigil)
{
	return sigil == '$' ? GvSV(gv) : sigil == '@' ? (const SV *)GvAV(gv) : (const SV *)GvHV(gv);
}

/* ---- names: $x, @x, %x, $x[1], $x{key}, $x->[1]{key} ---- */

static size_t identifier(const char *text)
{
	const char *at = text;

	if (!isWORDCHAR_A(*at) && *at != ':' && *at)
		return 1; /* $! */
	while (isWORDCHAR_A(*at) || (at[0] == ':' && at[1] == ':' && at++))
		at++;
	return (size_t)(at - text);
}

/* `[3]` or `{key}` of a container; what is behind it. NULL: there is no such element. */
static const char *subscript(const char *text, const SV *container, const SV **element)
{
	const char *end = strchr(text, *text == '[' ? ']' : '}');
	const AV *av = (const AV *)container;
	const char *key = text + 1;
	SSize_t index;

	if (!end)
		return NULL;
	if (*text == '[') {
		index = strtol(key, NULL, 10);
		if (SvTYPE(container) != SVt_PVAV)
			return NULL;
		if (index < 0)
			index += AvFILLp(av) + 1;
		if (index < 0 || index > AvFILLp(av))
			return NULL;
		*element = AvARRAY(av)[index];
		return end + 1;
	}
	if (SvTYPE(container) != SVt_PVHV)
		return NULL;
	if ((*key == '\'' || *key == '"') && end > key + 1 && end[-1] == *key)
		*element = hash_get((const HV *)container, key + 1, (size_t)(end - key) - 2);
	else
		*element = hash_get((const HV *)container, key, (size_t)(end - key));
	return *element ? end + 1 : NULL;
}

static const SV *follow(const char *rest, const SV *sv, int is_container)
{
	while (*rest) {
		if (rest[0] == '-' && rest[1] == '>')
			rest += 2;
		if (*rest != '[' && *rest != '{')
			return NULL;
		if (!is_container) {
			if (!sv || !SvROK(sv))
				return NULL;
			sv = SvRV(sv);
		}
		is_container = 0;
		rest = subscript(rest, sv, &sv);
		if (!rest)
			return NULL;
	}
	return sv;
}

/* @_ is no lexical, and yet the sub's own. */
static const SV *arguments_at(struct cc_perl_place place)
{
	const PERL_CONTEXT *context = cc_perl_sub_at(&place);
	const PADLIST *list = context ? CvPADLIST(context->blk_sub.cv) : NULL;

	return context && CxHASARGS(context)
		       ? PadARRAY(PadlistARRAY(list)[context->blk_sub.olddepth + 1])[0]
		       : NULL;
}

int cc_perl_variable(pTHX_ const struct cc_perl_place *place, const COP *at, const COP *in,
		     const char *text, struct cc_hook_value *value)
{
	struct name name = {*text, text + 1, *text ? identifier(text + 1) : 0};
	const char *rest = text + 1 + name.length;
	const HV *package = CopSTASH(in);
	const SV *sv = NULL;
	const GV *gv = NULL;
	const CV *cv;
	I32 depth;

	if (!name.length || !strchr("$@%", name.sigil))
		return -1;
	if (name.sigil == '$' && (*rest == '[' || *rest == '{'))
		name.sigil = *rest == '[' ? '@' : '%';
	if (name.sigil == '@' && name.length == 1 && *name.text == '_')
		sv = arguments_at(*place);
	cv = cc_perl_code_at(aTHX_ * place, &depth);
	if (!sv && !memmem(name.text, name.length, "::", 2))
		sv = find_lexical(cv, depth, at->cop_seq, &name, &package);
	if (!sv) {
		if (is_of_main(&name) || memmem(name.text, name.length, "::", 2))
			package = PL_defstash;
		gv = find_glob(aTHX_ package, name);
		sv = gv ? of_glob(gv, name.sigil) : NULL;
	}
	if (!sv)
		return -1;
	sv = follow(rest, sv, name.sigil != '$');
	if (*rest && !sv)
		return -1;
	set(value, sv);
	/* `local` puts another value into the glob: it is the same variable. */
	value->variable = gv && !*rest ? (uintptr_t)gv : (uintptr_t)sv;
	return 0;
}
