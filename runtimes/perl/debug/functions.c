/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What our perl code (runtimes/perl/lib) calls: functions of the package Crosscut::Debugger. */
#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>
#include <XSUB.h>

#include "core/replay/agent.h"
#include "runtimes/perl/debug/debuggee.h"
#include "runtimes/perl/debug/functions.h"
#include "runtimes/perl/debug/rule.h"
#include "runtimes/perl/debug/value.h"
#include "runtimes/perl/replay/sources.h"

/* ---- the session ---- */

XS(request);
XS(request)
{
	dXSARGS;
	json_t *answer;

	PERL_UNUSED_VAR(items);
	cc_perl_debuggee_only();
	answer = cc_agent_request(cc_perl_to_json(aTHX_ ST(0)));
	ST(0) = sv_2mortal(cc_perl_from_json(aTHX_ answer));
	XSRETURN(1);
}

/* The dialogue is over: from wherever it is called. */
XS(answer);
XS(answer)
{
	dXSARGS;

	PERL_UNUSED_VAR(items);
	PERL_UNUSED_VAR(ax);
	cc_perl_debuggee_answer(cc_perl_to_json(aTHX_ ST(0)));
}

XS(rule_now);
XS(rule_now)
{
	dXSARGS;

	PERL_UNUSED_VAR(items);
	EXTEND(SP, 1);
	ST(0) = sv_2mortal(cc_perl_from_json(aTHX_ cc_perl_rule_now()));
	XSRETURN(1);
}

/* ---- sources ---- */

/* The names of all files, and of evals. */
XS(source_names);
XS(source_names)
{
	dXSARGS;
	const struct cc_perl_source *source;
	size_t place = 0;
	int count = 0;

	PERL_UNUSED_VAR(items);
	while ((source = cc_perl_sources_next(&place))) {
		EXTEND(SP, count + 1);
		ST(count++) = sv_2mortal(newSVpv(source->shown ? source->shown : source->name, 0));
	}
	XSRETURN(count);
}

/* Of a file that perl is compiling it has read no more than the line where it is. */
static size_t read_so_far(pTHX_ const struct cc_perl_source *source)
{
	const char *end = source->text, *file = CopFILE(&PL_compiling);
	line_t line = CopLINE(&PL_compiling);

	if (!line || line == NOLINE || !file || strcmp(file, source->name) || !end)
		return source->length;
	while (end && line--) {
		end = memchr(end, '\n', source->length - (size_t)(end - source->text));
		if (end)
			end++;
	}
	return end ? (size_t)(end - source->text) : source->length;
}

/* (text, [for each line whether one can break there]) */
XS(source_of);
XS(source_of)
{
	dXSARGS;
	const struct cc_perl_source *source;
	const char *name = items ? SvPV_nolen(ST(0)) : "";
	size_t place = 0;
	AV *lines;

	while ((source = cc_perl_sources_next(&place)) &&
	       strcmp(source->shown ? source->shown : source->name, name))
		;
	if (!source)
		XSRETURN_EMPTY;
	EXTEND(SP, 2);
	ST(0) = sv_2mortal(newSVpvn(source->text ? source->text : "", read_so_far(aTHX_ source)));
	lines = newAV();
	for (unsigned line = 0; line < source->line_room; line++)
		av_push(lines, newSViv(source->lines[line].statement != NULL));
	ST(1) = sv_2mortal(newRV_noinc((SV *)lines));
	XSRETURN(2);
}

/* Text that is a number too: what $DB::dbline holds of a line. */
XS(breakable);
XS(breakable)
{
	dXSARGS;
	SV *text = sv_mortalcopy(ST(0));

	(void)SvUPGRADE(text, SVt_PVIV);
	SvIV_set(text, items > 1 ? SvIV(ST(1)) : 1);
	SvIOK_on(text);
	ST(0) = text;
	XSRETURN(1);
}

XS(code_place);
XS(code_place)
{
	dXSARGS;
	const CV *code = items && SvROK(ST(0)) ? (const CV *)SvRV(ST(0)) : NULL;
	unsigned first, last;
	const char *file;

	if (!code || SvTYPE(code) != SVt_PVCV || CvISXSUB(code) || !CvROOT(code) ||
	    !(file = cc_perl_sources_find_sub(CvROOT(code), &first, &last)))
		XSRETURN_EMPTY;
	ST(0) = sv_2mortal(newSVpvf("%s:%u-%u", file, first, last));
	XSRETURN(1);
}

/* ---- %DB::sub ---- */

static void note_sub(pTHX_ HV *subs, const char *package, const char *name, CV *code)
{
	unsigned first, last;
	const char *file;
	SV *key;

	if (SvTYPE(code) != SVt_PVCV || CvISXSUB(code) || !CvROOT(code))
		return;
	file = cc_perl_sources_find_sub(CvROOT(code), &first, &last);
	if (!file)
		return;
	key = sv_2mortal(newSVpvf("%s::%s", package, name));
	(void)hv_store_ent(subs, key, newSVpvf("%s:%u-%u", file, first, last), 0);
}

/* A sub under the name that it was given, not those that have imported it. */
static int is_own_name(pTHX_ HV *stash, const char *name, CV *code)
{
	SV *full = sv_2mortal(newSVpvf("%s::%s", HvNAME(stash), name));

	return sv_eq(full, cv_name(code, NULL, 0));
}

static void note_stash(pTHX_ HV *subs, HV *stash)
{
	char *name;
	I32 length;
	SV *value;
	const HEK *hek = HvNAME_HEK(stash);

	if (!hek || stash == PL_debstash || !strcmp(HEK_KEY(hek), "Crosscut"))
		return;
	hv_iterinit(stash);
	while ((value = hv_iternextsv(stash, &name, &length))) {
		CV *code = NULL;

		if (SvROK(value) && SvTYPE(SvRV(value)) == SVt_PVCV)
			code = (CV *)SvRV(value);
		else if (isGV_with_GP(value))
			code = GvCV((GV *)value);
		if (code && is_own_name(aTHX_ stash, name, code))
			note_sub(aTHX_ subs, HvNAME(stash), name, code);
		if (length > 2 && name[length - 1] == ':' && isGV_with_GP(value) &&
		    GvHV((GV *)value) && GvHV((GV *)value) != PL_defstash &&
		    GvHV((GV *)value) != stash)
			note_stash(aTHX_ subs, GvHV((GV *)value));
	}
}

static void note_unnamed(pTHX_ HV *subs)
{
	const char *package, *file;
	unsigned first, last;
	size_t place = 0;

	while ((package = cc_perl_sources_next_unnamed(&place, &file, &first, &last))) {
		SV *key = sv_2mortal(newSVpvf("%s::__ANON__[%s:%u]", package, file, last));

		(void)hv_store_ent(subs, key, newSVpvf("%s:%u-%u", file, first, last), 0);
	}
}

/* As PERLDBf_SUBLINE: fills in what perl5db knows of the subs that are there. */
XS(note_subs);
XS(note_subs)
{
	dXSARGS;
	HV *subs = GvHVn(PL_DBsub);

	PERL_UNUSED_VAR(items);
	note_stash(aTHX_ subs, PL_defstash);
	note_unnamed(aTHX_ subs);
	XSRETURN_EMPTY;
}

/* ---- all of them ---- */

static const struct {
	const char *name;
	XSUBADDR_t function;
} functions[] = {
	{"Crosscut::Debugger::request", request},
	{"Crosscut::Debugger::answer", answer},
	{"Crosscut::Debugger::rule_now", rule_now},
	{"Crosscut::Debugger::source_names", source_names},
	{"Crosscut::Debugger::source_of", source_of},
	{"Crosscut::Debugger::breakable", breakable},
	{"Crosscut::Debugger::code_place", code_place},
	{"Crosscut::Debugger::note_subs", note_subs},
};

void cc_perl_functions_define(pTHX)
{
	for (size_t i = 0; i < C_ARRAY_LENGTH(functions); i++)
		newXS(functions[i].name, functions[i].function, __FILE__);
}
