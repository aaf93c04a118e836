/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lexicals are found as pad_findlex (pad.c) finds them for a string eval at that statement, package
 * variables as gv_fetchpvn does.
 */
#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>

#include "core/replay/probe.h"
#include "runtimes/perl/debug/plain.h"
#include "runtimes/perl/debug/scope.h"
#include "runtimes/perl/replay/events.h"

/* ---- hashes ---- */

static int find_key(const HV *hv, const char *key, size_t length, const SV **found)
{
	U32 hash;

	*found = NULL;
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

int cc_perl_hash_find(const HV *hv, const char *key, size_t length, const SV **found)
{
	*found = NULL;
	return SvMAGICAL((const SV *)hv) ? CC_PLAIN_NOT : find_key(hv, key, length, found);
}

/* ---- frames ---- */

/* The next context outwards that is a sub, string eval or file. NULL: the main program. */
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

int cc_perl_scope_enter(struct cc_perl_scope *scope, unsigned frame)
{
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

/* ---- lexicals ---- */

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

static const PADNAME *padname(const PADLIST *padlist, PADOFFSET offset)
{
	return ((const PADNAMELIST *)padlist->xpadl_arr.xpadlarr_alloc[0])->xpadnl_alloc[offset];
}

/* What a pad has at that place, in a call of that depth; NULL: nothing yet. */
static const SV *in_pad(const PADLIST *padlist, I32 depth, PADOFFSET offset)
{
	const PAD *pad = depth > padlist->xpadl_max
				 ? NULL
				 : padlist->xpadl_arr.xpadlarr_alloc[depth ? depth : 1];
	const SV *found = pad && offset <= (PADOFFSET)AvFILLp(pad) ? AvARRAY(pad)[offset] : NULL;

	return found && !SvPADSTALE(found) ? found : NULL;
}

/* Where a lexical stands. */
struct entry {
	const CV *cv;
	I32 depth;
	PADOFFSET offset;
};

/* 1: *entry is a lexical's; 0: there is none of the name; or CC_PLAIN_NOT. */
static int find_entry(const struct cc_perl_scope *scope, const struct cc_plain_node *node,
		      struct entry *entry)
{
	const CV *cv = scope->cv;
	U32 seq = scope->seq;
	I32 depth = scope->depth;
	size_t length = strlen(node->name);

	while (cv && !CvISXSUB(cv)) {
		const PADLIST *padlist = CvPADLIST(cv);
		PADOFFSET offset =
			padlist ? find_name(padlist, node->sigil, node->name, length, seq) : 0;

		if (offset) {
			*entry = (struct entry){cv, depth, offset};
			return 1;
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

/* Is it a sub whose variables are those of another one, which it is made from when it is needed? */
static int is_prototype(const CV *cv)
{
	return CvANON(cv) && CvCLONE(cv) && !CvCLONED(cv);
}

/* 1: *found is the variable, or *package that of an `our`; 0: there is none of the name. */
static int find_lexical(const struct cc_perl_scope *scope, const struct cc_plain_node *node,
			const SV **found, const HV **package)
{
	struct entry entry;
	int is = find_entry(scope, node, &entry);
	const PADLIST *padlist = is > 0 ? CvPADLIST(entry.cv) : NULL;

	*package = NULL;
	if (!padlist)
		return is;
	if (PadnameIsOUR(padname(padlist, entry.offset))) {
		*package = PadnameOURSTASH(padname(padlist, entry.offset));
		return 1;
	}
	*found = is_prototype(entry.cv) ? NULL : in_pad(padlist, entry.depth, entry.offset);
	return *found ? 1 : CC_PLAIN_NOT;
}

/* ---- package variables ---- */

/* Names that are in main whatever the package. */
static const char *const main_always[] = {"ENV",    "INC",    "ARGV", "ARGVOUT", "STDIN",
					  "STDOUT", "STDERR", "_",    NULL};

int cc_perl_glob_find(const HV *stash, const char *name, size_t length, const GV **glob)
{
	const SV *found;

	/* A package's only magic is what its class overloads, once that was asked for. */
	if (find_key(stash, name, length, &found) || !found || !isGV_with_GP(found))
		return CC_PLAIN_NOT;
	*glob = (const GV *)found;
	return 0;
}

/* The package that a name without one is of. */
static const HV *package_of(pTHX_ const struct cc_perl_scope *scope, const char *name)
{
	return strstr(name, "::") || cc_plain_is_one_of(main_always, name, strlen(name))
		       ? PL_defstash
		       : CopSTASH(scope->cop);
}

/* The package that the name leads to from this one; *name is then its last part. NULL: none. */
static const HV *follow_name(const HV *stash, const char **name)
{
	const char *colons;
	const GV *glob;

	while (stash && (colons = strstr(*name, "::"))) {
		if (colons != *name + 4 || memcmp(*name, "main", 4))
			stash = cc_perl_glob_find(stash, *name, (size_t)(colons + 2 - *name), &glob)
					? NULL
					: GvHV(glob);
		*name = colons + 2;
	}
	return stash;
}

static int find_package(pTHX_ const struct cc_perl_scope *scope, const HV *stash, const char *name,
			const GV **glob)
{
	stash = follow_name(stash ? stash : package_of(aTHX_ scope, name), &name);
	return stash ? cc_perl_glob_find(stash, name, strlen(name), glob) : CC_PLAIN_NOT;
}

/* Those come to be when they are named: what is no identifier, and these. */
static int has_magic(const char *name)
{
	static const char *const magic[] = {"ENV", "SIG", "_", NULL};

	return !isIDFIRST_A(*name) || cc_plain_is_one_of(magic, name, strlen(name));
}

/*
 * What nobody has named so far is undef, or empty; so is a lexical's name where it is not in scope
 * yet.
 */
static int is_nowhere(pTHX_ const struct cc_perl_scope *scope, const char *name)
{
	const HV *stash = follow_name(package_of(aTHX_ scope, name), &name);
	const SV *found;

	return !has_magic(name) &&
	       (!stash || (!find_key(stash, name, strlen(name), &found) && !found));
}

int cc_perl_scope_variable(const struct cc_perl_scope *scope, const struct cc_plain_node *node,
			   const SV **found)
{
	PerlInterpreter *my_perl = scope->perl;
	const HV *package;
	const GV *glob;
	int is_lexical = strstr(node->name, "::") ? 0 : find_lexical(scope, node, found, &package);

	if (is_lexical < 0)
		return CC_PLAIN_NOT;
	if (is_lexical && !package)
		return 0;
	if (find_package(aTHX_ scope, is_lexical ? package : NULL, node->name, &glob)) {
		*found = NULL;
		return !is_lexical && is_nowhere(aTHX_ scope, node->name) ? 0 : CC_PLAIN_NOT;
	}
	*found = node->sigil == '$'   ? GvSV(glob)
		 : node->sigil == '@' ? (const SV *)GvAV(glob)
				      : (const SV *)GvHV(glob);
	return *found || node->sigil == '$' ? 0 : CC_PLAIN_NOT;
}

/* ---- classes ---- */

#define PARENTS_MAX 16 /* of a class, one above the other */

/* Gv_AMupdate (gv.c) looks for a method of this name in the class and in what it inherits from. */
static int has_overloads(pTHX_ const HV *stash, int depth)
{
	const GV *isa;
	const AV *parents;
	const SV *found;

	if (find_key(stash, "((", 2, &found) || found)
		return 1;
	if (cc_perl_glob_find(stash, "ISA", 3, &isa) || !GvAV(isa))
		return 0;
	parents = GvAV(isa);
	for (SSize_t i = 0; i <= AvFILLp(parents); i++) {
		const SV *parent = AvARRAY(parents)[i];
		char path[256];
		const char *name = path;

		if (depth == PARENTS_MAX || !parent || !SvPOK(parent) ||
		    SvCUR(parent) + 3 > sizeof(path))
			return 1;
		snprintf(path, sizeof(path), "%s::", SvPVX_const(parent));
		stash = follow_name(PL_defstash, &name);
		if (!stash || has_overloads(aTHX_ stash, depth + 1))
			return 1;
	}
	return 0;
}

int cc_perl_may_overload(const HV *stash)
{
	PerlInterpreter *my_perl = PL_curinterp;

	PERL_UNUSED_VAR(my_perl); /* but where perl has threads */
	return HvAMAGIC(stash) && has_overloads(aTHX_ stash, 0);
}

/* ---- variables that last ---- */

static int place_package(const HV *stash, const char *name, struct cc_perl_place *place)
{
	const HEK *package = cc_perl_stash_name(stash);
	int length;

	if (strstr(name, "::"))
		length = snprintf(place->global, sizeof(place->global), "%s", name);
	else if (package && !HEK_UTF8(package))
		length = snprintf(place->global, sizeof(place->global), "%s::%s", HEK_KEY(package),
				  name);
	else
		return CC_PLAIN_NOT;
	return (size_t)length < sizeof(place->global) ? 0 : CC_PLAIN_NOT;
}

int cc_perl_scope_place(const struct cc_perl_scope *scope, const struct cc_plain_node *node,
			struct cc_perl_place *place)
{
	PerlInterpreter *my_perl = scope->perl;
	struct entry entry;
	int is = strstr(node->name, "::") ? 0 : find_entry(scope, node, &entry);
	const PADNAME *name = is > 0 ? padname(CvPADLIST(entry.cv), entry.offset) : NULL;

	*place = (struct cc_perl_place){0};
	if (is < 0)
		return CC_PLAIN_NOT;
	if (!name)
		return place_package(package_of(aTHX_ scope, node->name), node->name, place);
	if (PadnameIsOUR(name))
		return place_package(PadnameOURSTASH(name), node->name, place);
	if (is_prototype(entry.cv) || !(PadnameOUTER(name) || CvUNIQUE(entry.cv)))
		return 1;
	place->cv = entry.cv;
	place->padlist = CvPADLIST(entry.cv);
	place->offset = entry.offset;
	return 0;
}

/* Memory that a sub had once may be anything's by now, or not be there yet. */
static int has_pad(const struct cc_perl_place *place)
{
	const CV *cv = place->cv;

	return cc_can_read(&cv->sv_flags) && cc_can_read(&cv->sv_any) && SvTYPE(cv) == SVt_PVCV &&
	       cv->sv_refcnt && cc_can_read(&CvPADLIST(cv)) && CvPADLIST(cv) == place->padlist;
}

int cc_perl_place_variable(const struct cc_perl_place *place, const struct cc_perl_scope *scope,
			   const struct cc_plain_node *node, const SV **found)
{
	struct cc_plain_node global = *node;

	*found = NULL;
	if (place->cv) {
		*found =
			has_pad(place) ? in_pad(place->padlist, 1, (PADOFFSET)place->offset) : NULL;
		return *found ? 0 : 1;
	}
	global.name = place->global;
	return cc_perl_scope_variable(scope, &global, found);
}

/* ---- all that are in scope ---- */

void cc_perl_scope_lexicals(unsigned frame,
			    void (*tell)(void *context, const char *name, const SV *variable),
			    void *context)
{
	struct cc_perl_scope scope;
	const HV *package;
	U32 seq;

	if (cc_perl_scope_enter(&scope, frame))
		return;
	seq = scope.seq;
	for (const CV *cv = scope.cv; cv && !CvISXSUB(cv) && CvPADLIST(cv); cv = CvOUTSIDE(cv)) {
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
			if (find_lexical(&scope, &node, &found, &package) > 0 && !package)
				tell(context, entry->xpadn_pv, found);
		}
		seq = CvOUTSIDE_SEQ(cv);
	}
}
