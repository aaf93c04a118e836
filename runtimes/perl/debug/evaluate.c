/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Perl's own evaluation of an expression, as a string eval at the statement would do it. */
#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>

#include "runtimes/perl/debug/evaluate.h"

/*
 * The program's loops and subs are another stack's: `next`, `return` and `goto` do not find them,
 * and the program cannot go on from here.
 */
static void leave_program(pTHX)
{
	dSP;

	PL_runops = Perl_runops_standard;
	/* A plain expression does not warn of undef, either. What it calls warns as it did. */
	((COP *)PL_curcop)->cop_warnings = pWARN_NONE;
	PL_dowarn &= ~G_WARN_ON;
	PUSHSTACKi(PERLSI_UNKNOWN);
	PUTBACK;
}

static SV *code_of(pTHX_ const json_t *arguments, const char *which)
{
	const char *file = json_string_value(json_object_get(arguments, "file"));
	int line = (int)json_integer_value(json_object_get(arguments, "line"));
	SV *code = newSVpvs("");

	if (file && !strpbrk(file, "\"\n"))
		sv_catpvf(code, "#line %d \"%s\"\n", line, file);
	sv_catpv(code, json_string_value(json_object_get(arguments, which)));
	if (PL_curcop->cop_hints & HINT_UTF8)
		SvUTF8_on(code);
	return code;
}

/* ---- what came of it ---- */

static json_t *json_characters(pTHX_ SV *sv)
{
	STRLEN length;
	const char *text = SvPVutf8(sv, length);
	json_t *json = json_stringn(text, length);

	return json ? json : json_string("(characters that are not in Unicode)");
}

static json_t *json_value(pTHX_ SV *sv)
{
	STRLEN length;
	const char *text;
	json_t *json;

	if (!SvOK(sv))
		return json_null();
	if (SvIsBOOL(sv))
		return json_boolean(SvTRUE(sv));
	if (SvIOK(sv) && !SvPOK(sv) && !(SvIsUV(sv) && SvUVX(sv) > IV_MAX))
		return json_integer(SvIVX(sv));
	if (SvNOK(sv) && !SvPOK(sv) && !Perl_isinfnan(SvNVX(sv)))
		return json_real(SvNVX(sv));
	text = SvPV(sv, length);
	json = SvUTF8(sv) ? NULL : json_stringn(text, length);
	return json ? json : json_characters(aTHX_ sv);
}

static json_t *answer_with(pTHX_ SV **values, SSize_t count)
{
	SV *text = newSVpvs("");
	json_t *value = json_array();
	int wide;

	for (SSize_t i = 0; i < count; i++) {
		SV *copy = newSVsv(values[i]); /* magic and ties are asked once */

		sv_catsv(text, copy);
		json_array_append_new(value, json_value(aTHX_ copy));
	}
	if (count == 1) {
		json_t *only = json_incref(json_array_get(value, 0));

		json_decref(value);
		value = only;
	}
	wide = SvUTF8(text) != 0;
	return json_pack("{s:o, s:b, s:o}", "text", json_characters(aTHX_ text), "wide", wide,
			 "value", value);
}

static json_t *error_of(pTHX_ SV *error)
{
	SV *copy = newSVsv(error);

	(void)SvPV_nolen(copy);
	if (SvCUR(copy) && SvEND(copy)[-1] == '\n')
		SvCUR_set(copy, SvCUR(copy) - 1);
	return json_pack("{s:o}", "error", json_characters(aTHX_ copy));
}

/* ---- evaluation ---- */

/* NULL: it died, and $@ says how. */
static json_t *evaluate(pTHX_ const json_t *arguments)
{
	dSP;
	SSize_t count;

	if (json_object_get(arguments, "condition")) {
		eval_sv(code_of(aTHX_ arguments, "condition"), G_SCALAR);
		SPAGAIN;
		if (SvTRUE(ERRSV))
			return NULL;
		if (!SvTRUE(TOPs))
			return json_pack("{s:b}", "holds", 0);
		(void)POPs;
		PUTBACK;
	}
	count = eval_sv(code_of(aTHX_ arguments, "expression"), G_LIST);
	SPAGAIN;
	return SvTRUE(ERRSV) ? NULL : answer_with(aTHX_ SP - count + 1, count);
}

json_t *cc_perl_evaluate(const json_t *arguments)
{
	PerlInterpreter *my_perl = PL_curinterp;
	json_t *volatile result = NULL;
	int jumped;
	dJMPENV;

	leave_program(aTHX);
	JMPENV_PUSH(jumped);
	if (!jumped)
		result = evaluate(aTHX_ arguments);
	JMPENV_POP;
	if (jumped == 2 && errno == ENOMEM)
		return json_pack("{s:s}", "error", "it took too much memory");
	if (jumped == 2)
		return json_pack("{s:o}", "error",
				 json_sprintf("it called exit(%d)", (int)STATUS_EXIT));
	return result ? result : error_of(aTHX_ ERRSV);
}
